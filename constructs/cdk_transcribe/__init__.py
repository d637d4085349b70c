"""AWS CDK constructs for Amazon Transcribe.

Storage (`TranscribeStorage`), the role that Transcribe takes on (`DataAccessRole`), custom vocabularies and filters
(`Vocabulary`, `VocabularyFilter`), and a pipeline (`TranscriptionPipeline`) that starts a job for each media object
and records how it ended (`JobLedger`).
"""

from cdk_transcribe._routes import MEDIA_SUFFIXES
from cdk_transcribe.data_access_role import DataAccessRole
from cdk_transcribe.jobs import FilterMethod, SubtitleFormat, TranscriptionJob
from cdk_transcribe.ledger import JobLedger
from cdk_transcribe.pipeline import TranscriptionPipeline
from cdk_transcribe.sources import VocabularySource, WordSource
from cdk_transcribe.storage import TranscribeStorage
from cdk_transcribe.vocabulary import Vocabulary
from cdk_transcribe.vocabulary_filter import VocabularyFilter

__all__ = [
    "MEDIA_SUFFIXES",
    "DataAccessRole",
    "FilterMethod",
    "JobLedger",
    "SubtitleFormat",
    "TranscribeStorage",
    "TranscriptionJob",
    "TranscriptionPipeline",
    "Vocabulary",
    "VocabularyFilter",
    "VocabularySource",
    "WordSource",
]
