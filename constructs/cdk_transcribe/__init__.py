"""AWS CDK constructs for Amazon Transcribe.

Storage (`TranscribeStorage`), the role that Transcribe takes on (`DataAccessRole`), custom vocabularies and filters
(`Vocabulary`, `MedicalVocabulary`, `VocabularyFilter`), custom language models (`LanguageModel`), categories of calls
(`CallAnalyticsCategory`), and a pipeline (`TranscriptionPipeline`) that starts a job of any kind (`TranscriptionJob`,
`MedicalTranscriptionJob`, `CallAnalyticsJob`, `MedicalScribeJob`) for each media object and records how it ended
(`JobLedger`).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cdk_transcribe._routes import MEDIA_SUFFIXES
    from cdk_transcribe.backfill import Backfill
    from cdk_transcribe.call_analytics_category import (
        CallAnalyticsCategory,
        CallAnalyticsCategoryGrants,
        CategoryRule,
        ICallAnalyticsCategory,
        InputType,
        Sentiment,
        TimeRange,
    )
    from cdk_transcribe.call_analytics_job import CallAnalyticsJob
    from cdk_transcribe.channel_roles import ParticipantRole
    from cdk_transcribe.data_access_role import DataAccessRole
    from cdk_transcribe.filter_method import FilterMethod
    from cdk_transcribe.job_metrics import LedgerMetrics, PipelineMetrics
    from cdk_transcribe.jobs import Job
    from cdk_transcribe.language_identification import LanguageIdentification, LanguageOption
    from cdk_transcribe.language_model import (
        AwaitedLanguageModel,
        BaseModel,
        ILanguageModel,
        LanguageModel,
        LanguageModelGrants,
    )
    from cdk_transcribe.language_model_pointer import LanguageModelPointer
    from cdk_transcribe.ledger import JobLedger, LedgerGrants
    from cdk_transcribe.media_format import MediaFormat
    from cdk_transcribe.medical_scribe_job import MedicalScribeJob, NoteTemplate, Pronouns
    from cdk_transcribe.medical_transcription_job import (
        MedicalSpecialty,
        MedicalTranscriptionJob,
        MedicalTranscriptionType,
    )
    from cdk_transcribe.medical_vocabulary import IMedicalVocabulary, MedicalVocabulary, MedicalVocabularyGrants
    from cdk_transcribe.monitoring import LedgerAlarms, PipelineAlarms
    from cdk_transcribe.object_value import ObjectValue
    from cdk_transcribe.pipeline import TranscriptionPipeline
    from cdk_transcribe.redaction import ContentRedaction, PiiEntityType, RedactionOutput
    from cdk_transcribe.sources import VocabularySource, WordSource
    from cdk_transcribe.storage import TranscribeStorage
    from cdk_transcribe.training_data import TrainingData
    from cdk_transcribe.transcription_job import SubtitleFormat, TranscriptionJob
    from cdk_transcribe.vocabulary import IVocabulary, Vocabulary, VocabularyGrants
    from cdk_transcribe.vocabulary_filter import IVocabularyFilter, VocabularyFilter, VocabularyFilterGrants
    from cdk_transcribe.vocabulary_table import Term

__all__ = [
    "MEDIA_SUFFIXES",
    "AwaitedLanguageModel",
    "Backfill",
    "BaseModel",
    "CallAnalyticsCategory",
    "CallAnalyticsCategoryGrants",
    "CallAnalyticsJob",
    "CategoryRule",
    "ContentRedaction",
    "DataAccessRole",
    "FilterMethod",
    "ICallAnalyticsCategory",
    "ILanguageModel",
    "IMedicalVocabulary",
    "IVocabulary",
    "IVocabularyFilter",
    "InputType",
    "Job",
    "JobLedger",
    "LanguageIdentification",
    "LanguageModel",
    "LanguageModelGrants",
    "LanguageModelPointer",
    "LanguageOption",
    "LedgerAlarms",
    "LedgerGrants",
    "LedgerMetrics",
    "MediaFormat",
    "MedicalScribeJob",
    "MedicalSpecialty",
    "MedicalTranscriptionJob",
    "MedicalTranscriptionType",
    "MedicalVocabulary",
    "MedicalVocabularyGrants",
    "NoteTemplate",
    "ObjectValue",
    "ParticipantRole",
    "PiiEntityType",
    "PipelineAlarms",
    "PipelineMetrics",
    "Pronouns",
    "RedactionOutput",
    "Sentiment",
    "SubtitleFormat",
    "Term",
    "TimeRange",
    "TrainingData",
    "TranscribeStorage",
    "TranscriptionJob",
    "TranscriptionPipeline",
    "Vocabulary",
    "VocabularyFilter",
    "VocabularyFilterGrants",
    "VocabularyGrants",
    "VocabularySource",
    "WordSource",
]

_MODULES = {
    "MEDIA_SUFFIXES": "_routes",
    "AwaitedLanguageModel": "language_model",
    "Backfill": "backfill",
    "BaseModel": "language_model",
    "CallAnalyticsCategory": "call_analytics_category",
    "CallAnalyticsCategoryGrants": "call_analytics_category",
    "CallAnalyticsJob": "call_analytics_job",
    "CategoryRule": "call_analytics_category",
    "ContentRedaction": "redaction",
    "DataAccessRole": "data_access_role",
    "FilterMethod": "filter_method",
    "ICallAnalyticsCategory": "call_analytics_category",
    "ILanguageModel": "language_model",
    "IMedicalVocabulary": "medical_vocabulary",
    "IVocabulary": "vocabulary",
    "IVocabularyFilter": "vocabulary_filter",
    "InputType": "call_analytics_category",
    "Job": "jobs",
    "JobLedger": "ledger",
    "LanguageIdentification": "language_identification",
    "LanguageModel": "language_model",
    "LanguageModelGrants": "language_model",
    "LanguageModelPointer": "language_model_pointer",
    "LanguageOption": "language_identification",
    "LedgerAlarms": "monitoring",
    "LedgerGrants": "ledger",
    "LedgerMetrics": "job_metrics",
    "MediaFormat": "media_format",
    "MedicalScribeJob": "medical_scribe_job",
    "MedicalSpecialty": "medical_transcription_job",
    "MedicalTranscriptionJob": "medical_transcription_job",
    "MedicalTranscriptionType": "medical_transcription_job",
    "MedicalVocabulary": "medical_vocabulary",
    "MedicalVocabularyGrants": "medical_vocabulary",
    "NoteTemplate": "medical_scribe_job",
    "ObjectValue": "object_value",
    "ParticipantRole": "channel_roles",
    "PiiEntityType": "redaction",
    "PipelineAlarms": "monitoring",
    "PipelineMetrics": "job_metrics",
    "Pronouns": "medical_scribe_job",
    "RedactionOutput": "redaction",
    "Sentiment": "call_analytics_category",
    "SubtitleFormat": "transcription_job",
    "Term": "vocabulary_table",
    "TimeRange": "call_analytics_category",
    "TrainingData": "training_data",
    "TranscribeStorage": "storage",
    "TranscriptionJob": "transcription_job",
    "TranscriptionPipeline": "pipeline",
    "Vocabulary": "vocabulary",
    "VocabularyFilter": "vocabulary_filter",
    "VocabularyFilterGrants": "vocabulary_filter",
    "VocabularyGrants": "vocabulary",
    "VocabularySource": "sources",
    "WordSource": "sources",
}

# Type checkers read the imports above, and so still find a misspelt name.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Imports what is asked for: `cdk-transcribe lint` need not wait for CDK, which takes half a second."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
