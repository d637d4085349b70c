"""Custom language models: accepted at once, trained in settable time, usable when COMPLETED."""

import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from transcribe_local.clock import Clock
from transcribe_local.completion_events import CompletionEvents
from transcribe_local.listing import contains, page
from transcribe_local.object_store import InaccessibleObjectError, ObjectLocation, ObjectStore
from transcribe_local.resource_content import UNREADABLE, access_of
from transcribe_local.scope import Scope
from transcribe_local.service_error import bad_request, conflict, limit_exceeded
from transcribe_local.settings import Settings
from transcribe_local.tags import Tags

_ARN_TYPE = "language-model"
_LOOK_SECONDS = 0.05
_MARKUP = re.compile(rb"</?[a-zA-Z][^<>]*>")


@dataclass
class LanguageModel:
    """A model; its training lasts as long as the settings say at that moment."""

    name: str
    scope: Scope
    request: dict[str, Any]
    access: dict[str, Any]
    data_digest: str
    refusal: str | None
    """What is wrong with the data, which the service says only when the training ends."""
    began_at: float
    created_at: float
    modified_at: float
    status: str = "IN_PROGRESS"
    failure_reason: str | None = None
    is_trained: bool = False
    reencryption_began_at: float = 0.0

    @property
    def arn(self) -> str:
        return self.scope.arn(_ARN_TYPE, self.name)


