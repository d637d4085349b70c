"""A job that the service failed by a fault of its own is tried again under a name of its own, as often as wanted."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from transcribe_local import LocalAws

FAULT = "Internal Failure. Please try your request again."


@pytest.fixture
def run_job(arrivals: Any, handlers: Any, aws: LocalAws, client: Any) -> Callable[..., dict[str, Any]]:
    """Deliver a message, let its job end with a reason, record that, and answer with the row."""

    def run(message: str, reason: str | None) -> dict[str, Any]:
        name = arrivals.job_name(message)
        aws.settings(recognize_speech=False, failures={name: reason} if reason else {})
        assert arrivals.deliver(message) == []
        while (
            "CompletionTime"
            not in client("transcribe").get_transcription_job(TranscriptionJobName=name)["TranscriptionJob"]
        ):
            time.sleep(0.01)
        detail = {"TranscriptionJobName": name}
        handlers.job_recorder.handler({"detail-type": "Transcribe Job State Change", "detail": detail}, None)
        row: dict[str, Any] = arrivals.row(message)
        return row

    return run


@pytest.fixture
def next_message(arrivals: Any, handlers: Any, client: Any) -> Callable[[str], str | None]:
    """What the announcer orders for the row of a message; None when nothing."""

    def order(message: str) -> str | None:
        key = {"job_name": {"S": arrivals.job_name(message)}}
        row = client("dynamodb").get_item(TableName="ledger", Key=key)["Item"]
        entries = handlers.job_announcer._entries(row)
        arrived = [json.loads(entry["Detail"]) for entry in entries if entry["DetailType"] == "Object Created"]
        assert len(arrived) == len(entries) - 1
        if not arrived:
            return None
        event = {"source": "cdk-transcribe", "detail-type": "Object Created", "detail": arrived[0]}
        return json.dumps({"event": event, "job": json.loads(message)["job"]})

    return order


@pytest.fixture
def message(arrivals: Any) -> str:
    """The message of a route that wants two retries."""
    arrivals.put()
    message: str = arrivals.message(job={"RetryServiceFaults": 2})
    return message


def test_two_retries_are_linked_to_the_first_job_and_to_each_other(
    message: str, run_job: Any, next_message: Any, arrivals: Any
) -> None:
    first = run_job(message, FAULT)
    second_message = next_message(message)
    second = run_job(second_message, FAULT)
    third_message = next_message(second_message)
    third = run_job(third_message, FAULT)

    name = arrivals.job_name(message)
    assert [row["job_name"] for row in (first, second, third)] == [name, f"{name}-r1", f"{name}-r2"]
    assert [row.get("retried_by") for row in (first, second, third)] == [f"{name}-r1", f"{name}-r2", None]
    assert [row.get("retry_of") for row in (first, second, third)] == [None, name, name]
    assert [row.get("retries") for row in (first, second, third)] == [None, 1, 2]
    assert {row["status"] for row in (first, second, third)} == {"FAILED"}
    assert next_message(third_message) is None


def test_retry_that_goes_well_writes_where_the_first_would_have(
    message: str, run_job: Any, next_message: Any, arrivals: Any
) -> None:
    run_job(message, FAULT)

    row = run_job(next_message(message), None)

    assert row["status"] == "COMPLETED"
    assert row["transcript_uri"] == f"s3://{arrivals.bucket}/out/en/a.wav.json"
    assert "retried_by" not in row


def test_failure_that_is_not_the_services_own_is_final(message: str, run_job: Any, next_message: Any) -> None:
    row = run_job(message, "Unsupported media format.")

    assert row["failure_class"] == "BAD_MEDIA"
    assert "retried_by" not in row
    assert next_message(message) is None


def test_nothing_is_tried_again_unless_the_route_wants_it(arrivals: Any, run_job: Any, next_message: Any) -> None:
    arrivals.put()
    message = arrivals.message()

    row = run_job(message, FAULT)

    assert row["failure_class"] == "SERVICE_FAULT"
    assert "retried_by" not in row
    assert next_message(message) is None


def test_retry_that_is_ordered_twice_is_one_job(message: str, run_job: Any, next_message: Any, aws: LocalAws) -> None:
    run_job(message, FAULT)
    again = next_message(message)

    run_job(again, FAULT)
    run_job(again, FAULT)

    assert aws.calls()["StartTranscriptionJob"] == 2


def test_retry_is_for_the_route_that_failed_alone(message: str, run_job: Any, next_message: Any, arrivals: Any) -> None:
    run_job(message, FAULT)
    body = json.loads(next_message(message))
    body["job"]["Route"] = "German"

    assert arrivals.deliver(json.dumps(body)) == []

    assert arrivals.row(json.dumps(body)) == {}
