import json
import time
from typing import Any

import pytest

from transcribe_handlers.job_order import order_of


def message(
    key: str = "en/a.wav",
    *,
    attempt: int | None = None,
    waiting_since: float | None = None,
    version: str | None = None,
    kind: str = "TranscriptionJob",
    prefix: str = "out/",
    route: str | None = None,
    suffixes: tuple[str, ...] | None = None,
    **stored: Any,
) -> str:
    versioned = {"version-id": version} if version else {}
    detail = {
        "bucket": {"name": "media"},
        "object": {"key": key, "size": 9, "etag": "e1", **versioned, **stored},
        "route": route,
    }
    job = {
        "Kind": kind,
        "Route": "English",
        "NamePrefix": "calls-1a2b3c4d",
        "OutputBucketName": "media",
        "OutputPrefix": prefix,
        "Request": {"LanguageCode": "en-US"},
        **({"Suffixes": suffixes} if suffixes else {}),
    }
    event = {"source": "aws.s3", "detail": {name: value for name, value in detail.items() if value}}
    tries = {"attempt": attempt, "waiting_since": waiting_since}
    return json.dumps({"event": event, "job": job, **{name: value for name, value in tries.items() if value}})


@pytest.mark.parametrize(
    "key", ["a b.wav", "Grüße.wav", 'it\'s "quoted".wav', "a+b%20c.wav", "📞.wav", "/x.wav", "ü" * 512]
)
def test_media_uri_has_the_raw_key(key: str) -> None:
    assert order_of(message(key)).start_request({})["Media"] == {"MediaFileUri": f"s3://media/{key}"}


@pytest.mark.parametrize(
    ("kind", "name_field", "output"),
    [
        ("TranscriptionJob", "TranscriptionJobName", {"OutputBucketName": "media", "OutputKey": "out/en/a.wav.json"}),
        (
            "MedicalTranscriptionJob",
            "MedicalTranscriptionJobName",
            {"OutputBucketName": "media", "OutputKey": "out/en/a.wav.json"},
        ),
        ("CallAnalyticsJob", "CallAnalyticsJobName", {"OutputLocation": "s3://media/out/en/a.wav.json"}),
        ("MedicalScribeJob", "MedicalScribeJobName", {"OutputBucketName": "media"}),
    ],
)
def test_request_of_the_route_gets_a_name_the_media_and_an_output(
    kind: str, name_field: str, output: dict[str, str]
) -> None:
    order = order_of(message(kind=kind))

    assert order.start_request({"Settings": {"a": 1}}) == {
        "Settings": {"a": 1},
        name_field: order.job_name,
        "Media": {"MediaFileUri": "s3://media/en/a.wav"},
        **output,
    }


def test_language_that_the_object_chooses_is_no_fact_before_the_start() -> None:
    body = json.loads(message())
    body["job"]["Request"]["LanguageCode"] = {"FromKey": "language", "Choices": {"en": "en-US"}}

    assert "language_code" not in order_of(json.dumps(body)).facts


def test_version_called_null_is_none_so_that_the_etag_tells_overwritten_objects_apart() -> None:
    overwritten = [order_of(message(version="null", etag=etag)) for etag in ("e1", "e2")]

    assert [(order.version, order.version_id) for order in overwritten] == [("e1", None), ("e2", None)]


def test_version_tells_jobs_apart_and_etag_stands_in_for_it() -> None:
    versioned = order_of(message(version="v1"))
    unversioned = order_of(message())

    assert (versioned.version, unversioned.version) == ("v1", "e1")
    assert versioned.job_name != unversioned.job_name


def test_media_under_the_output_prefix_of_a_shared_bucket_is_no_output() -> None:
    assert order_of(message("out/en/a.wav")).reason_to_skip == ""


