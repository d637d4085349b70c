# ruff: noqa: RUF001 (letters of one script that look like those of another are what is tested here)
from __future__ import annotations

import codecs
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_transcribe.languages import (
    LANGUAGE_CODES,
    NO_ACRONYM_LANGUAGES,
    STREAMING_ACRONYM_LANGUAGES,
    phrase_characters,
)
from cdk_transcribe.vocabulary_linter import (
    Finding,
    Severity,
    lint_phrases,
    lint_table,
    lint_terms,
    lint_word_file,
    lint_words,
)
from cdk_transcribe.vocabulary_table import Term, render_table

HEADER = "Phrase\tSoundsLike\tIPA\tDisplayAs\n"

# What the developer guide's character sets accept and refuse, for one code of each language it has a set for.
PHRASES_BY_LANGUAGE = {
    # language: (accepted, refused)
    "en-US": ("Los-Angeles A.B.C.-s Dynamo-D.B. V.X.-zero-two-Q. rock'n'roll", "caffè C++ A_B naïve"),
    "en-GB": ("Leicester o'clock", "Ångström you&me"),
    "id-ID": ("Jakarta-Raya Jum'at", "é a/b"),
    "ms-MY": ("Kuala-Lumpur", "ñ a/b"),
    "de-DE": ("Straße Öl-Übung C.D.U.", "Čapek Ærø a@b"),
    "de-CH": ("Zürich", "Genève"),
    "fr-FR": ("déjà-vu l'été Noël ÀÇÉ", "œuvre niño"),
    "fr-CA": ("Québec", "ÿ"),
    "es-ES": ("año Ávila pingüino O.N.U.", "façana català"),
    "es-US": ("San-José", "São"),
    "it-IT": ("perché Forlì cosà", "naïf jalapeño"),
    "pt-BR": ("São-Paulo ação Ñ", "œ ßa"),
    "pt-PT": ("Évora", "ÿ"),
    "nl-NL": ("geïnd crème-brûlée IJsland", "Šibenik ÿ"),
    "da-DK": ("Århus smørrebrød Æbleø D.S.B.", "rock'n'roll öl"),
    "sv-SE": ("Malmö Ånge åäö", "é ø"),
    "tr-TR": ("İstanbul ışık Şişli", "ñ ø"),
    "af-ZA": ("geëet môre", "l'été ñ"),
    "ar-AE": ("مرحبا مرحبا-بكم", "گل مَرحبا hello"),
    "ar-SA": ("السلام", "پارس"),
    "fa-IR": ("سلام گفتگو چای", "كتاب می‌روم hello"),
    "fa-AF": ("افغانستان", "ي"),
    "he-IL": ("שלום תל-אביב", "שָׁלוֹם hello"),
    "hi-IN": ("नमस्ते बी.बी.सी. स\u095cक", "hello नमस्ते! ळ"),
    "ta-IN": ("வணக்கம் தமிழ்-நாடு", "hello வ!"),
    "te-IN": ("నమస్తే తెలుగు-భాష", "hello క!"),
    "th-TH": ("สวัสดี กรุงเทพ", "hello ๏"),
    "ru-RU": ("привет ёлка санкт-петербург с.ш.а.", "hello і"),
    "ko-KR": ("안녕하세요 서울-시", "hello 漢字 ㄱ"),
    "ja-JP": ("東京 ひらがな カタカナ コーヒー ＡＢ JR", "안녕 é l"),
    "zh-CN": ("康健 世界-博览会", "hello ひ 健!"),
    "zh-TW": ("健康 世界-博覽會 ㄅ", "hello ひ"),
    "vi-VN": ("Việt-Nam Đà-Nẵng A&B", "ñ ä"),
    # The languages of November 2023, each with letters of its own.
    "ab-GE": ("аԥсуа", "ö"),
    "ast-ES": ("añu", "ç"),
    "az-AZ": ("bakı əli", "ñ"),
    "ba-RU": ("башҡорт", "ö"),
    "be-BY": ("беларусь ўі", "и ї"),
    "bg-BG": ("българия", "ы э"),
    "bn-IN": ("বাংলা", "क"),
    "bs-BA": ("džem čćžšđ", "ö"),
    "ca-ES": ("català parŀlar", "ñ"),
    "ckb-IQ": ("کوردی", "ك"),
    "cs-CZ": ("příliš žluťoučký", "ö"),
    "cy-WL": ("dŵr tŷ", "ñ"),
    "el-GR": ("ελλάδα αύριο", "ὰ"),
    "et-EE": ("õun", "å"),
    "eu-ES": ("españa", "ç"),
    "fi-FI": ("yötä åbo", "õ"),
    "gl-ES": ("españa", "ç"),
    "gu-IN": ("ગુજરાતી", "क"),
    "ha-NG": ("ɗan ƙasa", "é"),
    "hr-HR": ("čćžšđ", "ö"),
    "hu-HU": ("őszi tűz", "ä"),
    "hy-AM": ("հայաստան", "а"),
    "is-IS": ("þórður", "å"),
    "ka-GE": ("საქართველო", "а"),
    "kab-DZ": ("taqbaylit ɛɣ", "é"),
    "kk-KZ": ("қазақстан", "ї"),
    "kn-IN": ("ಕನ್ನಡ", "క"),
    "ky-KG": ("кыргыз", "ö"),
    "lg-IN": ("ŋŋanda", "é"),
    "lt-LT": ("žąsis", "ā"),
    "lv-LV": ("rīga", "ą"),
    "mhr-RU": ("марий", "ö"),
    "mk-MK": ("македонија", "ö"),
    "ml-IN": ("മലയാളം", "க"),
    "mn-MN": ("монгол", "ö"),
    "mr-IN": ("मराठी पळ", "ক"),
    "mt-MT": ("għażiż", "é"),
    "no-NO": ("blåbærsyltetøy", "ö"),
    "or-IN": ("ଓଡ଼ିଆ", "क"),
    "pa-IN": ("ਪੰਜਾਬੀ", "क"),
    "pl-PL": ("zażółć", "č"),
    "ps-AF": ("پښتو", "ك"),
    "ro-RO": ("ștefan", "ö"),
    "rw-RW": ("kigali", "ñ"),
    "si-LK": ("සිංහල", "க"),
    "sk-SK": ("ľalia", "ö"),
    "sl-SI": ("čšž", "ć"),
    "so-SO": ("muqdisho", "é"),
    "sr-RS": ("београд beograd", "ö"),
    "su-ID": ("basa-sunda", "é"),
    "sw-KE": ("nairobi", "é"),
    "tl-PH": ("niño", "é"),
    "tt-RU": ("татар", "ö"),
    "uk-UA": ("київ ґанок", "ы"),
    "uz-UZ": ("ўзбек", "ы"),
    "wo-SN": ("ñaar", "ä"),
    "zu-ZA": ("isizulu", "é"),
}  # fmt: skip


