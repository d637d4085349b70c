"""The table of a custom vocabulary: its terms, and the file that Amazon Transcribe reads them from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field

from cdk_transcribe._text_rules import text_lines

COLUMNS = ("Phrase", "SoundsLike", "IPA", "DisplayAs")
"""The four columns that every table must have, in the order this library writes them; any order is accepted."""


@dataclass(frozen=True)
class Term:
    """One row of a custom vocabulary: something that is said, and how it is written in the transcript.

    Args:
        phrase: what is said, without digits, the words joined with hyphens (`Los-Angeles`), letters that are
            pronounced one by one each followed by a full stop (`C.L.I.`, plural `A.B.C.-s`).
        display_as: how the transcript writes it. Any characters, spaces and digits included. By default the
            transcript shows what the service makes of `phrase`.
        sounds_like: the sound in syllables of the language (`loss-ann-gel-es`). Amazon Transcribe ignores it since
            2024-04-30, except in medical vocabularies. By default the service knows how to say the phrase.
        ipa: the sound in the International Phonetic Alphabet, a space between any two phonemes. Amazon Transcribe
            ignores it since 2024-04-30, except in medical vocabularies. By default the service knows how to say the
            phrase.

    Raises:
        ValueError: when a value has a tab, a line break or a lone surrogate, which no table can hold.
    """

    phrase: str
    display_as: str | None = field(default=None, kw_only=True)
    sounds_like: str | None = field(default=None, kw_only=True)
    ipa: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        unwritable = [value for value in astuple(self) if re.search("[\t\r\n\ud800-\udfff]", value or "")]
        if unwritable:
            raise ValueError(
                f"a term can't hold tabs, line breaks or lone surrogates, got {unwritable[0]!r}: remove them"
            )

    def cells(self) -> tuple[str, str, str, str]:
        """The row of this term, in the order of `COLUMNS`."""
        return (self.phrase, self.sounds_like or "", self.ipa or "", self.display_as or "")


def render_table(terms: Iterable[Term]) -> bytes:
    """The table file of `terms`: UTF-8 without a byte order mark, tabs between columns, LF at line ends.

    Every page of the Amazon Transcribe developer guide accepts this form; CSV and CRLF only some of them do.
    """
    rows = [COLUMNS, *(term.cells() for term in terms)]
    return "".join("\t".join(row) + "\n" for row in rows).encode()


@dataclass(frozen=True)
class Cell:
    """What a row says in one column, and how many characters stand before it in its line."""

    text: str
    offset: int = 0


@dataclass(frozen=True)
class Row:
    """One line of a table, as far as it could be told apart."""

    line: int
    cells: dict[str, Cell]
    width: int = len(COLUMNS)

    def __getitem__(self, column: str) -> Cell:
        return self.cells.get(column, Cell(""))

    @property
    def is_blank(self) -> bool:
        """Whether no cell of the row says anything."""
        return not any(cell.text.strip() for cell in self.cells.values())


@dataclass(frozen=True)
class Table:
    """A vocabulary as it was found, right or wrong.

    Attributes:
        content: the bytes of the file.
        header: the cells of the first line; none where that line names no column.
        separator: what stands between two cells.
        rows: the lines below the header.
        is_list: whether it is no table at all but the older form, phrases separated by commas or line ends.
    """

    content: bytes
    header: Sequence[Cell]
    separator: str
    rows: Sequence[Row]
    is_list: bool = False


def table_of_terms(terms: Iterable[Term]) -> Table:
    """The table of `terms`, the line of a row being the position of its term."""
    terms = list(terms)
    rows = [
        Row(position, {column: Cell(text) for column, text in zip(COLUMNS, term.cells(), strict=True)})
        for position, term in enumerate(terms, start=1)
    ]
    return Table(render_table(terms), [Cell(column) for column in COLUMNS], "\t", rows)


def read_table(content: bytes) -> Table:
    """The table in a file; whatever the bytes are, something comes out."""
    lines = text_lines(content)
    first = lines[0] if lines else ""
    for separator in ("\t", ","):
        header = _cells(first, separator)
        columns = [column_named(cell.text) for cell in header]
        if any(columns):
            return Table(content, header, separator, _rows(lines, separator, columns)[1:])
    if b"\t" in content:
        return Table(content, [], "\t", _rows(lines, "\t", COLUMNS))
    if re.search(r"SoundsLike|DisplayAs", first, re.IGNORECASE):
        return Table(content, [], "\t", [])
    entries = [Row(n, {"Phrase": cell}) for n, line in enumerate(lines, start=1) for cell in _cells(line, ",")]
    return Table(content, [], ",", entries, is_list=True)


def column_named(name: str) -> str | None:
    """The column that `name` means, whatever its case and the spaces around it."""
    return {column.casefold(): column for column in COLUMNS}.get(name.strip().casefold())


def _rows(lines: Sequence[str], separator: str, columns: Sequence[str | None]) -> list[Row]:
    split = [_cells(line, separator) for line in lines]
    return [
        Row(line, {column: cell for column, cell in zip(columns, cells, strict=False) if column}, len(cells))
        for line, cells in enumerate(split, start=1)
    ]


def _cells(line: str, separator: str) -> list[Cell]:
    cells = []
    offset = 0
    for text in line.split(separator):
        cells.append(Cell(text, offset))
        offset += len(text) + len(separator)
    return cells
