"""What holds for jobs of every kind."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from transcribe_local.object_store import ObjectLocation
from transcribe_local.transcribe_server import TranscribeServer

from .conftest import client_of
from .job_kinds import CALL_ANALYTICS, EVERY_KIND, MEDICAL, ROLE, SCRIBE, STANDARD, JobOperations

TAGS = [{"Key": "team", "Value": "a"}]

every_kind = pytest.mark.parametrize("kind", EVERY_KIND, ids=lambda kind: kind.noun)


@every_kind
def test_a_job_is_in_progress_and_then_completed(transcribe: Any, kind: JobOperations) -> None:
    started = kind.start(transcribe, Tags=TAGS)

    assert (started[kind.status], started["Tags"]) == ("IN_PROGRESS", TAGS)
    assert {"CreationTime", "StartTime", "Media"} <= set(started)
    job = kind.finished(transcribe)
    assert (job[kind.status], job["Tags"]) == ("COMPLETED", TAGS)
    assert job["CompletionTime"] >= job["StartTime"] >= job["CreationTime"]


@every_kind
def test_the_tags_are_found_by_the_jobs_arn(transcribe: Any, kind: JobOperations) -> None:
    kind.start(transcribe, Tags=TAGS)

    arn = f"arn:aws:transcribe:eu-central-1:000000000000:{kind.arn_type}/job"
    assert transcribe.list_tags_for_resource(ResourceArn=arn)["Tags"] == TAGS


@every_kind
def test_a_name_is_taken_until_the_job_is_deleted(transcribe: Any, kind: JobOperations) -> None:
    kind.start(transcribe)

    sentence = "The requested job name already exists. Use a different job name."
    assert kind.refusal(transcribe) == ("ConflictException", sentence)
    kind.finished(transcribe)
    kind.delete(transcribe)
    for operation in (kind.get, kind.delete):
        with pytest.raises(ClientError, match=r"BadRequestException.*The requested job couldn't be found"):
            operation(transcribe)
    kind.start(transcribe)


def test_each_kind_has_names_of_its_own(transcribe: Any) -> None:
    for kind in EVERY_KIND:
        kind.start(transcribe)

    assert [kind.names(transcribe) for kind in EVERY_KIND] == [["job"]] * 4


@every_kind
def test_a_job_that_is_not_over_cannot_be_deleted(server: TranscribeServer, transcribe: Any, kind: Any) -> None:
    server.service.settings.change({"job_seconds": 60})
    kind.start(transcribe)

    with pytest.raises(ClientError, match=r"BadRequestException.*The requested job is in progress"):
        kind.delete(transcribe)


@every_kind
def test_jobs_are_listed_by_page_name_and_status(server: TranscribeServer, transcribe: Any, kind: Any) -> None:
    for number in range(7):
        server.clock.advance(1)  # type: ignore[attr-defined]
        kind.start(transcribe, f"call-{number}")
        kind.finished(transcribe, f"call-{number}")

    first = kind.list(transcribe)
    assert [job[f"{kind.noun}Name"] for job in first[f"{kind.noun}Summaries"]] == [f"call-{n}" for n in (6, 5, 4, 3, 2)]
    assert kind.names(transcribe, NextToken=first["NextToken"]) == ["call-1", "call-0"]
    assert kind.names(transcribe, JobNameContains="CALL-3") == ["call-3"]
    assert kind.names(transcribe, Status="FAILED") == []
    assert kind.names(transcribe, Status="COMPLETED", MaxResults=1) == ["call-6"]


@every_kind
def test_a_taken_name_is_said_before_anything_else_is_wrong(transcribe: Any, kind: JobOperations) -> None:
    kind.start(transcribe)

    code, _ = kind.refusal(transcribe, Media={"MediaFileUri": "s3://media/none.wav"})

    assert code == "ConflictException"


@every_kind
def test_media_that_cannot_be_read_is_refused_at_once(transcribe: Any, kind: JobOperations) -> None:
    code, message = kind.refusal(transcribe, Media={"MediaFileUri": "s3://media/none.wav"})

    assert (code, message[:43]) == ("BadRequestException", "The S3 URI that you provided can't be acces")


@every_kind
def test_a_bucket_that_cannot_be_written_is_refused_at_once(call: Any, kind: JobOperations) -> None:
    call.objects.put("s3://media/call.wav", b"no sound here")
    bucket = "OutputLocation" if kind is CALL_ANALYTICS else "OutputBucketName"
    request = {f"{kind.noun}Name": "job", "Media": {"MediaFileUri": "s3://media/call.wav"}, **kind.request}

    with pytest.raises(Exception, match=r"BadRequestException: The S3 bucket that you provided for the output"):
        call(f"Start{kind.noun}", **{**request, bucket: request[bucket].replace("out", "missing")})


@every_kind
def test_the_service_tries_to_write_beside_the_output_first(
    server: TranscribeServer, transcribe: Any, kind: JobOperations
) -> None:
    server.service.settings.change({"job_seconds": 60})
    kind.start(transcribe)

    written = [location for location in server.objects.stored if location.bucket == "out"]
    probes = [location for location in written if location.key.endswith(".write_access_check_file.temp")]
    assert len(probes) == 1


@pytest.mark.parametrize("kind", [CALL_ANALYTICS, SCRIBE], ids=lambda kind: kind.noun)
def test_a_role_reads_the_media_in_the_callers_place(server: TranscribeServer, transcribe: Any, kind: Any) -> None:
    server.objects.unreadable_by[ROLE] = {ObjectLocation("media", "call.wav")}

    code, _ = kind.refusal(transcribe, DataAccessRoleArn=ROLE)

    assert code == "BadRequestException"


@every_kind
def test_a_job_can_be_made_to_fail(server: TranscribeServer, transcribe: Any, kind: JobOperations) -> None:
    server.service.settings.change({"failures": {"job": "Unsupported media format."}})
    kind.start(transcribe)

    job = kind.finished(transcribe)

    assert (job[kind.status], job["FailureReason"]) == ("FAILED", "Unsupported media format.")
    summary = kind.list(transcribe)[f"{kind.noun}Summaries"][0]
    assert summary["FailureReason"] == "Unsupported media format."


@every_kind
def test_jobs_beyond_the_limit_of_their_kind_are_refused(
    server: TranscribeServer, transcribe: Any, kind: JobOperations
) -> None:
    limits = [setting for setting in vars(server.service.settings) if setting.startswith("max_concurrent_")]
    server.service.settings.change({**dict.fromkeys(limits, 1), "job_seconds": 60})
    for other in EVERY_KIND:
        other.start(transcribe)

    code, message = kind.refusal(transcribe, "one-more")

    assert code == "LimitExceededException"
    assert message.startswith("You've either sent too many requests or your input file is too long.")


def test_jobs_that_may_be_deferred_wait_in_line_and_leave_room_for_others(
    server: TranscribeServer, transcribe: Any
) -> None:
    server.service.settings.change({"max_concurrent_jobs": 10, "max_deferred_jobs": 3, "job_seconds": 60})
    deferred = {"JobExecutionSettings": {"AllowDeferredExecution": True, "DataAccessRoleArn": ROLE}}
    for number in range(12):
        STANDARD.start(transcribe, f"deferred-{number:02}", **deferred)

    assert STANDARD.refusal(transcribe, "one-more", **deferred)[0] == "LimitExceededException"
    waiting = ["deferred-09", "deferred-10", "deferred-11"]
    assert sorted(STANDARD.names(transcribe, Status="QUEUED")) == waiting
    assert STANDARD.start(transcribe, "at-once")["TranscriptionJobStatus"] == "IN_PROGRESS"
    assert STANDARD.refusal(transcribe, "too-late")[0] == "LimitExceededException"


def test_a_job_takes_as_long_as_the_test_says(server: TranscribeServer, transcribe: Any) -> None:
    server.service.settings.change({"max_concurrent_jobs": 1, "job_seconds": 60})
    STANDARD.start(transcribe, "first")
    STANDARD.start(
        transcribe,
        "second",
        JobExecutionSettings={"AllowDeferredExecution": True, "DataAccessRoleArn": ROLE},
    )

    server.clock.advance(59)  # type: ignore[attr-defined]
    assert STANDARD.names(transcribe, Status="IN_PROGRESS") == ["first"]
    server.clock.advance(1)  # type: ignore[attr-defined]
    first = STANDARD.finished(transcribe, "first")
    assert (first["CompletionTime"] - first["StartTime"]).seconds == 60
    assert STANDARD.names(transcribe, Status="IN_PROGRESS") == ["second"]


def test_each_region_has_limits_of_its_own(server: TranscribeServer, transcribe: Any) -> None:
    server.service.settings.change({"max_concurrent_jobs": 1, "job_seconds": 60})
    STANDARD.start(transcribe)
    elsewhere = client_of(server, "us-west-2")

    assert STANDARD.start(elsewhere)["TranscriptionJobStatus"] == "IN_PROGRESS"


def test_the_ends_of_standard_and_call_analytics_jobs_are_events(server: TranscribeServer, transcribe: Any) -> None:
    server.service.settings.change({"failures": {"bad": "Unsupported media format."}})
    for kind in (MEDICAL, SCRIBE, STANDARD, CALL_ANALYTICS):
        kind.start(transcribe, "good")
        kind.finished(transcribe, "good")
    CALL_ANALYTICS.start(transcribe, "bad")
    CALL_ANALYTICS.finished(transcribe, "bad")
    STANDARD.start(transcribe, "last")
    while len(server.events.published) < 4:
        STANDARD.finished(transcribe, "last")

    assert server.events.published == [
        ("Transcribe Job State Change", {"TranscriptionJobName": "good", "TranscriptionJobStatus": "COMPLETED"}),
        ("Call Analytics Job State Change", {"JobName": "good", "JobStatus": "COMPLETED"}),
        (
            "Call Analytics Job State Change",
            {"JobName": "bad", "JobStatus": "FAILED", "FailureReason": "Unsupported media format."},
        ),
        ("Transcribe Job State Change", {"TranscriptionJobName": "last", "TranscriptionJobStatus": "COMPLETED"}),
    ]
