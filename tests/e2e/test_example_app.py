"""The example app in an account: recordings in, transcripts and records out; vocabularies through their changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from transcribe_local.cdk_app import CdkCommandError
from transcribe_local.inventory import inventory
from transcribe_local.local_aws import LocalAws

from .deployment import HEADER, Deployment, wait_for
from .recordings import WORDS, mp3, wav

pytestmark = pytest.mark.e2e


def test_a_wav_becomes_a_transcript_with_subtitles_and_a_record(deployment: Deployment) -> None:
    record = deployment.record_of(deployment.upload("en/beckett.wav", wav()))

    assert record["status"] == "COMPLETED"
    assert all(words in deployment.transcript(record) for words in WORDS)
    subtitles = {uri.rpartition(".")[2]: deployment.read(uri) for uri in record["subtitle_uris"]}
    assert subtitles["vtt"].startswith("WEBVTT")
    assert "Ever tried" in subtitles["srt"]
    assert (record["route"], record["language_code"]) == ("English", "en-US")
    assert record["transcript_uri"] == f"s3://{deployment.outputs['TranscriptBucket']}/en/beckett.wav.json"


def test_an_mp3_becomes_a_transcript(deployment: Deployment) -> None:
    record = deployment.record_of(deployment.upload("en/beckett.mp3", mp3()))

    assert record["status"] == "COMPLETED"
    assert WORDS[0] in deployment.transcript(record)


@pytest.mark.parametrize(
    "key",
    [
        "en/with spaces and + plus.wav",
        "en/Größe „Überraschung“ 'single' \"double\".wav",
        "en/deep/er/and//deeper/%41.wav",
        "en/日本語 🎙.WAV",
    ],
)
def test_any_key_becomes_a_job(deployment: Deployment, key: str) -> None:
    record = deployment.record_of(deployment.upload(key, wav()))

    assert record["status"] == "COMPLETED"
    assert WORDS[0] in deployment.transcript(record)


def test_an_object_that_is_no_media_is_recorded_as_failed_with_the_services_reason(deployment: Deployment) -> None:
    record = deployment.record_of(deployment.upload("en/notes.wav", b"Dear diary, this is no recording."))

    assert record["status"] == "FAILED"
    assert "media format" in record["failure_reason"]


def test_objects_of_no_route_start_nothing(deployment: Deployment) -> None:
    elsewhere = [deployment.upload("fr/bonjour.wav", wav()), deployment.upload("en/notes.txt", b"no media")]

    deployment.record_of(deployment.upload("en/last.wav", wav()))

    assert not {record["media_uri"] for record in deployment.records()} & set(elsewhere)


def test_nothing_is_left_in_a_dead_letter_queue(deployment: Deployment) -> None:
    deployment.record_of(deployment.upload("en/letters.wav", wav()))

    sqs = deployment.aws.client("sqs")
    queues = [url for url in sqs.list_queues()["QueueUrls"] if "DeadLetters" in url]
    counts = [sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"] for url in queues]
    assert len(queues) == 2
    assert [count["ApproximateNumberOfMessages"] for count in counts] == ["0", "0"]


def test_an_edited_vocabulary_file_is_in_use_under_a_new_name_and_the_old_one_gone(deployment: Deployment) -> None:
    [before] = deployment.vocabularies()

    with deployment.terms("ever-tried\t\t\tEver® Tried®\n"):
        deployment.deploy()

    [after] = deployment.vocabularies()
    assert after != before
    record = deployment.record_of(deployment.upload("en/edited.wav", wav()))
    assert "Ever® Tried®" in deployment.transcript(record)


def test_a_bad_vocabulary_file_is_refused_at_synth_with_line_and_column(deployment: Deployment) -> None:
    with (
        deployment.terms("good\t\t\t\nchapter-1\t\t\tChapter 1\n"),
        pytest.raises(CdkCommandError, match=r"terms\.tsv:3:9: error: .* \[phrase-has-digit\]"),
    ):
        deployment.deploy()


def test_a_vocabulary_that_the_service_refuses_fails_with_its_reason_and_the_one_before_stays(
    deployment: Deployment,
) -> None:
    before = deployment.vocabularies()
    s3 = deployment.aws.client("s3")
    s3.create_bucket(Bucket="other-peoples-words")
    s3.put_object(Bucket="other-peoples-words", Key="terms.tsv", Body=f"{HEADER}chapter-1\t\t\t\n".encode())

    with (
        # What lies in a bucket is not known at synth.
        deployment.app_with(
            'from_file("examples/vocabulary/terms.tsv")',
            'from_bucket(cdk.aws_s3.Bucket.from_bucket_name(self, "Words", "other-peoples-words"), "terms.tsv")',
        ),
        pytest.raises(CdkCommandError, match="invalid characters or incorrectly formatted terms"),
    ):
        deployment.deploy()

    assert deployment.vocabularies() == before
    record = deployment.record_of(deployment.upload("en/still.wav", wav()))
    assert record["status"] == "COMPLETED"


def test_destroy_leaves_nothing_over(account: LocalAws, tmp_path: Path) -> None:
    before = inventory(account)
    deployment = Deployment(account, tmp_path, stack="Passing")
    deployment.deploy()
    deployment.record_of(deployment.upload("en/beckett.wav", wav()))

    deployment.destroy()

    assert wait_for(lambda: inventory(account) - before or {"nothing"}, "the end of the stack") == {"nothing"}
