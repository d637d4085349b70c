"""AWS CDK constructs for Amazon Transcribe.

Storage (`TranscribeStorage`), the role that Transcribe takes on (`DataAccessRole`), custom vocabularies and filters
(`Vocabulary`, `MedicalVocabulary`, `VocabularyFilter`), and a pipeline (`TranscriptionPipeline`) that starts a job for
each media object and records how it ended (`JobLedger`).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cdk_transcribe._routes import MEDIA_SUFFIXES
    from cdk_transcribe.data_access_role import DataAccessRole
    from cdk_transcribe.jobs import FilterMethod, SubtitleFormat, TranscriptionJob
    from cdk_transcribe.ledger import JobLedger
    from cdk_transcribe.medical_vocabulary import IMedicalVocabulary, MedicalVocabulary, MedicalVocabularyGrants
    from cdk_transcribe.pipeline import TranscriptionPipeline
    from cdk_transcribe.sources import VocabularySource, WordSource
    from cdk_transcribe.storage import TranscribeStorage
    from cdk_transcribe.vocabulary import IVocabulary, Vocabulary, VocabularyGrants
    from cdk_transcribe.vocabulary_filter import IVocabularyFilter, VocabularyFilter, VocabularyFilterGrants
    from cdk_transcribe.vocabulary_table import Term

__all__ = [
    "MEDIA_SUFFIXES",
    "DataAccessRole",
    "FilterMethod",
    "IMedicalVocabulary",
    "IVocabulary",
    "IVocabularyFilter",
    "JobLedger",
    "MedicalVocabulary",
    "MedicalVocabularyGrants",
    "SubtitleFormat",
    "Term",
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
    "DataAccessRole": "data_access_role",
    "FilterMethod": "jobs",
    "IMedicalVocabulary": "medical_vocabulary",
    "IVocabulary": "vocabulary",
    "IVocabularyFilter": "vocabulary_filter",
    "JobLedger": "ledger",
    "MedicalVocabulary": "medical_vocabulary",
    "MedicalVocabularyGrants": "medical_vocabulary",
    "SubtitleFormat": "jobs",
    "Term": "vocabulary_table",
    "TranscribeStorage": "storage",
    "TranscriptionJob": "jobs",
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
