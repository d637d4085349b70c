"""The vocabularies, filters and language models that jobs name."""

from typing import Any

from transcribe_local.language_models import LanguageModels
from transcribe_local.scope import Scope
from transcribe_local.transcription_order import TranscriptionOrder
from transcribe_local.vocabularies import Vocabularies
from transcribe_local.vocabulary_content import VocabularyEntry
from transcribe_local.vocabulary_filters import VocabularyFilters


class NamedResources:
    """Finds what a request's settings name."""

    def __init__(
        self, vocabularies: Vocabularies, vocabulary_filters: VocabularyFilters, language_models: LanguageModels
    ) -> None:
        self._vocabularies = vocabularies
        self._vocabulary_filters = vocabulary_filters
        self._language_models = language_models

    def check(self, scope: Scope, *settings: dict[str, Any]) -> None:
        """Raise BadRequestException unless everything named is there and ready."""
        for names in settings:
            if "VocabularyName" in names:
                self._vocabularies.ready(scope, names["VocabularyName"])
            if "VocabularyFilterName" in names:
                self._vocabulary_filters.existing(scope, names["VocabularyFilterName"])
            if "LanguageModelName" in names:
                # What it was trained with makes no difference to the local recogniser.
                self._language_models.trained(scope, names["LanguageModelName"])

    def order(self, scope: Scope, settings: dict[str, Any], language_code: str, **media: Any) -> TranscriptionOrder:
        """What the settings want done; `media` is what the request says of it."""
        return TranscriptionOrder(
            max_speakers=settings.get("MaxSpeakerLabels"),
            by_channel=settings.get("ChannelIdentification", False),
            vocabulary=self._entries(scope, settings.get("VocabularyName", ""), language_code),
            filter_words=self._words(scope, settings.get("VocabularyFilterName", ""), language_code),
            filter_method=settings.get("VocabularyFilterMethod", "mask"),
            **media,
        )

    # One for another language is silently left aside, as the service does.

    def _entries(self, scope: Scope, name: str, language_code: str) -> tuple[VocabularyEntry, ...]:
        found = self._vocabularies.find(scope, name)
        return found.entries if found and found.language_code == language_code else ()

    def _words(self, scope: Scope, name: str, language_code: str) -> frozenset[str]:
        found = self._vocabulary_filters.find(scope, name)
        return found.words if found and found.language_code == language_code else frozenset()
