"""Which objects a route takes, and where their transcripts go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from aws_cdk import Token

MEDIA_SUFFIXES = (".amr", ".flac", ".m4a", ".mp3", ".mp4", ".ogg", ".wav", ".webm")
"""The endings of the media formats that Transcribe takes (`MediaFormat` in botocore's model)."""

_OUTPUT_SUFFIXES = (".json", ".vtt", ".srt")
# OutputKey in botocore's model, anchored; 300 leaves room for the media object's own key below 1,024.
_OUTPUT_PREFIX = re.compile(r"([a-zA-Z0-9\-_.!*'()][a-zA-Z0-9\-_.!*'()/]{0,299})?")


@dataclass(frozen=True)
class Route:
    """The objects with a prefix and one of some suffixes, and the prefix of their transcripts."""

    id: str
    prefix: str
    suffixes: tuple[str, ...]
    output_prefix: str

    def __post_init__(self) -> None:
        if not self.suffixes or not all(self.suffixes):
            raise ValueError(
                f"suffixes={list(self.suffixes)!r} of route {self.id!r}: give at least one ending, such as '.wav', and "
                "no empty one; leave the argument out for every format that Transcribe takes"
            )
        if not Token.is_unresolved(self.output_prefix) and not _OUTPUT_PREFIX.fullmatch(self.output_prefix):
            raise ValueError(
                f"output_prefix={self.output_prefix!r} of route {self.id!r}: Transcribe takes letters, digits and "
                "-_.!*'()/ there, at most 300 and no slash first"
            )

    def key_pattern(self) -> list[Any]:
        """What EventBridge compares an object's key with.

        Several conditions on one field are alternatives to EventBridge, so prefix and suffix together need a
        wildcard, and wildcards know no "whatever the case".
        """
        if not self.prefix:
            return [{"suffix": {"equals-ignore-case": suffix}} for suffix in self.suffixes]
        spellings = {spelling for suffix in self.suffixes for spelling in (suffix, suffix.lower(), suffix.upper())}
        return [{"wildcard": f"{_literal(self.prefix)}*{_literal(spelling)}"} for spelling in sorted(spellings)]

    def overwrites(self, other: Route) -> bool:
        """Whether some object would have one transcript for both routes."""
        nested = self.prefix.startswith(other.prefix) or other.prefix.startswith(self.prefix)
        return self.output_prefix == other.output_prefix and nested and _share_an_ending(self, other)

    def takes_own_output(self) -> bool:
        """Whether transcripts in the media bucket would be media of this route again."""
        under = f"{self.output_prefix}{self.prefix}".startswith(self.prefix)
        return under and any(self._takes_suffix(suffix) for suffix in _OUTPUT_SUFFIXES)

    def _takes_suffix(self, ending: str) -> bool:
        return any(ending.lower().endswith(suffix.lower()) for suffix in self.suffixes)


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("*", "\\*")


def _share_an_ending(one: Route, other: Route) -> bool:
    return any(
        a.lower().endswith(b.lower()) or b.lower().endswith(a.lower()) for a in one.suffixes for b in other.suffixes
    )
