"""What Transcribe would say, hours later, about a text that a language model is to be trained with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from cdk_transcribe import _finding
from cdk_transcribe._finding import Finding, quoted

USEFUL_WORDS = 10_000
"""Fewer words of training data make a model that is hardly better than its base model, says the developer guide."""

# Each of them ends the synthesis or doesn't; nobody reads more.
_MOST_FINDINGS = 20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


@dataclass
class TrainingText:
    """A text read once, line by line, with all that there is to say about it."""

    findings: list[Finding] = field(default_factory=list)
    byte_count: int = 0
    word_count: int = 0

    def read(self, name: str, lines: Iterable[bytes]) -> Iterator[bytes]:
        """The lines of one file as they are to be uploaded; counts them and notes what is wrong with them."""
        for number, line in enumerate(lines, start=1):
            plain = line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line
            self.byte_count += len(plain)
            self.word_count += len(plain.split())
            if len(self.findings) < _MOST_FINDINGS:
                self.findings += [replace(found, file=name, line=number) for found in islice(_line(plain), 1)]
            yield plain


def size(argument: str, text: TrainingText, most: int) -> Iterator[Finding]:
    """The service's limit on training data or on tuning data."""
    if text.byte_count > most:
        message = f"{text.byte_count:,} bytes are too many: Transcribe takes {most:,} at most"
        yield replace(_finding.error("training-size", message), file=argument)


def empty(argument: str, text: TrainingText) -> Iterator[Finding]:
    """Whether there is anything to train with."""
    if not text.word_count:
        yield replace(_finding.error("training-empty", "there is not a single word"), file=argument)


def few_words(argument: str, text: TrainingText) -> Iterator[Finding]:
    """Whether the training is worth its hours."""
    if 0 < text.word_count < USEFUL_WORDS:
        message = (
            f"{text.word_count:,} words are few: Transcribe's guide asks for {USEFUL_WORDS:,} at least, better 100,000"
        )
        yield replace(_finding.warning("training-few-words", message), file=argument)


def _line(line: bytes) -> Iterator[Finding]:
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        message = f"{quoted(line.decode(errors='backslashreplace'))} is not UTF-8: save the file as UTF-8 text"
        yield _finding.error("training-encoding", message, column=error.start + 1)
        return
    if "\0" in text:
        yield _finding.error("training-encoding", "a zero byte: this is no text file, or its encoding is UTF-16")
    tag = _TAG.search(text)
    if tag:
        message = f"{quoted(tag[0])} is markup, and training data is plain text: remove it"
        yield _finding.error("training-markup", message, column=tag.start() + 1)
