"""The rules for the table of a custom vocabulary ("Creating a custom vocabulary using a table")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from cdk_transcribe import _text_rules as text_rules
from cdk_transcribe._entry_rules import PHRASES, EntryKind, blank_lines, duplicates
from cdk_transcribe._finding import Finding, error, quoted, warning
from cdk_transcribe.vocabulary_table import COLUMNS, Cell, Row, Table, column_named

TableRule = Callable[[Table, str], Iterator[Finding]]

_ALL_COLUMNS = f"{', '.join(COLUMNS)}, in any order"


def encoding(table: Table, language_code: str) -> Iterator[Finding]:
    """The file is UTF-8."""
    return text_rules.encoding(table.content)


def size(table: Table, language_code: str) -> Iterator[Finding]:
    """The file has at most 50 KB."""
    return text_rules.size(table.content)


def line_ends(table: Table, language_code: str) -> Iterator[Finding]:
    """Tables may end lines with CRLF of late, lists may not ("Creating a custom vocabulary using a list")."""
    return text_rules.line_ends(table.content, refuses_crlf="lists of phrases" if table.is_list else None)


def header_is_there(table: Table, language_code: str) -> Iterator[Finding]:
    """The first line names the columns; without it, the service may still take the file for a list."""
    if table.is_list and any(not row.is_blank for row in table.rows):
        message = "no header, so this is read as a list of phrases, a form that Amazon Transcribe is phasing out: "
        yield warning("list-form", f"{message}write a table with the columns {_ALL_COLUMNS}")
    else:
        yield from header_is_needed(table, language_code)


def header_is_needed(table: Table, language_code: str) -> Iterator[Finding]:
    """The first line names the columns."""
    if not table.content.strip():
        yield error("empty", f"the file is empty: start with a header that names {_ALL_COLUMNS}")
    elif not table.header:
        yield error(
            "header-missing",
            f"the first line is no header: it must name {_ALL_COLUMNS}, with a tab between any two",
        )


def header_names(table: Table, language_code: str) -> Iterator[Finding]:
    """The header names nothing but the four columns, and each of them as it is spelt."""
    for cell in table.header:
        column = column_named(cell.text)
        if column is None:
            message = f"{quoted(cell.text)} is no column: the header must name {_ALL_COLUMNS}"
            yield error("header-unknown-column", message, column=cell.offset + 1)
        elif cell.text != column:
            message = f"{quoted(cell.text)} is not how the column is spelt: write {column}"
            yield warning("header-spelling", message, column=cell.offset + 1)


def header_is_complete(table: Table, language_code: str) -> Iterator[Finding]:
    """The header names each column once, those that are left empty too."""
    counts = Counter(column_named(cell.text) for cell in table.header)
    for column in COLUMNS if table.header else ():
        if not counts[column]:
            message = f"the header has no {column}: it must name {_ALL_COLUMNS}, even columns that stay empty"
            yield error("header-missing-column", message)
        elif counts[column] > 1:
            yield error("header-repeated-column", f"the header names {column} {counts[column]} times: keep one")


def separator(table: Table, language_code: str) -> Iterator[Finding]:
    """Columns are separated by tabs; older pages of the guide refuse commas."""
    if table.header and table.separator == ",":
        message = "the columns are separated by commas, which Amazon Transcribe accepts only of late: use tabs"
        yield warning("separator-comma", message)


def row_widths(table: Table, language_code: str) -> Iterator[Finding]:
    """Each row has all the separators, around empty cells too."""
    expected = len(table.header)
    mark = "comma" if table.separator == "," else "tab"
    for row in _filled_rows(table) if expected else ():
        if row.width != expected:
            advice = "between any two cells, empty ones too" if row.width < expected else "between cells only"
            message = f"the row has {row.width} cells, the header {expected}: put one {mark} {advice}"
            yield error("row-columns", message, line=row.line)


def rows_are_there(table: Table, language_code: str) -> Iterator[Finding]:
    """A vocabulary without terms does nothing; whether the service takes it is not documented."""
    if table.header and not _filled_rows(table):
        yield warning("no-terms", "the table has no term: add a row with a Phrase")


def blank_rows(table: Table, language_code: str) -> Iterator[Finding]:
    """Each row has something in it."""
    return blank_lines((row.line, "") for row in table.rows if row.is_blank and _filled_rows(table))


def phrase_is_there(table: Table, language_code: str) -> Iterator[Finding]:
    """Each row has a phrase."""
    for row in _filled_rows(table):
        if not row["Phrase"].text.strip():
            message = "the row has no Phrase: add what is said, or remove the row"
            yield error("phrase-missing", message, line=row.line, column=row["Phrase"].offset + 1)


def phrases(table: Table, language_code: str) -> Iterator[Finding]:
    """Each phrase follows the rules of phrases."""
    return lint_phrases(PHRASES, table, language_code)


def long_values(table: Table, language_code: str) -> Iterator[Finding]:
    """An entry has at most 256 characters; whether that holds for DisplayAs is not documented."""
    for row, cell in filled_cells(table, "DisplayAs"):
        if len(cell.text) > PHRASES.max_characters:
            yield warning(
                "value-too-long",
                f"DisplayAs {quoted(cell.text)} has {len(cell.text)} characters, and "
                f"{PHRASES.max_characters} may be the most: shorten it",
                line=row.line,
                column=cell.offset + PHRASES.max_characters + 1,
            )


def ignored_columns(table: Table, language_code: str) -> Iterator[Finding]:
    """SoundsLike and IPA have no effect since 2024-04-30."""
    for column in ("SoundsLike", "IPA"):
        filled = filled_cells(table, column)
        if filled:
            row, cell = filled[0]
            rows = "1 row has" if len(filled) == 1 else f"{len(filled)} rows have"
            message = f"{rows} {column}, which Amazon Transcribe ignores since 2024-04-30: leave the column empty"
            yield warning("column-ignored", message, line=row.line, column=cell.offset + 1)


TERM_RULES: tuple[TableRule, ...] = (
    size,
    rows_are_there,
    phrase_is_there,
    blank_rows,
    phrases,
    long_values,
    ignored_columns,
)
TABLE_RULES: tuple[TableRule, ...] = (
    encoding,
    line_ends,
    header_is_there,
    header_names,
    header_is_complete,
    separator,
    row_widths,
    *TERM_RULES,
)


def lint_phrases(kind: EntryKind, table: Table, language_code: str) -> Iterator[Finding]:
    """What there is to say about the phrases of a table, each for itself and all of them together."""
    filled = filled_cells(table, "Phrase")
    for row, cell in filled:
        found = kind.lint(cell.text, language_code)
        yield from (finding.moved(line=row.line, offset=cell.offset) for finding in found)
    yield from duplicates(kind, [(row.line, cell.text) for row, cell in filled])


def filled_cells(table: Table, column: str) -> list[tuple[Row, Cell]]:
    """The cells of a column that say something, with their rows."""
    return [(row, row[column]) for row in table.rows if row[column].text.strip()]


def _filled_rows(table: Table) -> list[Row]:
    return [row for row in table.rows if not row.is_blank]
