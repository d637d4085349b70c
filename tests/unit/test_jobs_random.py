"""Random settings that are valid become requests that Transcribe's model accepts, whatever the object says.

`HYPOTHESIS_PROFILE=nightly` tries ten times as many, other ones each time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, cast

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdk_transcribe import (
    CallAnalyticsJob,
    ContentRedaction,
    FilterMethod,
    LanguageIdentification,
    LanguageOption,
    MediaFormat,
    MedicalScribeJob,
    MedicalSpecialty,
    MedicalTranscriptionJob,
    MedicalTranscriptionType,
    NoteTemplate,
    ObjectValue,
    PiiEntityType,
    Pronouns,
    RedactionOutput,
    SubtitleFormat,
    TranscriptionJob,
)
from cdk_transcribe.jobs import Job
from cdk_transcribe.languages import (
    CALL_ANALYTICS_LANGUAGES,
    CUSTOM_LANGUAGE_MODEL_LANGUAGES,
    LANGUAGE_CODES,
    MULTI_LANGUAGE_IDENTIFICATION_LANGUAGES,
    PII_REDACTION_LANGUAGES,
    UNIDENTIFIED_LANGUAGES,
)

from .api_model import assert_accepted

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"

# What the pipeline adds to every request, by operation.
ADDED = {
    "StartTranscriptionJob": {"TranscriptionJobName": "job", "OutputBucketName": "transcripts", "OutputKey": "a.json"},
    "StartMedicalTranscriptionJob": {
        "MedicalTranscriptionJobName": "job",
        "OutputBucketName": "transcripts",
        "OutputKey": "a.json",
    },
    "StartCallAnalyticsJob": {"CallAnalyticsJobName": "job", "OutputLocation": "s3://transcripts/a.json"},
    "StartMedicalScribeJob": {
        "MedicalScribeJobName": "job",
        "OutputBucketName": "transcripts",
        "DataAccessRoleArn": "arn:aws:iam::111122223333:role/transcribe",
    },
}


@cache
def key() -> kms.IKey:
    arn = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    return kms.Key.from_key_arn(cdk.Stack(cdk.App(), "Stack"), "Key", arn)


names = st.text("abcXYZ019._-", min_size=1, max_size=12) | st.just("n" * 200)
printable = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=12) | st.just("p" * 100)
filter_methods = st.sampled_from(FilterMethod)
redactions = st.builds(
    ContentRedaction,
    output=st.sampled_from(RedactionOutput),
    pii_entity_types=st.lists(st.sampled_from(PiiEntityType), unique=True, max_size=29),
)


def maybe(value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | value


def by_object(value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A value, or an ObjectValue with a few of them, some of which leave the setting out."""
    choices = st.dictionaries(st.sampled_from(["a", "b", "c"]), maybe(value), min_size=1)
    chosen = st.builds(lambda choices: ObjectValue.from_tag("choice", choices=choices, default=None), choices)
    return value | chosen


speakers = by_object(st.integers(2, 30))
common = {
    "output_encryption_key": st.sampled_from([None, "key"]).map(lambda given: given and key()),
    "tags": maybe(
        st.dictionaries(
            printable.filter(lambda text: not text.lower().startswith("aws:")), st.just("") | printable, max_size=3
        )
    ),
}
contexts = maybe(st.dictionaries(printable, printable, min_size=1, max_size=10))


def sample_rates(lowest: int) -> st.SearchStrategy[Any]:
    return maybe(st.integers(lowest, 48000))


@st.composite
def language_options(draw: st.DrawFn, among: frozenset[str], *, models: bool, filters: bool) -> list[Any]:
    codes = draw(st.lists(st.sampled_from(sorted(among)), unique=True, max_size=6))
    with_resources = draw(st.sets(st.sampled_from(codes), max_size=5)) if codes else set()
    return [
        LanguageOption(
            code,
            vocabulary=draw(maybe(names)),
            vocabulary_filter=draw(names) if filters else None,
            language_model=draw(maybe(names)) if models and code in CUSTOM_LANGUAGE_MODEL_LANGUAGES else None,
        )
        if code in with_resources
        else code
        for code in codes
    ]


