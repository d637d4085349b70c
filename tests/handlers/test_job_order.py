import json
from typing import Any

import pytest

from transcribe_handlers.job_order import order_of


def message(key: str = "en/a.wav", attempt: int | None = None, version: str | None = None, **stored: Any) -> str:
    versioned = {"version-id": version} if version else {}
    detail = {"bucket": {"name": "media"}, "object": {"key": key, "size": 9, "etag": "e1", **versioned, **stored}}
    job = {
        "Kind": "TranscriptionJob",
        "Route": "English",
        "NamePrefix": "calls",
        "OutputPrefix": "out/",
        "Request": {"LanguageCode": "en-US", "OutputBucketName": "media"},
    }
    body = {"event": {"source": "aws.s3", "detail": detail}, "job": job}
    return json.dumps(body if attempt is None else {**body, "attempt": attempt})


@pytest.mark.parametrize(
    "key", ["a b.wav", "Grüße.wav", 'it\'s "quoted".wav', "a+b%20c.wav", "📞.wav", "/x.wav", "ü" * 512]
)
def test_media_uri_has_the_raw_key(key: str) -> None:
    assert order_of(message(key)).start_request["Media"] == {"MediaFileUri": f"s3://media/{key}"}


def test_request_of_the_route_is_completed_and_otherwise_untouched() -> None:
    order = order_of(message())

    assert order.start_request == {
        "LanguageCode": "en-US",
        "OutputBucketName": "media",
        "TranscriptionJobName": order.job_name,
        "Media": {"MediaFileUri": "s3://media/en/a.wav"},
        "OutputKey": "out/en/a.wav.json",
    }


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
        (message(), ""),
    ],
)
def test_what_is_never_to_be_transcribed(skipped: str, reason: str) -> None:
    assert order_of(skipped).reason_to_skip == reason


def test_delay_grows_from_seconds_to_a_quarter_of_an_hour() -> None:
    delays = [order_of(message(attempt=attempt)).next_delay_seconds for attempt in (1, 2, 4, 8, 9, 50, 10_000)]

    assert 2 <= delays[0] <= 5
    assert 20 <= delays[2] <= 40
    assert all(450 <= delay <= 900 for delay in delays[4:])


def test_delays_of_a_burst_are_spread() -> None:
    delays = {order_of(message(f"en/{number}.wav", attempt=8)).next_delay_seconds for number in range(50)}

    assert len(delays) > 25


def test_next_message_is_the_same_with_one_attempt_more() -> None:
    first = message()

    assert json.loads(order_of(first).next_message) == {**json.loads(first), "attempt": 2}
    assert json.loads(order_of(message(attempt=7)).next_message)["attempt"] == 8


def test_fails_when_the_job_is_of_a_kind_without_a_starter() -> None:
    with pytest.raises(ValueError, match="MedicalScribeJob"):
        order_of(message().replace("TranscriptionJob", "MedicalScribeJob"))


@pytest.mark.parametrize("body", ["", "no json", "[]", "{}", '{"event": {}, "job": {"Kind": "TranscriptionJob"}}'])
def test_fails_when_the_message_is_malformed(body: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        order_of(body)
