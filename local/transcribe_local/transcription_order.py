"""What one job wants done with its media, and why that may be impossible."""

from dataclasses import dataclass

from transcribe_local.vocabulary_content import VocabularyEntry


class UnusableMediaError(Exception):
    """Why a job on this media fails, in the service's words."""


@dataclass(frozen=True)
class TranscriptionOrder:
    """What one job wants done; everything left out is not done."""

    media_format: str | None = None
    sample_rate: int | None = None
    lowest_sample_rate: int = 8000
    max_speakers: int | None = None
    by_channel: bool = False
    needs_two_channels: bool = False
    vocabulary: tuple[VocabularyEntry, ...] = ()
    filter_words: frozenset[str] = frozenset()
    filter_method: str = "mask"