def errors(findings: list[Finding]) -> list[str]:
    return [str(finding) for finding in findings if finding.severity is Severity.ERROR]


@pytest.mark.parametrize("code", PHRASES_BY_LANGUAGE)
def test_phrases_of_a_language_are_accepted(code: str) -> None:
    phrases = PHRASES_BY_LANGUAGE[code][0].split()
    assert lint_phrases(phrases, code) == []
    assert lint_table(render_table(Term(phrase) for phrase in phrases), code) == []
    assert lint_words(phrases, code) == []


@pytest.mark.parametrize("code", PHRASES_BY_LANGUAGE)
def test_phrases_with_characters_of_other_languages_are_refused(code: str) -> None:
    phrases = PHRASES_BY_LANGUAGE[code][1].split()
    refused = {f.line for f in lint_phrases(phrases, code) if f.id in ("phrase-character", "phrase-code-points")}
    assert refused == set(range(1, len(phrases) + 1))
    refused = {f.line for f in lint_words(phrases, code) if f.id in ("word-character", "word-code-points")}
    assert refused == set(range(1, len(phrases) + 1))


def test_every_language_with_a_character_set_has_examples() -> None:
    def letters(code: str) -> str:
        return code if code.startswith("zh") else code.partition("-")[0]

    with_a_set = {letters(code) for code in LANGUAGE_CODES if phrase_characters(code)}
    assert {letters(code) for code in PHRASES_BY_LANGUAGE} == with_a_set


def rows(*lines: str) -> str:
    return HEADER + "".join(line + "\n" for line in lines)


