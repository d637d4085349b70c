"""However completion events arrive, the ledger ends up saying how the job ended."""

from __future__ import annotations

import io
import json
import wave
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from transcribe_local import LocalAws
from transcribe_local.clock import HandClock


def silence() -> bytes:
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes(b"\0\0" * 16000)
    return sound.getvalue()


def event(job_name: str, status: str = "COMPLETED") -> dict[str, Any]:
    detail = {"TranscriptionJobName": job_name, "TranscriptionJobStatus": status}
    return {"source": "aws.transcribe", "detail-type": "Transcribe Job State Change", "detail": detail}


def wait_for_ends(aws: LocalAws, job_names: list[str]) -> list[dict[str, Any]]:
    transcribe = aws.client("transcribe")
    jobs: list[dict[str, Any]] = []
    while len(jobs) < len(job_names):
        asked = transcribe.get_transcription_job(TranscriptionJobName=job_names[len(jobs)])["TranscriptionJob"]
        jobs += [asked] if asked["TranscriptionJobStatus"] in {"COMPLETED", "FAILED"} else []
    return jobs


@pytest.fixture
def ended(arrivals: Any, aws: LocalAws) -> Any:
    """Starts a job for an object, waits for its end, and gives the message and the job."""

    def start(key: str = "en/a.wav", body: bytes = b"", **request: Any) -> tuple[str, dict[str, Any]]:
        arrivals.put(key, body or silence())
        message = arrivals.message(key, **request)
        arrivals.deliver(message)
        return message, wait_for_ends(aws, [arrivals.job_name(message)])[0]

    return start


def test_completed_job_is_recorded_with_where_its_transcript_is(
    arrivals: Any, handlers: Any, ended: Any, client: Any, metrics: Any
) -> None:
    message, job = ended(Subtitles={"Formats": ["vtt", "srt"]})
    metrics()

    handlers.job_recorder.handler(event(job["TranscriptionJobName"]), None)

    row = arrivals.row(message)
    bucket = arrivals.bucket
    assert row["status"] == "COMPLETED"
    assert row["transcript_uri"] == f"s3://{bucket}/out/en/a.wav.json"
    assert sorted(row["subtitle_uris"]) == [f"s3://{bucket}/out/en/a.wav.srt", f"s3://{bucket}/out/en/a.wav.vtt"]
    assert datetime.fromisoformat(row["completed_at"].replace("Z", "+00:00")).timestamp() == pytest.approx(
        job["CompletionTime"].timestamp(), abs=0.002
    )
    assert row["route"] == "English"
    assert metrics() == ["Completed"]
    client("s3").head_object(Bucket=bucket, Key=row["transcript_uri"].removeprefix(f"s3://{bucket}/"))


def test_failed_job_is_recorded_with_the_services_reason(
    arrivals: Any, handlers: Any, ended: Any, metrics: Any
) -> None:
    message, job = ended(body=b"no sound at all")
    metrics()

    handlers.job_recorder.handler(event(job["TranscriptionJobName"], "FAILED"), None)

    assert arrivals.row(message)["status"] == "FAILED"
    assert arrivals.row(message)["failure_reason"] == job["FailureReason"]
    assert metrics() == [("Failed", "BAD_MEDIA")]


