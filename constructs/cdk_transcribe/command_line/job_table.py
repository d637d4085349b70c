"""Jobs as a table for people."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from transcribe_handlers.job_facts import seconds_since_epoch, timestamp

_HEADINGS = ("STATUS", "CREATED", "TOOK", "JOB", "MEDIA", "WHY")


def job_table(rows: Iterable[Mapping[str, Any]]) -> str:
    """A line for each job."""
    return aligned([_HEADINGS, *map(_cells, rows)])


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell; on a terminal, lines no longer than it is wide."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    return "\n".join(
        "  ".join(cell.ljust(wide) for cell, wide in zip(line, widths, strict=True)).rstrip()[:width] for line in lines
    )


def printable(text: str) -> str:
    """A key may be called anything, also what a terminal takes for an order."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def why(row: Mapping[str, Any]) -> str:
    """The class and the reason of a failure."""
    return printable(": ".join(row[name] for name in ("failure_class", "failure_reason") if name in row))


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        row["status"],
        f"{row['created_at'][:19]}Z",
        _took(row["created_at"], row.get("completed_at") or timestamp()),
        row["job_name"],
        printable(row.get("media_uri", "")),
        why(row),
    )


def _took(start: str, end: str) -> str:
    seconds = max(0, round(seconds_since_epoch(end) - seconds_since_epoch(start)))
    for size, unit, smaller_size, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "m"), (60, "m", 1, "s")):
        if seconds >= size:
            return f"{seconds // size}{unit} {seconds % size // smaller_size}{smaller}"
    return f"{seconds}s"