class LanguageModels:
    """Create, Describe, Update, Delete and List for language models, and the training of three at once."""

    arn_type = _ARN_TYPE

    def __init__(
        self, *, objects: ObjectStore, tags: Tags, settings: Settings, clock: Clock, events: CompletionEvents
    ) -> None:
        self._objects = objects
        self._tags = tags
        self._settings = settings
        self._clock = clock
        self._events = events
        self._stored: dict[Scope, dict[str, LanguageModel]] = {}
        self._lock = threading.RLock()
        self._closed = threading.Event()
        self._watch: threading.Thread | None = None

    def operations(self) -> dict[str, Callable[[Scope, dict[str, Any]], dict[str, Any]]]:
        return {
            f"{operation}LanguageModel{plural}": self._settled(perform)
            for operation, plural, perform in (
                ("Create", "", self._create),
                ("Describe", "", self._describe),
                ("Update", "", self._update),
                ("Delete", "", self._delete),
                ("List", "s", self._list),
            )
        }

    def owns(self, arn: str) -> bool:
        return any(arn == model.arn for model in self._all())

    def find(self, scope: Scope, name: str) -> LanguageModel | None:
        return self._in(scope).get(name)

    def trained(self, scope: Scope, name: str) -> LanguageModel:
        """The model for a job that names it. Raises BadRequestException when it is missing or not trained."""
        with self._lock:
            self._settle()
            model = self._existing(scope, name)
        if not model.is_trained:
            raise bad_request(
                "The requested language model isn't ready. Make sure that its status is COMPLETED and try your request "
                "again."
            )
        return model

    def snapshot(self) -> list[dict[str, Any]]:
        """Every model with its tags and the digest of its training data, for a test to look at."""
        with self._lock:
            self._settle()
            return [
                {
                    **_described(model),
                    "Kind": "LanguageModel",
                    "Arn": model.arn,
                    "Tags": self._tags.of(model.arn),
                    "ContentSha256": model.data_digest,
                }
                for model in self._all()
            ]

    def close(self) -> None:
        """Let every training be forgotten."""
        self._closed.set()

    def _settled(
        self, perform: Callable[[Scope, dict[str, Any]], dict[str, Any]]
    ) -> Callable[[Scope, dict[str, Any]], dict[str, Any]]:
        def perform_settled(scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
            with self._lock:
                self._settle()
                return perform(scope, request)

        return perform_settled

    def _create(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        name = request["ModelName"]
        if name in self._in(scope):
            raise conflict("The requested language model name already exists. Use a different language model name.")
        self._check_room(scope)
        data = request["InputDataConfig"]
        access = access_of({**request, "DataAccessRoleArn": data["DataAccessRoleArn"]})
        training, refusal = self._data(scope, request, "S3Uri", self._settings.max_training_bytes)
        _, tuning_refusal = self._data(scope, request, "TuningDataS3Uri", self._settings.max_tuning_bytes)
        model = LanguageModel(
            name=name,
            scope=scope,
            request=request,
            access={field: access[field] for field in access if field != "DataAccessRoleArn"},
            data_digest=hashlib.sha256(training).hexdigest(),
            refusal=refusal or tuning_refusal,
            began_at=self._clock.monotonic(),
            created_at=self._clock.epoch_seconds(),
            modified_at=self._clock.epoch_seconds(),
        )
        self._tags.put(model.arn, request.get("Tags", []))
        self._in(scope)[name] = model
        self._watch_trainings()
        fields = ("LanguageCode", "BaseModelName", "ModelName", "InputDataConfig")
        return {**{field: request[field] for field in fields}, "ModelStatus": model.status}

    def _describe(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        return {"LanguageModel": _described(self._existing(scope, request["ModelName"]))}

    def _update(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        model = self._existing(scope, request["ModelName"])
        if model.status == "IN_PROGRESS":
            raise conflict(
                "The requested language model is being processed. Wait until its status is COMPLETED or FAILED and try "
                "your request again."
            )
        access = access_of(request)
        model.access = {field: access[field] for field in access if field == "EncryptionConfiguration"}
        model.modified_at = self._clock.epoch_seconds()
        if model.is_trained:
            model.reencryption_began_at = self._clock.monotonic()
            model.status = "IN_PROGRESS"
            self._settle()
        return {"ModelName": model.name, "ModelStatus": model.status, "LastModifiedTime": model.modified_at}

    def _delete(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        model = self._existing(scope, request["ModelName"])
        # What the service does is not documented for models, only that a non-terminal state is a reason to refuse.
        if model.status == "IN_PROGRESS" and not self._settings.deletes_models_in_training:
            raise bad_request(
                "The requested language model is in a non-terminal state. Wait until its status is COMPLETED or FAILED "
                "and try your request again."
            )
        del self._in(scope)[model.name]
        self._tags.drop(model.arn)
        return {}

    def _list(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        found = (
            (name, _described(model))
            for name, model in self._in(scope).items()
            if request.get("StatusEquals") in (None, model.status) and contains(name, request.get("NameContains"))
        )
        return page(found, request, "Models")

    def _check_room(self, scope: Scope) -> None:
        models = self._in(scope).values()
        if len(models) >= self._settings.max_language_models:
            raise limit_exceeded("You've reached the limit on the number of language models in your account.")
        if sum(not model.is_trained and model.status == "IN_PROGRESS" for model in models) >= (
            self._settings.max_training_models
        ):
            raise limit_exceeded("You've reached the limit on the number of language models in training.")

    def _data(self, scope: Scope, request: dict[str, Any], field: str, most: int) -> tuple[bytes, str | None]:
        uri = request["InputDataConfig"].get(field)
        if uri is None:
            return b"", None
        role = request["InputDataConfig"]["DataAccessRoleArn"]
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        try:
            locations = self._objects.objects_under(scope, ObjectLocation(bucket, prefix), role)
            contents = {location: self._objects.read(scope, location, role) for location in locations}
        except InaccessibleObjectError as error:
            raise bad_request(UNREADABLE) from error
        return b"".join(contents.values()), _refusal(field, uri, contents, most)

    def _settle(self) -> None:
        now = self._clock.monotonic()
        for model in self._all():
            if model.status != "IN_PROGRESS":
                continue
            if model.is_trained and now >= model.reencryption_began_at + self._settings.reencryption_seconds:
                model.status = "COMPLETED"
            elif not model.is_trained and now >= model.began_at + self._settings.training_seconds:
                self._end(model)

    def _end(self, model: LanguageModel) -> None:
        model.failure_reason = self._settings.failures.get(model.name, model.refusal)
        model.status = "FAILED" if model.failure_reason else "COMPLETED"
        model.is_trained = not model.failure_reason
        model.modified_at = self._clock.epoch_seconds()
        detail = {"ModelName": model.name, "ModelStatus": model.status}
        reason = {"FailureReason": model.failure_reason} if model.failure_reason else {}
        self._events.publish_all(model.scope, [("Transcribe Language Model State Change", {**detail, **reason})])

    def _watch_trainings(self) -> None:
        """The end of a training is an event even when nobody asks about the model."""
        if self._watch is None:
            self._watch = threading.Thread(target=self._settle_again_and_again, name="training", daemon=True)
            self._watch.start()

    def _settle_again_and_again(self) -> None:
        while not self._closed.wait(_LOOK_SECONDS):
            with self._lock:
                self._settle()

    def _existing(self, scope: Scope, name: str) -> LanguageModel:
        model = self.find(scope, name)
        if model is None:
            raise bad_request(
                "The requested language model couldn't be found. Check the language model name and try your request "
                "again."
            )
        return model

    def _in(self, scope: Scope) -> dict[str, LanguageModel]:
        return self._stored.setdefault(scope, {})

    def _all(self) -> Iterator[LanguageModel]:
        return iter([model for models in self._stored.values() for model in models.values()])


def _described(model: LanguageModel) -> dict[str, Any]:
    return {
        "ModelName": model.name,
        "CreateTime": model.created_at,
        "LastModifiedTime": model.modified_at,
        "LanguageCode": model.request["LanguageCode"],
        "BaseModelName": model.request["BaseModelName"],
        "ModelStatus": model.status,
        "UpgradeAvailability": False,
        "InputDataConfig": model.request["InputDataConfig"],
        **({"FailureReason": model.failure_reason} if model.failure_reason else {}),
        **model.access,
    }


def _refusal(field: str, uri: str, contents: dict[ObjectLocation, bytes], most: int) -> str | None:
    if not contents:
        return f"There are no files in the {field} {uri}."
    if sum(map(len, contents.values())) > most:
        return f"The data in the {field} {uri} exceeds the limit of {most} bytes."
    for location, content in contents.items():
        if not _is_plain_text(content):
            return f"The file s3://{location.bucket}/{location.key} isn't plain text in UTF-8 without markup."
    return None


def _is_plain_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in content and not _MARKUP.search(content)
