from __future__ import annotations

import dataclasses
import re
from typing import Any, cast

import aws_cdk as cdk
import pytest
from aws_cdk import aws_transcribe as l1

from cdk_transcribe import (
    FilterMethod,
    SubtitleFormat,
    TranscriptionJob,
    Vocabulary,
    VocabularyFilter,
    VocabularySource,
    WordSource,
)

from .rendered import logical_id

NAME_IN_ARN_OF = {"Fn::Select": [1, {"Fn::Split": ["/", {"Fn::Select": [5, {"Fn::Split": [":", {"Ref": "Raw"}]}]}]}]}


@pytest.fixture
def terms(stack: cdk.Stack) -> Vocabulary:
    return Vocabulary(stack, "Terms", language_code="en-US", source=VocabularySource.from_phrases(["C.L.I."]))


@pytest.fixture
def filler(stack: cdk.Stack) -> VocabularyFilter:
    return VocabularyFilter(stack, "Filler", language_code="en-US", source=WordSource.from_words(["um"]))


def test_a_job_asks_for_its_language_and_nothing_else_by_default() -> None:
    assert TranscriptionJob(language_code="en-US").to_request() == {"LanguageCode": "en-US"}


def test_a_language_that_is_not_known_here_passes() -> None:
    assert TranscriptionJob(language_code="xx-XX").to_request() == {"LanguageCode": "xx-XX"}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"max_speakers": 2}, {"Settings": {"ShowSpeakerLabels": True, "MaxSpeakerLabels": 2}}),
        ({"max_speakers": 30}, {"Settings": {"ShowSpeakerLabels": True, "MaxSpeakerLabels": 30}}),
        ({"subtitles": [SubtitleFormat.VTT]}, {"Subtitles": {"Formats": ["vtt"]}}),
        ({"subtitles": (SubtitleFormat.SRT, SubtitleFormat.VTT)}, {"Subtitles": {"Formats": ["srt", "vtt"]}}),
        (
            {"subtitles": [SubtitleFormat.VTT], "subtitle_start_index": 0},
            {"Subtitles": {"Formats": ["vtt"], "OutputStartIndex": 0}},
        ),
        (
            {"subtitles": [SubtitleFormat.VTT], "subtitle_start_index": 1},
            {"Subtitles": {"Formats": ["vtt"], "OutputStartIndex": 1}},
        ),
    ],
)
def test_a_setting_renders_the_fields_of_the_api(arguments: dict[str, Any], expected: dict[str, Any]) -> None:
    request = TranscriptionJob(language_code="en-US", **arguments).to_request()

    assert request == {"LanguageCode": "en-US", **expected}


def test_a_vocabulary_is_named_once_it_is_ready(stack: cdk.Stack, terms: Vocabulary) -> None:
    job = TranscriptionJob(language_code="en-US", vocabulary=terms)

    assert stack.resolve(job.to_request()["Settings"]) == {
        "VocabularyName": {"Fn::GetAtt": [logical_id(terms), "Name"]}
    }


@pytest.mark.parametrize(
    ("method", "expected"),
    [(FilterMethod.MASK, "mask"), (FilterMethod.REMOVE, "remove"), (FilterMethod.TAG, "tag")],
)
def test_a_filter_is_named_with_its_method(
    stack: cdk.Stack, filler: VocabularyFilter, method: FilterMethod, expected: str
) -> None:
    job = TranscriptionJob(language_code="en-US", vocabulary_filter=filler, vocabulary_filter_method=method)

    assert stack.resolve(job.to_request()["Settings"]) == {
        "VocabularyFilterName": {"Fn::GetAtt": [logical_id(filler), "Name"]},
        "VocabularyFilterMethod": expected,
    }


def test_settings_stand_side_by_side(stack: cdk.Stack, terms: Vocabulary, filler: VocabularyFilter) -> None:
    job = TranscriptionJob(
        language_code="en-US",
        vocabulary=terms,
        vocabulary_filter=filler,
        vocabulary_filter_method=FilterMethod.TAG,
        max_speakers=3,
    )

    assert set(job.to_request()["Settings"]) == {
        "VocabularyName",
        "VocabularyFilterName",
        "VocabularyFilterMethod",
        "ShowSpeakerLabels",
        "MaxSpeakerLabels",
    }


def test_a_raw_vocabulary_of_cdk_is_named_by_the_end_of_its_arn(stack: cdk.Stack) -> None:
    raw = l1.CfnVocabulary(stack, "Raw", language_code="en-US", vocabulary_name="raw", phrases=["a"])

    job = TranscriptionJob(language_code="en-US", vocabulary=raw)

    assert stack.resolve(job.to_request()["Settings"]) == {"VocabularyName": NAME_IN_ARN_OF}


def test_a_raw_filter_of_cdk_is_named_by_the_end_of_its_arn(stack: cdk.Stack) -> None:
    raw = l1.CfnVocabularyFilter(stack, "Raw", language_code="en-US", vocabulary_filter_name="raw", words=["a"])

    job = TranscriptionJob(language_code="en-US", vocabulary_filter=raw, vocabulary_filter_method=FilterMethod.MASK)

    assert stack.resolve(job.to_request()["Settings"]["VocabularyFilterName"]) == NAME_IN_ARN_OF


