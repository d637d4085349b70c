from datetime import datetime, timedelta, timezone

import pytest

from transcribe_handlers.job_facts import facts_of, object_uri
from transcribe_handlers.job_kinds import kind_named

TRANSCRIPTION = kind_named("TranscriptionJob")
S3 = "https://s3.us-east-1.amazonaws.com"


@pytest.mark.parametrize(
    "uri",
    [
        "s3://my.bucket/en/a.wav.json",
        "https://s3.us-east-1.amazonaws.com/my.bucket/en/a.wav.json",
        "https://s3-us-west-2.amazonaws.com/my.bucket/en/a.wav.json",
        "https://s3.amazonaws.com/my.bucket/en/a.wav.json",
        "https://s3.dualstack.eu-west-1.amazonaws.com/my.bucket/en/a.wav.json",
        "https://s3.cn-north-1.amazonaws.com.cn/my.bucket/en/a.wav.json",
        "https://my.bucket.s3.us-east-1.amazonaws.com/en/a.wav.json",
        "https://my.bucket.s3-us-west-2.amazonaws.com/en/a.wav.json",
        "https://my.bucket.s3.dualstack.us-east-1.amazonaws.com/en/a.wav.json",
        "http://127.0.0.1:4566/my.bucket/en/a.wav.json",
        "http://localhost:4566/my.bucket/en/a.wav.json",
    ],
)
def test_every_form_of_an_address_is_the_same_object(uri: str) -> None:
    assert object_uri(uri) == "s3://my.bucket/en/a.wav.json"


def test_address_is_percent_decoded_once_and_plus_stays_plus() -> None:
    assert object_uri("https://s3.us-east-1.amazonaws.com/b/a%20b+c%2520d.json") == "s3://b/a b+c%20d.json"


def test_s3_uri_is_taken_as_it_is() -> None:
    assert object_uri("s3://b/a%20b?c#d.json") == "s3://b/a%20b?c#d.json"


def test_bucket_named_like_the_service_is_found_in_the_host() -> None:
    assert object_uri("https://my.s3.archive.s3.us-east-1.amazonaws.com/k.json") == "s3://my.s3.archive/k.json"


def test_signature_is_not_kept() -> None:
    signed = "https://s3.us-east-1.amazonaws.com/b/k.json?X-Amz-Signature=0123&X-Amz-Credential=AKIA"

    assert object_uri(signed) == "s3://b/k.json"


def test_completed_job_gives_every_fact_the_ledger_has_a_place_for() -> None:
    zone = timezone(timedelta(hours=2))
    job = {
        "TranscriptionJobName": "n",
        "TranscriptionJobStatus": "COMPLETED",
        "LanguageCode": "en-US",
        "Media": {"MediaFileUri": "s3://media/a b.wav"},
        "Transcript": {
            "TranscriptFileUri": "https://s3.us-east-1.amazonaws.com/out/a.json",
            "RedactedTranscriptFileUri": "https://s3.us-east-1.amazonaws.com/out/redacted-a.json",
        },
        "Subtitles": {"SubtitleFileUris": ["https://s3.us-east-1.amazonaws.com/out/a.vtt"], "Formats": ["vtt"]},
        "CreationTime": datetime(2024, 5, 1, 12, 0, tzinfo=zone),
        "CompletionTime": datetime(2024, 5, 1, 12, 1, 2, 345000, tzinfo=zone),
    }

    assert facts_of(TRANSCRIPTION, job) == {
        "kind": "TranscriptionJob",
        "status": "COMPLETED",
        "media_uri": "s3://media/a b.wav",
        "language_code": "en-US",
        "transcript_uri": "s3://out/a.json",
        "redacted_transcript_uri": "s3://out/redacted-a.json",
        "subtitle_uris": ["s3://out/a.vtt"],
        "created_at": "2024-05-01T10:00:00.000Z",
        "completed_at": "2024-05-01T10:01:02.345Z",
    }


def test_what_a_job_does_not_have_is_absent() -> None:
    job = {"TranscriptionJobStatus": "IN_PROGRESS", "Transcript": {}}

    assert facts_of(TRANSCRIPTION, job) == {"kind": "TranscriptionJob", "status": "IN_PROGRESS"}


def test_medical_job_has_a_status_field_of_the_other_kind() -> None:
    job = {
        "MedicalTranscriptionJobName": "n",
        "TranscriptionJobStatus": "COMPLETED",
        "LanguageCode": "en-US",
        "Transcript": {"TranscriptFileUri": f"{S3}/out/a.json"},
    }

    assert facts_of(kind_named("MedicalTranscriptionJob"), job) == {
        "kind": "MedicalTranscriptionJob",
        "status": "COMPLETED",
        "language_code": "en-US",
        "transcript_uri": "s3://out/a.json",
    }


def test_call_analytics_job_may_leave_redacted_sound_beside_a_redacted_transcript() -> None:
    job = {
        "CallAnalyticsJobName": "n",
        "CallAnalyticsJobStatus": "COMPLETED",
        "LanguageCode": "es-US",
        "Media": {"MediaFileUri": "s3://media/a.wav", "RedactedMediaFileUri": f"{S3}/out/redacted-a.wav"},
        "Transcript": {
            "TranscriptFileUri": f"{S3}/out/a.json",
            "RedactedTranscriptFileUri": f"{S3}/out/redacted-a.json",
        },
    }

    assert facts_of(kind_named("CallAnalyticsJob"), job) == {
        "kind": "CallAnalyticsJob",
        "status": "COMPLETED",
        "media_uri": "s3://media/a.wav",
        "language_code": "es-US",
        "transcript_uri": "s3://out/a.json",
        "redacted_transcript_uri": "s3://out/redacted-a.json",
        "redacted_media_uri": "s3://out/redacted-a.wav",
    }


def test_scribe_job_has_a_clinical_document() -> None:
    job = {
        "MedicalScribeJobName": "n",
        "MedicalScribeJobStatus": "COMPLETED",
        "MedicalScribeOutput": {
            "TranscriptFileUri": f"{S3}/out/n/transcript.json",
            "ClinicalDocumentUri": f"{S3}/out/n/summary.json",
        },
    }

    assert facts_of(kind_named("MedicalScribeJob"), job) == {
        "kind": "MedicalScribeJob",
        "status": "COMPLETED",
        "transcript_uri": "s3://out/n/transcript.json",
        "clinical_document_uri": "s3://out/n/summary.json",
    }


def test_of_several_languages_that_the_service_found_the_one_spoken_longest_counts() -> None:
    found = [
        {"LanguageCode": "en-US", "DurationInSeconds": 3.5},
        {"LanguageCode": "de-DE", "DurationInSeconds": 20.0},
    ]
    job = {"TranscriptionJobStatus": "COMPLETED", "LanguageCodes": found}

    assert facts_of(TRANSCRIPTION, job)["language_code"] == "de-DE"
