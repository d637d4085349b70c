"""The settings of a call analytics job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from aws_cdk import aws_kms as kms
from aws_cdk.interfaces import aws_transcribe as refs

from cdk_transcribe import _job_rules as rules
from cdk_transcribe import _language_rules as language_rules
from cdk_transcribe._arguments import check_choice, check_flag, check_instance, check_list, check_texts
from cdk_transcribe._finding import Finding, error, warning
from cdk_transcribe._job_request import (
    chosen,
    filter_method,
    key_arn,
    language_model_name,
    rendered,
    tag_list,
    vocabulary_filter_name,
    vocabulary_name,
)
from cdk_transcribe._job_settings import JobSettings
from cdk_transcribe.channel_roles import ParticipantRole, channel_definitions, check_channel
from cdk_transcribe.filter_method import FilterMethod
from cdk_transcribe.language_identification import LanguageOption, as_options, language_options_request
from cdk_transcribe.language_model import AwaitedLanguageModel, ILanguageModel
from cdk_transcribe.languages import CALL_ANALYTICS_LANGUAGES, PII_REDACTION_LANGUAGES
from cdk_transcribe.object_value import ObjectValue
from cdk_transcribe.redaction import ContentRedaction

# "Generative call summarization" in the developer guide
_SUMMARIZATION_LANGUAGES = frozenset(code for code in CALL_ANALYTICS_LANGUAGES if code.startswith("en-"))


@dataclass(frozen=True, kw_only=True)
class CallAnalyticsJob(JobSettings):
    """The settings of a call analytics job (`StartCallAnalyticsJob`), for recordings with two channels.

    Besides the transcript there are sentiment, interruptions, non-talk time and the categories of the account: every
    `CallAnalyticsCategory` for calls that are over, if it was there before the job. Transcribe queues the job when
    too many run at once. Settings whose type names `ObjectValue` may be left to each media object, which decides with
    its key or a tag. Values that are known only at deployment (tokens) are not checked.

    Args:
        agent_channel: the channel on which the agent speaks, 0 for the first or 1 for the second; the customer is on
            the other (the API's `ChannelDefinitions`). By default Transcribe is not told.
        language_code: the language that is spoken, such as `en-US`. By default Transcribe finds it out.
        language_options: the languages that may be spoken, as codes or as `LanguageOption`, best two to five. By
            default any that call analytics knows.
        vocabulary: a custom vocabulary in the language of `language_code`, or its name. By default none.
        vocabulary_filter: a vocabulary filter in the language of `language_code`, or its name; needs
            `vocabulary_filter_method`. By default none.
        vocabulary_filter_method: what filters do to a word they match, those of `language_options` too.
        language_model: a custom language model in the language of `language_code`, or its name. Of a `LanguageModel`
            the version is used that serves when the job starts, and Transcribe's own until there is one; with
            `language_model.awaited()` the job waits for it. By default Transcribe's own.
        content_redaction: replaces personally identifiable information, in the audio too. By default nothing is
            replaced.
        summarization: writes a generated summary of the call (the API's `GenerateAbstractiveSummary`). English only.
            By default there is none.
        output_encryption_key: a symmetric customer-managed key that encrypts what the job writes. By default the key
            of the pipeline's storage.
        tags: tags for the job itself, by their keys. By default none.

    Raises:
        ValueError: for values that Transcribe refuses, combinations that it refuses, and a vocabulary, filter or
            model in another language, which it would silently not apply.
    """

    kind: ClassVar[str] = "CallAnalyticsJob"

    agent_channel: int | None = None
    language_code: str | ObjectValue | None = None
    language_options: Sequence[str | LanguageOption] = ()
    vocabulary: refs.IVocabularyRef | str | ObjectValue | None = None
    vocabulary_filter: refs.IVocabularyFilterRef | str | ObjectValue | None = None
    vocabulary_filter_method: FilterMethod | ObjectValue | None = None
    language_model: ILanguageModel | AwaitedLanguageModel | str | ObjectValue | None = None
    content_redaction: ContentRedaction | None = None
    summarization: bool = False
    output_encryption_key: kms.IKey | None = None
    tags: Mapping[str, str] | None = None

    def to_request(self) -> dict[str, Any]:
        """The request's fields, all but those that depend on the media object, the buckets and the role."""
        request: dict[str, Any] = rendered(
            {
                "OutputEncryptionKMSKeyId": key_arn(self.output_encryption_key),
                "Settings": {
                    "VocabularyName": vocabulary_name(self.vocabulary),
                    "VocabularyFilterName": vocabulary_filter_name(self.vocabulary_filter),
                    "VocabularyFilterMethod": filter_method(self.vocabulary_filter_method, self.vocabulary_filter),
                    "LanguageModelName": language_model_name(self.language_model),
                    "ContentRedaction": self.content_redaction.to_request() if self.content_redaction else None,
                    **self._languages(),
                    "Summarization": {"GenerateAbstractiveSummary": True} if self.summarization else None,
                },
                "ChannelDefinitions": channel_definitions(
                    self.agent_channel, ParticipantRole.AGENT, ParticipantRole.CUSTOMER
                ),
                "Tags": tag_list(self.tags),
            }
        )
        return request

    def _languages(self) -> dict[str, Any]:
        # The API has no LanguageCode here: one option alone is what fixes the language.
        if self.language_code is not None:
            return {"LanguageOptions": chosen(self.language_code, lambda code: [code])}
        return language_options_request(self.language_options)

    def _check_types(self) -> None:
        check_channel("agent_channel", self.agent_channel)
        check_list("language_options", self.language_options)
        check_choice("vocabulary_filter_method", self.vocabulary_filter_method, FilterMethod)
        check_instance("content_redaction", self.content_redaction, ContentRedaction)
        check_flag("summarization", self.summarization)
        check_texts("tags", self.tags)

    def _findings(self) -> Iterator[Finding]:
        identified = as_options(self.language_options)
        options = identified or rules.fixed_language(self)
        yield from language_rules.languages_exist(options)
        yield from language_rules.languages_support("call analytics", CALL_ANALYTICS_LANGUAGES, options)
        yield from language_rules.resources_are_in_their_language(options)
        yield from language_rules.models_exist_for_languages(options)
        if self.language_code is None:
            yield from self._identification(identified)
        else:
            yield from self._fixed_language()
        if self.content_redaction is not None:
            yield from language_rules.languages_support("content_redaction", PII_REDACTION_LANGUAGES, options)
        if self.summarization:
            yield from language_rules.languages_support("summarization", _SUMMARIZATION_LANGUAGES, options)
        yield from rules.key_is_no_alias(self.output_encryption_key)
        yield from rules.reserved_tags(self.tags)

    def _fixed_language(self) -> Iterator[Finding]:
        yield from rules.filter_and_method(self.vocabulary_filter, self.vocabulary_filter_method)
        if self.language_options:
            yield error(
                "language-twice",
                f"language_code={self.language_code!r} beside language_options: keep the one, or the others",
            )
        yield warning(
            "call-language-fixed",
            "language_code is sent as the only one of the API's LanguageOptions: its model takes one, and its "
            "documentation asks for two or more; if jobs are refused, use language_options",
        )

    def _identification(self, options: list[LanguageOption]) -> Iterator[Finding]:
        yield from rules.resources_belong_to_options(self)
        yield from rules.filters_of_options(options, self.vocabulary_filter_method)
        yield from language_rules.options_are_enough(options)
        yield from language_rules.option_resources_are_enough(options)
        if self.content_redaction is not None:
            yield rules.redaction_with_identification()
