import pytest

from cdk_transcribe import languages
from cdk_transcribe.languages import LANGUAGE_CODES, phrase_characters


def test_every_language_of_the_api_is_known() -> None:
    assert len(LANGUAGE_CODES) == 117


@pytest.mark.parametrize(
    "feature",
    [
        languages.CUSTOM_LANGUAGE_MODEL_LANGUAGES,
        languages.PII_REDACTION_LANGUAGES,
        languages.CALL_ANALYTICS_LANGUAGES,
        languages.REAL_TIME_CALL_ANALYTICS_LANGUAGES,
        languages.TOXICITY_DETECTION_LANGUAGES,
        languages.MEDICAL_LANGUAGES,
        languages.UNIDENTIFIED_LANGUAGES,
        languages.MULTI_LANGUAGE_IDENTIFICATION_LANGUAGES,
        languages.NO_ACRONYM_LANGUAGES,
        languages.STREAMING_ACRONYM_LANGUAGES,
    ],
)
def test_features_speak_of_known_languages(feature: frozenset[str]) -> None:
    assert feature
    assert feature <= LANGUAGE_CODES


def test_call_analytics_leaves_out_two_kinds_of_english() -> None:
    english = {code for code in LANGUAGE_CODES if code.startswith("en-")}
    assert english - languages.CALL_ANALYTICS_LANGUAGES == {"en-NZ", "en-ZA"}


def test_real_time_call_analytics_is_a_part_of_call_analytics() -> None:
    assert languages.REAL_TIME_CALL_ANALYTICS_LANGUAGES < languages.CALL_ANALYTICS_LANGUAGES


def test_letters_are_not_checked_where_they_are_not_known() -> None:
    unknown = {code for code in LANGUAGE_CODES if phrase_characters(code) is None}
    without_a_table = {
        "am-ET",
        "ga-IE",
        "gd-GB",
        "ht-HT",
        "jv-ID",
        "km-KH",
        "mi-NZ",
        "my-MM",
        "ne-NP",
        "sq-AL",
        "zh-HK",
    }
    assert unknown == without_a_table | {"ug-CN"}


def test_an_unknown_language_has_no_characters() -> None:
    assert phrase_characters("tlh-QO") is None


@pytest.mark.parametrize("code", sorted(code for code in LANGUAGE_CODES if phrase_characters(code)))
def test_the_hyphen_is_accepted_everywhere_and_digits_nowhere(code: str) -> None:
    characters = phrase_characters(code)
    assert characters is not None
    assert "-" in characters
    assert not [digit for digit in "0123456789" if digit in characters]


@pytest.mark.parametrize(("code", "accepted"), [("en-US", True), ("fa-AF", True), ("fa-IR", False), ("ja-JP", False)])
def test_the_full_stop_is_accepted_where_acronyms_are(code: str, accepted: bool) -> None:
    characters = phrase_characters(code)
    assert characters is not None
    assert ("." in characters) is accepted


def test_a_character_set_is_one_for_all_regions_of_a_language() -> None:
    assert phrase_characters("fr-CA") == phrase_characters("fr-FR")
    assert phrase_characters("zh-CN") != phrase_characters("zh-TW")


@pytest.mark.parametrize(
    ("code", "typed", "listed"),
    [
        ("fr-FR", "de\u0301ja\u0300", "d\u00e9j\u00e0"),
        ("vi-VN", "e\u0302\u0301", "\u1ebf"),
        ("ko-KR", "\u1112\u1161\u11ab", "\ud55c"),
        ("hi-IN", "\u0930\u093e\u091c\u093c", "\u0930\u093e\u095b"),
        ("bn-IN", "\u09ac\u09dc", "\u09ac\u09a1\u09bc"),
        ("th-TH", "\u0e19\u0e49\u0e33", "\u0e19\u0e49\u0e4d\u0e32"),
        ("en-US", "\uff21\uff22", "AB"),
        ("en-US", "x\u00b2", "x\u00b2"),
        ("de-DE", "\u00fc", "\u00fc"),
    ],
)
def test_letters_are_respelled_in_the_code_points_that_are_listed(code: str, typed: str, listed: str) -> None:
    characters = phrase_characters(code)
    assert characters is not None
    assert characters.respelled(typed) == listed
