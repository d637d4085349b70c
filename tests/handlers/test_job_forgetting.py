"""Jobs are deleted at the service once their end is recorded, where that is wanted."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from transcribe_local import LocalAws


@pytest.fixture
def recorded(arrivals: Any, handlers: Any, aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a job to its end, lets that be recorded, and gives the row."""
    monkeypatch.setattr(handlers.job_forgetting, "IS_WANTED", True)
    aws.settings(recognize_speech=False)
    arrivals.put()
    message = arrivals.message()
    arrivals.deliver(message)
    while not all("CompletionTime" in job for job in aws.resources()):
        time.sleep(0.01)

    def record() -> dict[str, Any]:
        detail = {"TranscriptionJobName": arrivals.job_name(message)}
        handlers.job_recorder.handler({"detail-type": "Transcribe Job State Change", "detail": detail}, None)
        row: dict[str, Any] = arrivals.row(message)
        return row

    return record


def test_recorded_job_is_gone_and_its_transcript_is_not(recorded: Any, aws: LocalAws, client: Any) -> None:
    row = recorded()

    assert aws.resources() == []
    bucket, _, key = row["transcript_uri"].removeprefix("s3://").partition("/")
    client("s3").head_object(Bucket=bucket, Key=key)


def test_nothing_is_deleted_unless_wanted(
    recorded: Any, handlers: Any, aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers.job_forgetting, "IS_WANTED", False)

    recorded()

    assert len(aws.resources()) == 1


def test_event_that_comes_again_finds_nothing_to_do(recorded: Any) -> None:
    assert recorded() == recorded()


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalFailureException"])
def test_job_that_cannot_be_deleted_now_stays(recorded: Any, aws: LocalAws, code: str) -> None:
    aws.inject_fault("DeleteTranscriptionJob", code)

    assert recorded()["status"] == "COMPLETED"

    assert len(aws.resources()) == 1


def test_refusal_to_delete_is_raised_after_the_record(recorded: Any, arrivals: Any, aws: LocalAws) -> None:
    aws.inject_fault("DeleteTranscriptionJob", "AccessDeniedException")

    with pytest.raises(ClientError, match="AccessDenied"):
        recorded()

    assert arrivals.row(arrivals.message())["status"] == "COMPLETED"


def test_job_that_runs_stays(arrivals: Any, handlers: Any, aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers.job_forgetting, "IS_WANTED", True)
    aws.settings(job_seconds=3600)
    arrivals.put()
    arrivals.deliver(arrivals.message())

    detail = {"TranscriptionJobName": arrivals.job_name(arrivals.message())}
    handlers.job_recorder.handler({"detail-type": "Transcribe Job State Change", "detail": detail}, None)

    assert aws.calls().get("DeleteTranscriptionJob") is None
