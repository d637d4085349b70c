"""What the tests of the local AWS share."""

import functools
import io
import json
import threading
import wave
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import botocore.config
import numpy as np
import pytest

from transcribe_local.clock import HandClock
from transcribe_local.media import Samples
from transcribe_local.object_store import InaccessibleObjectError, ObjectLocation
from transcribe_local.scope import Scope
from transcribe_local.service import TranscribeService
from transcribe_local.transcribe_server import EventsInMemory, FilesInMemory, TranscribeServer
from transcribe_local.transcript import SpokenLine
from transcribe_local.transcription import Transcriber


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.has_plugin("transcribe_local.pytest_plugin"):
        config.pluginmanager.import_plugin("transcribe_local.pytest_plugin")


class ObjectsInMemory(FilesInMemory):
    """S3 without S3, that remembers what was written and how."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[tuple[ObjectLocation, str | None]] = []

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
        if location.bucket == "missing":
            raise InaccessibleObjectError(location)
        super().write(scope, location, body, content_type, kms_key_id=kms_key_id, role_arn=role_arn)
        self.written.append((location, kms_key_id))

    def fetch_uri(self, location: ObjectLocation) -> str:
        return f"http://local/{location.bucket}/{location.key}"


class ScriptedRecognizer:
    """Hears the same lines in every sound that is not silent; `gate` can keep it from finishing."""

    def __init__(self) -> None:
        self.lines = [
            SpokenLine(0.5, 2.5, "Um, the c l i went to los angeles."),
            SpokenLine(3.0, 4.0, "Damn!"),
        ]
        self.heard = 0
        self.gate = threading.Event()
        self.gate.set()

    def recognize(self, samples: Samples) -> list[SpokenLine]:
        self.heard += 1
        assert self.gate.wait(10)
        return self.lines if samples.any() else []


class Caller:
    """One service, called in one account and Region."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.objects = ObjectsInMemory()
        self.events = EventsInMemory()
        self.recognizer = ScriptedRecognizer()
        self.service = TranscribeService(
            self.objects,
            clock=self.clock,
            events=self.events,
            make_transcriber=lambda: Transcriber(self.recognizer),
        )
        self.scope = Scope("111122223333", "eu-central-1")

    def __call__(self, operation: str, **request: Any) -> dict[str, Any]:
        return self.service.call(operation, request, self.scope)


@pytest.fixture
def call() -> Iterator[Caller]:
    caller = Caller()
    yield caller
    caller.recognizer.gate.set()
    caller.service.close()


@pytest.fixture(scope="session")
def running_server() -> Iterator[TranscribeServer]:
    with TranscribeServer(recognize_speech=False, pending_seconds=0) as server:
        yield server


@pytest.fixture
def server(running_server: TranscribeServer) -> TranscribeServer:
    """Transcribe over HTTP, with nothing in it but a file, whose jobs end at once with a synthetic transcript."""
    running_server.reset()
    running_server.objects.put("s3://media/call.wav", b"no sound here")
    return running_server


@pytest.fixture
def document(server: TranscribeServer) -> Callable[[str], Any]:
    """The JSON that a job put under a key of the bucket `out`."""
    return lambda key: json.loads(server.objects.stored[ObjectLocation("out", key)])


@pytest.fixture
def transcribe(server: TranscribeServer) -> Any:
    return client_of(server)


def client_of(server: TranscribeServer, region: str = "eu-central-1") -> Any:
    """A client that tries once and leaves it to the service to refuse what is wrong."""
    return _client(server.endpoint_url, region)


@functools.lru_cache
def _client(endpoint_url: str, region: str) -> Any:
    return boto3.client(
        "transcribe",
        endpoint_url=endpoint_url,
        region_name=region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=botocore.config.Config(retries={"total_max_attempts": 1}, parameter_validation=False),
    )


@pytest.fixture(scope="session")
def wave_file() -> Callable[..., bytes]:
    return _wave_file


def _wave_file(seconds: float = 1.0, channels: int = 1, rate: int = 16000, loudness: float = 0.3) -> bytes:
    """A tone, of another pitch on each channel, as a WAV file."""
    times = np.arange(int(seconds * rate)) / rate
    tones = [loudness * np.sin(2 * np.pi * 220 * (number + 1) * times) for number in range(channels)]
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.stack(tones, axis=1) * 32767).astype("<i2").tobytes())
    return buffer.getvalue()
