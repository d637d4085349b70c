"""Jobs whose settings each object decides by itself, started through a real S3."""

from __future__ import annotations

from typing import Any

import pytest

from transcribe_local import LocalAws

FROM_KEY = {"FromKey": "language", "Choices": {"en": "en-US", "de": "de-DE"}}
FROM_TAG = {"FromTag": "language", "Choices": {"en": "en-US", "de": "de-DE"}}
PATTERN = {"KeyPattern": "calls/{language}/"}


@pytest.fixture
def put_tagged(arrivals: Any, client: Any) -> Any:
    """Put an object with tags into a bucket that keeps versions, and answer with the version."""
    client("s3").put_bucket_versioning(Bucket=arrivals.bucket, VersioningConfiguration={"Status": "Enabled"})

    def put(key: str, tags: str) -> str:
        stored = client("s3").put_object(Bucket=arrivals.bucket, Key=key, Body=b"no sound", Tagging=tags)
        version: str = stored["VersionId"]
        return version

    return put


def test_key_decides(arrivals: Any) -> None:
    arrivals.put("calls/de/a.wav")
    message = arrivals.message("calls/de/a.wav", job=PATTERN, LanguageCode=FROM_KEY)

    assert arrivals.deliver(message) == []

    assert arrivals.row(message)["language_code"] == "de-DE"
    assert arrivals.row(message)["status"] != "REJECTED"


def test_tag_of_the_version_that_arrived_decides(arrivals: Any, put_tagged: Any) -> None:
    german = put_tagged("a.wav", "language=de")
    put_tagged("a.wav", "language=en")
    message = arrivals.message("a.wav", version_id=german, LanguageCode=FROM_TAG)

    assert arrivals.deliver(message) == []

    assert arrivals.row(message)["language_code"] == "de-DE"


def test_tag_of_an_object_without_versions_decides(arrivals: Any, client: Any) -> None:
    client("s3").put_object(Bucket=arrivals.bucket, Key="a b+ü.wav", Body=b"no sound", Tagging="language=en")
    message = arrivals.message("a b+ü.wav", version_id=None, LanguageCode=FROM_TAG)

    assert arrivals.deliver(message) == []

    assert arrivals.row(message)["language_code"] == "en-US"


def test_object_that_chooses_nothing_allowed_is_a_record_that_says_what_is(
    arrivals: Any, aws: LocalAws, queue: Any, metrics: Any
) -> None:
    arrivals.put("calls/fr/a.wav")
    message = arrivals.message("calls/fr/a.wav", job=PATTERN, LanguageCode=FROM_KEY)

    assert arrivals.deliver(message) == []

    row = arrivals.row(message)
    assert row["status"] == "REJECTED"
    assert row["failure_reason"] == "the object's key says language is 'fr': this route allows 'en', 'de'"
    assert "language_code" not in row
    assert (aws.calls(), queue) == ({}, [])
    assert metrics() == [("Rejected", "BAD_REQUEST")]


def test_object_that_is_gone_before_its_tags_are_read_is_a_record(
    arrivals: Any, put_tagged: Any, client: Any, aws: LocalAws
) -> None:
    version = put_tagged("a.wav", "language=de")
    client("s3").delete_object(Bucket=arrivals.bucket, Key="a.wav", VersionId=version)
    message = arrivals.message("a.wav", version_id=version, LanguageCode=FROM_TAG)

    assert arrivals.deliver(message) == []

    row = arrivals.row(message)
    assert row["status"] == "REJECTED"
    assert row["failure_reason"]
    assert aws.calls() == {}


def test_choice_that_leaves_a_setting_out_leaves_out_what_it_empties(arrivals: Any, client: Any) -> None:
    speakers = {"FromTag": "speakers", "Choices": {"2": 2, "none": {}}}
    labels = {"FromTag": "speakers", "Choices": {"2": True, "none": {}}}
    client("s3").put_object(Bucket=arrivals.bucket, Key="a.wav", Body=b"no sound", Tagging="speakers=none")
    settings = {"ShowSpeakerLabels": labels, "MaxSpeakerLabels": speakers}
    message = arrivals.message("a.wav", version_id=None, Settings=settings)

    assert arrivals.deliver(message) == []

    job = client("transcribe").get_transcription_job(TranscriptionJobName=arrivals.job_name(message))
    assert "MaxSpeakerLabels" not in job["TranscriptionJob"].get("Settings", {})
