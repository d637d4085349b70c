"""The settings of a medical transcription job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar

from aws_cdk import aws_kms as kms
from aws_cdk.interfaces import aws_transcribe as refs

from cdk_transcribe import _job_rules as rules
from cdk_transcribe import _language_rules as language_rules
from cdk_transcribe._arguments import check_choice, check_flag, check_texts
from cdk_transcribe._finding import Finding, warning
from cdk_transcribe._job_request import key_arn, medical_vocabulary_name, on, rendered, tag_list
from cdk_transcribe._job_settings import JobSettings
from cdk_transcribe.languages import MEDICAL_LANGUAGES
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
    """The settings of a medical transcription job (`StartMedicalTranscriptionJob`), for US English.

    Settings whose type names `ObjectValue` may be left to each media object, which decides with its key or a tag.
    Values that are known only at deployment (tokens) are not checked. Transcribe queues no medical jobs: when too
    many run at once the pipeline tries again until there is room.

    Args:
        type: whether the recording is a conversation or a dictation.
        specialty: the medical specialty. By default primary care, the only one that Transcribe knows in batch.
        language_code: the language that is spoken. By default `en-US`, the only one that Transcribe Medical knows.
        vocabulary: a medical vocabulary, or its name. By default none.
        identify_phi: flags protected health information in the transcript. By default it is not flagged.
        max_speakers: tells speakers apart, at most this many, 2 to 30. By default speakers are not told apart.
        channel_identification: transcribes each of the two channels by itself, for recordings with one speaker on
            each. By default channels are mixed.
        max_alternatives: writes up to this many ways to understand each part, 2 to 10. By default one.
        media_sample_rate_hertz: the sample rate, 16000 to 48000. By default, and best, Transcribe finds it out: a
            job with another one fails.
        media_format: the format of the media. By default, and best, Transcribe finds it out: a job with another
            one fails.
        output_encryption_key: a symmetric customer-managed key that encrypts what the job writes. By default the key
            of the pipeline's storage.
        output_encryption_context: up to 10 pairs of plain text that KMS binds to the encryption and logs, nothing
            secret. By default none.
        tags: tags for the job itself, by their keys. By default none.

    Raises:
        ValueError: for values that Transcribe refuses, and for a vocabulary that is not a medical one.
    """

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

    def _check_types(self) -> None:
        check_choice("type", self.type, MedicalTranscriptionType)
        check_choice("specialty", self.specialty, MedicalSpecialty)
        check_choice("media_format", self.media_format, MediaFormat)
        check_texts("output_encryption_context", self.output_encryption_context)
        check_texts("tags", self.tags)
        check_flag("identify_phi", self.identify_phi)
        check_flag("channel_identification", self.channel_identification)

    def _findings(self) -> Iterator[Finding]:
        yield from language_rules.only_languages("Transcribe Medical", MEDICAL_LANGUAGES, self.language_code)
        yield from language_rules.resource_is_in_language("vocabulary", self.vocabulary, self.language_code)
        if self.max_speakers is not None and self.channel_identification:
            yield warning(
                "medical-speakers-and-channels",
                "max_speakers with channel_identification: Transcribe allows both for standard jobs, and its "
                "documentation does not say so for medical ones; leave one of them out",
            )
        yield from rules.key_is_no_alias(self.output_encryption_key)
        yield from rules.reserved_tags(self.tags)
