"""Amazon Transcribe itself, free of HTTP and of the rest of AWS."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from transcribe_local.call_analytics_categories import CallAnalyticsCategories
from transcribe_local.call_analytics_job import CallAnalyticsJobKind
from transcribe_local.clock import Clock
from transcribe_local.completion_events import CompletionEvents, EventBus, NoEventBus
from transcribe_local.faults import CallLog, Fault
from transcribe_local.job_kind import JobKind
from transcribe_local.job_output import JobOutput
from transcribe_local.job_runner import JobRunner
from transcribe_local.job_store import JobStore
from transcribe_local.jobs import Jobs
from transcribe_local.language_models import LanguageModels
from transcribe_local.medical_scribe_job import MedicalScribeJobKind
from transcribe_local.medical_transcription_job import MedicalTranscriptionJobKind
from transcribe_local.named_resources import NamedResources
from transcribe_local.object_store import ObjectStore
from transcribe_local.rate_limit import RateLimit
from transcribe_local.request_validation import operation_names, validate_request
from transcribe_local.scope import Scope
from transcribe_local.service_error import ServiceError, bad_request
from transcribe_local.settings import Settings
from transcribe_local.tags import Tags
from transcribe_local.transcription_job import TranscriptionJobKind
from transcribe_local.vocabularies import MEDICAL, STANDARD, Vocabularies
from transcribe_local.vocabulary_filters import VocabularyFilters

if TYPE_CHECKING:
    from transcribe_local.transcription import Transcriber

Operation = Callable[[Scope, dict[str, Any]], dict[str, Any]]


class Resources(Protocol):
    """The operations on one kind of resource, and all there are of it."""

    def operations(self) -> dict[str, Operation]: ...

    def owns(self, arn: str) -> bool: ...

    def snapshot(self) -> list[dict[str, Any]]: ...


class TranscribeService:
    """The operations over one set of resources, with the faults and limits that a test has set.

    Calls may come from several threads. `make_transcriber` is called by the first job; without it jobs are
    recognised with the English model.
    """

    def __init__(
        self,
        objects: ObjectStore,
        *,
        settings: Settings | None = None,
        clock: Clock | None = None,
        events: EventBus | None = None,
        make_transcriber: "Callable[[], Transcriber] | None" = None,
        download_prefix: str = "",
    ) -> None:
        self.settings = settings or Settings()
        self.faults: list[Fault] = []
        self.call_log = CallLog()
        self._lock = threading.RLock()
        clock = clock or Clock()
        self._rate_limit = RateLimit(self.settings, clock)
        self.tags = Tags(self._exists)
        surroundings: dict[str, Any] = {
            "objects": objects,
            "tags": self.tags,
            "settings": self.settings,
            "clock": clock,
        }
        self.vocabularies = Vocabularies(STANDARD, download_prefix=download_prefix, **surroundings)
        self.medical_vocabularies = Vocabularies(MEDICAL, download_prefix=download_prefix, **surroundings)
        self.vocabulary_filters = VocabularyFilters(download_prefix=download_prefix, **surroundings)
        self.categories = CallAnalyticsCategories(tags=self.tags, settings=self.settings, clock=clock)
        completion_events = CompletionEvents(events or NoEventBus(), self.settings)
        self.language_models = LanguageModels(events=completion_events, **surroundings)
        store = JobStore()
        self._runner = JobRunner(
            store,
            objects=objects,
            settings=self.settings,
            clock=clock,
            events=completion_events,
            make_transcriber=make_transcriber or english_transcriber,
        )
        output = JobOutput(objects)
        resources = NamedResources(self.vocabularies, self.vocabulary_filters, self.language_models)
        medical_resources = NamedResources(self.medical_vocabularies, self.vocabulary_filters, self.language_models)
        kinds: tuple[JobKind, ...] = (
            TranscriptionJobKind(output, resources),
            MedicalTranscriptionJobKind(output, medical_resources),
            CallAnalyticsJobKind(output, resources, self.categories),
            MedicalScribeJobKind(output, resources),
        )
        jobs = (
            Jobs(kind, store=store, runner=self._runner, objects=objects, tags=self.tags, clock=clock) for kind in kinds
        )
        self._files = (self.vocabularies, self.medical_vocabularies, self.vocabulary_filters)
        self._rooms: tuple[Resources, ...] = (*self._files, self.categories, self.language_models, *jobs)
        self._operations: dict[str, Operation] = self.tags.operations()
        for room in self._rooms:
            self._operations.update(room.operations())

    def call(self, operation: str, request: dict[str, Any], scope: Scope) -> dict[str, Any]:
        """Perform one operation. Raises ServiceError with the service's own code and sentence."""
        with self._lock:
            self.call_log.count(operation)
            try:
                return self._perform(operation, request, scope)
            except ServiceError as error:
                self.call_log.count_error(operation, error.code)
                raise

    def snapshot(self) -> list[dict[str, Any]]:
        """Every resource, with its tags."""
        with self._lock:
            return [described for room in self._rooms for described in room.snapshot()]

    def content(self, scope: Scope, arn_type: str, name: str) -> bytes | None:
        """What a vocabulary or filter was made from, as its DownloadUri serves it."""
        found = next((room.find(scope, name) for room in self._files if room.arn_type == arn_type), None)
        return found.content if found else None

    def close(self) -> None:
        """Forget the jobs that still run, and the models that are still trained."""
        self.language_models.close()
        self._runner.close()

    def _perform(self, operation: str, request: dict[str, Any], scope: Scope) -> dict[str, Any]:
        perform = self._implementation(operation)
        fault = next((fault for fault in self.faults if fault.strikes(operation)), None)
        if fault and not fault.after_effect:
            raise fault.error()
        self._rate_limit.admit(operation)
        validate_request(operation, request)
        answer = perform(scope, request)
        if fault:
            raise fault.error()
        return answer

    def _implementation(self, operation: str) -> Operation:
        if operation not in operation_names():
            raise ServiceError("UnknownOperationException", f"Transcribe has no operation {operation}.")
        if operation not in self._operations:
            raise bad_request(f"The local Amazon Transcribe doesn't implement {operation}.")
        return self._operations[operation]

    def _exists(self, arn: str) -> bool:
        return any(room.owns(arn) for room in self._rooms)


def english_transcriber() -> "Transcriber":
    """A transcriber with the English model."""
    # The libraries for media and speech take as long to import as all the rest, and many a test needs none.
    from transcribe_local.speech_recognition import MoonshineRecognizer  # noqa: PLC0415
    from transcribe_local.transcription import Transcriber  # noqa: PLC0415

    return Transcriber(MoonshineRecognizer())
