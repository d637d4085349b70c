"""The room there is for jobs, the queue before it, and the worker that does them one after the other."""

import concurrent.futures
import functools
import logging
from collections import Counter, deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from transcribe_local.clock import Clock
from transcribe_local.completion_events import CompletionEvents
from transcribe_local.job import Job
from transcribe_local.job_output import UNWRITABLE
from transcribe_local.job_store import JobStore
from transcribe_local.object_store import InaccessibleObjectError, ObjectStore
from transcribe_local.resource_content import UNREADABLE
from transcribe_local.scope import Scope
from transcribe_local.service_error import limit_exceeded
from transcribe_local.settings import Settings
from transcribe_local.synthetic_speech import SyntheticTranscriber
from transcribe_local.transcript import Transcription
from transcribe_local.transcription_order import TranscriptionOrder, UnusableMediaError

if TYPE_CHECKING:
    from transcribe_local.transcription import Transcriber

_INTERNAL = "Internal Failure. Please try your request again."

_logger = logging.getLogger(__name__)


class JobRunner:
    """Begins jobs as far as the settings leave room for their kind, and ends them.

    `make_transcriber` is called by the first job: what it loads is slow to load.
    """

    def __init__(
        self,
        store: JobStore,
        *,
        objects: ObjectStore,
        settings: Settings,
        clock: Clock,
        events: CompletionEvents,
        make_transcriber: "Callable[[], Transcriber]",
    ) -> None:
        self._store = store
        self._objects = objects
        self._settings = settings
        self._clock = clock
        self._events = events
        self._make_transcriber = make_transcriber
        self._transcriber: Transcriber | None = None
        self._running: Counter[tuple[str, Scope]] = Counter()
        self._waiting: dict[tuple[str, Scope], deque[Job]] = {}
        self._worker = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="transcription")

    def check_room(self, job: Job) -> None:
        """Raise LimitExceededException for a job that can neither begin nor wait."""
        if job.plan.is_deferrable:
            full = len(self._queue(job)) >= self._settings.max_deferred_jobs
        else:
            full = not self._has_room(job)
        if full:
            raise limit_exceeded()

    def submit(self, job: Job) -> None:
        """Begin a job, now or when it is its turn; the store's lock is held."""
        if job.plan.is_deferrable:
            self._queue(job).append(job)
            self._begin_waiting(self._queue(job))
        else:
            self._begin(job)

    def close(self) -> None:
        """Forget every job; what is under way ends unseen."""
        with self._store.lock:
            self._store.clear()
            self._waiting.clear()
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _queue(self, job: Job) -> deque[Job]:
        return self._waiting.setdefault((job.kind.noun, job.scope), deque())

    def _has_room(self, job: Job) -> bool:
        limit: int = getattr(self._settings, job.kind.limit_setting)
        usable = limit * self._settings.deferred_jobs_share if job.plan.is_deferrable else limit
        return self._running[job.kind.noun, job.scope] < usable

    def _begin_waiting(self, queue: deque[Job]) -> None:
        while queue and self._has_room(queue[0]):
            self._begin(queue.popleft())

    def _begin(self, job: Job) -> None:
        self._running[job.kind.noun, job.scope] += 1
        job.status = "IN_PROGRESS"
        job.started_at = self._clock.epoch_seconds()
        job.earliest_end = self._clock.monotonic() + self._settings.job_seconds
        self._worker.submit(job.context.run, self._work, job)

    def _work(self, job: Job) -> None:
        try:
            outcome: tuple[str, dict[str, Any]] = ("COMPLETED", self._results(job))
        except UnusableMediaError as failure:
            outcome = ("FAILED", {"FailureReason": str(failure)})
        except Exception:
            _logger.exception("job %s failed", job.name)
            outcome = ("FAILED", {"FailureReason": _INTERNAL})
        # An alarm rather than a sleep: the next job need not wait for this one's end.
        self._clock.call_at(job.earliest_end, functools.partial(self._end, job, *outcome))

    def _results(self, job: Job) -> dict[str, Any]:
        if job.name in self._settings.failures:
            raise UnusableMediaError(self._settings.failures[job.name])
        try:
            content = self._objects.read(job.scope, job.media, job.plan.role_arn)
        except InaccessibleObjectError as error:
            raise UnusableMediaError(UNREADABLE) from error
        try:
            return job.kind.finish(job, self._transcribed(content, job.plan.order))
        except InaccessibleObjectError as error:
            raise UnusableMediaError(UNWRITABLE) from error

    def _transcribed(self, content: bytes, order: TranscriptionOrder) -> Transcription:
        if not self._settings.recognize_speech:
            return SyntheticTranscriber().transcribe(content, order)
        self._transcriber = self._transcriber or self._make_transcriber()
        return self._transcriber.transcribe(content, order)

    def _end(self, job: Job, status: str, results: dict[str, Any]) -> None:
        with self._store.lock:
            job.status, job.results = status, results
            job.ended_at = self._clock.epoch_seconds()
            self._running[job.kind.noun, job.scope] -= 1
            known = self._store.holds(job)
            self._begin_waiting(self._queue(job))
        if known:
            self._events.publish_all(job.scope, job.kind.events(job))