def has_filters(options: Sequence[Any]) -> bool:
    return any(isinstance(option, LanguageOption) and option.vocabulary_filter for option in options)


@st.composite
def resources(draw: st.DrawFn, language_code: str) -> dict[str, Any]:
    """What a job in one language may use."""
    vocabulary_filter = draw(maybe(by_object(names)))
    model = draw(maybe(by_object(names))) if language_code in CUSTOM_LANGUAGE_MODEL_LANGUAGES else None
    return {
        "vocabulary": draw(maybe(by_object(names))),
        "vocabulary_filter": vocabulary_filter,
        "vocabulary_filter_method": None if vocabulary_filter is None else draw(filter_methods),
        "language_model": model,
        "content_redaction": draw(maybe(redactions)) if language_code in PII_REDACTION_LANGUAGES else None,
    }


@st.composite
def transcription_languages(draw: st.DrawFn) -> dict[str, Any]:
    if draw(st.booleans()):
        language_code = draw(st.sampled_from(sorted(LANGUAGE_CODES)))
        return {"language_code": language_code, **draw(resources(language_code))}
    several = draw(st.booleans())
    among = MULTI_LANGUAGE_IDENTIFICATION_LANGUAGES if several else LANGUAGE_CODES - UNIDENTIFIED_LANGUAGES
    redaction = None if several else draw(maybe(redactions))
    allowed = among & PII_REDACTION_LANGUAGES if redaction else among
    options = draw(language_options(allowed, models=not several, filters=draw(st.booleans())))
    return {
        "language_identification": LanguageIdentification(language_options=options, multiple_languages=several),
        "vocabulary_filter_method": draw(filter_methods) if has_filters(options) else None,
        "content_redaction": redaction,
    }


@st.composite
def transcription_jobs(draw: st.DrawFn) -> TranscriptionJob:
    media = {
        "media_sample_rate_hertz": draw(sample_rates(8000)),
        "media_format": draw(maybe(st.sampled_from(MediaFormat))),
        "allow_deferred_execution": draw(st.booleans()),
        "output_encryption_context": draw(contexts),
        **{argument: draw(value) for argument, value in common.items()},
    }
    if draw(st.integers(0, 4)) == 0:
        redaction = draw(maybe(redactions))
        return TranscriptionJob(language_code="en-US", toxicity_detection=True, content_redaction=redaction, **media)
    subtitles = draw(st.lists(st.sampled_from(SubtitleFormat), unique=True))
    return TranscriptionJob(
        **draw(transcription_languages()),
        max_speakers=draw(maybe(speakers)),
        channel_identification=draw(st.booleans()),
        max_alternatives=draw(maybe(st.integers(2, 10))),
        subtitles=subtitles,
        subtitle_start_index=draw(maybe(st.integers(0, 1))) if subtitles else None,
        **media,
    )


medical_transcription_jobs = st.builds(
    MedicalTranscriptionJob,
    type=st.sampled_from(MedicalTranscriptionType),
    specialty=st.sampled_from(MedicalSpecialty),
    vocabulary=maybe(by_object(names)),
    identify_phi=st.booleans(),
    max_speakers=maybe(speakers),
    channel_identification=st.booleans(),
    max_alternatives=maybe(st.integers(2, 10)),
    media_sample_rate_hertz=sample_rates(16000),
    media_format=maybe(by_object(st.sampled_from(MediaFormat))),
    output_encryption_context=contexts,
    **cast(Any, common),
)