# id, severity, what is linted, line, column
STANDARD_TABLES = [
    ("empty", "error", "", 1, 1),
    ("header-missing", "error", "a\t\t\tA\n", 1, 1),
    ("header-missing", "error", "Phrase SoundsLike IPA DisplayAs\nfoo   bar\n", 1, 1),
    ("header-missing-column", "error", "Phrase\tSoundsLike\tDisplayAs\na\t\t\n", 1, 1),
    ("header-repeated-column", "error", "Phrase\tIPA\tIPA\tSoundsLike\tDisplayAs\na\t\t\t\t\n", 1, 1),
    ("header-unknown-column", "error", "Phrase\tSoundsLike\tIPA\tDisplayAs\tNote\na\t\t\t\t\n", 1, 33),
    ("header-spelling", "warning", "Phrase\tsoundslike\tIPA\tDisplayAs\na\t\t\t\n", 1, 8),
    ("header-spelling", "warning", "Phrase\tSoundsLike\tIPA\tDisplayAs \na\t\t\t\n", 1, 23),
    ("list-form", "warning", "Los-Angeles\nC.L.I.\n", 1, 1),
    ("line-end-crlf", "error", "Los-Angeles\nC.L.I.\r\n", 2, 1),
    ("line-end-crlf", "warning", rows("a\t\t\t", "b\t\t\t\r"), 3, 1),
    ("line-end-cr", "error", rows("a\t\t\té\rb\t\t\t"), 2, 6),
    ("byte-order-mark", "warning", "\ufeff" + rows("a\t\t\t"), 1, 1),
    ("separator-comma", "warning", "Phrase,SoundsLike,IPA,DisplayAs\na,,,A\n", 1, 1),
    ("row-columns", "error", rows("a\t\t\tA", "b"), 3, 1),
    ("row-columns", "error", rows("a\t\t\tA\t"), 2, 1),
    ("line-blank", "warning", rows("a\t\t\t", "", "b\t\t\t"), 3, 1),
    ("line-blank", "warning", rows("a\t\t\t", "\t\t\t"), 3, 1),
    ("no-terms", "warning", HEADER, 1, 1),
    ("phrase-missing", "error", rows("\t\t\tLA"), 2, 1),
    ("phrase-missing", "error", "DisplayAs\tIPA\tSoundsLike\tPhrase\nLA\t\t\t\n", 2, 6),
    ("phrase-has-space", "error", rows("Los Angeles\t\t\t"), 2, 4),
    ("phrase-has-space", "error", rows("Angeles \t\t\t"), 2, 8),
    ("phrase-has-digit", "error", rows("a\t\t\t", "V.X.-02\t\t\t"), 3, 6),
    ("phrase-has-digit", "error", "DisplayAs\tIPA\tSoundsLike\tPhrase\nX\t\t\tV2\n", 2, 6),
    ("phrase-character", "error", rows("C#\t\t\tC#"), 2, 2),
    ("phrase-character", "error", rows("rock’n’roll\t\t\t"), 2, 5),
    ("phrase-start", "error", rows("-hello\t\t\t"), 2, 1),
    ("phrase-start", "error", rows("'tis\t\t\t"), 2, 1),
    ("phrase-start", "error", rows(".a.\t\t\t"), 2, 1),
    ("phrase-end", "error", rows("hello-\t\t\t"), 2, 6),
    ("phrase-end", "error", rows("world'\t\t\t"), 2, 6),
    ("phrase-repeated-mark", "error", rows("well--known\t\t\t"), 2, 5),
    ("phrase-repeated-mark", "error", rows("can''t\t\t\t"), 2, 4),
    ("phrase-repeated-mark", "error", rows("A..B.\t\t\t"), 2, 2),
    ("phrase-full-stop", "error", rows("AB.C\t\t\t"), 2, 3),
    ("phrase-full-stop", "error", rows("A.BCD\t\t\t"), 2, 2),
    ("phrase-full-stop", "error", rows("Amazon.com\t\t\t"), 2, 7),
    ("phrase-unfinished-acronym", "warning", rows("C.L.I\t\t\t"), 2, 5),
    ("phrase-unfinished-acronym", "warning", rows("A.B.C-s\t\t\t"), 2, 5),
    ("phrase-too-long", "error", rows("a" * 257 + "\t\t\t"), 2, 257),
    ("phrase-duplicate", "warning", rows("a\t\t\t", "b\t\t\t", "a\t\t\tA"), 4, 1),
    ("value-too-long", "warning", rows("a\t\t\t" + "A" * 257), 2, 261),
    ("column-ignored", "warning", rows("a\t\t\t", "b\tbee\t\t", "c\tsee\t\t"), 3, 3),
    ("column-ignored", "warning", rows("a\t\ta\t"), 2, 4),
]  # fmt: skip

