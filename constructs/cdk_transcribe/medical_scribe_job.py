"""The settings of an AWS HealthScribe job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar

from aws_cdk import aws_kms as kms
from aws_cdk.interfaces import aws_transcribe as refs

from cdk_transcribe import _job_rules as rules
from cdk_transcribe import _language_rules as language_rules
from cdk_transcribe._arguments import check_choice, check_texts
from cdk_transcribe._finding import Finding, error
from cdk_transcribe._job_request import (
    filter_method,
    key_arn,
    on,
    rendered,
    tag_list,
    vocabulary_filter_name,
    vocabulary_name,
)
from cdk_transcribe._job_settings import JobSettings
from cdk_transcribe.channel_roles import MedicalParticipantRole, channel_definitions, check_channel
from cdk_transcribe.filter_method import FilterMethod
from cdk_transcribe.object_value import ObjectValue

# The only one of HealthScribe, whose API has no field for it.
_LANGUAGE_CODE = "en-US"


class NoteTemplate(Enum):
    """The form of a clinical note."""

    HISTORY_AND_PHYSICAL = "HISTORY_AND_PHYSICAL"
    """Chief complaint, history, review of systems, assessment and plan, among others."""
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
    """The settings of an AWS HealthScribe job (`StartMedicalScribeJob`), for US English.

    It writes a transcript of a consultation and a clinical note. How those who speak are told apart must be said:
    `max_speakers` or `clinician_channel`. Settings whose type names `ObjectValue` may be left to each media object,
    which decides with its key or a tag. Values that are known only at deployment (tokens) are not checked.

    Args:
        max_speakers: tells speakers apart by their voices, at most this many, 2 to 30.
        clinician_channel: tells them apart by their channels: the clinician's is 0 for the first or 1 for the
            second, the patient's is the other (the API's `ChannelIdentification` and `ChannelDefinitions`).
        vocabulary: a custom vocabulary in US English, or its name. By default none.
        vocabulary_filter: a vocabulary filter in US English, or its name; needs `vocabulary_filter_method`. By
            default none.
        vocabulary_filter_method: what the filter does to a word it matches.
        note_template: the form of the clinical note. By default `HISTORY_AND_PHYSICAL`, the service's own default.
        patient_pronouns: what the note calls the patient. By default HealthScribe is not told.
        output_encryption_key: a symmetric customer-managed key that encrypts what the job writes. By default the key
            of the pipeline's storage.
        output_encryption_context: up to 10 pairs of plain text that KMS binds to the encryption and logs, nothing
            secret. By default none.
        tags: tags for the job itself, by their keys. By default none.

    Raises:
        ValueError: for values that HealthScribe refuses, combinations that it refuses, and a vocabulary or filter in
            another language.
    """

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
                    "VocabularyFilterMethod": filter_method(self.vocabulary_filter_method, self.vocabulary_filter),
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

    def _check_types(self) -> None:
        check_channel("clinician_channel", self.clinician_channel)
        check_choice("vocabulary_filter_method", self.vocabulary_filter_method, FilterMethod)
        check_choice("note_template", self.note_template, NoteTemplate)
        check_choice("patient_pronouns", self.patient_pronouns, Pronouns)
        check_texts("output_encryption_context", self.output_encryption_context)
        check_texts("tags", self.tags)

    def _findings(self) -> Iterator[Finding]:
        if (self.max_speakers is None) == (self.clinician_channel is None):
            given = "neither is" if self.max_speakers is None else "both are"
            yield error(
                "speakers-or-channels",
                f"max_speakers or clinician_channel: HealthScribe needs one of them, and {given} given; use "
                "clinician_channel for recordings with one person on each channel, and max_speakers for others",
            )
        yield from language_rules.resource_is_in_language("vocabulary", self.vocabulary, _LANGUAGE_CODE)
        yield from language_rules.resource_is_in_language("vocabulary_filter", self.vocabulary_filter, _LANGUAGE_CODE)
        yield from rules.filter_and_method(self.vocabulary_filter, self.vocabulary_filter_method)
        yield from rules.key_is_no_alias(self.output_encryption_key)
        yield from rules.reserved_tags(self.tags)
