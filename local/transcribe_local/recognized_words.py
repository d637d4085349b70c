"""What a job's vocabulary and filter make of the words that were recognised."""

from collections.abc import Iterable

from transcribe_local.transcript import Segment
from transcribe_local.transcription_order import TranscriptionOrder
from transcribe_local.vocabulary_display import VocabularyDisplay
from transcribe_local.word_filtering import filtered


def finished(segments: Iterable[Segment], order: TranscriptionOrder) -> list[Segment]:
    """The segments with the vocabulary's spellings and without the filter's words; empty ones are left out."""
    display = VocabularyDisplay(order.vocabulary)
    edited = (filtered(display.apply(segment), order.filter_words, order.filter_method) for segment in segments)
    return [segment for segment in edited if segment.items]