MEDICAL_TABLES = [
    ("language-not-medical", "error", rows("a\t\t\t"), 1, 1),
    ("line-end-crlf", "error", rows("a\t\t\t\r"), 2, 1),
    ("separator-comma", "error", "Phrase,SoundsLike,IPA,DisplayAs\na,,,A\n", 1, 1),
    ("header-missing", "error", "Los-Angeles\nC.L.I.\n", 1, 1),
    ("value-has-outer-space", "error", rows("a\t\t\tALL "), 2, 8),
    ("value-has-outer-space", "error", rows("a\t\t\t ALL"), 2, 5),
    ("phrase-too-long", "error", rows("a" * 256 + "\t\t\t"), 2, 256),
    ("value-too-long", "error", rows("a\t\t\t" + "A" * 256), 2, 260),
    ("two-pronunciations", "error", rows("a\tay\teɪ\t"), 2, 6),
    ("sounds-like-character", "error", rows("a\ta y\t\t"), 2, 4),
    ("sounds-like-character", "error", rows("a\tay2\t\t"), 2, 5),
    ("ipa-phoneme", "error", rows("a\t\teɪ ɔː\t"), 2, 7),
    ("ipa-spacing", "error", rows("a\t\teɪ  ɛ\t"), 2, 6),
]


def found(findings: list[Finding], id: str) -> list[tuple[str, int, int]]:
    return [(finding.severity.value, finding.line, finding.column) for finding in findings if finding.id == id]


@pytest.mark.parametrize(("id", "severity", "text", "line", "column"), STANDARD_TABLES)
def test_a_table_has_a_finding(id: str, severity: str, text: str, line: int, column: int) -> None:
    assert (severity, line, column) in found(lint_table(text.encode(), "en-US"), id)


@pytest.mark.parametrize(("id", "severity", "text", "line", "column"), MEDICAL_TABLES)
def test_a_medical_table_has_a_finding(id: str, severity: str, text: str, line: int, column: int) -> None:
    language_code = "de-DE" if id == "language-not-medical" else "en-US"
    assert (severity, line, column) in found(lint_table(text.encode(), language_code, medical=True), id)


@pytest.mark.parametrize(
    ("id", "severity", "language_code", "phrase", "column"),
    [
        ("phrase-code-points", "error", "fr-FR", "un-de\u0301ja\u0300", 6),
        ("phrase-code-points", "error", "hi-IN", "\u0930\u093e\u091c\u093c", 4),
        ("phrase-upper-case", "warning", "ru-RU", "санкт-Петербург", 7),
        ("phrase-upper-case", "warning", "af-ZA", "Môre", 1),
        ("phrase-unsupported-acronym", "error", "ja-JP", "ＮＨＫ.", 4),
        ("phrase-unsupported-acronym", "error", "zh-HK", "廣.播.", 2),
        ("phrase-streaming-acronym", "warning", "ta-IN", "அ.இ.", 2),
        ("phrase-has-digit", "error", "hi-IN", "नौ९", 3),
    ],
)
def test_a_phrase_of_another_language_has_a_finding(
    id: str, severity: str, language_code: str, phrase: str, column: int
) -> None:
    assert found(lint_phrases(["", phrase], language_code), id) == [(severity, 2, column)]


