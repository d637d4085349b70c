"""Custom vocabularies and medical vocabularies: one life, two namespaces and two sets of rules."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from transcribe_local.clock import Clock
from transcribe_local.listing import contains, page
from transcribe_local.object_store import ObjectStore
from transcribe_local.resource_content import ContentFields, ResourceContent, access_of, read_content
from transcribe_local.scope import Scope
from transcribe_local.service_error import ServiceError, bad_request, conflict, limit_exceeded
from transcribe_local.settings import Settings
from transcribe_local.tags import Tags
from transcribe_local.vocabulary_content import (
    RefusedContentError,
    VocabularyEntry,
    entries_from_file,
    entries_from_phrases,
)

_INVALID = (
    "The vocabulary that you're trying to create contains invalid characters or incorrectly formatted terms. "
    "See the developer guide for more information. Details: "
)


class VocabularyKind(NamedTuple):
    """What sets medical vocabularies apart from the others."""

    noun: str
    arn_type: str
    content: ContentFields
    medical: bool


STANDARD = VocabularyKind("Vocabulary", "vocabulary", ContentFields("Phrases", "VocabularyFileUri"), False)
MEDICAL = VocabularyKind("MedicalVocabulary", "medical-vocabulary", ContentFields(None, "VocabularyFileUri"), True)


@dataclass(frozen=True)
class Vocabulary:
    """One version of a vocabulary's content; an update puts another in its place."""

    name: str
    language_code: str
    content: bytes
    entries: tuple[VocabularyEntry, ...]
    failure_reason: str | None
    settled_at: float
    modified_at: float
    access: dict[str, Any]

    def state(self, now: float) -> str:
        """PENDING until the time is up, then READY, or FAILED if the content was refused."""
        if now < self.settled_at:
            return "PENDING"
        return "FAILED" if self.failure_reason else "READY"


