"""The local AWS in one process: ministack with Transcribe replaced by ours.

This module, `iam_enforcement`, `category_provisioning` and `ministack_gaps` are the only ones that know ministack's
inside. It is started by `LocalAws`, in a session of its own,
and lives no longer than the process that started it: when its standard input closes it ends itself and the
Lambda workers that ministack started.
"""

import argparse
import asyncio
import concurrent.futures
import contextvars
import functools
import json
import os
import shutil
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypercorn.asyncio
import hypercorn.config
import ministack.app
from ministack.core import tls
from ministack.core.responses import (
    error_response_json,
    get_account_id,
    get_region,
    json_response,
    new_uuid,
    request_scope,
)
from ministack.core.router import extract_access_key_id
from ministack.services import eventbridge, s3, transcribe

from transcribe_local import iam_enforcement, ministack_gaps
from transcribe_local.category_provisioning import provision_categories
from transcribe_local.control import PREFIX, Control
from transcribe_local.function_workers import kill_busy_worker
from transcribe_local.object_store import InaccessibleObjectError, ObjectLocation
from transcribe_local.scope import Scope
from transcribe_local.service import TranscribeService
from transcribe_local.service_error import ServiceError
from transcribe_local.settings import Settings

_CONTENT_TYPE = "application/x-amz-json-1.1"
_caller_access_key: contextvars.ContextVar[str] = contextvars.ContextVar("caller_access_key", default="")


class MinistackObjects:
    """S3 of the same process, with its events; under IAM enforcement, with the caller's own permissions."""

    def __init__(self, endpoint_url: str) -> None:
        self._endpoint_url = endpoint_url

    def read(self, scope: Scope, location: ObjectLocation, role_arn: str | None = None) -> bytes:
        self._check(scope, "s3:GetObject", location, role_arn)
        return bytes(self._request(scope, "GET", location, {}, b""))

    def objects_under(self, scope: Scope, prefix: ObjectLocation, role_arn: str | None = None) -> list[ObjectLocation]:
        self._check(scope, "s3:ListBucket", ObjectLocation(prefix.bucket, ""), role_arn)
        with request_scope(*scope):
            bucket = s3._buckets.get(prefix.bucket)
        if bucket is None:
            raise InaccessibleObjectError(prefix)
        return [ObjectLocation(prefix.bucket, key) for key in sorted(bucket["objects"]) if key.startswith(prefix.key)]

    def check_readable(self, scope: Scope, location: ObjectLocation, role_arn: str | None = None) -> None:
        self._check(scope, "s3:GetObject", location, role_arn)
        self._request(scope, "HEAD", location, {}, b"")

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
        if location.bucket != _service_bucket(scope):
            self._check(scope, "s3:PutObject", location, role_arn)
        headers = {"content-type": content_type, "content-length": str(len(body))}
        if kms_key_id:
            headers["x-amz-server-side-encryption"] = "aws:kms"
            headers["x-amz-server-side-encryption-aws-kms-key-id"] = kms_key_id
        self._request(scope, "PUT", location, headers, body)

    def service_bucket(self, scope: Scope) -> str:
        bucket = _service_bucket(scope)
        try:
            self._request(scope, "PUT", ObjectLocation(bucket, ""), {}, b"")
        except InaccessibleObjectError:
            # us-east-1 welcomes its owner's second creation, other Regions refuse it.
            self._request(scope, "HEAD", ObjectLocation(bucket, ""), {}, b"")
        return bucket

    def fetch_uri(self, location: ObjectLocation) -> str:
        return f"{self._endpoint_url}/{location.bucket}/{location.key}"

    def _check(self, scope: Scope, action: str, location: ObjectLocation, role_arn: str | None) -> None:
        iam_enforcement.check_object(scope, _caller_access_key.get(), action, location, role_arn)

    def _request(
        self, scope: Scope, method: str, location: ObjectLocation, headers: dict[str, str], body: bytes
    ) -> Any:
        handler = functools.partial(s3.handle_request, internal=True, enforce_bucket_region=False)
        with request_scope(*scope):
            status, _, answer = ministack.app.call_service_handler_sync(
                handler, method, f"/{location.bucket}/{location.key}", headers, body, {}
            )
        if status >= 300:
            raise InaccessibleObjectError(f"{method} s3://{location.bucket}/{location.key} answered {status}")
        return answer


class MinistackEventBus:
    """The default event bus of EventBridge in the same process."""

    def publish(self, scope: Scope, detail_type: str, detail: dict[str, Any]) -> None:
        event = {
            "EventId": new_uuid(),
            "Source": "aws.transcribe",
            "DetailType": detail_type,
            "Detail": json.dumps(detail),
            "EventBusName": "default",
            "Time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "Resources": [],
            "Account": scope.account_id,
            "Region": scope.region,
        }

        def dispatch() -> None:
            with request_scope(*scope):
                eventbridge._dispatch_event(event)

        ministack.app._MAIN_LOOP.call_soon_threadsafe(dispatch)