def test_time_from_the_upload_to_the_record_is_told(
    arrivals: Any, handlers: Any, ended: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    uploaded = datetime.fromisoformat("2026-11-22T10:00:00+00:00").timestamp()
    message, job = ended()
    body = json.loads(message)
    body["event"]["time"] = "2026-11-22T10:00:00Z"
    arrivals.deliver(json.dumps(body))
    monkeypatch.setattr(handlers.job_checks, "time", HandClock(uploaded + 42))
    capsys.readouterr()

    handlers.job_recorder.handler(event(job["TranscriptionJobName"]), None)

    assert arrivals.row(message)["uploaded_at"] == "2026-11-22T10:00:00Z"
    [line] = [line for line in capsys.readouterr().out.splitlines() if "UploadToRecord" in line]
    told = json.loads(line)
    assert (told["Pipeline"], told["UploadToRecord"]) == (arrivals.pipeline, 42)
    assert told["_aws"]["CloudWatchMetrics"][0]["Metrics"] == [{"Name": "UploadToRecord", "Unit": "Seconds"}]


def test_hours_of_media_are_told_where_the_service_says_them(
    arrivals: Any, handlers: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    arrivals.put()
    message = arrivals.message()
    handlers.ledger_table.open_row(arrivals.job_name(message), handlers.job_order.order_of(message).facts, message)
    job = {
        "TranscriptionJobStatus": "COMPLETED",
        "LanguageCodes": [
            {"LanguageCode": "en-US", "DurationInSeconds": 3600},
            {"LanguageCode": "de-DE", "DurationInSeconds": 900.5},
        ],
    }

    kind = handlers.job_kinds.kind_named("TranscriptionJob")
    handlers.job_record.record(kind, arrivals.job_name(message), job)

    assert arrivals.row(message)["media_duration_seconds"] == 4500.5
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "MediaHours" in line]
    assert [line["MediaHours"] for line in told] == [4500.5 / 3600]


def test_event_that_comes_twice_counts_once(arrivals: Any, handlers: Any, ended: Any, metrics: Any) -> None:
    message, job = ended()
    handlers.job_recorder.handler(event(job["TranscriptionJobName"]), None)
    row = arrivals.row(message)
    metrics()

    handlers.job_recorder.handler(event(job["TranscriptionJobName"]), None)

    assert arrivals.row(message) == row
    assert metrics() == []


def test_event_before_the_row_makes_it_and_the_starter_fills_it_in(
    arrivals: Any, handlers: Any, client: Any, ended: Any
) -> None:
    message, job = ended()
    name = job["TranscriptionJobName"]
    client("dynamodb").delete_item(TableName="ledger", Key={"job_name": {"S": name}})

    handlers.job_recorder.handler(event(name), None)
    early = arrivals.row(message)
    arrivals.deliver(message)

    assert (early["status"], early["kind"], "route" in early) == ("COMPLETED", "TranscriptionJob", False)
    assert early["media_uri"] == f"s3://{arrivals.bucket}/en/a.wav"
    assert arrivals.row(message) == {
        **early,
        "route": "English",
        "pipeline": arrivals.pipeline,
        "media_version": "v1",
    }


def test_key_that_had_to_be_changed_is_found_again(arrivals: Any, handlers: Any, ended: Any, client: Any) -> None:
    message, job = ended("en/Grüße an + alle.wav")

    handlers.job_recorder.handler(event(job["TranscriptionJobName"]), None)

    key = arrivals.row(message)["transcript_uri"].removeprefix(f"s3://{arrivals.bucket}/")
    client("s3").head_object(Bucket=arrivals.bucket, Key=key)


def test_job_unknown_to_the_service_is_logged_and_done(
    arrivals: Any, handlers: Any, caplog: pytest.LogCaptureFixture
) -> None:
    handlers.job_recorder.handler(event("nobody-knows-me"), None)

    assert "unknown to the service" in caplog.text
    assert arrivals.row_named("nobody-knows-me") == {}


def test_trouble_is_raised_so_that_the_event_comes_again(handlers: Any, aws: LocalAws) -> None:
    aws.inject_fault("GetTranscriptionJob", "ThrottlingException")

    with pytest.raises(ClientError):
        handlers.job_recorder.handler(event("any"), None)


def test_the_client_takes_a_limit_for_a_throttle(handlers: Any) -> None:
    assert handlers.job_recorder.transcribe.meta.config.retries["mode"] == "standard"


def test_one_call_asks_about_the_job(handlers: Any, aws: LocalAws, ended: Any) -> None:
    _, job = ended()
    aws.forget_calls()

    handlers.job_recorder.handler(event(job["TranscriptionJobName"]), None)

    assert aws.calls() == {"GetTranscriptionJob": 1}
