"""The settings of a standard transcription job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar

from aws_cdk import aws_kms as kms
from aws_cdk.interfaces import aws_transcribe as refs

from cdk_transcribe import _job_rules as rules
from cdk_transcribe import _language_rules as language_rules
from cdk_transcribe._arguments import check_choice, check_choices, check_flag, check_instance, check_texts
from cdk_transcribe._finding import Finding, error
from cdk_transcribe._job_request import (
    filter_method,
    key_arn,
    language_model_name,
    on,
    rendered,
    tag_list,
    vocabulary_filter_name,
    vocabulary_name,
)
from cdk_transcribe._job_settings import JobSettings
from cdk_transcribe.filter_method import FilterMethod
from cdk_transcribe.language_identification import LanguageIdentification, LanguageOption, as_options
from cdk_transcribe.language_model import AwaitedLanguageModel, ILanguageModel
from cdk_transcribe.languages import PII_REDACTION_LANGUAGES, TOXICITY_DETECTION_LANGUAGES
from cdk_transcribe.media_format import MediaFormat
from cdk_transcribe.object_value import ObjectValue
from cdk_transcribe.redaction import ContentRedaction


class SubtitleFormat(Enum):
    """A format of subtitle files, written beside the transcript."""

    VTT = "vtt"
    SRT = "srt"


@dataclass(frozen=True, kw_only=True)
class TranscriptionJob(JobSettings):
    """The settings of a standard transcription job (`StartTranscriptionJob`).

    A language that Transcribe is told, or identifies by itself, is all that a job needs. Settings whose type names
    `ObjectValue` may be left to each media object, which decides with its key or a tag. Values that are known only at
    deployment (tokens) are not checked.

    Args:
        language_code: the language that is spoken, such as `en-US`. This or `language_identification`.
        language_identification: has Transcribe find out which language, or languages, are spoken. What is meant for
            one language then belongs into its `language_options`.
        vocabulary: a custom vocabulary in the same language, or its name. By default none.
        vocabulary_filter: a vocabulary filter in the same language, or its name; needs `vocabulary_filter_method`.
            By default none.
        vocabulary_filter_method: what filters do to a word they match, those of `language_options` too.
        language_model: a custom language model in the same language, or its name. Of a `LanguageModel` the version is
            used that serves when the job starts, and Transcribe's own until there is one; with
            `language_model.awaited()` the job waits for it. By default Transcribe's own.
        max_speakers: tells speakers apart, at most this many, 2 to 30. By default speakers are not told apart.
        channel_identification: transcribes each of the two channels by itself, for recordings with one speaker on
            each. By default channels are mixed.
        max_alternatives: writes up to this many ways to understand each part, 2 to 10. By default one.
        content_redaction: replaces personally identifiable information. By default nothing is replaced.
        toxicity_detection: rates how toxic speech is, in seven categories. US English only, and with no other
            setting but `content_redaction`. By default it is not rated.
        subtitles: formats of subtitle files to write beside the transcript. By default none.
        subtitle_start_index: the number of the first subtitle, 0 or 1. By default 0, the service's own default.
        media_sample_rate_hertz: the sample rate, 8000 to 48000. By default, and best, Transcribe finds it out: a
            job with another one fails.
        media_format: the format of the media. By default, and best, Transcribe finds it out: a job with another
            one fails.
        allow_deferred_execution: has Transcribe queue the job when too many run at once. By default it does; without
            it the pipeline tries again until there is room.
        output_encryption_key: a symmetric customer-managed key that encrypts what the job writes. By default the key
            of the pipeline's storage.
        output_encryption_context: up to 10 pairs of plain text that KMS binds to the encryption and logs, nothing
            secret. By default none.
        tags: tags for the job itself, by their keys. By default none.

    Raises:
        ValueError: for values that Transcribe refuses, combinations that it refuses, and a vocabulary, filter or
            model in another language, which it would silently not apply.
    """

    kind: ClassVar[str] = "TranscriptionJob"

    language_code: str | ObjectValue | None = None
    language_identification: LanguageIdentification | None = None
    vocabulary: refs.IVocabularyRef | str | ObjectValue | None = None
    vocabulary_filter: refs.IVocabularyFilterRef | str | ObjectValue | None = None
    vocabulary_filter_method: FilterMethod | ObjectValue | None = None
    language_model: ILanguageModel | AwaitedLanguageModel | str | ObjectValue | None = None
    max_speakers: int | ObjectValue | None = None
    channel_identification: bool = False
    max_alternatives: int | None = None
    content_redaction: ContentRedaction | None = None
    toxicity_detection: bool = False
    subtitles: Sequence[SubtitleFormat] = ()
    subtitle_start_index: int | None = None
    media_sample_rate_hertz: int | ObjectValue | None = None
    media_format: MediaFormat | ObjectValue | None = None
    allow_deferred_execution: bool = True
    output_encryption_key: kms.IKey | None = None
    output_encryption_context: Mapping[str, str] | None = None
    tags: Mapping[str, str] | None = None

    def to_request(self) -> dict[str, Any]:
        """The request's fields, all but those that depend on the media object, the buckets and the role."""
        request: dict[str, Any] = rendered(
            {
                "LanguageCode": self.language_code,
                **(self.language_identification.to_request() if self.language_identification else {}),
                "MediaSampleRateHertz": self.media_sample_rate_hertz,
                "MediaFormat": self.media_format,
                "OutputEncryptionKMSKeyId": key_arn(self.output_encryption_key),
                "KMSEncryptionContext": self.output_encryption_context,
                "Settings": {
                    "VocabularyName": vocabulary_name(self.vocabulary),
                    "VocabularyFilterName": vocabulary_filter_name(self.vocabulary_filter),
                    "VocabularyFilterMethod": filter_method(self.vocabulary_filter_method, self.vocabulary_filter),
                    "ShowSpeakerLabels": on(self.max_speakers),
                    "MaxSpeakerLabels": self.max_speakers,
                    "ChannelIdentification": self.channel_identification or None,
                    "ShowAlternatives": on(self.max_alternatives),
                    "MaxAlternatives": self.max_alternatives,
                },
                "ModelSettings": {"LanguageModelName": language_model_name(self.language_model)},
                "ContentRedaction": self.content_redaction.to_request() if self.content_redaction else None,
                "Subtitles": {"Formats": list(self.subtitles), "OutputStartIndex": self.subtitle_start_index},
                "ToxicityDetection": [{"ToxicityCategories": ["ALL"]}] if self.toxicity_detection else None,
                "Tags": tag_list(self.tags),
            }
        )
        return request

    def _check_types(self) -> None:
        check_instance("language_identification", self.language_identification, LanguageIdentification)
        check_choice("vocabulary_filter_method", self.vocabulary_filter_method, FilterMethod)
        check_instance("content_redaction", self.content_redaction, ContentRedaction)
        check_choices("subtitles", self.subtitles, SubtitleFormat)
        check_choice("media_format", self.media_format, MediaFormat)
        check_texts("output_encryption_context", self.output_encryption_context)
        check_texts("tags", self.tags)
        for flag in ("channel_identification", "toxicity_detection", "allow_deferred_execution"):
            check_flag(flag, getattr(self, flag))

    def _findings(self) -> Iterator[Finding]:
        options = self._languages()
        yield from self._one_way_to_know_the_language()
        yield from language_rules.languages_exist(options)
        yield from language_rules.resources_are_in_their_language(options)
        yield from language_rules.models_exist_for_languages(options)
        if self.language_identification is None:
            yield from rules.filter_and_method(self.vocabulary_filter, self.vocabulary_filter_method)
        else:
            yield from self._identification(options, multiple_languages=self.language_identification.multiple_languages)
        if self.content_redaction is not None:
            yield from language_rules.languages_support("content_redaction", PII_REDACTION_LANGUAGES, options)
        if self.toxicity_detection:
            yield from self._toxicity_detection(options)
        if self.subtitle_start_index is not None and not self.subtitles:
            yield error("index-without-subtitles", "subtitle_start_index needs subtitles: say which formats to write")
        yield from rules.low_sample_rate(options, self.media_sample_rate_hertz)
        yield from rules.key_is_no_alias(self.output_encryption_key)
        yield from rules.reserved_tags(self.tags)

    def _languages(self) -> list[LanguageOption]:
        if self.language_identification is not None:
            return as_options(self.language_identification.language_options)
        return rules.fixed_language(self)

    def _one_way_to_know_the_language(self) -> Iterator[Finding]:
        if self.language_code is None and self.language_identification is None:
            yield error(
                "language-missing",
                "language_code is missing: say which language is spoken, such as 'en-US', or have Transcribe find out "
                "with language_identification=LanguageIdentification()",
            )
        if self.language_code is not None and self.language_identification is not None:
            yield error(
                "language-twice",
                f"language_code={self.language_code!r} beside language_identification: Transcribe fails a job that has "
                "both; keep one of them",
            )

    def _identification(self, options: list[LanguageOption], *, multiple_languages: bool) -> Iterator[Finding]:
        yield from rules.resources_belong_to_options(self)
        yield from rules.filters_of_options(options, self.vocabulary_filter_method)
        yield from language_rules.options_are_enough(options)
        yield from language_rules.option_resources_are_enough(options)
        yield from language_rules.options_can_be_identified(options, multiple_languages=multiple_languages)
        if multiple_languages:
            yield from self._multiple_languages(options)
        elif self.content_redaction is not None:
            yield rules.redaction_with_identification()

    def _multiple_languages(self, options: list[LanguageOption]) -> Iterator[Finding]:
        # "Language identification with batch transcription jobs" in the developer guide
        if any(option.language_model is not None for option in options):
            yield error(
                "multiple-languages-model",
                "language_model in language_options with multiple_languages=True: Transcribe uses no model where "
                "several languages are spoken; leave one of them out",
            )
        if self.content_redaction is not None:
            yield error(
                "multiple-languages-redaction",
                "content_redaction with multiple_languages=True: Transcribe redacts nothing where several languages "
                "are spoken; leave one of them out",
            )

    def _toxicity_detection(self, options: list[LanguageOption]) -> Iterator[Finding]:
        yield from language_rules.languages_support("toxicity_detection", TOXICITY_DETECTION_LANGUAGES, options)
        # "Detecting toxic speech" in the developer guide
        others = [argument for argument in _NOT_WITH_TOXICITY if getattr(self, argument)]
        if others:
            yield error(
                "toxicity-with-others",
                f"toxicity_detection with {', '.join(others)}: Transcribe detects toxic speech with content_redaction "
                "and no other feature; make it a job of its own",
            )


_NOT_WITH_TOXICITY = (
    "language_identification",
    "vocabulary",
    "vocabulary_filter",
    "language_model",
    "max_speakers",
    "channel_identification",
    "max_alternatives",
    "subtitles",
)