class TranscribeEndpoint:
    """Takes the place of ministack's own Transcribe: from its HTTP requests to our operations and back."""

    def __init__(self, control: Control) -> None:
        self._control = control
        # Threads of our own: a Lambda function that waits for Transcribe holds one of ministack's.
        self._threads = concurrent.futures.ThreadPoolExecutor(8, thread_name_prefix="transcribe")

    def install(self) -> None:
        transcribe.handle_request = self.handle_request
        transcribe.reset = self._control.reset
        transcribe.get_state = dict

    async def handle_request(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
    ) -> Any:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        _caller_access_key.set(extract_access_key_id(headers, query_params) or "")
        try:
            request = json.loads(body or b"{}")
            scope = Scope(get_account_id(), get_region())
            iam_enforcement.check_request(scope, _caller_access_key.get(), operation, request)
            answer = await self.run(self._control.call, operation, request, scope)
            return json_response(answer, content_type=_CONTENT_TYPE)
        except json.JSONDecodeError as error:
            return error_response_json("SerializationException", str(error), 400, content_type=_CONTENT_TYPE)
        except ServiceError as error:
            return error_response_json(
                error.code, error.message, error.status, message_key="Message", content_type=_CONTENT_TYPE
            )

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        """The ASGI application: our control requests, and ministack for everything else."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await ministack.app.app(scope, receive, send)
            return
        answer = await self.run(self._control.answer, scope["method"], scope["path"], await _request_body(receive))
        headers = [
            (b"content-type", answer.content_type.encode()),
            (b"content-length", b"%d" % len(answer.body)),
        ]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function that may wait for S3 or for a lock, which the event loop must not."""
        context = contextvars.copy_context()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, functools.partial(context.run, function, *arguments))


def _service_bucket(scope: Scope) -> str:
    return f"aws-transcribe-{scope.region}-prod-{scope.account_id}"


async def _request_body(receive: Any) -> bytes:
    body = bytearray()
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)


async def _serve(app: Any, host: str, port: int, directory: Path | None) -> None:
    config = hypercorn.config.Config()
    config.bind = [f"{host}:{port}"]
    config.keep_alive_timeout = 75
    if tls.use_ssl_enabled():
        config.certfile, config.keyfile = tls.resolve_tls_material()
    stop = asyncio.create_task(_told_to_stop(directory))
    # The shutdown trigger is not used: it would wait for open connections, and nothing here is worth keeping.
    serving = asyncio.create_task(hypercorn.asyncio.serve(app, config, shutdown_trigger=asyncio.Event().wait))
    ended, _ = await asyncio.wait({serving, stop}, return_when=asyncio.FIRST_COMPLETED)
    ended.pop().result()


async def _told_to_stop(directory: Path | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def follow_standard_input() -> None:
        while sys.stdin.buffer.read(1):
            pass
        loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=follow_standard_input, daemon=True).start()
    await stop.wait()
    if directory is not None:
        shutil.rmtree(directory, ignore_errors=True)
    _end_with_workers()


def _end_with_workers() -> None:
    """End this process and every process that ministack started: this one leads the group they are in."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(0)


def main() -> None:
    """Serve until standard input closes or a signal says so."""
    parser = argparse.ArgumentParser(prog="python -m transcribe_local.server")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--settings", type=json.loads, default={})
    # The process that made the directory may be gone before it can remove it.
    parser.add_argument("--remove-when-stopped", type=Path)
    options = parser.parse_args()
    # Lambda workers inherit the environment, and must find in it only what a deployed function would.
    os.environ.pop("PYTHONPATH", None)
    scheme = "https" if tls.use_ssl_enabled() else "http"
    endpoint_url = f"{scheme}://127.0.0.1:{options.port}"

    def make_service() -> TranscribeService:
        settings = Settings()
        settings.change(options.settings)
        return TranscribeService(
            MinistackObjects(endpoint_url),
            settings=settings,
            events=MinistackEventBus(),
            download_prefix=f"{endpoint_url}{PREFIX}download",
        )

    control = Control(make_service, kill_busy_worker)
    endpoint = TranscribeEndpoint(control)
    endpoint.install()
    iam_enforcement.name_resources()
    iam_enforcement.name_outputs()
    iam_enforcement.name_events()
    ministack_gaps.fill()
    provision_categories(control.call)
    try:
        asyncio.run(_serve(endpoint.app, "127.0.0.1", options.port, options.remove_when_stopped))
    except Exception:
        traceback.print_exc()
    finally:
        _end_with_workers()


if __name__ == "__main__":
    main()
