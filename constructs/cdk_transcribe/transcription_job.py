"""The settings of a standard transcription job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar

from aws_cdk import aws_kms as kms
from aws_cdk.interfaces import aws_transcribe as refs

from cdk_transcribe._job_request import (
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
from cdk_transcribe.language_identification import LanguageIdentification
from cdk_transcribe.media_format import MediaFormat
from cdk_transcribe.object_value import ObjectValue
from cdk_transcribe.redaction import ContentRedaction


class SubtitleFormat(Enum):
    """A format of subtitle files, written beside the transcript."""

    VTT = "vtt"
    SRT = "srt"


@dataclass(frozen=True, kw_only=True)
class TranscriptionJob(JobSettings):
    """The settings of a standard transcription job (`StartTranscriptionJob`)."""

    kind: ClassVar[str] = "TranscriptionJob"

    language_code: str | ObjectValue | None = None
    language_identification: LanguageIdentification | None = None
    vocabulary: refs.IVocabularyRef | str | ObjectValue | None = None
    vocabulary_filter: refs.IVocabularyFilterRef | str | ObjectValue | None = None
    vocabulary_filter_method: FilterMethod | ObjectValue | None = None
    language_model: str | ObjectValue | None = None
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
                    "VocabularyFilterMethod": self.vocabulary_filter_method,
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
