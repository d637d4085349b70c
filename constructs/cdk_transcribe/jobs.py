"""What a job is asked to do: the request to Transcribe, in the field names of Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from aws_cdk import Token
from aws_cdk.interfaces import aws_transcribe as refs

from cdk_transcribe._names import name_in_arn
from cdk_transcribe.vocabulary import IVocabulary
from cdk_transcribe.vocabulary_filter import IVocabularyFilter


class FilterMethod(Enum):
    """What a vocabulary filter does to a word it matches."""

    MASK = "mask"
    """The word is replaced with `***`."""
    REMOVE = "remove"
    """The word is deleted from the transcript."""
    TAG = "tag"
    """The word stays, and its item carries `vocabularyFilterMatch: true`."""


class SubtitleFormat(Enum):
    """A format of subtitle files, written beside the transcript."""

    VTT = "vtt"
    SRT = "srt"


@dataclass(frozen=True, kw_only=True)
class TranscriptionJob:
    """The settings of a standard transcription job (`StartTranscriptionJob`).

    Args:
        language_code: the language that is spoken, such as `en-US`.
        vocabulary: a custom vocabulary in the same language. By default none.
        vocabulary_filter: a vocabulary filter in the same language; needs `vocabulary_filter_method`. By default
            none.
        vocabulary_filter_method: what the filter does to a word it matches.
        max_speakers: tells speakers apart, at most this many, 2 to 30. By default speakers are not told apart.
        subtitles: formats of subtitle files to write beside the transcript. By default none.
        subtitle_start_index: the number of the first subtitle, 0 or 1. By default 0, the service's own default.

    Raises:
        ValueError: for values that Transcribe refuses, combinations that it refuses, and a vocabulary or filter in
            another language, which it would silently not apply.
    """

    language_code: str
    vocabulary: refs.IVocabularyRef | None = None
    vocabulary_filter: refs.IVocabularyFilterRef | None = None
    vocabulary_filter_method: FilterMethod | None = None
    max_speakers: int | None = None
    subtitles: Sequence[SubtitleFormat] = ()
    subtitle_start_index: int | None = None

    def __post_init__(self) -> None:
        self._check_choices()
        self._check_filter_method()
        self._check_languages()
        self._check_numbers()

    def to_request(self) -> dict[str, Any]:
        """The request's fields, all but those that depend on the media object and the buckets."""
        settings = {**self._vocabulary_settings(), **self._filter_settings(), **self._speaker_settings()}
        request: dict[str, Any] = {"LanguageCode": self.language_code}
        if settings:
            request["Settings"] = settings
        if self.subtitles:
            request["Subtitles"] = self._subtitle_settings()
        return request

    def _vocabulary_settings(self) -> dict[str, Any]:
        return {"VocabularyName": _vocabulary_name(self.vocabulary)} if self.vocabulary is not None else {}

    def _filter_settings(self) -> dict[str, Any]:
        if self.vocabulary_filter is None or self.vocabulary_filter_method is None:
            return {}
        return {
            "VocabularyFilterName": _vocabulary_filter_name(self.vocabulary_filter),
            "VocabularyFilterMethod": self.vocabulary_filter_method.value,
        }

    def _speaker_settings(self) -> dict[str, Any]:
        if self.max_speakers is None:
            return {}
        return {"ShowSpeakerLabels": True, "MaxSpeakerLabels": self.max_speakers}

    def _subtitle_settings(self) -> dict[str, Any]:
        start = {} if self.subtitle_start_index is None else {"OutputStartIndex": self.subtitle_start_index}
        return {"Formats": [subtitle.value for subtitle in self.subtitles], **start}

    def _check_choices(self) -> None:
        if self.vocabulary_filter_method is not None:
            _check_choice("vocabulary_filter_method", self.vocabulary_filter_method, FilterMethod)
        if isinstance(self.subtitles, SubtitleFormat | str):
            raise ValueError(f"subtitles={self.subtitles!r} is one format: give a list of them")
        for subtitle in self.subtitles:
            _check_choice("subtitles", subtitle, SubtitleFormat)

    def _check_filter_method(self) -> None:
        if self.vocabulary_filter is not None and self.vocabulary_filter_method is None:
            raise ValueError(
                "vocabulary_filter needs vocabulary_filter_method: say what happens to its words, one of "
                f"{_names_of(FilterMethod)}"
            )
        if self.vocabulary_filter is None and self.vocabulary_filter_method is not None:
            raise ValueError(
                f"vocabulary_filter_method={self.vocabulary_filter_method} needs a vocabulary_filter: without one "
                "there is nothing to match"
            )

    def _check_languages(self) -> None:
        _check_language("vocabulary", self.vocabulary, self.language_code)
        _check_language("vocabulary_filter", self.vocabulary_filter, self.language_code)

    def _check_numbers(self) -> None:
        # MaxSpeakerLabels, botocore's model of StartTranscriptionJob
        if self.max_speakers is not None and not 2 <= self.max_speakers <= 30:
            raise ValueError(
                f"max_speakers={self.max_speakers} is out of range: Transcribe tells 2 to 30 speakers apart; leave it "
                "out for one speaker"
            )
        if self.subtitle_start_index not in (None, 0, 1):
            raise ValueError(f"subtitle_start_index={self.subtitle_start_index} is not possible: use 0 or 1")
        if self.subtitle_start_index is not None and not self.subtitles:
            raise ValueError("subtitle_start_index needs subtitles: say which formats to write")


def _check_choice(argument: str, value: object, choices: type[Enum]) -> None:
    if not isinstance(value, choices):
        raise ValueError(f"{argument}: {value!r} is none of {_names_of(choices)}")


def _names_of(choices: type[Enum]) -> str:
    return ", ".join(f"{choices.__name__}.{choice.name}" for choice in choices)


def _check_language(argument: str, resource: Any, language_code: str) -> None:
    # Of this library's own, of imports that say so, and of CDK's raw resources; others need not have one.
    language = getattr(resource, "language_code", None)
    if language is None or Token.is_unresolved(language) or Token.is_unresolved(language_code):
        return
    if language != language_code:
        raise ValueError(
            f"{argument} {resource.node.path!r} is for {language}, and the job for {language_code}: "
            "Transcribe would silently not apply it; give it the job's language"
        )


def _vocabulary_name(vocabulary: refs.IVocabularyRef) -> str:
    if isinstance(vocabulary, IVocabulary):
        return vocabulary.vocabulary_name
    return name_in_arn(vocabulary.vocabulary_ref.vocabulary_arn)


def _vocabulary_filter_name(vocabulary_filter: refs.IVocabularyFilterRef) -> str:
    if isinstance(vocabulary_filter, IVocabularyFilter):
        return vocabulary_filter.vocabulary_filter_name
    return name_in_arn(vocabulary_filter.vocabulary_filter_ref.vocabulary_filter_arn)
