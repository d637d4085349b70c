"""Transcribe alone over HTTP in this very process: for tests that need thousands of calls and a clock in their hand.

There is no S3, no IAM and no other service behind it: files are what the test puts into `objects`, and what goes to
EventBridge is in `events`. Everything that
`LocalAws` reaches over its control requests is here an attribute of `service`.
"""

import http
import http.server
import json
import re
import threading
import uuid
from types import TracebackType
from typing import Any, NamedTuple

from transcribe_local.clock import Clock, HandClock
from transcribe_local.object_store import InaccessibleObjectError, ObjectLocation
from transcribe_local.scope import Scope
from transcribe_local.service import TranscribeService
from transcribe_local.service_error import ServiceError
from transcribe_local.settings import Settings

_HOST = "127.0.0.1"
_ACCOUNT_ID = "000000000000"
_REGION = "us-east-1"
_CREDENTIAL = re.compile(r"Credential=[^/]*/\d+/(?P<region>[^/]+)/")


class FilesInMemory:
    """S3 without S3: what is stored, and the keys that a role may not read."""

    def __init__(self) -> None:
        self.stored: dict[ObjectLocation, bytes] = {}
        self.unreadable_by: dict[str, set[ObjectLocation]] = {}

    def put(self, uri: str, body: bytes) -> None:
        """Put an object where `s3://bucket/key` says."""
        self.stored[ObjectLocation.from_uri(uri)] = body

    def read(self, scope: Scope, location: ObjectLocation, role_arn: str | None = None) -> bytes:
        if location not in self.stored or location in self.unreadable_by.get(role_arn or "", set()):
            raise InaccessibleObjectError(location)
        return self.stored[location]

    def objects_under(self, scope: Scope, prefix: ObjectLocation, role_arn: str | None = None) -> list[ObjectLocation]:
        if prefix in self.unreadable_by.get(role_arn or "", set()):
            raise InaccessibleObjectError(prefix)
        return sorted(
            stored for stored in self.stored if stored.bucket == prefix.bucket and stored.key.startswith(prefix.key)
        )

    def check_readable(self, scope: Scope, location: ObjectLocation, role_arn: str | None = None) -> None:
        self.read(scope, location, role_arn)

    def write(
        self,
        scope: Scope,
        location: ObjectLocation,
        body: bytes,
        content_type: str,
        *,
        kms_key_id: str | None = None,
        role_arn: str | None = None,
    ) -> None:
        self.stored[location] = body

    def service_bucket(self, scope: Scope) -> str:
        return "service"

    def fetch_uri(self, location: ObjectLocation) -> str:
        return f"http://{_HOST}/{location.bucket}/{location.key}"


class EventsInMemory:
    """EventBridge without EventBridge: detail types and details in the order in which they came."""

    def __init__(self) -> None:
        self.published: list[tuple[str, dict[str, Any]]] = []

    def publish(self, scope: Scope, detail_type: str, detail: dict[str, Any]) -> None:
        self.published.append((detail_type, detail))


class TranscribeServer:
    """Serves one Transcribe on a free loopback port for the length of a `with` block.

    Time stands still until `clock.advance` is called, unless another clock is given.
    """

    def __init__(self, *, clock: Clock | None = None, **settings: Any) -> None:
        self.clock = clock or HandClock()
        self._settings = settings
        self.objects = FilesInMemory()
        self.events = EventsInMemory()
        self.service = self._fresh_service()
        self._server = _Server((_HOST, 0), _Handler)
        self._server.transcribe = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> "TranscribeServer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def endpoint_url(self) -> str:
        """Where Transcribe answers."""
        return f"http://{_HOST}:{self._server.server_port}"

    @property
    def environment(self) -> dict[str, str]:
        """What points boto3 here."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": _REGION,
            "AWS_DEFAULT_REGION": _REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": _HOST,
        }

    def reset(self) -> None:
        """Forget every resource, file, event, fault and count, and take back every change of settings."""
        self.service.close()
        self.objects = FilesInMemory()
        self.events = EventsInMemory()
        self.events = EventsInMemory()
        self.service = self._fresh_service()

    def _fresh_service(self) -> TranscribeService:
        settings = Settings()
        settings.change(self._settings)
        return TranscribeService(self.objects, settings=settings, clock=self.clock, events=self.events)


class _Answer(NamedTuple):
    status: int
    body: dict[str, Any]


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Server"

    def do_POST(self) -> None:
        answer = self._answer(self.rfile.read(int(self.headers["content-length"])))
        body = json.dumps(answer.body).encode()
        head = (
            f"HTTP/1.1 {answer.status} {http.HTTPStatus(answer.status).phrase}\r\n"
            "content-type: application/x-amz-json-1.1\r\n"
            f"x-amzn-requestid: {uuid.uuid4()}\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        self.wfile.write(head.encode() + body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing: a test has no use for a line per call."""

    def _answer(self, body: bytes) -> _Answer:
        operation = self.headers["x-amz-target"].rpartition(".")[2]
        credential = _CREDENTIAL.search(self.headers["authorization"])
        scope = Scope(_ACCOUNT_ID, credential["region"] if credential else _REGION)
        try:
            return _Answer(200, self.server.transcribe.service.call(operation, json.loads(body), scope))
        except ServiceError as error:
            return _Answer(error.status, {"__type": error.code, "Message": error.message})


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    transcribe: TranscribeServer
