"""What sets medical scribe jobs apart."""

from __future__ import annotations

from typing import Any

import pytest

from .job_kinds import SCRIBE

CHANNELS = [{"ChannelId": 0, "ParticipantRole": "PATIENT"}, {"ChannelId": 1, "ParticipantRole": "CLINICIAN"}]


def test_transcript_and_note_lie_below_the_jobs_name(transcribe: Any, document: Any) -> None:
    SCRIBE.start(transcribe)

    job = SCRIBE.finished(transcribe)

    bucket = "https://s3.eu-central-1.amazonaws.com/out"
    assert job["MedicalScribeOutput"] == {
        "TranscriptFileUri": f"{bucket}/job/transcript.json",
        "ClinicalDocumentUri": f"{bucket}/job/summary.json",
    }
    conversation = document("job/transcript.json")["Conversation"]
    assert (conversation["JobName"], conversation["LanguageCode"]) == ("job", "en-US")
    assert [
        (segment["Content"], segment["ParticipantDetails"]["ParticipantRole"])
        for segment in conversation["TranscriptSegments"]
    ] == [("This transcript is synthetic.", "CLINICIAN_0"), ("Nobody has listened to the media.", "PATIENT_0")]
    sections = document("job/summary.json")["ClinicalDocumentation"]["Sections"]
    assert sections[0]["SectionName"] == "CHIEF_COMPLAINT"
    evidence = [link["SegmentId"] for link in sections[0]["Summary"][0]["EvidenceLinks"]]
    assert evidence == [segment["SegmentId"] for segment in conversation["TranscriptSegments"]]


def test_channels_say_who_speaks(transcribe: Any, document: Any) -> None:
    SCRIBE.start(transcribe, Settings={"ChannelIdentification": True}, ChannelDefinitions=CHANNELS)
    SCRIBE.finished(transcribe)

    segments = document("job/transcript.json")["Conversation"]["TranscriptSegments"]
    roles = [segment["ParticipantDetails"]["ParticipantRole"] for segment in segments]
    assert roles == ["PATIENT_0", "CLINICIAN_0"]


def test_the_job_says_whether_it_has_context(transcribe: Any) -> None:
    context = {"PatientContext": {"Pronouns": "THEY_THEM"}}

    assert SCRIBE.start(transcribe, "without")["MedicalScribeContextProvided"] is False
    assert SCRIBE.start(transcribe, "with", MedicalScribeContext=context)["MedicalScribeContextProvided"] is True


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"Settings": {}}, "Exactly one of ShowSpeakerLabels and ChannelIdentification"),
        (
            {"Settings": {"ShowSpeakerLabels": True, "MaxSpeakerLabels": 2, "ChannelIdentification": True}},
            "Exactly one of ShowSpeakerLabels and ChannelIdentification",
        ),
        ({"Settings": {"ChannelIdentification": True}}, "ChannelDefinitions and ChannelIdentification must be"),
        ({"ChannelDefinitions": CHANNELS}, "ChannelDefinitions and ChannelIdentification must be"),
        (
            {"Settings": {"ChannelIdentification": True}, "ChannelDefinitions": [CHANNELS[0]] * 2},
            "Each of the ChannelDefinitions must have another ChannelId.",
        ),
        ({"Settings": {"ShowSpeakerLabels": True}}, "ShowSpeakerLabels and MaxSpeakerLabels must be"),
        (
            {"Settings": {"ShowSpeakerLabels": True, "MaxSpeakerLabels": 2, "VocabularyFilterName": "rude"}},
            "VocabularyFilterMethod is missing",
        ),
        ({"DataAccessRoleArn": "arn:aws:iam::000000000000:user/somebody"}, "1 validation error detected"),
    ],
)
def test_a_job_that_the_service_would_refuse_is_refused(transcribe: Any, fields: Any, sentence: str) -> None:
    code, message = SCRIBE.refusal(transcribe, **fields)

    assert code == "BadRequestException"
    assert message.startswith(sentence)
