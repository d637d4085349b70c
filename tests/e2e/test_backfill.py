"""Objects that were there before their routes, in an account with IAM enforced: by machine, by command."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer

from cdk_transcribe.command_line import main
from transcribe_local.buckets import empty_bucket
from transcribe_local.cdk_app import CdkApp
from transcribe_local.local_aws import LocalAws

from .deployment import REPOSITORY, wait_for

pytestmark = pytest.mark.e2e

STACK = "Late"
APP = f"""
import aws_cdk as cdk
import cdk_transcribe as transcribe

app = cdk.App()
stack = cdk.Stack(app, "{STACK}")
gone = cdk.RemovalPolicy.DESTROY
storage = transcribe.TranscribeStorage(stack, "Storage", removal_policy=gone)
pipeline = transcribe.TranscriptionPipeline(stack, "Calls", storage=storage, removal_policy=gone)
backfill = pipeline.add_backfill(events_per_second=1000)
ROUTES
for name, value in {{
    "MediaBucket": storage.media_bucket.bucket_name,
    "TranscriptBucket": storage.transcript_bucket.bucket_name,
    "Table": pipeline.ledger.table.table_name,
    "StateMachine": backfill.state_machine.state_machine_arn,
}}.items():
    cdk.CfnOutput(stack, name, value=value)
app.synth()
"""
ROUTE = """pipeline.add_route("{id}", prefix="{prefix}", job=transcribe.TranscriptionJob(language_code="en-US"))"""
ENGLISH, GERMAN = ROUTE.format(id="English", prefix="en/"), ROUTE.format(id="German", prefix="de/")


class Latecomer:
    """A stack whose routes come after the recordings."""

    def __init__(self, aws: LocalAws, directory: Path) -> None:
        self.aws = aws
        self.outputs: dict[str, str] = {}
        self._directory = directory
        shutil.copy(REPOSITORY / "cdk.json", directory)

    def deploy(self, *routes: str) -> None:
        (self._directory / "app.py").write_text(APP.replace("ROUTES", "\n".join(routes)))
        with self._app() as app:
            app.synth()
            self.outputs = app.deploy()[STACK]

    def destroy(self) -> None:
        for name in ("MediaBucket", "TranscriptBucket"):
            empty_bucket(self.aws, self.outputs[name])
        with self._app() as app:
            app.synth()
            app.destroy()

    def put(self, *keys: str) -> None:
        for key in keys:
            self.aws.client("s3").put_object(Bucket=self.outputs["MediaBucket"], Key=key, Body=b"a recording")

    def run(self, **wish: str) -> str:
        """Start the state machine, and answer with how it ended."""
        states = self.aws.client("stepfunctions")
        started = states.start_execution(stateMachineArn=self.outputs["StateMachine"], input=json.dumps(wish))

        def ended() -> dict[str, Any] | None:
            execution: dict[str, Any] = states.describe_execution(executionArn=started["executionArn"])
            return None if execution["status"] == "RUNNING" else execution

        return str(wait_for(ended, "the end of the state machine")["status"])

    def wait_for_keys(self, keys: list[str]) -> None:
        """Return when these objects, and no others, have a job that ended."""

        def recorded() -> bool | None:
            rows = self._rows()
            ended = sorted(
                row["media_uri"].split("/", 3)[3] for row in rows if row["status"] in ("COMPLETED", "FAILED")
            )
            return True if ended == sorted(keys) and len(rows) == len(keys) else None

        wait_for(recorded, f"one job for each of {keys}")

    def _rows(self) -> list[dict[str, Any]]:
        items = self.aws.client("dynamodb").scan(TableName=self.outputs["Table"], ConsistentRead=True)["Items"]
        return [{name: TypeDeserializer().deserialize(value) for name, value in item.items()} for item in items]

    def _app(self) -> CdkApp:
        return CdkApp(self.aws, self._directory, log_path=self._directory / "cdk.log")


@pytest.fixture(scope="module")
def late(account: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Latecomer]:
    late = Latecomer(account, tmp_path_factory.mktemp("late"))
    late.deploy()
    yield late
    late.destroy()


def test_objects_from_before_their_routes_get_one_job_each(late: Latecomer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in late.aws.environment.items():
        monkeypatch.setenv(name, value)
    english, german = [f"en/{number}.wav" for number in range(3)], ["de/Grüße + 1.wav", "de/deep/2.WAV"]
    late.put(*english, *german, "de/notes.txt")
    late.deploy(ENGLISH, GERMAN)

    # By the state machine for one route, by the command for the rest.
    assert late.run(route="English") == "SUCCEEDED"
    late.wait_for_keys(english)
    assert main(["backfill", "--stack", STACK]) == 0
    late.wait_for_keys(english + german)

    # What is recorded is left alone.
    assert late.run() == "SUCCEEDED"
    late.wait_for_keys(english + german)


def test_a_route_that_there_is_not_ends_the_state_machine_with_its_reason(late: Latecomer) -> None:
    assert late.run(route="French") == "FAILED"
