"""Transcribe in this very process, for tests with a clock in their hand."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from transcribe_local.faults import Fault
from transcribe_local.object_store import ObjectLocation
from transcribe_local.transcribe_server import TranscribeServer

from .conftest import client_of

ROLE = "arn:aws:iam::000000000000:role/reader"
TERMS = {"VocabularyName": "terms", "LanguageCode": "en-US"}


@pytest.fixture
def server() -> Iterator[TranscribeServer]:
    with TranscribeServer(pending_seconds=60) as server:
        yield server


def test_time_passes_when_the_test_says_so(server: TranscribeServer, transcribe: Any) -> None:
    transcribe.create_vocabulary(**TERMS, Phrases=["word"])

    states = []
    for seconds in (0, 59, 2):
        server.clock.advance(seconds)  # type: ignore[attr-defined]
        states.append(transcribe.get_vocabulary(VocabularyName="terms")["VocabularyState"])

    assert states == ["PENDING", "PENDING", "READY"]


def test_resources_live_in_the_region_of_the_request(server: TranscribeServer, transcribe: Any) -> None:
    transcribe.create_vocabulary(**TERMS, Phrases=["word"])

    arn = server.service.snapshot()[0]["Arn"]
    assert arn == "arn:aws:transcribe:eu-central-1:000000000000:vocabulary/terms"
    assert transcribe.list_tags_for_resource(ResourceArn=arn)["Tags"] == []


def test_errors_come_as_the_services_own(server: TranscribeServer, transcribe: Any) -> None:
    server.service.faults.append(Fault("GetVocabulary", "ConflictException", "Not now.", times=1))

    with pytest.raises(ClientError) as refused:
        transcribe.get_vocabulary(VocabularyName="terms")

    assert refused.value.response["Error"] == {"Code": "ConflictException", "Message": "Not now."}
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_role_may_be_unable_to_read_a_file(server: TranscribeServer, transcribe: Any) -> None:
    server.objects.put("s3://bucket/terms", b"word")
    server.objects.unreadable_by[ROLE] = {ObjectLocation("bucket", "terms")}

    with pytest.raises(ClientError, match="Make sure that you have read permission"):
        transcribe.create_vocabulary(**TERMS, VocabularyFileUri="s3://bucket/terms", DataAccessRoleArn=ROLE)

    transcribe.create_vocabulary(**TERMS, VocabularyFileUri="s3://bucket/terms")


def test_reset_forgets_everything(server: TranscribeServer, transcribe: Any) -> None:
    server.objects.put("s3://bucket/terms", b"word")
    transcribe.create_vocabulary(**TERMS, Phrases=["word"])
    server.service.settings.change({"pending_seconds": 0})
    server.events.published.append(("Transcribe Job State Change", {}))

    server.reset()

    assert server.service.snapshot() == []
    assert server.events.published == []
    assert server.objects.stored == {}
    assert server.service.settings.pending_seconds == 60


def test_two_servers_know_nothing_of_each_other(server: TranscribeServer, transcribe: Any) -> None:
    transcribe.create_vocabulary(**TERMS, Phrases=["word"])

    with TranscribeServer() as other:
        assert other.endpoint_url != server.endpoint_url
        assert other.service.snapshot() == []


def test_jobs_that_need_no_speech_recognition_end_with_a_synthetic_transcript() -> None:
    with TranscribeServer(recognize_speech=False) as server:
        server.objects.put("s3://media/no-sound.wav", b"no sound here")
        transcribe = client_of(server)
        for number in range(200):
            transcribe.start_transcription_job(
                TranscriptionJobName=f"job-{number}",
                LanguageCode="en-US",
                Media={"MediaFileUri": "s3://media/no-sound.wav"},
                OutputBucketName="out",
            )
        while transcribe.list_transcription_jobs(Status="IN_PROGRESS")["TranscriptionJobSummaries"]:
            time.sleep(0.01)

        completed = [job for job in server.service.snapshot() if job["TranscriptionJobStatus"] == "COMPLETED"]
        transcript = json.loads(server.objects.stored[ObjectLocation("out", "job-199.json")])
    assert len(completed) == 200
    assert transcript["results"]["transcripts"][0]["transcript"].startswith("This transcript is synthetic.")
