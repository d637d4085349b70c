"""A thousand recordings at once into a deployed pipeline, with everything that may go wrong on the way."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer

from transcribe_local.buckets import empty_bucket
from transcribe_local.cdk_app import CdkApp
from transcribe_local.local_aws import LocalAws
from transcribe_local.settings import SERVICE_RATES

from .deployment import REPOSITORY, wait_for

pytestmark = pytest.mark.e2e

OBJECTS = 1000
THROTTLES = OBJECTS // 5
FAULTS = OBJECTS // 20
STACK = "Burst"
APP = f"""
import aws_cdk as cdk
import cdk_transcribe as transcribe

app = cdk.App()
stack = cdk.Stack(app, "{STACK}")
gone = cdk.RemovalPolicy.DESTROY
storage = transcribe.TranscribeStorage(stack, "Storage", removal_policy=gone)
pipeline = transcribe.TranscriptionPipeline(stack, "Calls", storage=storage, removal_policy=gone)
rule = pipeline.add_route("English", prefix="en/", job=transcribe.TranscriptionJob(language_code="en-US"))
# What a killed starter had in hand comes back after one minute instead of six.
pipeline.queue.node.default_child.visibility_timeout = 60
for name, value in {{
    "MediaBucket": storage.media_bucket.bucket_name,
    "TranscriptBucket": storage.transcript_bucket.bucket_name,
    "Table": pipeline.ledger.table.table_name,
    "Rule": rule.rule_name,
    "Starter": pipeline.starter.function_name,
    "Queue": pipeline.queue.queue_url,
    "StarterDeadLetters": pipeline.dead_letter_queue.queue_url,
    "RecorderDeadLetters": pipeline.ledger.dead_letter_queue.queue_url,
}}.items():
    cdk.CfnOutput(stack, name, value=value)
app.synth()
"""


class Burst:
    """The pipeline, and what an observer sees of it."""

    def __init__(self, aws: LocalAws, outputs: dict[str, str]) -> None:
        self.aws = aws
        self.outputs = outputs
        self._s3 = aws.client("s3")
        self._sqs = aws.client("sqs")
        self._dynamodb = aws.client("dynamodb")

    def deliver_every_arrival_twice(self) -> None:
        """Give the rule its target once more, as if EventBridge delivered every event a second time."""
        events = self.aws.client("events")
        [target] = events.list_targets_by_rule(Rule=self.outputs["Rule"])["Targets"]
        events.put_targets(Rule=self.outputs["Rule"], Targets=[{**target, "Id": "Again"}])

    def put(self, key: str) -> None:
        self._s3.put_object(Bucket=self.outputs["MediaBucket"], Key=key, Body=b"a recording")

    def rows(self) -> list[dict[str, Any]]:
        pages = self._dynamodb.get_paginator("scan").paginate(TableName=self.outputs["Table"], ConsistentRead=True)
        items = (item for page in pages for item in page["Items"])
        return [{name: TypeDeserializer().deserialize(value) for name, value in item.items()} for item in items]

    def waiting(self, queue: str) -> int:
        """The messages of a queue: to be had, in a starter's hands, and delayed."""
        attributes = self._sqs.get_queue_attributes(QueueUrl=self.outputs[queue], AttributeNames=["All"])["Attributes"]
        return sum(int(attributes[f"ApproximateNumberOfMessages{state}"]) for state in ("", "NotVisible", "Delayed"))

    def transcripts(self) -> set[str]:
        bucket = self.outputs["TranscriptBucket"]
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        keys = {stored["Key"] for page in pages for stored in page.get("Contents", [])}
        return {f"s3://{bucket}/{key}" for key in keys if not key.endswith(".write_access_check_file.temp")}

    def jobs(self) -> list[dict[str, Any]]:
        return [resource for resource in self.aws.resources() if resource["Kind"] == "TranscriptionJob"]


@pytest.fixture
def burst(account: LocalAws, tmp_path: Path) -> Iterator[Burst]:
    shutil.copy(REPOSITORY / "cdk.json", tmp_path)
    (tmp_path / "app.py").write_text(APP)
    with CdkApp(account, tmp_path, log_path=tmp_path / "cdk.log") as app:
        app.synth()
        outputs = app.deploy()[STACK]
        account.reset_transcribe()
        yield Burst(account, outputs)
        account.reset_transcribe()
        for bucket in ("MediaBucket", "TranscriptBucket"):
            empty_bucket(account, outputs[bucket])
        account.client("events").remove_targets(Rule=outputs["Rule"], Ids=["Again"])
        app.destroy()


def test_each_of_a_thousand_objects_ends_as_one_job_and_one_record(
    burst: Burst, nasty_keys: Callable[[int], list[str]]
) -> None:
    aws, keys = burst.aws, nasty_keys(OBJECTS)
    quota = {"StartTranscriptionJob": SERVICE_RATES["StartTranscriptionJob"]}
    aws.settings(recognize_speech=False, doubled_event_rate=1.0, requests_per_second=quota)
    aws.inject_fault("StartTranscriptionJob", "ThrottlingException", rate=0.2, times=THROTTLES, seed=1)
    aws.inject_fault(
        "StartTranscriptionJob", "InternalFailureException", rate=0.05, times=FAULTS, seed=2, after_effect=True
    )
    burst.deliver_every_arrival_twice()

    with ThreadPoolExecutor(4) as uploads:
        list(uploads.map(burst.put, keys))
        wait_for(lambda: started(aws) > OBJECTS // 4 or None, "a quarter of the starts", seconds=300)
        wait_for(lambda: aws.kill_function(burst.outputs["Starter"]) or None, "a starter at work")
    wait_for(lambda: burst.waiting("Queue") == 0 or None, "the end of the queue", seconds=480, every=1)
    rows = wait_for(lambda: ended(burst.rows()), "the end of all jobs", every=1)

    assert Counter(row["status"] for row in rows) == {"COMPLETED": OBJECTS}
    uris = sorted(f"s3://{burst.outputs['MediaBucket']}/{key}" for key in keys)
    assert sorted(row["media_uri"] for row in rows) == uris
    assert sorted(job["Media"]["MediaFileUri"] for job in burst.jobs()) == uris
    assert {row["transcript_uri"] for row in rows} == burst.transcripts()
    assert len(burst.transcripts()) == OBJECTS
    assert (burst.waiting("StarterDeadLetters"), burst.waiting("RecorderDeadLetters")) == (0, 0)
    errors = aws.errors()["StartTranscriptionJob"]
    assert errors["ThrottlingException"] == THROTTLES
    # A fault behind a conflict does not show.
    assert errors["InternalFailureException"] > FAULTS * 0.8


def started(aws: LocalAws) -> int:
    return aws.calls().get("StartTranscriptionJob", 0)


def ended(rows: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
    return None if {row["status"] for row in rows} & {"STARTING", "QUEUED", "IN_PROGRESS"} else rows
