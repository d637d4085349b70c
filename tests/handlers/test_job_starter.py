"""Each arriving object ends as a job with a row, a skip, a rejection or a message for later."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from transcribe_local import LocalAws

TROUBLES = ["LimitExceededException", "ThrottlingException", "InternalFailureException", "ServiceUnavailableException"]
NASTY_KEYS = [
    "a b.wav",
    "Grüße/Ärger.wav",
    'it\'s "quoted".wav',
    "a+b%20c.wav",
    "call 📞.wav",
    "ü" * 512,
    "/leading.wav",
    "a//b.wav",
]


def start_count(aws: LocalAws) -> int:
    return aws.calls().get("StartTranscriptionJob", 0)


def test_object_becomes_a_job_and_a_row(arrivals: Any, aws: LocalAws, client: Any, metrics: Any) -> None:
    arrivals.put()
    message = arrivals.message()
    aws.settings(job_seconds=3600)

    assert arrivals.deliver(message) == []

    name = arrivals.job_name(message)
    job = client("transcribe").get_transcription_job(TranscriptionJobName=name)["TranscriptionJob"]
    row = arrivals.row(message)
    assert job["Media"]["MediaFileUri"] == row["media_uri"] == f"s3://{arrivals.bucket}/en/a.wav"
    assert row["status"] == job["TranscriptionJobStatus"] == "IN_PROGRESS"
    assert row["pipeline"] == arrivals.pipeline
    assert (row["kind"], row["route"], row["media_version"]) == ("TranscriptionJob", "English", "v1")
    assert row["language_code"] == "en-US"
    assert row["created_at"].endswith("Z")
    assert 3500 < row["expires_at"] - time.time() <= 3601
    assert not {"message", "failure_reason", "completed_at", "transcript_uri"} & set(row)
    assert metrics() == ["Started"]


def test_row_has_no_language_while_it_is_to_be_identified(arrivals: Any, aws: LocalAws) -> None:
    aws.inject_fault("StartTranscriptionJob", "InternalFailureException")
    body = json.loads(arrivals.message(IdentifyLanguage=True))
    del body["job"]["Request"]["LanguageCode"]

    arrivals.deliver(json.dumps(body))

    assert "language_code" not in arrivals.row(json.dumps(body))


@pytest.mark.parametrize("key", NASTY_KEYS)
def test_any_key_that_s3_allows_can_be_started(arrivals: Any, aws: LocalAws, key: str) -> None:
    arrivals.put(key)
    message = arrivals.message(key)

    assert arrivals.deliver(message) == []

    assert arrivals.row(message)["media_uri"] == f"s3://{arrivals.bucket}/{key}"
    assert arrivals.row(message)["status"] != "REJECTED"
    assert start_count(aws) == 1


def test_second_delivery_changes_nothing(arrivals: Any, aws: LocalAws, metrics: Any) -> None:
    arrivals.put()
    message = arrivals.message()
    arrivals.deliver(message)
    row = arrivals.row(message)

    assert arrivals.deliver(message, message) == []

    assert arrivals.row(message) == row
    assert start_count(aws) == 1
    assert metrics() == ["Started"]


def test_delivery_after_a_crash_before_the_start_starts_the_job(
    arrivals: Any, handlers: Any, aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrivals.put()
    message = arrivals.message()
    with monkeypatch.context() as patch:
        patch.setattr(handlers.job_starter, "_started", crash)
        assert arrivals.deliver(message) == ["0"]
    assert arrivals.row(message)["status"] == "STARTING"

    assert arrivals.deliver(message) == []

    assert arrivals.row(message)["status"] != "STARTING"
    assert start_count(aws) == 1


def test_delivery_after_a_crash_behind_the_start_meets_the_job_and_brings_the_row_forward(
    arrivals: Any, handlers: Any, aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrivals.put()
    message = arrivals.message()
    with monkeypatch.context() as patch:
        patch.setattr(handlers.ledger_table, "advance", crash)
        assert arrivals.deliver(message) == ["0"]
    assert arrivals.row(message)["status"] == "STARTING"

    assert arrivals.deliver(message) == []

    assert arrivals.row(message)["status"] != "STARTING"
    assert aws.errors()["StartTranscriptionJob"] == {"ConflictException": 1}


def test_start_whose_answer_was_lost_comes_back_and_is_found(arrivals: Any, aws: LocalAws, queue: Any) -> None:
    arrivals.put()
    message = arrivals.message()
    aws.inject_fault("StartTranscriptionJob", after_effect=True, times=1)
    arrivals.deliver(message)

    assert arrivals.deliver(queue[0]["MessageBody"]) == []

    assert arrivals.row(message)["status"] in {"IN_PROGRESS", "COMPLETED", "FAILED"}


def test_fails_when_the_job_of_that_name_is_for_other_media(arrivals: Any, client: Any) -> None:
    arrivals.put("other.wav")
    message = arrivals.message()
    client("transcribe").start_transcription_job(
        TranscriptionJobName=arrivals.job_name(message),
        LanguageCode="en-US",
        Media={"MediaFileUri": f"s3://{arrivals.bucket}/other.wav"},
    )

    assert arrivals.deliver(message) == ["0"]


@pytest.mark.parametrize("code", TROUBLES)
def test_trouble_sends_the_message_back_for_later(
    arrivals: Any, aws: LocalAws, queue: Any, metrics: Any, code: str
) -> None:
    arrivals.put()
    message = arrivals.message()
    aws.inject_fault("StartTranscriptionJob", code, times=2)

    assert arrivals.deliver(message) == []
    assert arrivals.row(message)["status"] == "STARTING"
    assert arrivals.deliver(queue[0]["MessageBody"]) == []

    assert [json.loads(sent["MessageBody"])["attempt"] for sent in queue] == [2, 3]
    assert [sent["DelaySeconds"] <= limit for sent, limit in zip(queue, (5, 10), strict=True)] == [True, True]
    assert {**json.loads(queue[0]["MessageBody"]), "attempt": 1} == {**json.loads(message), "attempt": 1}
    assert metrics() == ["SentBack", "SentBack"]

    assert arrivals.deliver(queue[1]["MessageBody"]) == []
    assert arrivals.row(message)["status"] != "STARTING"


def test_throttled_ledger_sends_the_message_back_too(
    arrivals: Any, handlers: Any, queue: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def throttled(*_: Any) -> None:
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "UpdateItem")

    monkeypatch.setattr(handlers.ledger_table, "open_row", throttled)

    assert arrivals.deliver(arrivals.message()) == []
    assert len(queue) == 1


def test_message_that_cannot_be_sent_back_stays_on_the_queue(
    arrivals: Any, handlers: Any, aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.inject_fault("StartTranscriptionJob", "ThrottlingException")
    monkeypatch.setattr(handlers.job_starter, "QUEUE_URL", f"{aws.endpoint_url}/000000000000/no-such-queue")

    assert arrivals.deliver(arrivals.message()) == ["0"]


def test_permanent_refusal_is_a_record_with_the_reason_and_the_message(
    arrivals: Any, aws: LocalAws, queue: Any, metrics: Any
) -> None:
    aws.inject_fault("StartTranscriptionJob", "BadRequestException", "The vocabulary isn't ready.")
    message = arrivals.message()

    assert arrivals.deliver(message) == []

    row = arrivals.row(message)
    assert (row["status"], row["failure_reason"]) == ("REJECTED", "The vocabulary isn't ready.")
    assert row["message"] == message
    assert row["completed_at"].endswith("Z")
    assert queue == []
    assert metrics() == ["Rejected"]


def test_request_that_boto3_itself_refuses_is_a_record_too(arrivals: Any, aws: LocalAws) -> None:
    message = arrivals.message(NewerThanThisBoto3="x")

    assert arrivals.deliver(message) == []

    assert arrivals.row(message)["status"] == "REJECTED"
    assert "NewerThanThisBoto3" in arrivals.row(message)["failure_reason"]
    assert start_count(aws) == 0


def test_rejected_message_that_comes_twice_is_rejected_once(arrivals: Any, aws: LocalAws) -> None:
    aws.inject_fault("StartTranscriptionJob", "BadRequestException", "No.")
    message = arrivals.message()
    arrivals.deliver(message)

    assert arrivals.deliver(message) == []

    assert start_count(aws) == 1


@pytest.mark.parametrize(
    ("key", "size", "reason"),
    [
        ("en/.write_access_check_file.temp", 1, "WriteAccessProbe"),
        ("en/folder/", 0, "FolderMarker"),
        ("en/empty.wav", 0, "EmptyObject"),
        ("out/en/a.wav.json", 9, "OwnOutput"),
    ],
)
def test_skipped_object_is_counted_and_leaves_no_trace(
    *, arrivals: Any, aws: LocalAws, metrics: Any, key: str, size: int, reason: str
) -> None:
    message = arrivals.message(key, size=size)

    assert arrivals.deliver(message) == []

    assert metrics() == [("Skipped", reason)]
    assert arrivals.row(message) == {}
    assert start_count(aws) == 0


def test_one_unforeseen_message_does_not_hold_up_the_others(arrivals: Any, aws: LocalAws) -> None:
    arrivals.put("1.wav")
    arrivals.put("3.wav")

    failed = arrivals.deliver(arrivals.message("1.wav"), "no json", arrivals.message("3.wav"), '{"event": {}}')

    assert failed == ["1", "3"]
    assert start_count(aws) == 2


def test_denied_access_is_unforeseen(arrivals: Any, aws: LocalAws) -> None:
    aws.inject_fault("StartTranscriptionJob", "AccessDeniedException", "not authorized")
    message = arrivals.message()

    assert arrivals.deliver(message) == ["0"]
    assert arrivals.row(message)["status"] == "STARTING"


def test_backfill_event_is_an_arrival_like_any_other(arrivals: Any, aws: LocalAws) -> None:
    arrivals.put()
    message = arrivals.message().replace('"aws.s3"', '"cdk-transcribe"')

    arrivals.deliver(message, arrivals.message())

    assert start_count(aws) == 1


def test_row_that_a_completion_event_made_first_is_filled_in_and_not_moved_back(
    arrivals: Any, handlers: Any, aws: LocalAws
) -> None:
    message = arrivals.message()
    name = arrivals.job_name(message)
    handlers.ledger_table.advance(name, {"status": "COMPLETED", "transcript_uri": "s3://out/a.json"})

    assert arrivals.deliver(message) == []

    row = arrivals.row(message)
    assert (row["status"], row["transcript_uri"], row["route"]) == ("COMPLETED", "s3://out/a.json", "English")
    assert start_count(aws) == 0


def crash(*_: Any) -> None:
    raise RuntimeError("crash")
