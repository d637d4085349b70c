"""Language models from deployment to destruction, with trainings that end when a test says so.

The pauses of Step Functions are cut to a five-hundredth: five minutes between two looks are 0.6 seconds, the hour that
running jobs are given is seven.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from transcribe_local.buckets import empty_bucket
from transcribe_local.cdk_app import CdkApp, CdkCommandError
from transcribe_local.inventory import inventory
from transcribe_local.local_aws import LocalAws

from .deployment import REPOSITORY, wait_for

pytestmark = pytest.mark.e2e

APP = """
import json, pathlib
import aws_cdk as cdk
from aws_cdk import aws_events_targets as targets
import cdk_transcribe as transcribe

wish = json.loads(pathlib.Path("wish.json").read_text())
app = cdk.App()
stack = cdk.Stack(app, wish["stack"])
key = cdk.aws_kms.Key(stack, "Key", removal_policy=cdk.RemovalPolicy.DESTROY)
if wish["prefix"]:
    bucket = cdk.aws_s3.Bucket.from_bucket_name(stack, "Corpus", "corpus")
    data = transcribe.TrainingData.from_bucket(bucket, wish["prefix"])
else:
    data = transcribe.TrainingData.from_directory("corpus")
model = transcribe.LanguageModel(
    stack, "Model", language_code="en-US", base_model=transcribe.BaseModel.WIDE_BAND, training_data=data,
    encryption_key=key if wish["encrypted"] else None,
    wait_for_training=cdk.Duration.hours(wish["hours"]) if wish["hours"] else None,
)
queue = cdk.aws_sqs.Queue(stack, "Ends")
model.on_training_finished("Finished", target=targets.SqsQueue(queue))
for tag, value in wish["tags"].items():
    cdk.Tags.of(model).add(tag, value)
if wish["pipeline"]:
    gone = cdk.RemovalPolicy.DESTROY
    storage = transcribe.TranscribeStorage(stack, "Storage", removal_policy=gone)
    pipeline = transcribe.TranscriptionPipeline(stack, "Calls", storage=storage, removal_policy=gone)
    for route, used in (("base", model), ("held", model.awaited())):
        job = transcribe.TranscriptionJob(language_code="en-US", language_model=used)
        pipeline.add_route(route, prefix=f"{route}/", output_prefix=f"{route}/", job=job)
    cdk.CfnOutput(stack, "MediaBucket", value=storage.media_bucket.bucket_name)
    cdk.CfnOutput(stack, "TranscriptBucket", value=storage.transcript_bucket.bucket_name)
cdk.CfnOutput(stack, "Family", value=model.family_name)
cdk.CfnOutput(stack, "Version", value=model.version_name)
cdk.CfnOutput(stack, "Pointer", value=model.pointer.parameter_name)
cdk.CfnOutput(stack, "Queue", value=queue.queue_url)
app.synth()
"""
WISH: dict[str, Any] = {"prefix": "", "encrypted": False, "hours": 0, "tags": {"team": "calls"}, "pipeline": False}
HOURS = 36_000


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A local AWS of these tests' own, ready for CDK apps, in which five minutes are 0.6 seconds."""
    logs = tmp_path_factory.mktemp("training")
    scale = {"SFN_WAIT_SCALE": "0.002"}
    deaf = {"recognize_speech": False}
    with LocalAws(log_path=logs / "aws.log", enforce_iam=True, server_environment=scale, settings=deaf) as aws:
        with CdkApp(aws, logs, log_path=logs / "cdk.log") as app:
            app.bootstrap()
        s3 = aws.client("s3")
        s3.create_bucket(Bucket="corpus")
        s3.put_object(Bucket="corpus", Key="bad/photo.jpg", Body=b"\xff\xd8\xff\xe0")
        yield aws


