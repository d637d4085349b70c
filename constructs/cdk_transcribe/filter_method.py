"""What jobs do with the words that a vocabulary filter matches."""

from __future__ import annotations

from enum import Enum


class FilterMethod(Enum):
    """What a vocabulary filter does to a word it matches."""

    MASK = "mask"
    """The word is replaced with `***`."""
    REMOVE = "remove"
    """The word is deleted from the transcript."""
    TAG = "tag"
    """The word stays, and its item carries `vocabularyFilterMatch: true`."""
