"""Personal data out of a transcript, found by its looks: numbers and names."""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from transcribe_local.transcript import Item, Segment

_MARK = "[PII]"
_NUMBER_WORD = re.compile(
    r"((zero|oh|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(thir|four|fif|six|seven|eigh|nine)teen|"
    r"(twen|thir|for|fif|six|seven|eigh|nine)ty|hundred|thousand|million)-?)+",
    re.IGNORECASE,
)
_NAME_LIKE = re.compile(r"[A-Z][a-z]+")
_SENTENCE_ENDS = (".", "?", "!")
_NAME = "NAME"


def redacted(segments: Iterable[Segment], entity_types: list[str] | None = None) -> list[Segment]:
    """The segments with `[PII]` in the place of numbers and names.

    A number is a word with a digit in it or a number word; a name is a word with a capital letter that begins no
    sentence. That finds more than personal data and misses some. Of `entity_types`, NAME asks for names and every
    other type for numbers; without them or with ALL, both go.
    """
    wanted = set(entity_types or ["ALL"])
    names, numbers = bool(wanted & {_NAME, "ALL"}), bool(wanted - {_NAME})
    return [replace(segment, items=tuple(_redacted(segment.items, names, numbers))) for segment in segments]


def _redacted(items: tuple[Item, ...], names: bool, numbers: bool) -> Iterator[Item]:
    found = [
        item.is_word and ((numbers and _is_number(item)) or (names and _is_name(item, before)))
        for before, item in zip((None, *items), items, strict=False)
    ]
    for personal, group in itertools.groupby(zip(items, found, strict=True), key=lambda pair: pair[1]):
        words = [item for item, _ in group]
        if personal:
            yield replace(words[0], content=_MARK, end=words[-1].end, is_redacted=True)
        else:
            yield from words


def _is_number(item: Item) -> bool:
    has_digit = any(character.isdigit() for character in item.content)
    return has_digit or _NUMBER_WORD.fullmatch(item.content) is not None


def _is_name(item: Item, before: Item | None) -> bool:
    begins_sentence = before is None or before.content in _SENTENCE_ENDS
    return not begins_sentence and _NAME_LIKE.fullmatch(item.content) is not None