@pytest.mark.parametrize(
    ("skipped", "reason"),
    [
        (message("en/.write_access_check_file.temp"), "WriteAccessProbe"),
        (message(".write_access_check_file.temp", size=0), "WriteAccessProbe"),
        (message("en/folder/", size=0), "FolderMarker"),
        (message(size=0), "EmptyObject"),
        (message("out/en/a.wav.json"), "OwnOutput"),
        (message(route="calls-1a2b3c4d/French"), "OtherRoute"),
        (message(route="other/English"), "OtherRoute"),
        (message(route="calls-1a2b3c4d/English"), ""),
        (message(), ""),
    ],
)
def test_what_is_never_to_be_transcribed(skipped: str, reason: str) -> None:
    assert order_of(skipped).reason_to_skip == reason


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("en/a.wav", ""),
        ("en/A.WAV", ""),
        ("en/b.mp3", ""),
        ("en/wav", "OtherSuffix"),
        ("en/a.wav.txt", "OtherSuffix"),
    ],
)
def test_an_object_without_a_suffix_of_the_route_is_none_of_its_media(key: str, reason: str) -> None:
    assert order_of(message(key, suffixes=(".wav", ".MP3"))).reason_to_skip == reason


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("TranscriptionJob", "out/en/a.wav.vtt"),
        ("TranscriptionJob", "out/en/a.wav.srt"),
        ("TranscriptionJob", "out/en/redacted-a.wav.json"),
        ("MedicalTranscriptionJob", "out/en/a.wav.json"),
        ("CallAnalyticsJob", "out/en/a.wav.json"),
        ("CallAnalyticsJob", "out/en/redacted-a.wav.json"),
        ("CallAnalyticsJob", "out/en/redacted-a.wav.wav"),
        ("CallAnalyticsJob", "out/analytics/calls-1a2b3c4d-a-0123456789abcdef0123.json"),
        ("CallAnalyticsJob", "out/redacted-analytics/calls-1a2b3c4d-a-0123456789abcdef0123.wav"),
        ("MedicalScribeJob", "calls-1a2b3c4d-a-0123456789abcdef0123/summary.json"),
        ("MedicalScribeJob", "calls-1a2b3c4d-0123456789abcdef0123/transcript.json"),
    ],
)
def test_what_a_job_of_the_kind_writes_is_never_media(kind: str, key: str) -> None:
    assert order_of(message(key, kind=kind)).reason_to_skip == "OwnOutput"


def test_redacted_output_is_known_by_a_prefix_without_a_slash_too() -> None:
    assert order_of(message("calls/redacted-en-a.wav.json", prefix="calls/en-")).reason_to_skip == "OwnOutput"


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("TranscriptionJob", "out/redacted-a.wav"),
        ("CallAnalyticsJob", "out/a.wav"),
        ("CallAnalyticsJob", "in/redacted-a.wav"),
        ("MedicalScribeJob", "out/calls-1a2b3c4d.wav"),
        ("MedicalScribeJob", "calls-1a2b3c4d-a/monday.wav"),
    ],
)
def test_media_that_only_look_a_little_like_output_are_media(kind: str, key: str) -> None:
    assert order_of(message(key, kind=kind)).reason_to_skip == ""


def test_transcripts_in_another_bucket_are_left_to_the_route() -> None:
    elsewhere = message("out/en/a.wav.json").replace('"OutputBucketName": "media"', '"OutputBucketName": "other"')

    assert order_of(elsewhere).reason_to_skip == ""


def test_delay_grows_from_seconds_to_a_quarter_of_an_hour() -> None:
    delays = [order_of(message(attempt=attempt)).next_delay_seconds for attempt in (1, 2, 4, 8, 9, 50, 10_000)]

    assert 2 <= delays[0] <= 5
    assert 20 <= delays[2] <= 40
    assert all(450 <= delay <= 900 for delay in delays[4:])


def test_delays_of_a_burst_are_spread() -> None:
    delays = {order_of(message(f"en/{number}.wav", attempt=8)).next_delay_seconds for number in range(50)}

    assert len(delays) > 25


def test_next_message_is_the_same_with_one_attempt_more_and_the_time_of_the_first() -> None:
    first = json.loads(message())

    second = json.loads(order_of(json.dumps(first)).next_message)
    third = json.loads(order_of(json.dumps(second)).next_message)

    assert second == {**first, "attempt": 2, "waiting_since": pytest.approx(time.time(), abs=60)}
    assert third == {**second, "attempt": 3}
    assert json.loads(order_of(json.dumps(third)).original_message) == first


def test_patience_ends_after_fourteen_days() -> None:
    days = 24 * 60 * 60

    assert not order_of(message(attempt=9, waiting_since=time.time() - 13.9 * days)).has_waited_enough
    assert order_of(message(attempt=9, waiting_since=time.time() - 14.1 * days)).has_waited_enough
    assert not order_of(message()).has_waited_enough


def test_fails_when_the_job_is_of_a_kind_that_transcribe_does_not_run() -> None:
    with pytest.raises(ValueError, match=r"'TranslationJob'.*TranscriptionJob, .*MedicalScribeJob"):
        order_of(message(kind="TranslationJob"))


@pytest.mark.parametrize("body", ["", "no json", "[]", "{}", '{"event": {}, "job": {"Kind": "TranscriptionJob"}}'])
def test_fails_when_the_message_is_malformed(body: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        order_of(body)


def test_an_order_can_be_tried_again_nine_times_whatever_its_route_wants() -> None:
    names, order = [], order_of(message()).next_try
    while order:
        assert order.retry is None
        names.append(order.job_name.removeprefix(order.first_job_name))
        order = order.next_try

    assert names == [f"-r{number}" for number in range(1, 10)]
