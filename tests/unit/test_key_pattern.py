from __future__ import annotations

import re

import pytest

from cdk_transcribe._key_pattern import KeyPattern, key_pattern_of


@pytest.mark.parametrize(
    ("text", "placeholders", "prefix"),
    [
        ("calls/{language_code}/", ["language_code"], "calls/"),
        ("{language_code}/", ["language_code"], ""),
        ("calls/{team}/{language_code}-{n2}/x", ["team", "language_code", "n2"], "calls/"),
        ("Größe/{a}", ["a"], "Größe/"),
    ],
)
def test_a_pattern_has_placeholders_and_a_prefix(text: str, placeholders: list[str], prefix: str) -> None:
    pattern = KeyPattern(text)

    assert (pattern.placeholders, pattern.prefix(None)) == (placeholders, prefix)


@pytest.mark.parametrize("text", ["{}/", "{1}/", "{a b}/", "{a/", "a}/", "{{a}}/", "{a}}/", "{ü}/"])
def test_fails_when_braces_make_no_placeholder(text: str) -> None:
    with pytest.raises(
        ValueError, match=f"^key_pattern={re.escape(repr(text))} has braces that make no placeholder: write {{name}}, "
    ):
        KeyPattern(text)


@pytest.mark.parametrize("text", ["", "calls/"])
def test_fails_without_a_placeholder(text: str) -> None:
    with pytest.raises(
        ValueError, match=f"^key_pattern={text!r} has no placeholder such as {{language_code}}: use prefix$"
    ):
        KeyPattern(text)


def test_fails_when_a_name_stands_twice() -> None:
    with pytest.raises(
        ValueError, match=r"^key_pattern='{a}/{b}/{a}/' has the placeholder {a} twice: give it two names$"
    ):
        KeyPattern("{a}/{b}/{a}/")


def test_fails_when_placeholders_stand_side_by_side() -> None:
    with pytest.raises(ValueError, match=r"^key_pattern='{a}{b}/' has two placeholders side by side: put a text "):
        KeyPattern("{a}{b}/")


@pytest.mark.parametrize("prefix", ["", "c", "calls", "calls/"])
def test_a_prefix_may_be_a_beginning_of_the_text_before_the_first_placeholder(prefix: str) -> None:
    assert KeyPattern("calls/{a}/").prefix(prefix) == prefix


@pytest.mark.parametrize("prefix", ["en/", "calls/en/", "calls/{a}"])
def test_fails_when_the_prefix_contradicts_the_pattern(prefix: str) -> None:
    with pytest.raises(
        ValueError,
        match=f"^prefix={prefix!r} contradicts key_pattern='calls/{{a}}/': leave prefix out, or give a beginning of "
        "'calls/'$",
    ):
        KeyPattern("calls/{a}/").prefix(prefix)


def test_a_job_that_reads_nothing_from_keys_needs_no_pattern() -> None:
    assert key_pattern_of(None, frozenset()) is None


def test_a_pattern_may_have_placeholders_that_the_job_does_not_read() -> None:
    assert key_pattern_of("{team}/{language_code}/", {"language_code"}) == KeyPattern("{team}/{language_code}/")


def test_fails_when_the_job_reads_from_keys_and_there_is_no_pattern() -> None:
    with pytest.raises(
        ValueError,
        match=r"^the job reads {language_code}, {speakers} from the object's key: say where with key_pattern, such as "
        r"'calls/{language_code}/'$",
    ):
        key_pattern_of(None, {"speakers", "language_code"})


def test_fails_when_the_pattern_lacks_a_placeholder_of_the_job() -> None:
    with pytest.raises(
        ValueError,
        match=r"^key_pattern='{language}/' lacks the placeholder {language_code}: the job reads {language_code} from ",
    ):
        key_pattern_of("{language}/", {"language_code"})


def test_fails_when_the_job_reads_nothing_of_the_pattern() -> None:
    with pytest.raises(
        ValueError,
        match=r"^key_pattern='{language}/' is for nothing: no setting of the job is an ObjectValue.from_key; ",
    ):
        key_pattern_of("{language}/", frozenset())
