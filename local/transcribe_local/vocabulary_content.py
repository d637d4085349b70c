"""What a custom vocabulary says, read as the service reads it.

Only what Amazon Transcribe is known to refuse is refused here; languages whose character set is not listed
are held to the rules that all languages share.
"""

import csv
import re
from collections.abc import Iterable
from typing import NamedTuple

MAX_BYTES = 50 * 1024
_MAX_PHRASE_LENGTH = 256
_COLUMNS = {"Phrase", "SoundsLike", "IPA", "DisplayAs"}
_ACRONYM = re.compile(r"(?:[^\W\d_]\.)+")
_ENGLISH = "abcdefghijklmnopqrstuvwxyz'-."
_LETTERS = {
    "en": _ENGLISH,
    "id": _ENGLISH,
    "ms": _ENGLISH,
    "de": _ENGLISH + "äöüß",
    "fr": _ENGLISH + "àâçèéêëîïôöùûü",
    "es": _ENGLISH + "áéíóúñü",
    "it": _ENGLISH + "àäçèéêëìòùü",
    "pt": _ENGLISH + "àáâãäçèéêëíñóôõöúü",
    "nl": _ENGLISH + "àáâäçèéêëìíîïñòóôöùúûü",
    "da": _ENGLISH.replace("'", "") + "åæéø",
    "sv": _ENGLISH + "äåö",
}


class VocabularyEntry(NamedTuple):
    """A phrase and, where the vocabulary says so, how it is written in a transcript."""

    phrase: str
    display_as: str = ""


class RefusedContentError(Exception):
    """Says what in a vocabulary or filter the service would not accept."""


def entries_from_phrases(phrases: Iterable[str], language_code: str) -> tuple[VocabularyEntry, ...]:
    """The entries of a list of phrases. Raises RefusedContentError."""
    entries = tuple(VocabularyEntry(phrase) for phrase in phrases)
    for entry in entries:
        _check_phrase(entry.phrase, language_code)
    return entries


def entries_from_file(content: bytes, language_code: str, table_only: bool) -> tuple[VocabularyEntry, ...]:
    """The entries of a table, or of a file with a phrase a line where a table is not required.

    Raises RefusedContentError.
    """
    lines = [line for line in decoded_lines(content) if line.strip()]
    if not lines:
        raise RefusedContentError("the file is empty")
    # The guide's page on custom vocabularies allows both line ends by now, its page on medical ones only LF.
    if table_only and any(line.endswith("\r") for line in lines):
        raise RefusedContentError("a line ends in CRLF instead of LF")
    separator = "\t" if "\t" in lines[0] else ","
    header = _fields(lines[0], separator)
    if _COLUMNS & set(header) or table_only:
        return _table(header, lines[1:], separator, language_code)
    return entries_from_phrases((line.rstrip("\r") for line in lines), language_code)


def decoded_lines(content: bytes) -> list[str]:
    """The lines of a UTF-8 file. Raises RefusedContentError for any other encoding."""
    try:
        return content.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise RefusedContentError("the file isn't UTF-8 text") from error


def foreign_characters(text: str, language_code: str) -> set[str]:
    """The characters that the language's set lacks; none for a language whose set is not listed."""
    letters = _LETTERS.get(language_code.partition("-")[0])
    return set() if letters is None else set(text.lower()) - set(letters)


def _table(header: list[str], rows: list[str], separator: str, language_code: str) -> tuple[VocabularyEntry, ...]:
    if set(header) != _COLUMNS or len(header) != len(_COLUMNS):
        raise RefusedContentError("the header must name Phrase, SoundsLike, IPA and DisplayAs")
    if not rows:
        raise RefusedContentError("the table has no rows")
    return tuple(
        _entry(header, _fields(row, separator), number, language_code) for number, row in enumerate(rows, start=2)
    )


def _fields(line: str, separator: str) -> list[str]:
    line = line.rstrip("\r")
    return line.split("\t") if separator == "\t" else next(csv.reader([line]))


def _entry(header: list[str], fields: list[str], number: int, language_code: str) -> VocabularyEntry:
    if len(fields) != len(header):
        raise RefusedContentError(f"row {number} has {len(fields)} columns instead of {len(header)}")
    row = dict(zip(header, fields, strict=True))
    _check_phrase(row["Phrase"], language_code)
    return VocabularyEntry(row["Phrase"], row["DisplayAs"].strip())


def _check_phrase(phrase: str, language_code: str) -> None:
    for problem, found in (
        ("is empty", not phrase),
        ("is longer than 256 characters", len(phrase) > _MAX_PHRASE_LENGTH),
        ("contains a space", re.search(r"\s", phrase)),
        ("contains a digit", re.search(r"\d", phrase)),
        ("starts with punctuation", phrase.startswith((".", "'", "-"))),
        ("ends with punctuation", phrase.endswith(("'", "-"))),
        ("repeats punctuation", re.search(r"--|\.\.|''", phrase)),
        ("has a period outside an acronym", _misplaced_period(phrase)),
        ("contains a character that the language doesn't have", foreign_characters(phrase, language_code)),
    ):
        if found:
            raise RefusedContentError(f"the phrase '{phrase}' {problem}")


def _misplaced_period(phrase: str) -> bool:
    return any("." in part and not _ACRONYM.fullmatch(part) for part in phrase.split("-"))
