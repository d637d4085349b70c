"""The requests of all four kinds of job: with everything set, and with values that the API does not take."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from enum import Enum
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from cdk_transcribe import (
    CallAnalyticsJob,
    ContentRedaction,
    FilterMethod,
    InputType,
    LanguageIdentification,
    LanguageOption,
    MediaFormat,
    MedicalScribeJob,
    MedicalSpecialty,
    MedicalTranscriptionJob,
    MedicalTranscriptionType,
    MedicalVocabulary,
    NoteTemplate,
    ObjectValue,
    ParticipantRole,
    PiiEntityType,
    Pronouns,
    RedactionOutput,
    Sentiment,
    SubtitleFormat,
    TranscriptionJob,
    Vocabulary,
    VocabularyFilter,
)
from cdk_transcribe.channel_roles import MedicalParticipantRole
from cdk_transcribe.jobs import Job

from .api_model import input_shape, shape_for

KEY_ARN = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
MASK = FilterMethod.MASK
DICTATION = MedicalTranscriptionType.DICTATION
REDACTION = ContentRedaction(
    output=RedactionOutput.REDACTED_AND_UNREDACTED, pii_entity_types=[PiiEntityType.NAME, PiiEntityType.SSN]
)


def english(**arguments: Any) -> TranscriptionJob:
    """A job whose arguments no type checker looks at."""
    return TranscriptionJob(language_code="en-US", **arguments)


def any_value(value: Any) -> Any:
    """A value that the type checker would refuse."""
    return value


def key(stack: cdk.Stack) -> kms.IKey:
    return kms.Key.from_key_arn(stack, "Key", KEY_ARN)


def transcription_job(stack: cdk.Stack) -> Job:
    return TranscriptionJob(
        language_code="en-US",
        vocabulary=Vocabulary.from_vocabulary_name(stack, "Terms", "terms"),
        vocabulary_filter=VocabularyFilter.from_vocabulary_filter_name(stack, "Filler", "um"),
        vocabulary_filter_method=FilterMethod.TAG,
        language_model="calls",
        max_speakers=4,
        channel_identification=True,
        max_alternatives=3,
        content_redaction=REDACTION,
        subtitles=[SubtitleFormat.VTT, SubtitleFormat.SRT],
        subtitle_start_index=1,
        media_sample_rate_hertz=16000,
        media_format=MediaFormat.WAV,
        output_encryption_key=key(stack),
        output_encryption_context={"team": "support"},
        tags={"cost-centre": "42"},
    )


def identifying_transcription_job(stack: cdk.Stack) -> Job:
    english = Vocabulary.from_vocabulary_name(stack, "English", "terms-en", language_code="en-US")
    return TranscriptionJob(
        language_identification=LanguageIdentification(
            language_options=[
                LanguageOption("en-US", vocabulary=english, language_model="calls"),
                LanguageOption("de-DE", vocabulary_filter="aeh"),
                "fr-FR",
            ]
        ),
        vocabulary_filter_method=MASK,
    )


def toxicity_job(stack: cdk.Stack) -> Job:
    return TranscriptionJob(language_code="en-US", toxicity_detection=True, content_redaction=ContentRedaction())


def medical_transcription_job(stack: cdk.Stack) -> Job:
    return MedicalTranscriptionJob(
        type=MedicalTranscriptionType.CONVERSATION,
        specialty=MedicalSpecialty.PRIMARY_CARE,
        vocabulary=MedicalVocabulary.from_medical_vocabulary_name(stack, "Drugs", "drugs"),
        identify_phi=True,
        max_speakers=2,
        channel_identification=True,
        max_alternatives=2,
        media_sample_rate_hertz=48000,
        media_format=MediaFormat.FLAC,
        output_encryption_key=key(stack),
        output_encryption_context={"team": "clinic"},
        tags={"cost-centre": "42"},
    )


def call_analytics_job(stack: cdk.Stack) -> Job:
    return CallAnalyticsJob(
        agent_channel=1,
        language_code="en-US",
        vocabulary="terms",
        vocabulary_filter="um",
        vocabulary_filter_method=FilterMethod.REMOVE,
        language_model="calls",
        content_redaction=REDACTION,
        summarization=True,
        output_encryption_key=key(stack),
        tags={"cost-centre": "42"},
    )


def identifying_call_analytics_job(stack: cdk.Stack) -> Job:
    return CallAnalyticsJob(
        language_options=[
            LanguageOption("en-US", "terms", "um", "calls"),
            LanguageOption("es-US", "palabras"),
            "pt-BR",
        ],
        vocabulary_filter_method=MASK,
    )


def medical_scribe_job(stack: cdk.Stack) -> Job:
    return MedicalScribeJob(
        clinician_channel=0,
        vocabulary="terms",
        vocabulary_filter="um",
        vocabulary_filter_method=MASK,
        note_template=NoteTemplate.BEHAVIORAL_SOAP,
        patient_pronouns=Pronouns.SHE_HER,
        output_encryption_key=key(stack),
        output_encryption_context={"team": "clinic"},
        tags={"cost-centre": "42"},
    )


def job_with_object_values(stack: cdk.Stack) -> Job:
    return TranscriptionJob(
        language_code=ObjectValue.from_key("language", choices={"en": "en-US", "de": "de-DE"}),
        vocabulary=ObjectValue.from_key("language", choices={"en": "terms", "de": None}),
        vocabulary_filter=ObjectValue.from_key("language", choices={"en": "um", "de": None}),
        vocabulary_filter_method=MASK,
        max_speakers=ObjectValue.from_tag("speakers", choices=[2, 3, 4], default=None),
    )


@pytest.mark.parametrize(
    "make",
    [
        transcription_job,
        identifying_transcription_job,
        toxicity_job,
        medical_transcription_job,
        call_analytics_job,
        identifying_call_analytics_job,
        medical_scribe_job,
        job_with_object_values,
    ],
    ids=lambda make: make.__name__,
)
def test_a_request_with_everything_set(
    stack: cdk.Stack, snapshot: SnapshotAssertion, make: Callable[[cdk.Stack], Job]
) -> None:
    job = make(stack)

    request = {"kind": job.kind, "request": stack.resolve(job.to_request())}
    assert request == snapshot.use_extension(JSONSnapshotExtension)


# What the pipeline adds by itself: the job's name and role, the media, and where the output goes.
ADDED_BY_THE_PIPELINE = {
    "TranscriptionJobName",
    "MedicalTranscriptionJobName",
    "CallAnalyticsJobName",
    "MedicalScribeJobName",
    "Media",
    "OutputBucketName",
    "OutputKey",
    "OutputLocation",
    "JobExecutionSettings",
    "DataAccessRoleArn",
}


def fields_of(shape: Any) -> set[str]:
    """The names of all fields of a structure and of the structures in it."""
    if shape.type_name == "structure":
        return set(shape.members).union(*map(fields_of, shape.members.values()))
    item = {"list": "member", "map": "value"}.get(shape.type_name)
    return fields_of(getattr(shape, item)) if item else set()


def fields_in(request: Any) -> set[str]:
    if isinstance(request, list):
        return set().union(*map(fields_in, request))
    if isinstance(request, dict):
        return set(request).union(*map(fields_in, request.values()))
    return set()


@pytest.mark.parametrize(
    ("operation", "makes"),
    [
        ("StartTranscriptionJob", [transcription_job, identifying_transcription_job, toxicity_job]),
        ("StartMedicalTranscriptionJob", [medical_transcription_job]),
        ("StartCallAnalyticsJob", [call_analytics_job, identifying_call_analytics_job]),
        ("StartMedicalScribeJob", [medical_scribe_job]),
    ],
)
def test_every_field_of_the_api_has_a_setting(operation: str, makes: list[Callable[[cdk.Stack], Job]]) -> None:
    requests = [make(cdk.Stack(cdk.App(), "Stack")).to_request() for make in makes]
    shape: Any = input_shape(operation)
    top = {name: member for name, member in shape.members.items() if name not in ADDED_BY_THE_PIPELINE}
    wanted = set(top).union(*(fields_of(member) for member in top.values()))

    other = {"MedicalScribeJob": {"ShowSpeakerLabels", "MaxSpeakerLabels"}}.get(operation.removeprefix("Start"), set())
    several = {"IdentifyMultipleLanguages"} & wanted
    assert wanted - set().union(*map(fields_in, requests)) == other | several


def test_several_languages_of_one_recording_are_a_field_of_their_own() -> None:
    several = LanguageIdentification(language_options=["en-US", "de-DE"], multiple_languages=True)

    assert TranscriptionJob(language_identification=several).to_request() == {
        "IdentifyMultipleLanguages": True,
        "LanguageOptions": ["en-US", "de-DE"],
    }


def test_those_who_speak_in_a_consultation_can_be_told_apart_by_voice() -> None:
    assert MedicalScribeJob(max_speakers=3).to_request() == {
        "Settings": {"ShowSpeakerLabels": True, "MaxSpeakerLabels": 3}
    }


@pytest.mark.parametrize(("channel", "roles"), [(0, ["AGENT", "CUSTOMER"]), (1, ["CUSTOMER", "AGENT"])])
def test_both_channels_of_a_call_have_a_role(channel: int, roles: list[str]) -> None:
    assert CallAnalyticsJob(agent_channel=channel).to_request() == {
        "ChannelDefinitions": [
            {"ChannelId": 0, "ParticipantRole": roles[0]},
            {"ChannelId": 1, "ParticipantRole": roles[1]},
        ]
    }


@pytest.mark.parametrize("job", [TranscriptionJob(language_code="en-US"), CallAnalyticsJob()])
def test_what_is_not_set_is_not_in_the_request(job: Job) -> None:
    assert set(job.to_request()) <= {"LanguageCode"}


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda: english(vocabulary="two words"),
            "vocabulary='two words' is refused by Transcribe: it takes letters (a-z, A-Z), digits, full stops, hyphens "
            "and underscores",
        ),
        (
            lambda: english(language_model="m" * 201),
            f"language_model='{'m' * 59}… has 201 characters: Transcribe takes 1 to 200",
        ),
        (
            lambda: english(max_alternatives=11),
            "max_alternatives=11 is out of range: Transcribe takes 2 to 10; leave it out for one transcription",
        ),
        (
            lambda: english(media_sample_rate_hertz=7999),
            "media_sample_rate_hertz=7999 is out of range: Transcribe takes 8000 to 48000",
        ),
        (
            lambda: MedicalTranscriptionJob(type=DICTATION, media_sample_rate_hertz=8000),
            "media_sample_rate_hertz=8000 is out of range: Transcribe takes 16000 to 48000",
        ),
        (
            lambda: MedicalScribeJob(max_speakers=31),
            "max_speakers=31 is out of range: Transcribe takes 2 to 30; leave it out for one speaker",
        ),
        (
            lambda: TranscriptionJob(
                language_identification=LanguageIdentification(
                    language_options=[LanguageOption("en-US", "a b"), LanguageOption("de-DE", "terms")]
                )
            ),
            "vocabulary of the language option 'en-US'='a b' is refused by Transcribe: ",
        ),
        (
            lambda: TranscriptionJob(
                language_identification=LanguageIdentification(
                    language_options=[
                        LanguageOption(code, "terms") for code in ("en-US", "de-DE", "fr-FR", "it-IT", "ja-JP", "ko-KR")
                    ]
                )
            ),
            "language_options has 6 entries: Transcribe takes 1 to 5; name resources for the languages that need them "
            "most",
        ),
        (
            lambda: english(tags={"": "a"}),
            "tags='' has 0 characters: Transcribe takes 1 to 128",
        ),
        (
            lambda: english(tags={str(number): "" for number in range(201)}),
            "tags has 201 entries: Transcribe takes 1 to 200",
        ),
        (
            lambda: english(output_encryption_context={"a": "é"}),
            "output_encryption_context='é' is refused by Transcribe: it takes printable ASCII characters",
        ),
        (
            lambda: TranscriptionJob(
                language_code="en-US", output_encryption_context={str(number): "a" for number in range(11)}
            ),
            "output_encryption_context has 11 entries: Transcribe takes 1 to 10",
        ),
        (
            lambda: TranscriptionJob(
                language_code="en-US", content_redaction=ContentRedaction(pii_entity_types=list(PiiEntityType))
            ),
            "pii_entity_types has 30 entries: Transcribe takes 0 to 29",
        ),
    ],
)
def test_fails_when_a_value_is_none_that_the_api_takes(make: Callable[[], Job], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        make()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: TranscriptionJob(language_code=any_value(5)), "language_code=5 is not a string"),
        (
            lambda: english(max_speakers="4"),
            "max_speakers='4' is not a whole",
        ),
        (
            lambda: english(max_speakers=2.5),
            "max_speakers=2.5 is not a whole",
        ),
        (lambda: english(max_speakers=True), "max_speakers=True is not a whole number"),
        (
            lambda: english(language_model=5),
            "language_model 5 is not a LanguageModel: hand in a LanguageModel, or a name",
        ),
        (
            lambda: english(vocabulary=5),
            "vocabulary 5 is not a Vocabulary: ",
        ),
        (
            lambda: english(channel_identification="yes"),
            "channel_identification='yes' is neither True nor False",
        ),
        (
            lambda: english(content_redaction=True),
            "content_redaction=True is not a ContentRedaction",
        ),
        (
            lambda: TranscriptionJob(language_identification=any_value(True)),
            "language_identification=True is not a LanguageIdentification",
        ),
        (
            lambda: english(media_format="wav"),
            "media_format: 'wav' is none of MediaFormat.AMR, ",
        ),
        (
            lambda: english(tags=["a"]),
            "tags=['a'] is not a mapping: give names with their values, such as {'a': 'b'}",
        ),
        (
            lambda: english(tags={"a": 1}),
            "tags holds 1, which is not a string",
        ),
        (
            lambda: MedicalTranscriptionJob(type=any_value("DICTATION")),
            "type: 'DICTATION' is none of MedicalTranscriptionType.CONVERSATION, MedicalTranscriptionType.DICTATION",
        ),
        (
            lambda: CallAnalyticsJob(language_options="en-US"),
            "language_options='en-US' is not a list: give a list, of one if need be",
        ),
        (
            lambda: CallAnalyticsJob(agent_channel=2),
            "agent_channel=2 is not possible: use 0 for the first channel or 1 for the second",
        ),
        (lambda: MedicalScribeJob(clinician_channel=-1), "clinician_channel=-1 is not possible: "),
        (
            lambda: MedicalScribeJob(max_speakers=2, patient_pronouns=any_value("SHE_HER")),
            "patient_pronouns: 'SHE_HER' is none of Pronouns.HE_HIM, ",
        ),
        (
            lambda: LanguageIdentification(language_options="en-US"),
            "language_options='en-US' is not a list: ",
        ),
        (
            lambda: ContentRedaction(pii_entity_types=any_value(PiiEntityType.NAME)),
            "pii_entity_types=<PiiEntityType.NAME: 'NAME'> is one of them: give a list",
        ),
        (
            lambda: ContentRedaction(output=any_value("redacted")),
            "output: 'redacted' is none of RedactionOutput.REDACTED, RedactionOutput.REDACTED_AND_UNREDACTED",
        ),
    ],
)
def test_fails_when_a_value_is_of_another_type(make: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        make()


def test_values_that_are_known_at_deployment_only_pass(stack: cdk.Stack) -> None:
    number = any_value(cdk.CfnParameter(stack, "Number", type="Number").value_as_number)
    text = cdk.CfnParameter(stack, "Text").value_as_string

    job = TranscriptionJob(
        language_code=text,
        vocabulary=text,
        language_model=text,
        max_speakers=number,
        media_sample_rate_hertz=number,
        content_redaction=ContentRedaction(),
        tags={"owner": text},
    )

    assert stack.resolve(job.to_request()) == {
        "LanguageCode": {"Ref": "Text"},
        "MediaSampleRateHertz": {"Ref": "Number"},
        "Settings": {
            "VocabularyName": {"Ref": "Text"},
            "ShowSpeakerLabels": True,
            "MaxSpeakerLabels": {"Ref": "Number"},
        },
        "ModelSettings": {"LanguageModelName": {"Ref": "Text"}},
        "ContentRedaction": {"RedactionType": "PII", "RedactionOutput": "redacted"},
        "Tags": [{"Key": "owner", "Value": {"Ref": "Text"}}],
    }
    assert job.warnings == ()


@pytest.mark.parametrize(
    ("choices", "shape"),
    [
        (FilterMethod, "VocabularyFilterMethod"),
        (InputType, "InputType"),
        (MediaFormat, "MediaFormat"),
        (MedicalParticipantRole, "MedicalScribeParticipantRole"),
        (MedicalSpecialty, "Specialty"),
        (MedicalTranscriptionType, "Type"),
        (NoteTemplate, "MedicalScribeNoteTemplate"),
        (ParticipantRole, "ParticipantRole"),
        (PiiEntityType, "PiiEntityType"),
        (Pronouns, "Pronouns"),
        (RedactionOutput, "RedactionOutput"),
        (Sentiment, "SentimentValue"),
        (SubtitleFormat, "SubtitleFormat"),
    ],
)
def test_choices_are_those_of_the_api(choices: type[Enum], shape: str) -> None:
    assert {choice.value for choice in choices} == set(shape_for(shape).enum)


@pytest.mark.parametrize(
    "job", [TranscriptionJob, MedicalTranscriptionJob, CallAnalyticsJob, MedicalScribeJob], ids=lambda job: job.kind
)
def test_every_setting_is_documented_in_its_order(job: Any) -> None:
    documented = re.findall(
        r"^        (\w+): ", job.__doc__.partition("Args:")[2].partition("Raises:")[0], re.MULTILINE
    )

    assert documented == [field.name for field in dataclasses.fields(job)]