class Vocabularies:
    """Create, Get, Update, Delete and List for one kind of vocabulary."""

    def __init__(
        self,
        kind: VocabularyKind,
        *,
        objects: ObjectStore,
        tags: Tags,
        settings: Settings,
        clock: Clock,
        download_prefix: str = "",
    ) -> None:
        self._kind = kind
        self._objects = objects
        self._tags = tags
        self._settings = settings
        self._clock = clock
        self._download_prefix = download_prefix
        self._stored: dict[Scope, dict[str, Vocabulary]] = {}

    def operations(self) -> dict[str, Callable[[Scope, dict[str, Any]], dict[str, Any]]]:
        plural = self._kind.noun.removesuffix("y") + "ies"
        return {
            f"Create{self._kind.noun}": self._create,
            f"Get{self._kind.noun}": self._get,
            f"Update{self._kind.noun}": self._update,
            f"Delete{self._kind.noun}": self._delete,
            f"List{plural}": self._list,
        }

    @property
    def arn_type(self) -> str:
        return self._kind.arn_type

    def find(self, scope: Scope, name: str) -> Vocabulary | None:
        return self._in(scope).get(name)

    def owns(self, arn: str) -> bool:
        return any(arn == scope.arn(self._kind.arn_type, vocabulary.name) for scope, vocabulary in self._all())

    def ready(self, scope: Scope, name: str) -> Vocabulary:
        """The vocabulary for a job that names it.

        Raises BadRequestException when it is missing or not READY.
        """
        vocabulary = self._existing(scope, name)
        if vocabulary.state(self._clock.monotonic()) != "READY":
            raise bad_request(
                "The requested vocabulary isn't ready. Make sure that its state is READY and try your request again."
            )
        return vocabulary

    def snapshot(self) -> list[dict[str, Any]]:
        """Every vocabulary with its tags and the digest of its content, for a test to look at."""
        return [
            {
                **self._described(vocabulary),
                "Kind": self._kind.noun,
                "Arn": (arn := scope.arn(self._kind.arn_type, vocabulary.name)),
                "Tags": self._tags.of(arn),
                "ContentSha256": hashlib.sha256(vocabulary.content).hexdigest(),
            }
            for scope, vocabulary in self._all()
        ]

    def _create(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        name = request["VocabularyName"]
        if name in self._in(scope):
            raise conflict("The requested vocabulary name already exists. Use a different vocabulary name.")
        self._check_language(request["LanguageCode"])
        self._check_room(scope)
        content = read_content(self._kind.content, scope, request, self._objects)
        access = access_of(request)
        self._tags.put(scope.arn(self._kind.arn_type, name), request.get("Tags", []))
        return self._store(scope, request, content, access)

    def _get(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        vocabulary = self._existing(scope, request["VocabularyName"])
        answer = self._described(vocabulary)
        if answer["VocabularyState"] == "READY" and self._download_prefix:
            answer["DownloadUri"] = "/".join((self._download_prefix, *scope, self._kind.arn_type, vocabulary.name))
        return answer

    def _update(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        present = self._existing(scope, request["VocabularyName"])
        if present.state(self._clock.monotonic()) == "PENDING":
            raise conflict(
                "The requested vocabulary is being processed. Wait until its state is READY or FAILED and try "
                "your request again."
            )
        if request["LanguageCode"] != present.language_code:
            raise bad_request("The language code of a vocabulary can't be changed. Create a vocabulary instead.")
        self._check_pending(scope)
        content = read_content(self._kind.content, scope, request, self._objects)
        answer = self._store(scope, request, content, access_of(request))
        answer.pop("FailureReason", None)
        return answer

    def _delete(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        vocabulary = self._existing(scope, request["VocabularyName"])
        if vocabulary.state(self._clock.monotonic()) == "PENDING":
            raise bad_request(
                "The requested vocabulary is in a non-terminal state. Wait until its state is READY or FAILED "
                "and try your request again."
            )
        del self._in(scope)[vocabulary.name]
        self._tags.drop(scope.arn(self._kind.arn_type, vocabulary.name))
        return {}

    def _list(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        wanted = request.get("StateEquals")
        found = (
            (name, self._summary(vocabulary))
            for name, vocabulary in self._in(scope).items()
            if contains(name, request.get("NameContains"))
        )
        answer = page((item for item in found if wanted in (None, item[1]["VocabularyState"])), request, "Vocabularies")
        return {**answer, "Status": wanted} if wanted else answer

    def _store(
        self, scope: Scope, request: dict[str, Any], content: ResourceContent, access: dict[str, Any]
    ) -> dict[str, Any]:
        entries, failure_reason = self._entries(content, request["LanguageCode"])
        failure_reason = self._settings.failures.get(request["VocabularyName"], failure_reason)
        vocabulary = Vocabulary(
            name=request["VocabularyName"],
            language_code=request["LanguageCode"],
            content=content.as_bytes,
            entries=entries,
            failure_reason=failure_reason,
            settled_at=self._clock.monotonic() + self._settings.pending_seconds,
            modified_at=self._clock.epoch_seconds(),
            access=access,
        )
        self._in(scope)[vocabulary.name] = vocabulary
        return self._summary(vocabulary)

    def _entries(self, content: ResourceContent, language_code: str) -> tuple[tuple[VocabularyEntry, ...], str | None]:
        try:
            if content.items is not None:
                return entries_from_phrases(content.items, language_code), None
            return entries_from_file(content.file, language_code, table_only=self._kind.medical), None
        except RefusedContentError as refused:
            return (), f"{_INVALID}{refused}."

    def _summary(self, vocabulary: Vocabulary) -> dict[str, Any]:
        return {
            "VocabularyName": vocabulary.name,
            "LanguageCode": vocabulary.language_code,
            "VocabularyState": vocabulary.state(self._clock.monotonic()),
            "LastModifiedTime": vocabulary.modified_at,
        }

    def _described(self, vocabulary: Vocabulary) -> dict[str, Any]:
        answer = {**self._summary(vocabulary), **vocabulary.access}
        if answer["VocabularyState"] == "FAILED":
            answer["FailureReason"] = vocabulary.failure_reason
        return answer

    def _check_language(self, language_code: str) -> None:
        if self._kind.medical and language_code != "en-US":
            raise bad_request("The language code isn't valid. Medical vocabularies are available in en-US only.")

    def _check_room(self, scope: Scope) -> None:
        if len(self._in(scope)) >= self._settings.max_vocabularies:
            raise limit_exceeded("You've reached the limit on the number of vocabularies in your account.")
        self._check_pending(scope)

    def _check_pending(self, scope: Scope) -> None:
        now = self._clock.monotonic()
        pending = sum(vocabulary.state(now) == "PENDING" for vocabulary in self._in(scope).values())
        if pending >= self._settings.max_pending_vocabularies:
            raise limit_exceeded("You've reached the limit on the number of pending vocabularies in your account.")

    def _existing(self, scope: Scope, name: str) -> Vocabulary:
        vocabulary = self.find(scope, name)
        if vocabulary is None:
            raise _not_found()
        return vocabulary

    def _in(self, scope: Scope) -> dict[str, Vocabulary]:
        return self._stored.setdefault(scope, {})

    def _all(self) -> Iterator[tuple[Scope, Vocabulary]]:
        return ((scope, vocabulary) for scope, stored in self._stored.items() for vocabulary in stored.values())


def _not_found() -> ServiceError:
    return bad_request(
        "The requested vocabulary couldn't be found. Check the vocabulary name and try your request again."
    )