class Model:
    """A stack with a language model, deployed again and again with another wish."""

    def __init__(self, aws: LocalAws, directory: Path, stack: str, *, pipeline: bool = False) -> None:
        self.aws = aws
        self._pipeline = pipeline
        self.outputs: dict[str, str] = {}
        self._directory = directory
        self._stack = stack
        shutil.copy(REPOSITORY / "cdk.json", directory)
        (directory / "app.py").write_text(APP)
        (directory / "corpus").mkdir()
        self.write("It was the best of times.")

    def write(self, sentence: str) -> None:
        """Another text to train with."""
        (self._directory / "corpus/tale.txt").write_text(f"{sentence}\n" * 2000)

    def deploy(self, **changes: Any) -> None:
        with self._app(changes) as app:
            app.synth()
            self.outputs = app.deploy()[self._stack]

    def destroy(self) -> None:
        for name in ("MediaBucket", "TranscriptBucket"):
            if name in self.outputs:
                empty_bucket(self.aws, self.outputs[name])
        with self._app({}) as app:
            app.synth()
            app.destroy()

    @property
    def version(self) -> str:
        """The version that the last deployment wished for."""
        return self.outputs["Version"]

    def models(self) -> dict[str, dict[str, Any]]:
        """What Transcribe holds of this stack, by name."""
        return {
            found["ModelName"]: found
            for found in self.aws.resources()
            if found["Kind"] == "LanguageModel" and found["ModelName"].startswith(f"{self._stack}-")
        }

    def serving(self) -> str:
        value: str = self.aws.client("ssm").get_parameter(Name=self.outputs["Pointer"])["Parameter"]["Value"]
        return value

    def serves(self, version: str) -> None:
        """Wait until that version serves."""
        wait_for(lambda: self.serving() == version or None, f"{version} to serve")

    def is_alone(self, version: str) -> None:
        """Wait until no other version is left."""
        wait_for(lambda: set(self.models()) == {version} or None, f"{version} to be alone")

    def upload(self, key: str) -> None:
        self.aws.client("s3").put_object(Bucket=self.outputs["MediaBucket"], Key=key, Body=b"not listened to")

    def job(self, key: str) -> dict[str, Any] | None:
        """The job of a media object, if it has one."""
        uri = f"s3://{self.outputs['MediaBucket']}/{key}"
        jobs = [found for found in self.aws.resources() if found["Kind"] == "TranscriptionJob"]
        return next((found for found in jobs if found["Media"]["MediaFileUri"] == uri), None)

    def model_of(self, key: str) -> str | None:
        """The model of a media object's job, once the job is COMPLETED; None for the base model."""

        def completed() -> dict[str, Any] | None:
            job = self.job(key)
            return job if job and job["TranscriptionJobStatus"] == "COMPLETED" else None

        name: str | None = (
            wait_for(completed, f"the job of {key}", seconds=120).get("ModelSettings", {}).get("LanguageModelName")
        )
        return name

    def told(self) -> dict[str, str]:
        """The next end of a training that is told."""
        sqs = self.aws.client("sqs")

        def message() -> dict[str, str] | None:
            for found in sqs.receive_message(QueueUrl=self.outputs["Queue"]).get("Messages", []):
                sqs.delete_message(QueueUrl=self.outputs["Queue"], ReceiptHandle=found["ReceiptHandle"])
                detail: dict[str, str] = json.loads(found["Body"])["detail"]
                return detail
            return None

        return wait_for(message, "the end of a training")

    def _app(self, changes: dict[str, Any]) -> CdkApp:
        wish = {**WISH, "stack": self._stack, "pipeline": self._pipeline, **changes}
        (self._directory / "wish.json").write_text(json.dumps(wish))
        return CdkApp(self.aws, self._directory, log_path=self._directory / "cdk.log")


@pytest.fixture
def trainings_take_hours(account: LocalAws) -> Iterator[None]:
    account.settings(training_seconds=HOURS, reencryption_seconds=0, failures={})
    yield
    account.settings(training_seconds=0)


def end_trainings(account: LocalAws) -> None:
    account.settings(training_seconds=0)
    account.resources()
    account.settings(training_seconds=HOURS)


