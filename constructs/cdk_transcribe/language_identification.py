"""Languages that Transcribe identifies by itself, and what a job uses in each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk.interfaces import aws_transcribe as refs

from cdk_transcribe._arguments import check_flag, check_list
from cdk_transcribe._job_request import language_model_name, vocabulary_filter_name, vocabulary_name
from cdk_transcribe.language_model import AwaitedLanguageModel, ILanguageModel
from cdk_transcribe.object_value import ObjectValue


@dataclass(frozen=True)
class LanguageOption:
    """A language that may be spoken, and what is used when it is.

    Args:
        language_code: the language, such as `en-US`.
        vocabulary: a custom vocabulary in this language, or its name. By default none.
        vocabulary_filter: a vocabulary filter in this language, or its name. By default none.
        language_model: a custom language model in this language, or its name; see `TranscriptionJob`. By default none.

    Raises:
        ValueError: for a resource of another kind, and for an `ObjectValue`.
    """

    language_code: str
    vocabulary: refs.IVocabularyRef | str | None = None
    vocabulary_filter: refs.IVocabularyFilterRef | str | None = None
    language_model: ILanguageModel | AwaitedLanguageModel | str | None = None

    def __post_init__(self) -> None:
        if any(isinstance(value, ObjectValue) for value in vars(self).values()):
            raise ValueError("a LanguageOption can't hold an ObjectValue: it is the same for every object of a route")
        self.to_settings()

    def to_settings(self) -> dict[str, Any]:
        """The API's `LanguageIdSettings` of this language."""
        return {
            "VocabularyName": vocabulary_name(self.vocabulary),
            "VocabularyFilterName": vocabulary_filter_name(self.vocabulary_filter),
            "LanguageModelName": language_model_name(self.language_model),
        }


@dataclass(frozen=True, kw_only=True)
class LanguageIdentification:
    """Has Transcribe find out which language is spoken (`IdentifyLanguage`, `IdentifyMultipleLanguages`).

    Args:
        language_options: the languages that may be spoken, as codes or as `LanguageOption`, best two to five. By
            default any that Transcribe can identify.
        multiple_languages: whether one recording may hold several languages. By default the whole of it is
            transcribed in the one that dominates.

    Raises:
        ValueError: for options that are not a list.
    """

    language_options: Sequence[str | LanguageOption] = ()
    multiple_languages: bool = False

    def __post_init__(self) -> None:
        check_list("language_options", self.language_options)
        check_flag("multiple_languages", self.multiple_languages)

    def to_request(self) -> dict[str, Any]:
        """The request's fields."""
        identify = "IdentifyMultipleLanguages" if self.multiple_languages else "IdentifyLanguage"
        return {identify: True, **language_options_request(self.language_options)}


def as_options(language_options: Sequence[str | LanguageOption]) -> list[LanguageOption]:
    """Every language as a `LanguageOption`."""
    return [option if isinstance(option, LanguageOption) else LanguageOption(option) for option in language_options]


def language_options_request(language_options: Sequence[str | LanguageOption]) -> dict[str, Any]:
    """The API's `LanguageOptions` and `LanguageIdSettings`."""
    options = as_options(language_options)
    return {
        "LanguageOptions": [option.language_code for option in options],
        "LanguageIdSettings": {option.language_code: option.to_settings() for option in options},
    }
