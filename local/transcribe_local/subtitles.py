"""Subtitle files out of a transcript."""

from collections.abc import Iterator
from typing import NamedTuple

from transcribe_local.transcript import Item, Segment, text_of

CONTENT_TYPES = {"vtt": "text/vtt", "srt": "application/x-subrip"}
_LONGEST_CUE = 80


class Cue(NamedTuple):
    """A text and the seconds between which it is shown."""

    start: float
    end: float
    text: str


def subtitles(segments: list[Segment], subtitle_format: str, start_index: int) -> str:
    """A WebVTT or SubRip file, its cues numbered from `start_index`, each at most 80 characters long."""
    separator = "." if subtitle_format == "vtt" else ","
    cues = [
        f"{number}\n{_time(cue.start, separator)} --> {_time(cue.end, separator)}\n{cue.text}\n"
        for number, cue in enumerate(_cues(segments), start=start_index)
    ]
    return "\n".join((["WEBVTT\n"] if subtitle_format == "vtt" else []) + cues)


def _cues(segments: list[Segment]) -> Iterator[Cue]:
    for segment in segments:
        for items in _pieces(segment.items):
            words = [item for item in items if item.is_word]
            yield Cue(words[0].start or 0.0, words[-1].end or 0.0, text_of(items))


def _pieces(items: tuple[Item, ...]) -> Iterator[list[Item]]:
    piece: list[Item] = []
    for item in items:
        if item.is_word and piece and len(text_of([*piece, item])) > _LONGEST_CUE:
            yield piece
            piece = []
        piece.append(item)
    if any(item.is_word for item in piece):
        yield piece


def _time(seconds: float, separator: str) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{separator}{rest % 1000:03}"
