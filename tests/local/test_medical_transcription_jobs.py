"""What sets medical transcription jobs apart."""

from __future__ import annotations

from typing import Any

import pytest

from transcribe_local.transcribe_server import TranscribeServer

from .job_kinds import MEDICAL

HEARD = "This transcript is synthetic. Nobody has listened to the media."


@pytest.mark.parametrize(
    ("request_fields", "key"),
    [
        ({}, "medical/job.json"),
        ({"OutputKey": "a/b.json"}, "a/b.json"),
        ({"OutputKey": "a/b"}, "a/b/job.json"),
        ({"OutputKey": "a/b/"}, "a/b/job.json"),
    ],
)
def test_the_output_goes_where_output_key_says(
    transcribe: Any, document: Any, request_fields: dict[str, str], key: str
) -> None:
    MEDICAL.start(transcribe, **request_fields)

    job = MEDICAL.finished(transcribe)

    assert job["Transcript"] == {"TranscriptFileUri": f"https://s3.eu-central-1.amazonaws.com/out/{key}"}
    assert document(key)["results"]["transcripts"] == [{"transcript": HEARD}]


def test_the_job_is_described_with_what_was_asked_for(transcribe: Any, document: Any) -> None:
    MEDICAL.start(transcribe, ContentIdentificationType="PHI", Settings={"ChannelIdentification": True})

    job = MEDICAL.finished(transcribe)

    assert job["Settings"] == {"ChannelIdentification": True, "ShowAlternatives": False}
    assert (job["Specialty"], job["Type"], job["ContentIdentificationType"]) == ("PRIMARYCARE", "DICTATION", "PHI")
    assert (job["LanguageCode"], job["MediaSampleRateHertz"]) == ("en-US", 16000)
    results = document("medical/job.json")["results"]
    assert (results["entities"], results["channel_labels"]["number_of_channels"]) == ([], 2)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"LanguageCode": "en-GB"}, "The language code that you provided isn't supported for medical transcription."),
        ({"MediaSampleRateHertz": 8000}, "1 validation error detected: Value '8000' at 'mediaSampleRateHertz'"),
        ({"Specialty": "CARDIOLOGY"}, "1 validation error detected: Value 'CARDIOLOGY' at 'specialty'"),
        ({"Settings": {"ShowSpeakerLabels": True}}, "ShowSpeakerLabels and MaxSpeakerLabels must be"),
        ({"Settings": {"VocabularyName": "terms"}}, "The requested vocabulary couldn't be found."),
        ({"Media": {"RedactedMediaFileUri": "s3://media/call.wav"}}, "RedactedMediaFileUri is supported only for"),
        ({"KMSEncryptionContext": {"a": "b"}}, "OutputEncryptionKMSKeyId is missing"),
    ],
)
def test_a_job_that_the_service_would_refuse_is_refused(transcribe: Any, fields: Any, sentence: str) -> None:
    # A standard vocabulary of that name is no medical one.
    transcribe.create_vocabulary(VocabularyName="terms", LanguageCode="en-US", Phrases=["synthetic"])

    code, message = MEDICAL.refusal(transcribe, **fields)

    assert code == "BadRequestException"
    assert message.startswith(sentence)


def test_a_medical_vocabulary_spells_the_words(server: TranscribeServer, transcribe: Any, document: Any) -> None:
    server.objects.put("s3://words/terms", b"Phrase\tSoundsLike\tIPA\tDisplayAs\nsynthetic\t\t\tSYN-2\n")
    transcribe.create_medical_vocabulary(
        VocabularyName="terms", LanguageCode="en-US", VocabularyFileUri="s3://words/terms"
    )
    MEDICAL.start(transcribe, Settings={"VocabularyName": "terms"})

    MEDICAL.finished(transcribe)

    assert "This transcript is SYN-2." in document("medical/job.json")["results"]["transcripts"][0]["transcript"]
