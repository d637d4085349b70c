"""The rules for the table of a medical vocabulary ("Creating a text file for your medical custom vocabulary")."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cdk_transcribe import _table_rules as table_rules
from cdk_transcribe import _text_rules as text_rules
from cdk_transcribe._entry_rules import MEDICAL_PHRASES
from cdk_transcribe._finding import Finding, error, quoted
from cdk_transcribe._table_rules import TableRule, filled_cells
from cdk_transcribe.languages import MEDICAL_LANGUAGES, MEDICAL_PHONEMES, phrase_characters
from cdk_transcribe.vocabulary_table import COLUMNS, Cell, Table


def language(table: Table, language_code: str) -> Iterator[Finding]:
    """Amazon Transcribe Medical knows one language."""
    if language_code not in MEDICAL_LANGUAGES:
        message = f"{quoted(language_code)} has no medical vocabularies: use {', '.join(MEDICAL_LANGUAGES)}"
        yield error("language-not-medical", message)


def line_ends(table: Table, language_code: str) -> Iterator[Finding]:
    """Lines end with LF."""
    return text_rules.line_ends(table.content, refuses_crlf="medical vocabularies")


def separator(table: Table, language_code: str) -> Iterator[Finding]:
    """Columns are separated by tabs."""
    if table.header and table.separator == ",":
        message = "the columns are separated by commas, and medical vocabularies take only tabs: use tabs"
        yield error("separator-comma", message)


def outer_spaces(table: Table, language_code: str) -> Iterator[Finding]:
    """No value has spaces around it."""
    for column in COLUMNS:
        for row, cell in filled_cells(table, column):
            if cell.text != cell.text.strip():
                message = f"{column} {quoted(cell.text)} has spaces around it: remove them"
                yield error("value-has-outer-space", message, line=row.line, column=_outer_space(cell) + 1)


def phrases(table: Table, language_code: str) -> Iterator[Finding]:
    """Each phrase follows the rules of phrases, and is a character shorter than elsewhere."""
    return table_rules.lint_phrases(MEDICAL_PHRASES, table, language_code)


def long_values(table: Table, language_code: str) -> Iterator[Finding]:
    """Every value has fewer than 256 characters."""
    limit = MEDICAL_PHRASES.max_characters
    for column in COLUMNS[1:]:
        for row, cell in filled_cells(table, column):
            if len(cell.text) > limit:
                message = f"{column} {quoted(cell.text)} has {len(cell.text)} characters, allowed are {limit}"
                yield error("value-too-long", f"{message}: shorten it", line=row.line, column=cell.offset + limit + 1)


def one_pronunciation(table: Table, language_code: str) -> Iterator[Finding]:
    """A row has SoundsLike or IPA, or neither."""
    for row, cell in filled_cells(table, "IPA"):
        if row["SoundsLike"].text.strip():
            message = "the row has both SoundsLike and IPA: keep one of them"
            yield error("two-pronunciations", message, line=row.line, column=cell.offset + 1)


def sounds_like(table: Table, language_code: str) -> Iterator[Finding]:
    """SoundsLike has the letters of the language, its syllables joined with hyphens."""
    listed = phrase_characters("en-US")
    for row, cell in filled_cells(table, "SoundsLike"):
        unlisted = [column for column, c in enumerate(cell.text, start=1) if listed is None or c not in listed]
        if unlisted and listed is not None:
            yield error(
                "sounds-like-character",
                f"SoundsLike {quoted(cell.text)} has {quoted(cell.text[unlisted[0] - 1])}: "
                f"allowed are {listed.notation}, with a hyphen between any two syllables",
                line=row.line,
                column=cell.offset + unlisted[0],
            )


def phonemes(table: Table, language_code: str) -> Iterator[Finding]:
    """IPA has the phonemes of "Character set for Amazon Transcribe Medical", one space between any two."""
    for row, cell in filled_cells(table, "IPA"):
        for phoneme in re.finditer(r"[^ ]+", cell.text):
            if phoneme.group() not in MEDICAL_PHONEMES:
                message = f"{quoted(phoneme.group())} is no phoneme of en-US, with a space between any two allowed are "
                yield error(
                    "ipa-phoneme",
                    message + " ".join(sorted(MEDICAL_PHONEMES)),
                    line=row.line,
                    column=cell.offset + phoneme.start() + 1,
                )
        for gap in re.finditer(r"(?<=[^ ]) {2,}(?=[^ ])", cell.text):
            message = f"IPA {quoted(cell.text)} has more than one space between phonemes: write one"
            yield error("ipa-spacing", message, line=row.line, column=cell.offset + gap.start() + 1)


MEDICAL_TERM_RULES: tuple[TableRule, ...] = (
    language,
    table_rules.size,
    table_rules.rows_are_there,
    table_rules.phrase_is_there,
    table_rules.blank_rows,
    outer_spaces,
    phrases,
    long_values,
    one_pronunciation,
    sounds_like,
    phonemes,
)
MEDICAL_TABLE_RULES: tuple[TableRule, ...] = (
    table_rules.encoding,
    line_ends,
    table_rules.header_is_needed,
    table_rules.header_names,
    table_rules.header_is_complete,
    separator,
    table_rules.row_widths,
    *MEDICAL_TERM_RULES,
)


def _outer_space(cell: Cell) -> int:
    starts_with_space = cell.text != cell.text.lstrip()
    return cell.offset + (0 if starts_with_space else len(cell.text.rstrip()))