@pytest.mark.usefixtures("trainings_take_hours")
def test_a_model_is_trained_after_its_deployment_and_trained_again_while_it_serves(
    account: LocalAws, tmp_path: Path
) -> None:
    before = inventory(account)
    model = Model(account, tmp_path, "Calls", pipeline=True)
    model.deploy()
    first = model.version
    assert model.serving() == "none yet"
    assert model.models()[first]["ModelStatus"] == "IN_PROGRESS"
    model.upload("held/early.wav")
    model.upload("base/early.wav")
    assert model.model_of("base/early.wav") is None
    assert model.job("held/early.wav") is None

    end_trainings(account)

    model.serves(first)
    assert model.model_of("held/early.wav") == first
    account.settings(job_seconds=30)
    model.upload("base/in-flight.wav")
    wait_for(lambda: model.job("base/in-flight.wav"), "a job in flight")
    account.settings(job_seconds=0)
    assert model.told() == {"family_name": model.outputs["Family"], "model_name": first, "status": "COMPLETED"}

    model.write("It was the worst of times.")
    model.deploy(tags={"stage": "live"})
    second = model.version
    assert second != first
    assert model.serving() == first
    assert set(model.models()) == {first, second}
    assert {found["Tags"].get("stage") for found in model.models().values()} == {"live"}
    end_trainings(account)
    model.serves(second)
    assert model.told()["model_name"] == second
    assert model.model_of("base/in-flight.wav") == first
    model.is_alone(second)

    model.deploy(prefix="bad/", tags={"stage": "live"})
    third = model.version
    end_trainings(account)
    told = model.told()
    assert (told["model_name"], told["status"]) == (third, "FAILED")
    assert "bad/photo.jpg isn't plain text" in told["failure_reason"]
    assert model.serving() == second

    model.deploy(encrypted=True)
    assert model.version == second
    assert model.serving() == second
    assert "EncryptionConfiguration" in model.models()[second]
    assert account.calls()["UpdateLanguageModel"] == 1
    model.is_alone(second)

    model.destroy()
    assert inventory(account) == before


@pytest.mark.usefixtures("trainings_take_hours")
def test_a_deployment_that_waits_ends_with_the_training_or_with_its_failure(account: LocalAws, tmp_path: Path) -> None:
    before = inventory(account)
    model = Model(account, tmp_path, "Waiting")
    with ThreadPoolExecutor(1) as pool:
        deployment = pool.submit(model.deploy, hours=10)
        try:
            (first,) = wait_for(lambda: model.models() or None, "the training", seconds=180)
            assert not deployment.done()
        finally:
            end_trainings(account)
        deployment.result()
    assert model.serving() == first

    account.settings(training_seconds=0)
    with pytest.raises(CdkCommandError, match=r"bad/photo.jpg isn't plain text"):
        model.deploy(hours=10, prefix="bad/")
    account.settings(training_seconds=HOURS)
    assert model.serving() == first
    model.is_alone(first)

    model.destroy()
    assert inventory(account) == before


@pytest.mark.usefixtures("trainings_take_hours")
def test_a_stack_that_is_destroyed_during_a_training_leaves_nothing(account: LocalAws, tmp_path: Path) -> None:
    before = inventory(account)
    model = Model(account, tmp_path, "Hasty")
    model.deploy()
    with ThreadPoolExecutor(1) as pool:
        refused = account.errors().get("DeleteLanguageModel", {}).get("BadRequestException", 0)
        destruction = pool.submit(model.destroy)
        try:
            # The watcher's last look is given half a minute to end.
            wait_for(
                lambda: account.errors().get("DeleteLanguageModel", {}).get("BadRequestException", 0) > refused or None,
                "an attempt to delete the model in training",
                seconds=180,
            )
            assert not destruction.done()
        finally:
            end_trainings(account)
        destruction.result()

    assert inventory(account) == before
