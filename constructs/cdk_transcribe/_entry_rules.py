"""The rules for a list of phrases or words: each entry for itself, and all of them together."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from cdk_transcribe._finding import Finding, error, quoted, warning
from cdk_transcribe._phrase_rules import PHRASE_RULES, WORD_RULES, PhraseRule

Entry = tuple[int, str]
"""A line, or the position in a list, and what is there."""


@dataclass(frozen=True)
class EntryKind:
    """What the entries of a list are called, how each is checked, and when two of them are the same."""

    noun: str
    rules: tuple[PhraseRule, ...]
    identity: Callable[[str], str]
    max_characters: int = 256

    def lint(self, text: str, language_code: str) -> Iterator[Finding]:
        """What there is to say about one entry."""
        yield from chain.from_iterable(rule(text, language_code) for rule in self.rules)
        if len(text) > self.max_characters:
            yield error(
                f"{self.noun}-too-long",
                f"the {self.noun} {quoted(text)} has {len(text)} characters, allowed are {self.max_characters}: "
                "shorten it",
                column=self.max_characters + 1,
            )


def _same_spelling(text: str) -> str:
    return unicodedata.normalize("NFC", text)


PHRASES = EntryKind("phrase", PHRASE_RULES, _same_spelling)
# "Have fewer than 256 characters, including hyphens", the page on medical vocabularies says.
MEDICAL_PHRASES = EntryKind("phrase", PHRASE_RULES, _same_spelling, max_characters=255)
WORDS = EntryKind("word", WORD_RULES, lambda word: _same_spelling(word).casefold())


def each_entry(kind: EntryKind, entries: Iterable[Entry], language_code: str) -> Iterator[Finding]:
    """What there is to say about each entry that is not blank."""
    for line, text in entries:
        if text.strip():
            yield from (finding.moved(line=line) for finding in kind.lint(text, language_code))


def blank_entries(kind: EntryKind, entries: Iterable[Entry]) -> Iterator[Finding]:
    """Every entry of a list says something."""
    for line, text in entries:
        if not text.strip():
            yield error(f"{kind.noun}-missing", f"{quoted(text)} is no {kind.noun}: remove it", line=line)


def blank_lines(lines: Iterable[Entry]) -> Iterator[Finding]:
    """How the service takes a blank line is not documented."""
    for line, text in lines:
        if not text.strip():
            yield warning("line-blank", "the line is blank and may count as an entry: remove it", line=line)


def duplicates(kind: EntryKind, entries: Iterable[Entry]) -> Iterator[Finding]:
    """What the service does with an entry that is there twice is not documented."""
    seen: dict[str, int] = {}
    for line, text in entries:
        first = seen.setdefault(kind.identity(text), line) if text.strip() else line
        if first != line:
            message = f"{quoted(text)} is there already, at {first}: keep one of them"
            yield warning(f"{kind.noun}-duplicate", message, line=line)