def test_imports_are_named_as_they_were_given(stack: cdk.Stack) -> None:
    job = TranscriptionJob(
        language_code="en-US",
        vocabulary=Vocabulary.from_vocabulary_name(stack, "Terms", "terms.v2"),
        vocabulary_filter=VocabularyFilter.from_vocabulary_filter_arn(
            stack, "Filler", "arn:aws:transcribe:us-east-1:111122223333:vocabulary-filter/um"
        ),
        vocabulary_filter_method=FilterMethod.MASK,
    )

    assert job.to_request()["Settings"] == {
        "VocabularyName": "terms.v2",
        "VocabularyFilterName": "um",
        "VocabularyFilterMethod": "mask",
    }


def test_fails_when_an_import_says_that_it_is_for_another_language(stack: cdk.Stack) -> None:
    terms = Vocabulary.from_vocabulary_name(stack, "Terms", "terms.v2", language_code="de-DE")

    with pytest.raises(ValueError, match=r"^vocabulary 'Stack/Terms' is for de-DE, and the job for en-US: "):
        TranscriptionJob(language_code="en-US", vocabulary=terms)


def test_fails_when_a_raw_vocabulary_of_cdk_is_for_another_language(stack: cdk.Stack) -> None:
    raw = l1.CfnVocabulary(stack, "Raw", language_code="de-DE", vocabulary_name="raw", phrases=["a"])

    with pytest.raises(ValueError, match=r"^vocabulary 'Stack/Raw' is for de-DE, and the job for en-US: "):
        TranscriptionJob(language_code="en-US", vocabulary=raw)


def test_a_job_can_not_be_changed_once_it_is_made() -> None:
    job = TranscriptionJob(language_code="en-US")

    with pytest.raises(dataclasses.FrozenInstanceError):
        cast(Any, job).language_code = "de-DE"


def test_fails_when_a_filter_has_no_method(filler: VocabularyFilter) -> None:
    with pytest.raises(
        ValueError,
        match=r"^vocabulary_filter needs vocabulary_filter_method: say what happens to its words, one of "
        r"FilterMethod\.MASK, FilterMethod\.REMOVE, FilterMethod\.TAG$",
    ):
        TranscriptionJob(language_code="en-US", vocabulary_filter=filler)


def test_fails_when_a_method_has_no_filter() -> None:
    with pytest.raises(
        ValueError,
        match=r"^vocabulary_filter_method=FilterMethod\.MASK needs a vocabulary_filter: without one there is nothing "
        "to match$",
    ):
        TranscriptionJob(language_code="en-US", vocabulary_filter_method=FilterMethod.MASK)


def test_fails_when_the_vocabulary_is_for_another_language(terms: Vocabulary) -> None:
    with pytest.raises(
        ValueError,
        match=r"^vocabulary 'Stack/Terms' is for en-US, and the job for en-GB: Transcribe would silently not apply "
        r"it; give it the job's language$",
    ):
        TranscriptionJob(language_code="en-GB", vocabulary=terms)


def test_fails_when_the_filter_is_for_another_language(filler: VocabularyFilter) -> None:
    with pytest.raises(ValueError, match=r"^vocabulary_filter 'Stack/Filler' is for en-US, and the job for en-GB: "):
        TranscriptionJob(language_code="en-GB", vocabulary_filter=filler, vocabulary_filter_method=FilterMethod.MASK)


def test_a_language_that_is_known_at_deployment_only_is_not_compared(stack: cdk.Stack, terms: Vocabulary) -> None:
    language = cdk.CfnParameter(stack, "Language")

    job = TranscriptionJob(language_code=language.value_as_string, vocabulary=terms)

    assert stack.resolve(job.to_request()["LanguageCode"]) == {"Ref": "Language"}


def test_a_vocabulary_whose_language_is_known_at_deployment_only_is_not_compared(stack: cdk.Stack) -> None:
    language = cdk.CfnParameter(stack, "Language").value_as_string
    terms = Vocabulary(stack, "Terms", language_code=language, source=VocabularySource.from_phrases(["a"]))

    assert TranscriptionJob(language_code="en-US", vocabulary=terms).to_request()["LanguageCode"] == "en-US"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            {"max_speakers": 1},
            "max_speakers=1 is out of range: Transcribe takes 2 to 30; leave it out for one speaker",
        ),
        ({"max_speakers": 31}, "max_speakers=31 is out of range: "),
        ({"max_speakers": 0}, "max_speakers=0 is out of range: "),
        ({"max_speakers": -2}, "max_speakers=-2 is out of range: "),
        (
            {"subtitles": [SubtitleFormat.VTT], "subtitle_start_index": 2},
            "subtitle_start_index=2 is out of range: Transcribe takes 0 to 1",
        ),
        (
            {"subtitles": [SubtitleFormat.VTT], "subtitle_start_index": -1},
            "subtitle_start_index=-1 is out of range: Transcribe takes 0 to 1",
        ),
        ({"subtitle_start_index": 0}, "subtitle_start_index needs subtitles: say which formats to write"),
        ({"subtitle_start_index": 1}, "subtitle_start_index needs subtitles: say which formats to write"),
    ],
)
def test_fails_when_a_number_is_none_that_transcribe_takes(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        TranscriptionJob(language_code="en-US", **arguments)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"vocabulary_filter_method": "mask"}, "'mask' is none of FilterMethod.MASK, FilterMethod.REMOVE"),
        ({"subtitles": ["vtt"]}, "subtitles: 'vtt' is none of SubtitleFormat.VTT, SubtitleFormat.SRT"),
        ({"subtitles": SubtitleFormat.VTT}, "is one of them: give a list"),
    ],
)
def test_fails_when_a_choice_is_none_of_those_there_are(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        TranscriptionJob(language_code="en-US", **arguments)
