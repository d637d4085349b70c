"""The settings of an AWS HealthScribe job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar

from aws_cdk import aws_kms as kms
from aws_cdk.interfaces import aws_transcribe as refs

from cdk_transcribe._job_request import key_arn, on, rendered, tag_list, vocabulary_filter_name, vocabulary_name
from cdk_transcribe._job_settings import JobSettings
from cdk_transcribe.channel_roles import MedicalParticipantRole, channel_definitions
from cdk_transcribe.filter_method import FilterMethod
from cdk_transcribe.object_value import ObjectValue


class NoteTemplate(Enum):
    """The form of a clinical note."""

    HISTORY_AND_PHYSICAL = "HISTORY_AND_PHYSICAL"
    """Chief complaint, history, physical examination, assessment and plan."""
    GIRPP = "GIRPP"
    """Goal, intervention, response, progress and plan."""
    BIRP = "BIRP"
    """Behaviour, intervention, response and plan."""
    SIRP = "SIRP"
    """Situation, intervention, response and plan."""
    DAP = "DAP"
    """Data, assessment and plan."""
    BEHAVIORAL_SOAP = "BEHAVIORAL_SOAP"
    """Subjective, objective, assessment and plan, for behavioural health."""
    PHYSICAL_SOAP = "PHYSICAL_SOAP"
    """Subjective, objective, assessment and plan, for physical health."""


class Pronouns(Enum):
    """What a clinical note calls the patient."""

    HE_HIM = "HE_HIM"
    SHE_HER = "SHE_HER"
    THEY_THEM = "THEY_THEM"


@dataclass(frozen=True, kw_only=True)
class MedicalScribeJob(JobSettings):
    """The settings of an AWS HealthScribe job (`StartMedicalScribeJob`)."""

    kind: ClassVar[str] = "MedicalScribeJob"

    max_speakers: int | ObjectValue | None = None
    clinician_channel: int | None = None
    vocabulary: refs.IVocabularyRef | str | ObjectValue | None = None
    vocabulary_filter: refs.IVocabularyFilterRef | str | ObjectValue | None = None
    vocabulary_filter_method: FilterMethod | ObjectValue | None = None
    note_template: NoteTemplate | ObjectValue | None = None
    patient_pronouns: Pronouns | ObjectValue | None = None
    output_encryption_key: kms.IKey | None = None
    output_encryption_context: Mapping[str, str] | None = None
    tags: Mapping[str, str] | None = None

    def to_request(self) -> dict[str, Any]:
        """The request's fields, all but those that depend on the media object, the bucket and the role."""
        request: dict[str, Any] = rendered(
            {
                "OutputEncryptionKMSKeyId": key_arn(self.output_encryption_key),
                "KMSEncryptionContext": self.output_encryption_context,
                "Settings": {
                    "ShowSpeakerLabels": on(self.max_speakers),
                    "MaxSpeakerLabels": self.max_speakers,
                    "ChannelIdentification": on(self.clinician_channel),
                    "VocabularyName": vocabulary_name(self.vocabulary),
                    "VocabularyFilterName": vocabulary_filter_name(self.vocabulary_filter),
                    "VocabularyFilterMethod": self.vocabulary_filter_method,
                    "ClinicalNoteGenerationSettings": {"NoteTemplate": self.note_template},
                },
                "ChannelDefinitions": channel_definitions(
                    self.clinician_channel, MedicalParticipantRole.CLINICIAN, MedicalParticipantRole.PATIENT
                ),
                "MedicalScribeContext": {"PatientContext": {"Pronouns": self.patient_pronouns}},
                "Tags": tag_list(self.tags),
            }
        )
        return request
