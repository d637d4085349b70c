"""A transcript in the making: segments of speech made of words and punctuation."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from transcribe_local.media import Samples

_TOKEN = re.compile(r"[^\W_][\w'\u2019.&%$@/+-]*|[$£€]\d[\w.,]*|[.,?!;:]")
_PUNCTUATION = ".,?!;:"


class SpokenLine(NamedTuple):
    """A stretch of speech between two pauses as it was recognised, in seconds from the start of the sound."""

    start: float
    end: float
    text: str


@dataclass(frozen=True)
class Item:
    """One word with its time in seconds, or one punctuation mark, which has none."""

    content: str
    start: float | None = None
    end: float | None = None
    vocabulary_filter_match: bool = False
    is_redacted: bool = False

    @property
    def is_word(self) -> bool:
        return self.start is not None


@dataclass(frozen=True)
class Segment:
    """What one speaker said on one channel between two pauses."""

    start: float
    end: float
    items: tuple[Item, ...]
    channel: int = 0
    speaker: int | None = None
    loudness: tuple[float, ...] = ()
    """Of each second, in decibels above the quietest sound that 16 bits hold."""

    @property
    def text(self) -> str:
        return text_of(self.items)


@dataclass(frozen=True)
class Transcription:
    """What was said, and what the media turned out to be.

    `seconds` is its whole length, `channels` its sound at 16,000 samples a second; without decoding there is none.
    """

    media_format: str
    sample_rate: int
    seconds: float
    segments: list[Segment]
    channels: "tuple[Samples, ...]" = ()

    @property
    def spoken_seconds(self) -> float:
        return round(sum(segment.end - segment.start for segment in self.segments), 2)


def text_of(items: Iterable[Item]) -> str:
    """The items as one would write them: spaces before words, none before punctuation."""
    return "".join(f" {item.content}" if item.is_word else item.content for item in items).strip()


def segment_of(
    line: SpokenLine, channel: int = 0, speaker: int | None = None, loudness: tuple[float, ...] = ()
) -> Segment:
    """Divide a recognised line into items.

    The recogniser times lines, not words: the words share the time of the line in proportion to their length.
    """
    return Segment(line.start, line.end, tuple(_items(line)), channel, speaker, loudness)


def _items(line: SpokenLine) -> Iterator[Item]:
    tokens = list(_tokens(line.text))
    letters = sum(len(token) for token in tokens if token not in _PUNCTUATION) or 1
    seconds_a_letter = (line.end - line.start) / letters
    start = line.start
    for token in tokens:
        if token in _PUNCTUATION:
            yield Item(token)
            continue
        end = start + len(token) * seconds_a_letter
        yield Item(token, start, end)
        start = end


def _tokens(text: str) -> Iterator[str]:
    # The recogniser now and then repeats a comma.
    for match in _TOKEN.finditer(re.sub(r"([.,?!;:])\1+", r"\1", text)):
        token = match[0]
        if token in _PUNCTUATION:
            yield token
            continue
        word = token.rstrip(".'\u2019-/+&")
        yield word
        if "." in token[len(word) :]:
            yield "."
