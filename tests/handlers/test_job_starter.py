"""Each arriving object ends as a job with a row, a skip, a rejection or a message for later."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from transcribe_local import LocalAws
from transcribe_local.clock import HandClock

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
    assert json.loads(row["message"]) == json.loads(message)
    assert row["open"] == "TranscriptionJob"
    assert not {"failure_reason", "failure_class", "completed_at", "transcript_uri"} & set(row)
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
    assert json.loads(queue[1]["MessageBody"]).items() >= json.loads(message).items()
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
    assert metrics() == [("Rejected", "BAD_REQUEST")]


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


def test_order_without_room_for_a_fortnight_is_a_record_with_the_last_reason(
    arrivals: Any, aws: LocalAws, queue: Any, metrics: Any
) -> None:
    arrivals.put()
    aws.inject_fault("StartTranscriptionJob", "LimitExceededException", "You've reached the limit.")
    first = json.loads(arrivals.message())
    fortnight_ago = int(time.time()) - 14 * 24 * 60 * 60 - 60
    late = json.dumps({**first, "attempt": 1800, "waiting_since": fortnight_ago})

    assert arrivals.deliver(late) == []

    row = arrivals.row(late)
    assert row["status"] == "REJECTED"
    assert row["failure_reason"] == (
        "given up after 14 days, in which the service never took the job: You've reached the limit."
    )
    assert json.loads(row["message"]) == first
    assert queue == []
    assert metrics() == [("Rejected", "LIMIT")]


def test_order_for_which_there_is_room_on_the_last_day_starts(arrivals: Any, aws: LocalAws) -> None:
    arrivals.put()
    late = json.dumps({**json.loads(arrivals.message()), "attempt": 1800, "waiting_since": 1})

    assert arrivals.deliver(late) == []

    assert start_count(aws) == 1


def test_rejection_that_another_delivery_wrote_first_is_counted_once(
    arrivals: Any, handlers: Any, aws: LocalAws, metrics: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.inject_fault("StartTranscriptionJob", "BadRequestException", "No.")
    message = arrivals.message()
    arrivals.deliver(message)
    monkeypatch.setattr(handlers.ledger_table, "open_row", lambda *_: "STARTING")

    assert arrivals.deliver(message) == []

    assert metrics() == [("Rejected", "BAD_REQUEST")]


def test_media_gone_before_the_start_are_a_record_with_the_services_reason(arrivals: Any, client: Any) -> None:
    arrivals.put()
    client("s3").delete_object(Bucket=arrivals.bucket, Key="en/a.wav")
    message = arrivals.message()

    assert arrivals.deliver(message) == []

    row = arrivals.row(message)
    assert row["status"] == "REJECTED"
    assert "can't be accessed" in row["failure_reason"]


def test_job_that_vanishes_while_its_name_is_looked_at_comes_back(arrivals: Any, aws: LocalAws, queue: Any) -> None:
    arrivals.put()
    aws.inject_fault("StartTranscriptionJob", "ConflictException", times=1)
    message = arrivals.message()

    assert arrivals.deliver(message) == []
    assert arrivals.row(message)["status"] == "STARTING"
    assert arrivals.deliver(queue[0]["MessageBody"]) == []

    assert arrivals.row(message)["status"] != "STARTING"


def test_the_client_itself_never_tries_again(arrivals: Any, aws: LocalAws) -> None:
    aws.inject_fault("StartTranscriptionJob", "ThrottlingException")

    arrivals.deliver(arrivals.message())

    assert start_count(aws) == 1


def test_every_start_waits_for_its_turn(
    arrivals: Any, handlers: Any, aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = HandClock()
    pace = handlers.job_pace.Pace(2.0, now=clock.monotonic, sleep=clock.advance)
    monkeypatch.setattr(handlers.job_starter, "pace", pace)
    keys = [f"{number}.wav" for number in range(5)]
    for key in keys:
        arrivals.put(key)
    messages = [arrivals.message(key) for key in keys]
    beginning = clock.now

    arrivals.deliver(*messages[:3], arrivals.message("empty.wav", size=0))
    arrivals.deliver(*messages[3:], *messages)

    assert start_count(aws) == 5
    assert clock.now - beginning == 2.0


def test_what_there_is_no_time_for_is_put_back_untouched(
    arrivals: Any, handlers: Any, aws: LocalAws, queue: Any, metrics: Any
) -> None:
    class LastSeconds:
        def get_remaining_time_in_millis(self) -> int:
            return 10_000

    messages = [arrivals.message(f"{number}.wav", attempt=number + 1) for number in range(3)]
    for number in range(3):
        arrivals.put(f"{number}.wav")
    records = [{"messageId": str(number), "body": body} for number, body in enumerate([*messages, "no json"])]

    answer = handlers.job_starter.handler({"Records": records}, LastSeconds())

    assert answer == {"batchItemFailures": []}
    assert start_count(aws) == 1
    assert [sent["MessageBody"] for sent in queue] == [*messages[1:], "no json"]
    assert metrics() == ["Started"]


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


def test_backfill_for_another_route_is_skipped(arrivals: Any, aws: LocalAws, metrics: Any) -> None:
    body = json.loads(arrivals.message())
    body["event"]["source"] = "cdk-transcribe"
    body["event"]["detail"]["route"] = f"{arrivals.pipeline}/French"

    assert arrivals.deliver(json.dumps(body)) == []

    assert metrics() == [("Skipped", "OtherRoute")]
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