@pytest.mark.parametrize(
    ("id", "severity", "content", "line", "column"),
    [
        ("empty", "error", b"\n", 1, 1),
        ("not-utf-8", "error", b"um\nMalm\xf6\n", 2, 5),
        ("not-utf-8", "error", "um\n".encode("utf-16"), 1, 1),
        ("byte-order-mark", "warning", codecs.BOM_UTF8 + b"um\n", 1, 1),
        ("line-end-crlf", "warning", b"um\r\nuh\r\n", 1, 1),
        ("line-end-cr", "error", b"um\ruh\r", 1, 3),
        ("line-blank", "warning", b"um\n\nuh\n", 2, 1),
        ("word-has-space", "warning", b"um\nyou know\n", 2, 4),
        ("word-character", "error", b"um\nh3ll\n", 2, 2),
        ("word-code-points", "error", "um\nnai\u0308f\n".encode(), 2, 4),
        ("word-duplicate", "warning", b"um\nuh\nUM\n", 3, 1),
        ("word-too-long", "error", b"um\n" + b"u" * 257, 2, 257),
        ("near-size-limit", "warning", b"um\n" * 17_000, 1, 1),
        ("too-large", "error", b"um\n" * 17_100, 1, 1),
    ],
)
def test_a_word_file_has_a_finding(id: str, severity: str, content: bytes, line: int, column: int) -> None:
    assert (severity, line, column) in found(lint_word_file(content, "nl-NL"), id)


@pytest.mark.parametrize(
    ("id", "severity", "words", "line"),
    [
        ("empty", "error", [], 1),
        ("word-missing", "error", ["um", ""], 2),
        ("word-duplicate", "warning", ["um", "Um"], 2),
        ("word-has-space", "warning", ["you know"], 1),
    ],
)
def test_a_list_of_words_has_a_finding(id: str, severity: str, words: list[str], line: int) -> None:
    assert [(kind, at) for kind, at, _ in found(lint_words(words, "en-US"), id)] == [(severity, line)]


def test_an_unchecked_language_is_said_to_be_unchecked() -> None:
    assert found(lint_phrases(["ሰላም"], "am-ET"), "language-unchecked") == [("warning", 1, 1)]
    assert found(lint_phrases(["qapla"], "tlh-QO"), "language-unknown") == [("warning", 1, 1)]


def test_what_holds_for_all_languages_is_checked_in_an_unchecked_one() -> None:
    assert [finding.id for finding in lint_phrases(["ሰላም 2"], "am-ET")] == [
        "language-unchecked",
        "phrase-has-space",
        "phrase-has-digit",
    ]


def test_terms_are_numbered_and_values_start_at_one() -> None:
    terms = [Term("a"), Term("b c", display_as="x" * 257), Term("", display_as="D"), Term("d", sounds_like="dee")]
    assert [(finding.line, finding.column, finding.id) for finding in lint_terms(terms, "en-US")] == [
        (2, 2, "phrase-has-space"),
        (2, 257, "value-too-long"),
        (3, 1, "phrase-missing"),
        (4, 1, "column-ignored"),
    ]


def test_no_terms_is_a_finding() -> None:
    assert [finding.id for finding in lint_terms([], "en-US")] == ["no-terms"]


def test_all_findings_come_at_once_in_the_order_of_the_text() -> None:
    findings = lint_table(rows("Los Angeles\t\t\t", "V2 \t\tx\t", "a\t\t\t", "a").encode(), "en-US", name="terms.tsv")
    assert [str(finding).split(" ")[0] + finding.id for finding in findings] == [
        "terms.tsv:2:4:phrase-has-space",
        "terms.tsv:3:2:phrase-has-digit",
        "terms.tsv:3:3:phrase-has-space",
        "terms.tsv:3:6:column-ignored",
        "terms.tsv:5:1:row-columns",
        "terms.tsv:5:1:phrase-duplicate",
    ]


def test_a_finding_says_what_was_typed_and_what_to_write() -> None:
    (finding,) = lint_table(rows("Los Angeles\t\t\tLA").encode(), "en-US")
    assert str(finding) == (
        'terms.tsv:2:4: error: "Los Angeles" has a space: '
        'join words with hyphens and write "Los-Angeles" [phrase-has-space]'
    )


def test_a_character_finding_says_what_is_allowed() -> None:
    (finding,) = lint_phrases(["Čapek"], "de-DE")
    assert "U+010C (LATIN CAPITAL LETTER C WITH CARON), which de-DE does not accept" in finding.message
    assert "allowed are a-z A-Z ' äöüÄÖÜß . -" in finding.message


