"""What a vocabulary filter does to a transcript: masks, removes or tags whole words, whatever their case."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from transcribe_local.transcript import Item, Segment

_MASK = "***"


def filtered(segment: Segment, words: frozenset[str], method: str) -> Segment:
    """The segment with the filter applied; `method` is `mask`, `remove` or `tag`."""
    return replace(segment, items=tuple(_METHODS[method](segment.items, words)))


def _masked(items: tuple[Item, ...], words: frozenset[str]) -> Iterator[Item]:
    return (replace(item, content=_MASK) if _matches(item, words) else item for item in items)


def _tagged(items: tuple[Item, ...], words: frozenset[str]) -> Iterator[Item]:
    return (replace(item, vocabulary_filter_match=True) if _matches(item, words) else item for item in items)


def _removed(items: tuple[Item, ...], words: frozenset[str]) -> Iterator[Item]:
    wordless = True
    for item in items:
        # Punctuation of a word that went goes with it.
        if _matches(item, words) or (wordless and not item.is_word):
            continue
        wordless = not item.is_word
        yield item


def _matches(item: Item, words: frozenset[str]) -> bool:
    return item.is_word and item.content.lower().replace("\u2019", "'") in words


_METHODS: dict[str, Callable[[tuple[Item, ...], frozenset[str]], Iterator[Item]]] = {
    "mask": _masked,
    "remove": _removed,
    "tag": _tagged,
}
