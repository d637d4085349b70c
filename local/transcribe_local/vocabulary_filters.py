"""Vocabulary filters: they have no state, so whatever is wrong with one is said by the call itself."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from transcribe_local.clock import Clock
from transcribe_local.listing import contains, page
from transcribe_local.object_store import ObjectStore
from transcribe_local.resource_content import ContentFields, ResourceContent, access_of, read_content
from transcribe_local.scope import Scope
from transcribe_local.service_error import bad_request, conflict, limit_exceeded
from transcribe_local.settings import Settings
from transcribe_local.tags import Tags
from transcribe_local.vocabulary_content import RefusedContentError, decoded_lines, foreign_characters

_ARN_TYPE = "vocabulary-filter"
_CONTENT = ContentFields("Words", "VocabularyFilterFileUri")


@dataclass(frozen=True)
class VocabularyFilter:
    """The words that a job masks, removes or tags; an update puts another in its place."""

    name: str
    language_code: str
    content: bytes
    words: frozenset[str]
    modified_at: float
    access: dict[str, Any]


class VocabularyFilters:
    """Create, Get, Update, Delete and List for vocabulary filters."""

    arn_type = _ARN_TYPE

    def __init__(
        self,
        *,
        objects: ObjectStore,
        tags: Tags,
        settings: Settings,
        clock: Clock,
        download_prefix: str = "",
    ) -> None:
        self._objects = objects
        self._tags = tags
        self._settings = settings
        self._clock = clock
        self._download_prefix = download_prefix
        self._stored: dict[Scope, dict[str, VocabularyFilter]] = {}

    def operations(self) -> dict[str, Callable[[Scope, dict[str, Any]], dict[str, Any]]]:
        return {
            "CreateVocabularyFilter": self._create,
            "GetVocabularyFilter": self._get,
            "UpdateVocabularyFilter": self._update,
            "DeleteVocabularyFilter": self._delete,
            "ListVocabularyFilters": self._list,
        }

    def find(self, scope: Scope, name: str) -> VocabularyFilter | None:
        return self._in(scope).get(name)

    def owns(self, arn: str) -> bool:
        return any(arn == scope.arn(_ARN_TYPE, stored.name) for scope, stored in self._all())

    def existing(self, scope: Scope, name: str) -> VocabularyFilter:
        """The filter of that name. Raises BadRequestException when there is none."""
        found = self.find(scope, name)
        if found is None:
            raise bad_request(
                "The requested vocabulary filter couldn't be found. Check the vocabulary filter name and try "
                "your request again."
            )
        return found

    def snapshot(self) -> list[dict[str, Any]]:
        """Every filter with its tags and the digest of its content, for a test to look at."""
        return [
            {
                **_summary(stored),
                **stored.access,
                "Kind": "VocabularyFilter",
                "Arn": (arn := scope.arn(_ARN_TYPE, stored.name)),
                "Tags": self._tags.of(arn),
                "ContentSha256": hashlib.sha256(stored.content).hexdigest(),
            }
            for scope, stored in self._all()
        ]

    def _create(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        name = request["VocabularyFilterName"]
        if name in self._in(scope):
            raise conflict(
                "The requested vocabulary filter name already exists. Use a different vocabulary filter name."
            )
        if len(self._in(scope)) >= self._settings.max_vocabulary_filters:
            raise limit_exceeded("You've reached the limit on the number of vocabulary filters in your account.")
        created = self._made(scope, request, request["LanguageCode"])
        self._tags.put(scope.arn(_ARN_TYPE, name), request.get("Tags", []))
        return self._store(scope, created)

    def _get(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        stored = self.existing(scope, request["VocabularyFilterName"])
        answer = {**_summary(stored), **stored.access}
        if self._download_prefix:
            answer["DownloadUri"] = "/".join((self._download_prefix, *scope, _ARN_TYPE, stored.name))
        return answer

    def _update(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        present = self.existing(scope, request["VocabularyFilterName"])
        return self._store(scope, self._made(scope, request, present.language_code))

    def _delete(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        stored = self.existing(scope, request["VocabularyFilterName"])
        del self._in(scope)[stored.name]
        self._tags.drop(scope.arn(_ARN_TYPE, stored.name))
        return {}

    def _list(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        found = (
            (name, _summary(stored))
            for name, stored in self._in(scope).items()
            if contains(name, request.get("NameContains"))
        )
        return page(found, request, "VocabularyFilters")

    def _made(self, scope: Scope, request: dict[str, Any], language_code: str) -> VocabularyFilter:
        name = request["VocabularyFilterName"]
        if name in self._settings.failures:
            raise bad_request(self._settings.failures[name])
        content = read_content(_CONTENT, scope, request, self._objects)
        return VocabularyFilter(
            name=name,
            language_code=language_code,
            content=content.as_bytes,
            words=_words(content, language_code),
            modified_at=self._clock.epoch_seconds(),
            access=access_of(request),
        )

    def _store(self, scope: Scope, stored: VocabularyFilter) -> dict[str, Any]:
        self._in(scope)[stored.name] = stored
        return _summary(stored)

    def _in(self, scope: Scope) -> dict[str, VocabularyFilter]:
        return self._stored.setdefault(scope, {})

    def _all(self) -> Iterator[tuple[Scope, VocabularyFilter]]:
        return ((scope, stored) for scope, filters in self._stored.items() for stored in filters.values())


def _summary(stored: VocabularyFilter) -> dict[str, Any]:
    return {
        "VocabularyFilterName": stored.name,
        "LanguageCode": stored.language_code,
        "LastModifiedTime": stored.modified_at,
    }


def _words(content: ResourceContent, language_code: str) -> frozenset[str]:
    try:
        lines = content.items if content.items is not None else decoded_lines(content.file)
        words = frozenset(line.strip().lower() for line in lines if line.strip())
        _check(words, language_code)
    except RefusedContentError as refused:
        raise bad_request(
            "The vocabulary filter that you're trying to create contains invalid characters or incorrectly "
            f"formatted terms. See the developer guide for more information. Details: {refused}."
        ) from refused
    return words


def _check(words: frozenset[str], language_code: str) -> None:
    if not words:
        raise RefusedContentError("there are no words")
    for word in sorted(words):
        foreign = foreign_characters("".join(word.split()), language_code)
        if foreign:
            raise RefusedContentError(f"the word '{word}' contains a character that its language lacks")
