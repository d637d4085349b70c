import codecs

import pytest

from cdk_transcribe.vocabulary_table import COLUMNS, Term, read_table, render_table


def test_a_table_starts_with_the_four_columns() -> None:
    assert render_table([]) == b"Phrase\tSoundsLike\tIPA\tDisplayAs\n"


def test_each_term_is_a_row_with_all_its_separators() -> None:
    terms = [Term("Los-Angeles", display_as="Los Angeles"), Term("C.L.I.", ipa="s i", sounds_like="see-ell-eye")]
    rows = render_table(terms).decode().splitlines()[1:]
    assert rows == ["Los-Angeles\t\t\tLos Angeles", "C.L.I.\tsee-ell-eye\ts i\t"]


def test_a_table_is_utf_8_with_lf_and_without_byte_order_mark() -> None:
    table = render_table([Term("Köln")])
    assert table.endswith("Köln\t\t\t\n".encode())
    assert b"\r" not in table
    assert not table.startswith(codecs.BOM_UTF8)


def test_equal_terms_make_equal_tables() -> None:
    assert Term("a", display_as="A") == Term("a", display_as="A")
    assert render_table([Term("a", display_as="A")]) == render_table(iter([Term("a", display_as="A")]))


@pytest.mark.parametrize("unwritable", ["a\tb", "a\nb", "a\rb", "\ud800"])
def test_fails_when_a_term_has_what_no_table_can_hold(unwritable: str) -> None:
    with pytest.raises(ValueError, match="can't hold tabs, line breaks or lone surrogates"):
        Term("a", display_as=unwritable)


def test_everything_but_the_phrase_is_named() -> None:
    with pytest.raises(TypeError):
        Term("a", "b")  # type: ignore[call-arg]


def test_columns_are_read_in_any_order_and_know_where_they_stand() -> None:
    table = read_table(b"DisplayAs\tIPA\tPhrase\tSoundsLike\nthe A\t\ta\t\n")
    assert [cell.text for cell in table.header] == ["DisplayAs", "IPA", "Phrase", "SoundsLike"]
    assert {column: (table.rows[0][column].text, table.rows[0][column].offset) for column in COLUMNS} == {
        "Phrase": ("a", 7),
        "SoundsLike": ("", 9),
        "IPA": ("", 6),
        "DisplayAs": ("the A", 0),
    }


def test_commas_are_read_as_separators_only_where_the_header_has_them() -> None:
    assert read_table(b"Phrase,SoundsLike,IPA,DisplayAs\na,,,A\n").rows[0]["DisplayAs"].text == "A"
    assert read_table(b"Phrase\tSoundsLike\tIPA\tDisplayAs\na\t\t\tA, B\n").rows[0]["DisplayAs"].text == "A, B"


def test_a_file_without_header_and_tabs_is_a_list() -> None:
    table = read_table(b"Los-Angeles,C.L.I.\nEva-Maria\n")
    assert table.is_list
    assert [row["Phrase"].text for row in table.rows] == ["Los-Angeles", "C.L.I.", "Eva-Maria"]
