"""A deployed pipeline whose completion events get lost, and whose service has faults: every job ends in the ledger."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer

from transcribe_handlers.job_facts import timestamp
from transcribe_local.buckets import empty_bucket
from transcribe_local.cdk_app import CdkApp
from transcribe_local.local_aws import LocalAws

from .deployment import REPOSITORY, wait_for

pytestmark = pytest.mark.e2e

OBJECTS, SCRIBED = 60, 5
LOST_EVENT_RATE = 0.1
FAULT = "Internal Failure. Please try your request again."
ENDS = {"COMPLETED", "FAILED", "REJECTED", "LOST"}
STACK = "Ledger"
APP = f"""
import aws_cdk as cdk
import cdk_transcribe as transcribe
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs

app = cdk.App()
stack = cdk.Stack(app, "{STACK}")
gone = cdk.RemovalPolicy.DESTROY
storage = transcribe.TranscribeStorage(stack, "Storage", removal_policy=gone)
ledger = transcribe.JobLedger(
    stack, "Ledger", encryption_key=storage.key, overdue_after=cdk.Duration.seconds(1), removal_policy=gone
)
pipeline = transcribe.TranscriptionPipeline(stack, "Calls", storage=storage, ledger=ledger, retry_service_faults=2)
pipeline.add_route("English", prefix="en/", job=transcribe.TranscriptionJob(language_code="en-US"))
pipeline.add_route("Visits", prefix="visits/", job=transcribe.MedicalScribeJob(max_speakers=2))
# Jobs without an event are asked about after a second instead of a minute too.
pipeline.starter.add_environment("LEDGER_RECONCILE_SECONDS", "1")
heard = sqs.Queue(stack, "Ears", removal_policy=gone)
pipeline.on_job_state_change("Ends", target=targets.SqsQueue(heard))
failed = sqs.Queue(stack, "Alarms", removal_policy=gone)
pipeline.on_job_failed("Failures", target=targets.SqsQueue(failed))
for name, value in {{
    "MediaBucket": storage.media_bucket.bucket_name,
    "TranscriptBucket": storage.transcript_bucket.bucket_name,
    "Table": ledger.table.table_name,
    "Reconciler": ledger.reconciler.function_name,
    "Heard": heard.queue_url,
    "Failed": failed.queue_url,
    "DeadLetters": ledger.dead_letter_queue.queue_url,
}}.items():
    cdk.CfnOutput(stack, name, value=value)
