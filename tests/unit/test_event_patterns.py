from __future__ import annotations

from typing import Any

import pytest

from cdk_transcribe.command_line.event_patterns import common_prefix, matches


@pytest.mark.parametrize(
    ("condition", "key", "takes"),
    [
        ("en/a.wav", "en/a.wav", True),
        ("en/a.wav", "en/b.wav", False),
        ({"prefix": "en/"}, "en/a.wav", True),
        ({"prefix": "en/"}, "EN/a.wav", False),
        ({"prefix": {"equals-ignore-case": "en/"}}, "EN/a.wav", True),
        ({"suffix": ".wav"}, "a.wav", True),
        ({"suffix": ".wav"}, "a.WAV", False),
        ({"suffix": {"equals-ignore-case": ".wav"}}, "a.WAV", True),
        ({"equals-ignore-case": "EN/a.wav"}, "en/A.wav", True),
        ({"equals-ignore-case": "a"}, "ab", False),
        ({"wildcard": "en/*.wav"}, "en/a/b.wav", True),
        ({"wildcard": "en/*.wav"}, "en/.wav", True),
        ({"wildcard": "en/*.wav"}, "en/a.wav.txt", False),
        ({"wildcard": "en/*.wav"}, "en/a\nb.wav", True),
        ({"wildcard": "en/*.wav"}, "en/axwav", False),
        ({"wildcard": r"a\*b/*"}, "a*b/c", True),
        ({"wildcard": r"a\*b/*"}, "axb/c", False),
        ({"wildcard": r"a\\b/*"}, r"a\b/c", True),
        ({"wildcard": r"a\\*b"}, r"a\xb", True),
    ],
)
def test_a_condition_takes_what_eventbridge_takes(condition: Any, key: str, takes: bool) -> None:
    assert matches([condition], key) is takes


def test_several_conditions_are_alternatives() -> None:
    conditions = [{"prefix": "en/"}, {"suffix": ".wav"}]

    assert [matches(conditions, key) for key in ("en/a.txt", "de/a.wav", "de/a.txt")] == [True, True, False]


def test_fails_when_a_condition_is_of_another_kind() -> None:
    with pytest.raises(ValueError, match=r"^a condition on the key that this command does not know: {'exists': True}$"):
        matches([{"exists": True}], "a")


@pytest.mark.parametrize(
    ("conditions", "prefix"),
    [
        ([{"prefix": "en/"}], "en/"),
        ([{"prefix": "calls/en/"}, {"prefix": "calls/de/"}], "calls/"),
        ([{"prefix": "en/"}, {"suffix": ".wav"}], ""),
        ([{"prefix": {"equals-ignore-case": "en/"}}], ""),
        ([{"wildcard": "en/*.wav"}, {"wildcard": "en/*.WAV"}], "en/"),
        ([{"wildcard": r"a\*b\\c/*"}], "a*b\\c/"),
        (["en/a.wav", "en/b.wav"], "en/"),
        ([{"prefix": "a"}, {"prefix": "ab"}], "a"),
        ([], ""),
    ],
)
def test_what_all_keys_of_a_rule_begin_with(conditions: list[Any], prefix: str) -> None:
    assert common_prefix(conditions) == prefix