def test_a_look_alike_is_named() -> None:
    (finding,) = lint_phrases(["l’an"], "fr-FR")
    assert "write ' instead" in finding.message


def test_only_ignored_columns_are_said_to_be_ignored() -> None:
    table = rows("A.L.L.\t\teɪ ɛ l ɛ l\tALL", "atrioventricular\tay-tree-o-ven-trick-u-lar\t\t").encode()
    assert lint_table(table, "en-US", medical=True) == []
    assert [finding.id for finding in lint_table(table, "en-US")] == ["column-ignored", "column-ignored"]


def test_a_byte_that_is_not_utf_8_is_one_finding() -> None:
    table = HEADER.encode() + b"a\t\t\tM\xfcnchen\n" + b"M\xfcnchen\t\t\t\n"
    assert [(f.id, f.line, f.column) for f in lint_table(table, "de-DE")] == [("not-utf-8", 2, 6), ("not-utf-8", 3, 2)]


def test_the_guides_own_example_is_accepted() -> None:
    example = rows(
        "Los-Angeles\t\t\tLos Angeles",
        "Eva-Maria\t\t\t",
        "A.B.C.-s\t\t\tABCs",
        "Amazon-dot-com\t\t\tAmazon.com",
        "C.L.I.\t\t\tCLI",
        "Andorra-la-Vella\t\t\tAndorra la Vella",
        "Dynamo-D.B.\t\t\tDynamoDB",
        "V.X.-zero-two\t\t\tVX02",
        "V.X.-zero-two-Q.\t\t\tVX02Q",
    )
    assert lint_table(example.encode(), "en-US") == []


CODES_WITH_LETTERS = sorted(code for code in LANGUAGE_CODES if phrase_characters(code))


@cache
def letters_of(code: str) -> list[str]:
    characters = phrase_characters(code)
    assert characters is not None
    return [c for c in map(chr, range(0x10000)) if c in characters and c not in "'-."]


@st.composite
def valid_terms(draw: st.DrawFn) -> tuple[str, list[Term]]:
    code = draw(st.sampled_from(CODES_WITH_LETTERS))
    letters = st.sampled_from(letters_of(code))
    word = st.lists(letters, min_size=1, max_size=8).map("".join)
    acronym = st.lists(letters, min_size=1, max_size=4).map(lambda spelt: ".".join(spelt) + ".")
    knows_acronyms = code not in NO_ACRONYM_LANGUAGES | STREAMING_ACRONYM_LANGUAGES
    part = word | acronym if knows_acronyms else word
    display = st.text(st.characters(codec="utf-8", exclude_characters="\t\r\n"), max_size=60)
    phrase = st.lists(part, min_size=1, max_size=4).map("-".join)
    return code, draw(st.lists(st.builds(Term, phrase, display_as=st.none() | display), max_size=20))


@given(valid_terms())
def test_terms_that_follow_the_rules_render_without_errors(code_and_terms: tuple[str, list[Term]]) -> None:
    code, terms = code_and_terms
    assert errors(lint_terms(terms, code)) == []
    assert errors(lint_table(render_table(terms), code)) == []


ANY_TEXT = st.text(st.characters() | st.sampled_from("\t\r\n,.-' \ufeff"))
ANY_LANGUAGE = st.sampled_from([*sorted(LANGUAGE_CODES), "", "xx"])


@given(
    content=st.binary() | st.builds(lambda text: (HEADER + text).encode(errors="replace"), ANY_TEXT),
    language_code=ANY_LANGUAGE,
    medical=st.booleans(),
)
def test_any_bytes_can_be_linted(content: bytes, language_code: str, medical: bool) -> None:
    findings = [*lint_table(content, language_code, medical=medical), *lint_word_file(content, language_code)]
    assert all(finding.line >= 1 and finding.column >= 1 and finding.message for finding in findings)
    assert all(str(finding).encode() for finding in findings)


@given(entries=st.lists(ANY_TEXT), language_code=ANY_LANGUAGE)
def test_any_strings_can_be_linted(entries: list[str], language_code: str) -> None:
    findings = [*lint_phrases(entries, language_code), *lint_words(entries, language_code)]
    assert all(1 <= finding.line <= max(1, len(entries)) for finding in findings)
    assert all(str(finding).encode() for finding in findings)
