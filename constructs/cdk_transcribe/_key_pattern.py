"""The pattern by which a route reads values from the keys of its objects."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True)
class KeyPattern:
    """Text with placeholders in braces, such as `calls/{language_code}/`, for the beginning of a key.

    Each placeholder stands for one or more characters other than a slash.

    Raises:
        ValueError: without a placeholder, for braces that make none, for one name twice, and for two placeholders
            with nothing between them.
    """

    text: str

    def __post_init__(self) -> None:
        if re.search(r"[{}]", _PLACEHOLDER.sub("", self.text)):
            raise ValueError(
                f"key_pattern={self.text!r} has braces that make no placeholder: write {{name}}, with letters, digits "
                "and underscores and no digit first"
            )
        if not self.placeholders:
            raise ValueError(f"key_pattern={self.text!r} has no placeholder such as {{language_code}}: use prefix")
        for name in self.placeholders:
            if self.placeholders.count(name) > 1:
                raise ValueError(f"key_pattern={self.text!r} has the placeholder {{{name}}} twice: give it two names")
        if "}{" in self.text:
            raise ValueError(
                f"key_pattern={self.text!r} has two placeholders side by side: put a text between them, such as a "
                "slash, or nobody knows where the first one ends"
            )

    @property
    def placeholders(self) -> list[str]:
        """The names in braces, in their order."""
        return _PLACEHOLDER.findall(self.text)

    def prefix(self, given: str | None) -> str:
        """What the keys of a route start with: the text before the first placeholder, unless less is `given`.

        Raises:
            ValueError: when `given` is not a beginning of that text: no key could have both.
        """
        literal = self.text.partition("{")[0]
        if given is not None and not literal.startswith(given):
            raise ValueError(
                f"prefix={given!r} contradicts key_pattern={self.text!r}: leave prefix out, or give a beginning of "
                f"{literal!r}"
            )
        return literal if given is None else given


def key_pattern_of(text: str | None, used: Collection[str]) -> KeyPattern | None:
    """The pattern of a route whose job reads the placeholders `used` from keys; none for a job that reads none.

    Raises:
        ValueError: when the pattern lacks one of them, when there is none though the job needs one, and when there is
            one for nothing.
    """
    wanted = ", ".join(f"{{{name}}}" for name in sorted(used))
    if text is None:
        if used:
            raise ValueError(
                f"the job reads {wanted} from the object's key: say where with key_pattern, such as "
                f"'calls/{{{min(used)}}}/'"
            )
        return None
    pattern = KeyPattern(text)
    missing = sorted(set(used) - set(pattern.placeholders))
    if missing:
        raise ValueError(
            f"key_pattern={text!r} lacks the placeholder {{{missing[0]}}}: the job reads {wanted} from the object's key"
        )
    if not used:
        raise ValueError(
            f"key_pattern={text!r} is for nothing: no setting of the job is an ObjectValue.from_key; use prefix"
        )
    return pattern
