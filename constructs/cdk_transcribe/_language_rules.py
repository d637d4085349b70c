"""Which languages a job may name, and what it may ask of them.

Each rule yields findings about the languages of one job: one where the job says which is spoken, several where
Transcribe is to find out. A language that is not known yet, or not known to this library, passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cdk_transcribe._finding import Finding, error, warning
from cdk_transcribe._tokens import is_token
from cdk_transcribe.language_identification import LanguageOption
from cdk_transcribe.languages import (
    CUSTOM_LANGUAGE_MODEL_LANGUAGES,
    LANGUAGE_CODES,
    MULTI_LANGUAGE_IDENTIFICATION_LANGUAGES,
    UNIDENTIFIED_LANGUAGES,
)
from cdk_transcribe.object_value import ObjectValue


def known(value: object) -> bool:
    """Whether a value is known when the app is synthesised, rather than at deployment or when an object arrives."""
    return not isinstance(value, ObjectValue) and not is_token(value)


def languages_exist(options: Sequence[LanguageOption]) -> Iterator[Finding]:
    """The API's list grows: a language that is missing here is not refused."""
    for code in _codes(options):
        if code not in LANGUAGE_CODES:
            yield warning(
                "language-unknown",
                f"{code!r} is no language code that is known here, so what it supports is not checked: give one like "
                "'en-US', or acknowledge this if Transcribe has learnt it since",
            )


def languages_support(feature: str, supported: frozenset[str], options: Sequence[LanguageOption]) -> Iterator[Finding]:
    """Refuses languages that are known to lack a feature."""
    for code in _codes(options):
        if code in LANGUAGE_CODES - supported:
            yield error(
                "language-feature", f"{feature} is not available in {code}: leave it out, or use {_listed(supported)}"
            )


def only_languages(feature: str, supported: frozenset[str], language_code: object) -> Iterator[Finding]:
    """Refuses every language but those that the API names for a feature."""
    if known(language_code) and language_code not in supported:
        yield error("language-feature", f"language_code={language_code!r}: {feature} knows {_listed(supported)} alone")


def resources_are_in_their_language(options: Sequence[LanguageOption]) -> Iterator[Finding]:
    """A vocabulary, filter or model of another language is silently not applied."""
    for option in options:
        for argument in ("vocabulary", "vocabulary_filter", "language_model"):
            yield from resource_is_in_language(argument, getattr(option, argument), option.language_code)


def resource_is_in_language(argument: str, resource: Any, language_code: object) -> Iterator[Finding]:
    """The same for one resource. Names, and imports that do not say their language, are not compared."""
    language = getattr(resource, "language_code", None)
    if language is None or language == language_code or not (known(language) and known(language_code)):
        return
    yield error(
        "resource-language",
        f"{argument} {resource.node.path!r} is for {language}, and the job for {language_code}: Transcribe would "
        "silently not apply it; give it the job's language",
    )


def models_exist_for_languages(options: Sequence[LanguageOption]) -> Iterator[Finding]:
    """Custom language models can be trained for a few languages."""
    with_a_model = [option for option in options if option.language_model is not None]
    return languages_support("language_model", CUSTOM_LANGUAGE_MODEL_LANGUAGES, with_a_model)


def options_are_enough(options: Sequence[LanguageOption]) -> Iterator[Finding]:
    """The model takes one or more options; its documentation asks for two to five."""
    codes = [option.language_code for option in options]
    repeated = sorted({code for code in codes if codes.count(code) > 1})
    if repeated:
        yield error("language-options-repeated", f"language_options names {', '.join(repeated)} more than once")
    if len(codes) == 1:
        yield warning(
            "language-options-few",
            f"language_options has {codes[0]!r} alone, and Transcribe's documentation asks for two or more: add one "
            "more, or give it as language_code",
        )
    if len(codes) > 5:
        yield warning(
            "language-options-many",
            f"language_options has {len(codes)} languages, and Transcribe's documentation advises against more than "
            "five: leave out those that are rarely spoken, or the argument to allow all",
        )


def option_resources_are_enough(options: Sequence[LanguageOption]) -> Iterator[Finding]:
    """The model takes settings for one language or more; its documentation speaks of two to five."""
    settings = [option for option in options if any(option.to_settings().values())]
    if len(settings) == 1:
        yield warning(
            "language-settings-few",
            f"language_options has resources for {settings[0].language_code!r} alone, and Transcribe's documentation "
            "speaks of two to five languages with their own: it may refuse them, or not",
        )


def options_can_be_identified(options: Sequence[LanguageOption], *, multiple_languages: bool) -> Iterator[Finding]:
    """Identification does not find every language."""
    if multiple_languages:
        return languages_support("multiple_languages", MULTI_LANGUAGE_IDENTIFICATION_LANGUAGES, options)
    return languages_support("language identification", LANGUAGE_CODES - UNIDENTIFIED_LANGUAGES, options)


def _codes(options: Sequence[LanguageOption]) -> list[str]:
    return [option.language_code for option in options if known(option.language_code)]


def _listed(codes: frozenset[str]) -> str:
    missing = LANGUAGE_CODES - codes
    if len(missing) < len(codes):
        return f"any language but {', '.join(sorted(missing))}"
    return ", ".join(sorted(codes))
