"""The settings of a medical transcription job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar

from aws_cdk import aws_kms as kms
from aws_cdk.interfaces import aws_transcribe as refs

from cdk_transcribe._job_request import key_arn, medical_vocabulary_name, on, rendered, tag_list
from cdk_transcribe._job_settings import JobSettings
from cdk_transcribe.media_format import MediaFormat
from cdk_transcribe.object_value import ObjectValue


class MedicalTranscriptionType(Enum):
    """What a medical recording holds."""

    CONVERSATION = "CONVERSATION"
    """People who talk with each other, such as a clinician and a patient."""
    DICTATION = "DICTATION"
    """One person who dictates, such as a clinician's notes."""


class MedicalSpecialty(Enum):
    """The medical specialty that a recording belongs to."""

    PRIMARY_CARE = "PRIMARYCARE"
    """The only one that Transcribe knows in batch."""


@dataclass(frozen=True, kw_only=True)
class MedicalTranscriptionJob(JobSettings):
    """The settings of a medical transcription job (`StartMedicalTranscriptionJob`)."""

    kind: ClassVar[str] = "MedicalTranscriptionJob"

    type: MedicalTranscriptionType | ObjectValue
    specialty: MedicalSpecialty = MedicalSpecialty.PRIMARY_CARE
    language_code: str = "en-US"
    vocabulary: refs.IMedicalVocabularyRef | str | ObjectValue | None = None
    identify_phi: bool = False
    max_speakers: int | ObjectValue | None = None
    channel_identification: bool = False
    max_alternatives: int | None = None
    media_sample_rate_hertz: int | ObjectValue | None = None
    media_format: MediaFormat | ObjectValue | None = None
    output_encryption_key: kms.IKey | None = None
    output_encryption_context: Mapping[str, str] | None = None
    tags: Mapping[str, str] | None = None

    def to_request(self) -> dict[str, Any]:
        """The request's fields, all but those that depend on the media object and the buckets."""
        request: dict[str, Any] = rendered(
            {
                "LanguageCode": self.language_code,
                "Specialty": self.specialty,
                "Type": self.type,
                "MediaSampleRateHertz": self.media_sample_rate_hertz,
                "MediaFormat": self.media_format,
                "OutputEncryptionKMSKeyId": key_arn(self.output_encryption_key),
                "KMSEncryptionContext": self.output_encryption_context,
                "Settings": {
                    "VocabularyName": medical_vocabulary_name(self.vocabulary),
                    "ShowSpeakerLabels": on(self.max_speakers),
                    "MaxSpeakerLabels": self.max_speakers,
                    "ChannelIdentification": self.channel_identification or None,
                    "ShowAlternatives": on(self.max_alternatives),
                    "MaxAlternatives": self.max_alternatives,
                },
                "ContentIdentificationType": "PHI" if self.identify_phi else None,
                "Tags": tag_list(self.tags),
            }
        )
        return request
