"""The settings of a call analytics job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from aws_cdk import aws_kms as kms
from aws_cdk.interfaces import aws_transcribe as refs

from cdk_transcribe._job_request import (
    key_arn,
    language_model_name,
    rendered,
    tag_list,
    vocabulary_filter_name,
    vocabulary_name,
)
from cdk_transcribe._job_settings import JobSettings
from cdk_transcribe.channel_roles import ParticipantRole, channel_definitions
from cdk_transcribe.filter_method import FilterMethod
from cdk_transcribe.language_identification import LanguageOption, language_options_request
from cdk_transcribe.object_value import ObjectValue
from cdk_transcribe.redaction import ContentRedaction


@dataclass(frozen=True, kw_only=True)
class CallAnalyticsJob(JobSettings):
    """The settings of a call analytics job (`StartCallAnalyticsJob`)."""

    kind: ClassVar[str] = "CallAnalyticsJob"

    agent_channel: int | None = None
    language_code: str | ObjectValue | None = None
    language_options: Sequence[str | LanguageOption] = ()
    vocabulary: refs.IVocabularyRef | str | ObjectValue | None = None
    vocabulary_filter: refs.IVocabularyFilterRef | str | ObjectValue | None = None
    vocabulary_filter_method: FilterMethod | ObjectValue | None = None
    language_model: str | ObjectValue | None = None
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
                    "VocabularyFilterMethod": self.vocabulary_filter_method,
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
            return {"LanguageOptions": [self.language_code]}
        return language_options_request(self.language_options)