@st.composite
def call_analytics_jobs(draw: st.DrawFn) -> CallAnalyticsJob:
    if draw(st.booleans()):
        language_code = draw(st.sampled_from(sorted(CALL_ANALYTICS_LANGUAGES)))
        languages = {"language_code": language_code, **draw(resources(language_code))}
        english = language_code.startswith("en-")
    else:
        redaction = draw(maybe(redactions))
        english = draw(st.booleans())
        among = {code for code in CALL_ANALYTICS_LANGUAGES if code.startswith("en-") or not english}
        allowed = frozenset(among & PII_REDACTION_LANGUAGES if redaction else among)
        options = draw(language_options(allowed, models=True, filters=draw(st.booleans())))
        languages = {
            "language_options": options,
            "vocabulary_filter_method": draw(filter_methods) if has_filters(options) else None,
            "content_redaction": redaction,
        }
    return CallAnalyticsJob(
        **languages,
        agent_channel=draw(maybe(st.integers(0, 1))),
        summarization=english and draw(st.booleans()),
        **{argument: draw(value) for argument, value in common.items()},
    )


@st.composite
def medical_scribe_jobs(draw: st.DrawFn) -> MedicalScribeJob:
    if draw(st.booleans()):
        roles = {"clinician_channel": draw(st.integers(0, 1))}
    else:
        roles = {"max_speakers": draw(st.integers(2, 30))}
    vocabulary_filter = draw(maybe(by_object(names)))
    return MedicalScribeJob(
        **cast(Any, roles),
        vocabulary=draw(maybe(by_object(names))),
        vocabulary_filter=vocabulary_filter,
        vocabulary_filter_method=None if vocabulary_filter is None else draw(filter_methods),
        note_template=draw(maybe(by_object(st.sampled_from(NoteTemplate)))),
        patient_pronouns=draw(maybe(by_object(st.sampled_from(Pronouns)))),
        output_encryption_context=draw(contexts),
        **{argument: draw(value) for argument, value in common.items()},
    )


JOBS: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
    "TranscriptionJob": transcription_jobs,
    "MedicalTranscriptionJob": lambda: medical_transcription_jobs,
    "CallAnalyticsJob": call_analytics_jobs,
    "MedicalScribeJob": medical_scribe_jobs,
}


def resolved(request: Any, text: str) -> Any:
    """The request once an object has said `text`, as the contract with the starter has it."""
    if isinstance(request, list):
        return [resolved(item, text) for item in request]
    if not isinstance(request, dict):
        return request
    if "FromTag" in request:
        return resolved(request["Choices"].get(text, request.get("Default")), text)
    members = {name: resolved(member, text) for name, member in request.items()}
    return {name: member for name, member in members.items() if member not in (None, {})}


def possible_requests(job: Job) -> Iterator[dict[str, Any]]:
    for text in ("a", "b", "c", "anything else"):
        yield resolved(job.to_request(), text)


def assert_complete(asked: dict[str, Any]) -> None:
    """What the API wants together stands together."""
    assert asked.get("ShowSpeakerLabels", False) == ("MaxSpeakerLabels" in asked)
    assert asked.get("ShowAlternatives", False) == ("MaxAlternatives" in asked)
    filters = [asked, *asked.get("LanguageIdSettings", {}).values()]
    assert ("VocabularyFilterMethod" in asked) >= any("VocabularyFilterName" in one for one in filters)


@pytest.mark.parametrize("kind", JOBS)
def test_valid_settings_become_requests_that_transcribe_accepts(kind: str) -> None:
    operation = f"Start{kind}"

    @settings(
        max_examples=1000 if NIGHTLY else 100,
        derandomize=not NIGHTLY,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(JOBS[kind]())
    def accepted(job: Job) -> None:
        assert job.kind == kind
        media = {"Media": {"MediaFileUri": "s3://media/a.wav"}}
        for request in possible_requests(job):
            assert_accepted(operation, {**request, **media, **ADDED[operation]})
            assert_complete(request.get("Settings", {}))

    accepted()