app.synth()
"""


class Observed:
    """The pipeline, and what an observer sees of it."""

    def __init__(self, aws: LocalAws, outputs: dict[str, str]) -> None:
        self.aws = aws
        self._outputs = outputs
        self._heard: dict[str, list[dict[str, Any]]] = {"Heard": [], "Failed": []}

    def put(self, *keys: str) -> None:
        s3 = self.aws.client("s3")
        with ThreadPoolExecutor(4) as uploads:
            list(uploads.map(lambda key: s3.put_object(Bucket=self._outputs["MediaBucket"], Key=key, Body=b"a"), keys))

    def rows(self) -> dict[str, dict[str, Any]]:
        """The rows by name."""
        pages = self.aws.client("dynamodb").get_paginator("scan").paginate(TableName=self._outputs["Table"])
        items = (item for page in pages for item in page["Items"])
        rows = [{name: TypeDeserializer().deserialize(value) for name, value in item.items()} for item in items]
        return {row["job_name"]: row for row in rows}

    def open_kinds(self) -> Counter[str]:
        """How many jobs of each kind are open."""
        return Counter(row["kind"] for row in self.rows().values() if row["status"] not in ENDS)

    def reconcile(self) -> None:
        """The next run, without waiting for it."""
        answer = self.aws.client("lambda").invoke(FunctionName=self._outputs["Reconciler"], Payload=b"{}")
        assert "FunctionError" not in answer, answer["Payload"].read()

    def heard(self, queue: str = "Heard") -> list[dict[str, Any]]:
        """The details of all events that have arrived in a queue so far."""
        sqs, url = self.aws.client("sqs"), self._outputs[queue]
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self._heard[queue].append(json.loads(message["Body"])["detail"])
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return self._heard[queue]

    def dead_letters(self) -> int:
        url = self._outputs["DeadLetters"]
        attributes = self.aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return int(attributes["ApproximateNumberOfMessages"])


@pytest.fixture(scope="module")
def deployed(account: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    directory = tmp_path_factory.mktemp("ledger")
    shutil.copy(REPOSITORY / "cdk.json", directory)
    (directory / "app.py").write_text(APP)
    with CdkApp(account, directory, log_path=directory / "cdk.log") as app:
        app.synth()
        outputs = app.deploy()[STACK]
        yield Observed(account, outputs)
        for bucket in ("MediaBucket", "TranscriptBucket"):
            empty_bucket(account, outputs[bucket])
        app.destroy()


@pytest.fixture
def observed(deployed: Observed) -> Iterator[Observed]:
    deployed.aws.reset_transcribe()
    deployed.aws.settings(recognize_speech=False)
    yield deployed
    deployed.aws.reset_transcribe()


def lost_events(number: int) -> int:
    """How many of so many events the local service loses: its dice are seeded, and also decide about doubling."""
    dice = random.Random(0)  # noqa: S311
    return sum((dice.random() < LOST_EVENT_RATE, dice.random())[0] for _ in range(number))


def test_every_job_has_ended_in_the_ledger_after_the_next_run_though_events_get_lost(observed: Observed) -> None:
    observed.aws.settings(lost_event_rate=LOST_EVENT_RATE)
    # So that the schedule's own run does not come too early to see what got lost.
    observed.aws.inject_fault("GetMedicalScribeJob", "ThrottlingException")
    lost = lost_events(OBJECTS)
    assert lost > 0

    observed.put(*(f"en/{number}.wav" for number in range(OBJECTS)))
    wait_for(lambda: len(observed.rows()) == OBJECTS or None, "a row for each object", seconds=120)
    wait_for(lambda: jobs_ended(observed.aws, OBJECTS), "the end of all jobs", seconds=120)
    observed.put(*(f"visits/{number}.wav" for number in range(SCRIBED)))
    wait_for(lambda: jobs_ended(observed.aws, OBJECTS + SCRIBED), "the end of the visits")
    observed.aws.clear_faults()
    wait_for(lambda: sum(observed.open_kinds().values()) <= lost + SCRIBED or None, "the events that are not lost")

    wait_for(lambda: all_due(observed), "the rows to be due", seconds=10)
    observed.reconcile()

    rows = observed.rows()
    assert Counter(row["status"] for row in rows.values()) == {"COMPLETED": OBJECTS + SCRIBED}
    events = wait_for(lambda: enough(observed.heard(), len(rows)), "an event for each end")
    assert sorted(event["job_name"] for event in events) == sorted(rows)
    assert len({event["event_id"] for event in events}) == len(rows)
    assert observed.dead_letters() == 0


def test_service_fault_is_tried_again_until_it_goes_well(observed: Observed) -> None:
    observed.aws.inject_fault("StartTranscriptionJob", "ThrottlingException")
    observed.put("en/faulty.wav")
    first = wait_for(lambda: row_of(observed, "en/faulty.wav"), "the row of the faulty job")["job_name"]
    observed.aws.settings(failures={first: FAULT, f"{first}-r1": FAULT})
    observed.aws.clear_faults()

    second = wait_for(lambda: ended(observed.rows().get(f"{first}-r2")), "the second retry's end")

    rows = observed.rows()
    tries = [rows[first], rows[f"{first}-r1"], second]
    assert [row["status"] for row in tries] == ["FAILED", "FAILED", "COMPLETED"]
    assert [row.get("failure_class") for row in tries] == ["SERVICE_FAULT", "SERVICE_FAULT", None]
    assert [row.get("retried_by") for row in tries] == [f"{first}-r1", f"{first}-r2", None]
    names = {row["job_name"] for row in tries}
    wait_for(lambda: names <= {event["job_name"] for event in observed.heard()} or None, "an event for each try")
    assert not names & {event["job_name"] for event in observed.heard("Failed")}


def test_failure_for_good_is_told_of(observed: Observed) -> None:
    observed.aws.inject_fault("StartTranscriptionJob", "ThrottlingException")
    observed.put("en/bad.wav")
    name = wait_for(lambda: row_of(observed, "en/bad.wav"), "the row of the bad job")["job_name"]
    observed.aws.settings(failures={name: "Unsupported media format."})
    observed.aws.clear_faults()

    event = wait_for(
        lambda: next((event for event in observed.heard("Failed") if event["job_name"] == name), None), "the event"
    )

    assert (event["status"], event["failure_class"]) == ("FAILED", "BAD_MEDIA")
    assert event["failure_reason"] == "Unsupported media format."


def jobs_ended(aws: LocalAws, number: int) -> bool | None:
    jobs = [resource for resource in aws.resources() if resource["Kind"].endswith("Job")]
    return (len(jobs) == number and all("CompletionTime" in job for job in jobs)) or None


def all_due(observed: Observed) -> bool | None:
    return all(row.get("check_at", "") <= timestamp() for row in observed.rows().values()) or None


def row_of(observed: Observed, key: str) -> dict[str, Any] | None:
    return next((row for row in observed.rows().values() if row["media_uri"].endswith(f"/{key}")), None)


def ended(row: dict[str, Any] | None) -> dict[str, Any] | None:
    return row if row and row["status"] in ENDS else None


def enough(events: list[dict[str, Any]], number: int) -> list[dict[str, Any]] | None:
    return events if len(events) >= number else None
