"""What a linter has to say about one place in a text."""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass, replace


class Severity(str, enum.Enum):
    """How certain it is that Amazon Transcribe refuses the text."""

    ERROR = "error"
    """The service answers with an error, or the vocabulary becomes FAILED."""
    WARNING = "warning"
    """The service may refuse it, or accept it and do something else than was meant."""


@dataclass(frozen=True)
class Finding:
    """One thing to change, or to know, about a vocabulary or a vocabulary filter.

    Attributes:
        id: the name of the rule, such as `phrase-has-digit`; stays the same between releases.
        severity: whether the service is sure to refuse it.
        message: the value as typed, what is allowed, and what to change.
        file: the name of the file, or of the list (`terms`, `phrases`, `words`).
        line: the line in the file, or the position in the list; counted from 1.
        column: the character in the line, or in the entry of the list; counted from 1.
    """

    id: str
    severity: Severity
    message: str
    file: str = ""
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}"
        return f"{where}: {self.severity.value}: {self.message} [{self.id}]"

    def moved(self, *, line: int, offset: int = 0) -> Finding:
        """The same finding about a text that starts `offset` characters into `line`."""
        return replace(self, line=line, column=self.column + offset)


def error(id: str, message: str, *, line: int = 1, column: int = 1) -> Finding:
    """Something that Amazon Transcribe is known to refuse."""
    return Finding(id, Severity.ERROR, message, line=line, column=column)


def warning(id: str, message: str, *, line: int = 1, column: int = 1) -> Finding:
    """Something that Amazon Transcribe may refuse or misread."""
    return Finding(id, Severity.WARNING, message, line=line, column=column)


def quoted(text: str) -> str:
    """`text` in double quotes on one line, shortened where it is long, undecodable bytes shown as escapes."""
    shown = text if len(text) <= 60 else text[:60] + "…"
    return json.dumps(shown, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()
