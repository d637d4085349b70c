"""What an object chooses, by its key or its tags, out of what its route allows."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcribe_handlers.object_values import NoAllowedValueError, ObjectTexts, resolved, texts_in_key

FROM_KEY = {"FromKey": "language", "Choices": {"en": "en-US", "de": "de-DE"}}
FROM_TAG = {"FromTag": "Language", "Choices": {"en": "en-US", "de": "de-DE"}}


def texts(key: str = "calls/de/a.wav", **tags: str) -> ObjectTexts:
    return ObjectTexts(key, "calls/{language}/", lambda: tags)


@pytest.mark.parametrize(
    ("pattern", "key", "expected"),
    [
        ("calls/{language}/", "calls/en-US/2024/a.wav", {"language": "en-US"}),
        ("{language}/", "en-US/a.wav", {"language": "en-US"}),
        ("calls/{language}", "calls/en-US.wav", {"language": "en-US.wav"}),
        ("{team}/{language}/{speakers}/", "blue/en/2/a.wav", {"team": "blue", "language": "en", "speakers": "2"}),
        ("calls/{language}-{speakers}.", "calls/en-US-2.wav", {"language": "en-US", "speakers": "2"}),
        ("a+b (c)/{x}/", "a+b (c)/y/z", {"x": "y"}),
        ("ü/{sprache}/", "ü/größe\n/z", {"sprache": "größe\n"}),
        ("calls/{language}/", "calls//a.wav", {}),
        ("calls/{language}/", "other/en/a.wav", {}),
        ("calls/{language}/", "x/calls/en/a.wav", {}),
        ("calls/{language}/", "calls/a.wav", {}),
        ("calls/", "calls/a.wav", {}),
        ("", "calls/a.wav", {}),
    ],
)
def test_placeholders_stand_for_what_lies_between_slashes_at_the_beginning_of_the_key(
    pattern: str, key: str, expected: dict[str, str]
) -> None:
    assert texts_in_key(key, pattern) == expected


@given(folder=st.text(min_size=1).filter(lambda text: "/" not in text), rest=st.text())
def test_any_text_without_a_slash_can_be_said_by_a_key(folder: str, rest: str) -> None:
    assert texts_in_key(f"calls/{folder}/{rest}", "calls/{language}/") == {"language": folder}


def test_every_value_is_looked_up_wherever_it_stands() -> None:
    request = {
        "LanguageCode": FROM_KEY,
        "Settings": {"VocabularyName": FROM_TAG, "ChannelIdentification": False},
        "LanguageOptions": [FROM_KEY, "fr-FR"],
        "Subtitles": {"Formats": ["vtt"], "OutputStartIndex": 0},
        "Tags": [],
    }

    assert resolved(request, texts(Language="en")) == {
        "LanguageCode": "de-DE",
        "Settings": {"VocabularyName": "en-US", "ChannelIdentification": False},
        "LanguageOptions": ["de-DE", "fr-FR"],
        "Subtitles": {"Formats": ["vtt"], "OutputStartIndex": 0},
        "Tags": [],
    }


@pytest.mark.parametrize("chosen", [2, True, {"a": ["b"]}])
def test_a_choice_is_taken_as_it_is(chosen: Any) -> None:
    assert resolved({"Field": {"FromKey": "language", "Choices": {"de": chosen}}}, texts()) == {"Field": chosen}


@pytest.mark.parametrize("value", [FROM_KEY, FROM_TAG])
def test_default_stands_in_for_what_is_not_said_or_not_allowed(value: dict[str, Any]) -> None:
    request = {"LanguageCode": {**value, "Default": "fr-FR"}}

    assert resolved(request, texts("elsewhere/a.wav")) == {"LanguageCode": "fr-FR"}
    assert resolved(request, texts("calls/xx/a.wav", Language="xx")) == {"LanguageCode": "fr-FR"}


@pytest.mark.parametrize("left_out", [None, {}])
def test_null_leaves_the_field_out_and_all_that_is_emptied_by_it(left_out: Any) -> None:
    nothing = {"FromKey": "language", "Choices": {"de": left_out}}
    request = {
        "LanguageCode": "de-DE",
        "Settings": {"VocabularyName": nothing},
        "ContentRedaction": {"Deep": {"Deeper": [nothing]}},
        "ModelSettings": {"LanguageModelName": {"FromTag": "model", "Choices": {}, "Default": left_out}},
        "LanguageOptions": [nothing, "fr-FR"],
    }

    assert resolved(request, texts()) == {"LanguageCode": "de-DE", "LanguageOptions": ["fr-FR"]}


@pytest.mark.parametrize(
    ("value", "key", "tags", "sentence"),
    [
        (FROM_KEY, "calls/fr/a.wav", {}, "the object's key says language is 'fr': this route allows 'en', 'de'"),
        (
            FROM_KEY,
            "calls/a.wav",
            {},
            "the object's key is not of the pattern 'calls/{language}/', which would say language: "
            "this route allows 'en', 'de'",
        ),
        (FROM_TAG, "a.wav", {"Language": "EN"}, "the object's tag 'Language' says 'EN': this route allows 'en', 'de'"),
        (FROM_TAG, "a.wav", {"language": "en"}, "the object has no tag 'Language': this route allows 'en', 'de'"),
    ],
)
def test_fails_with_what_was_found_and_what_is_allowed(
    value: dict[str, Any], key: str, tags: dict[str, str], sentence: str
) -> None:
    with pytest.raises(NoAllowedValueError) as failure:
        resolved({"LanguageCode": value}, texts(key, **tags))

    assert str(failure.value) == sentence


def test_tags_are_asked_for_once_and_only_where_they_are_used() -> None:
    asked = []

    def read_tags() -> dict[str, str]:
        asked.append(1)
        return {"Language": "en"}

    resolved({"LanguageCode": FROM_KEY}, ObjectTexts("calls/de/a.wav", "calls/{language}/", read_tags))
    assert asked == []

    resolved({"LanguageCode": FROM_TAG, "Other": FROM_TAG}, ObjectTexts("a.wav", "", read_tags))
    assert asked == [1]
