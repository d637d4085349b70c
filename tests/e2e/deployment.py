"""The example app, copied so that a test can edit it, and deployed with the CDK CLI."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from boto3.dynamodb.types import TypeDeserializer

from transcribe_local.buckets import empty_bucket
from transcribe_local.cdk_app import CdkApp
from transcribe_local.local_aws import LocalAws

REPOSITORY = Path(__file__).parents[2]
STACK = "SpeechToText"
HEADER = "Phrase\tSoundsLike\tIPA\tDisplayAs\n"
FINAL = {"COMPLETED", "FAILED", "REJECTED"}
T = TypeVar("T")


class Deployment:
    """A copy of the example app in `directory`, under a stack name of its own if one is given."""

    def __init__(self, aws: LocalAws, directory: Path, *, stack: str = STACK) -> None:
        self.aws = aws
        self.stack = stack
        self.outputs: dict[str, str] = {}
        self._directory = directory
        (directory / "examples").mkdir()
        shutil.copytree(REPOSITORY / "examples/vocabulary", directory / "examples/vocabulary")
        shutil.copy(REPOSITORY / "cdk.json", directory)
        app = (REPOSITORY / "app.py").read_text()
        (directory / "app.py").write_text(app.replace(f'SpeechToText(app, "{STACK}")', f'SpeechToText(app, "{stack}")'))

    @contextmanager
    def terms(self, rows: str) -> Iterator[None]:
        """The vocabulary file with other rows."""
        with _edited(self._directory / "examples/vocabulary/terms.tsv", lambda _: HEADER + rows):
            yield

    @contextmanager
    def app_with(self, old: str, new: str) -> Iterator[None]:
        """The app with a piece of it replaced."""
        with _edited(self._directory / "app.py", lambda source: source.replace(old, new)):
            yield

    def deploy(self) -> None:
        with self._app() as app:
            app.synth()
            self.outputs = app.deploy()[self.stack]

    def destroy(self) -> None:
        for name in ("MediaBucket", "TranscriptBucket"):
            if name in self.outputs:
                empty_bucket(self.aws, self.outputs[name])
        with self._app() as app:
            app.synth()
            app.destroy()

    def upload(self, key: str, content: bytes) -> str:
        """Put a media object and return its URI."""
        self.aws.client("s3").put_object(Bucket=self.outputs["MediaBucket"], Key=key, Body=content)
        return f"s3://{self.outputs['MediaBucket']}/{key}"

    def record_of(self, media_uri: str) -> dict[str, Any]:
        """The ledger's item of the job for a media object, once it has ended."""

        def ended() -> dict[str, Any] | None:
            mine = [item for item in self.records() if item["media_uri"] == media_uri]
            assert len(mine) <= 1, f"one job for one object, got {mine}"
            return next((item for item in mine if item["status"] in FINAL), None)

        return wait_for(ended, f"a final record of {media_uri}")

    def records(self) -> list[dict[str, Any]]:
        items = self.aws.client("dynamodb").scan(TableName=self.outputs["LedgerTable"], ConsistentRead=True)["Items"]
        return [{name: TypeDeserializer().deserialize(value) for name, value in item.items()} for item in items]

    def read(self, uri: str) -> str:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        body: bytes = self.aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        return body.decode()

    def transcript(self, record: dict[str, Any]) -> str:
        text: str = json.loads(self.read(record["transcript_uri"]))["results"]["transcripts"][0]["transcript"]
        return text

    def vocabularies(self) -> list[str]:
        """The names of this stack's vocabularies."""
        found = self.aws.client("transcribe").list_vocabularies(NameContains=f"{self.stack}-", MaxResults=100)
        return [vocabulary["VocabularyName"] for vocabulary in found["Vocabularies"]]

    def _app(self) -> CdkApp:
        return CdkApp(self.aws, self._directory, log_path=self._directory / "cdk.log")


@contextmanager
def _edited(path: Path, edit: Callable[[str], str]) -> Iterator[None]:
    before = path.read_text()
    assert edit(before) != before
    path.write_text(edit(before))
    try:
        yield
    finally:
        path.write_text(before)


def wait_for(look: Callable[[], T | None], what: str, *, seconds: float = 60, every: float = 0.1) -> T:
    """What `look` returns as soon as that is something; it is asked again `every` so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(every)
    raise AssertionError(f"waited {seconds} s in vain for {what}")
