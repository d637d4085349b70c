"""Each kind of job, from the arrival of an object to the record of its end, against the local Transcribe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from transcribe_handlers.job_kinds import ended_job, kind_named
from transcribe_local import LocalAws

ALL_KINDS = ("TranscriptionJob", "MedicalTranscriptionJob", "CallAnalyticsJob", "MedicalScribeJob")
ANNOUNCED = {
    "TranscriptionJob": ("Transcribe Job State Change", "TranscriptionJobName"),
    "CallAnalyticsJob": ("Call Analytics Job State Change", "JobName"),
}
every_kind = pytest.mark.parametrize("kind", ALL_KINDS)


@pytest.fixture(autouse=True)
def deaf(aws: LocalAws) -> None:
    aws.settings(recognize_speech=False)


@pytest.fixture
def ended(arrivals: Any, client: Any) -> Callable[..., tuple[str, dict[str, Any]]]:
    """Starts a job for an object, waits for its end, and gives the message and the job."""

    def start(kind: str, key: str = "en/a.wav", **request: Any) -> tuple[str, dict[str, Any]]:
        arrivals.put(key)
        message = arrivals.message(key, kind=kind, **request)
        assert arrivals.deliver(message) == []
        return message, end_of(kind, arrivals.job_name(message))

    def end_of(kind: str, job_name: str) -> dict[str, Any]:
        for _ in range(1000):
            job: dict[str, Any] = dict(kind_named(kind).get(client("transcribe"), job_name))
            if job[kind_named(kind).status_field] in {"COMPLETED", "FAILED"}:
                return job
        raise AssertionError(f"{job_name} never ends")

    return start


def record(handlers: Any, kind: str, job_name: str) -> None:
    """What tells the ledger of the end: an event where there is one, a look at the job where there is none."""
    if kind in ANNOUNCED:
        detail_type, field = ANNOUNCED[kind]
        handlers.job_recorder.handler({"detail-type": detail_type, "detail": {field: job_name}}, None)
        return
    looked_up = handlers.job_kinds.kind_named(kind)
    handlers.job_record.record(looked_up, job_name, looked_up.get(handlers.job_recorder.transcribe, job_name))


@every_kind
def test_object_becomes_a_job_and_a_row(arrivals: Any, aws: LocalAws, kind: str, metrics: Any) -> None:
    aws.settings(job_seconds=3600)
    arrivals.put("en/Größe + 1.wav")
    message = arrivals.message("en/Größe + 1.wav", kind=kind)

    assert arrivals.deliver(message) == []

    [job] = aws.resources()
    row = arrivals.row(message)
    assert (job["Kind"], job[f"{kind}Name"]) == (kind, arrivals.job_name(message))
    assert (
        job["Media"]
        == {"MediaFileUri": row["media_uri"]}
        == {"MediaFileUri": f"s3://{arrivals.bucket}/en/Größe + 1.wav"}
    )
    assert (row["kind"], row["status"], row["route"]) == (kind, "IN_PROGRESS", "English")
    assert metrics() == ["Started"]


@every_kind
def test_completed_job_is_recorded_with_where_its_output_is(
    arrivals: Any, handlers: Any, ended: Any, client: Any, kind: str, metrics: Any
) -> None:
    message, _ = ended(kind)
    metrics()

    record(handlers, kind, arrivals.job_name(message))
    record(handlers, kind, arrivals.job_name(message))

    row = arrivals.row(message)
    folder = f"s3://{arrivals.bucket}"
    scribe_folder = f"{folder}/{arrivals.job_name(message)}"
    output = {
        "MedicalScribeJob": {
            "transcript_uri": f"{scribe_folder}/transcript.json",
            "clinical_document_uri": f"{scribe_folder}/summary.json",
        }
    }.get(kind, {"transcript_uri": f"{folder}/out/en/a.wav.json"})
    assert (row["status"], row["kind"], row["language_code"]) == ("COMPLETED", kind, "en-US")
    assert {name: uri for name, uri in row.items() if name.endswith("_uri") and name != "media_uri"} == output
    for uri in output.values():
        client("s3").head_object(Bucket=arrivals.bucket, Key=uri.removeprefix(f"{folder}/"))
    assert metrics() == ["Completed"]


@every_kind
def test_what_a_job_writes_is_skipped_when_it_arrives_as_media(
    arrivals: Any, ended: Any, client: Any, kind: str, metrics: Any
) -> None:
    ended(kind)
    metrics()
    stored = client("s3").list_objects_v2(Bucket=arrivals.bucket)["Contents"]
    written = [entry["Key"] for entry in stored if entry["Key"] != "en/a.wav"]

    arrivals.deliver(*(arrivals.message(key, kind=kind) for key in written))

    assert len(written) >= 2
    assert {reason for name, reason in metrics()} == {"WriteAccessProbe", "OwnOutput"}


@every_kind
def test_failed_job_is_recorded_with_the_services_reason(
    arrivals: Any, handlers: Any, aws: LocalAws, ended: Any, kind: str
) -> None:
    aws.settings(recognize_speech=True)
    message, job = ended(kind)

    record(handlers, kind, arrivals.job_name(message))

    assert arrivals.row(message)["status"] == "FAILED"
    assert arrivals.row(message)["failure_reason"] == job["FailureReason"]


@every_kind
def test_job_that_exists_already_for_the_same_object_is_found(
    arrivals: Any, aws: LocalAws, queue: Any, kind: str
) -> None:
    arrivals.put()
    message = arrivals.message(kind=kind)
    aws.inject_fault(f"Start{kind}", after_effect=True, times=1)
    arrivals.deliver(message)
    assert arrivals.row(message)["status"] == "STARTING"

    assert arrivals.deliver(queue[0]["MessageBody"]) == []

    assert arrivals.row(message)["status"] in {"IN_PROGRESS", "COMPLETED"}
    assert aws.errors()[f"Start{kind}"] == {"InternalFailureException": 1, "ConflictException": 1}


@every_kind
def test_refusal_is_a_record(arrivals: Any, aws: LocalAws, kind: str) -> None:
    aws.inject_fault(f"Start{kind}", "BadRequestException", "No.")
    message = arrivals.message(kind=kind)

    assert arrivals.deliver(message) == []

    assert arrivals.row(message)["failure_reason"] == "No."
    assert arrivals.row(message)["kind"] == kind


def test_redacted_output_is_recorded_beside_the_other_and_never_media(
    arrivals: Any, handlers: Any, ended: Any, metrics: Any
) -> None:
    redaction = {"RedactionType": "PII", "RedactionOutput": "redacted_and_unredacted"}
    calls, _ = ended("CallAnalyticsJob", Settings={"ContentRedaction": redaction})
    talks, _ = ended("TranscriptionJob", "en/b.wav", ContentRedaction=redaction)
    folder = f"s3://{arrivals.bucket}/out/en"
    for message, kind, name in ((calls, "CallAnalyticsJob", "a.wav"), (talks, "TranscriptionJob", "b.wav")):
        record(handlers, kind, arrivals.job_name(message))
        row = arrivals.row(message)
        assert row["transcript_uri"] == f"{folder}/{name}.json"
        assert row["redacted_transcript_uri"] == f"{folder}/redacted-{name}.json"
    assert arrivals.row(calls)["redacted_media_uri"] == f"{folder}/redacted-a.wav.wav"
    metrics()

    arrivals.deliver(
        arrivals.message("out/en/redacted-a.wav.json", kind="CallAnalyticsJob"),
        arrivals.message("out/en/redacted-a.wav.wav", kind="CallAnalyticsJob"),
        arrivals.message("out/en/redacted-b.wav.json"),
    )

    assert metrics() == [("Skipped", "OwnOutput")] * 3


def test_language_that_the_service_identified_gets_into_the_row(arrivals: Any, handlers: Any, ended: Any) -> None:
    chosen = {"LanguageCode": {"FromKey": "none", "Choices": {}, "Default": None}}
    one, _ = ended("TranscriptionJob", IdentifyLanguage=True, LanguageOptions=["en-GB", "de-DE"], **chosen)
    several, _ = ended("TranscriptionJob", "en/b.wav", IdentifyMultipleLanguages=True, **chosen)

    record(handlers, "TranscriptionJob", arrivals.job_name(one))
    record(handlers, "TranscriptionJob", arrivals.job_name(several))

    assert arrivals.row(one)["language_code"] == "en-GB"
    assert arrivals.row(several)["language_code"] == "en-US"


def test_fails_for_an_event_that_announces_no_job() -> None:
    with pytest.raises(KeyError, match="Vocabulary State Change"):
        ended_job({"detail-type": "Vocabulary State Change", "detail": {"VocabularyName": "v"}})
