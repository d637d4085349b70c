"""What a custom vocabulary changes here: how the words that were recognised are written.

The recogniser cannot be taught, so a vocabulary does not make it hear better. Where it heard the words of a
phrase, they become the phrase's DisplayAs, or the phrase itself with spaces for hyphens.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby

from transcribe_local.transcript import Item, Segment
from transcribe_local.vocabulary_content import VocabularyEntry


class VocabularyDisplay:
    """Applies the entries of one vocabulary; longer phrases come first."""

    def __init__(self, entries: Iterable[VocabularyEntry]) -> None:
        self._written: dict[str, str] = {}
        patterns = []
        for entry in sorted(entries, key=lambda entry: -len(entry.phrase)):
            self._written.setdefault(_without_spaces(entry.phrase), entry.display_as or _spelled(entry.phrase))
            patterns.append(_pattern(entry.phrase))
        self._pattern = re.compile(rf"(?<!\S)(?:{'|'.join(patterns)})(?!\S)") if patterns else None

    def apply(self, segment: Segment) -> Segment:
        """The segment with every run of words that spells a phrase written as the vocabulary says."""
        items: list[Item] = []
        for is_word, grouped in groupby(segment.items, key=lambda item: item.is_word):
            run = list(grouped)
            items.extend(self._rewritten(run) if is_word else run)
        return replace(segment, items=tuple(items))

    def _rewritten(self, words: list[Item]) -> Iterable[Item]:
        if self._pattern is None:
            return words
        heard = [_heard(word.content) for word in words]
        line = " ".join(heard)
        starts = [sum(len(word) + 1 for word in heard[:number]) for number in range(len(heard))]
        rewritten: list[Item] = []
        done = 0
        for match in self._pattern.finditer(line):
            first = max(number for number, start in enumerate(starts) if start <= match.start())
            last = max(number for number, start in enumerate(starts) if start < match.end())
            written = self._written[_without_spaces(match[0])]
            rewritten += [*words[done:first], Item(written, words[first].start, words[last].end)]
            done = last + 1
        return rewritten + words[done:]


def _heard(word: str) -> str:
    return re.sub(r"[^\w' ]", "", word.lower().replace("\u2019", "'").replace("-", " "))


def _without_spaces(phrase: str) -> str:
    return _heard(phrase).replace(" ", "")


def _spelled(phrase: str) -> str:
    return phrase.replace("-", " ")


def _pattern(phrase: str) -> str:
    parts = phrase.lower().split("-")
    pattern = ""
    for number, part in enumerate(parts):
        beside_acronym = "." in part or (number and "." in parts[number - 1])
        pattern += ("" if not number else " ?" if beside_acronym else " ") + _part_pattern(part)
    return pattern


def _part_pattern(part: str) -> str:
    # An acronym is heard as one word, or letter by letter.
    return " ?".join(re.escape(letter) for letter in part.split(".") if letter) if "." in part else re.escape(part)
