"""Transcription jobs: accepted at once, then worked off one after the other in the background."""

import concurrent.futures
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from transcribe_local.clock import Clock
from transcribe_local.completion_events import CompletionEvents
from transcribe_local.listing import contains, page
from transcribe_local.object_store import InaccessibleObjectError, ObjectLocation, ObjectStore
from transcribe_local.resource_content import UNREADABLE
from transcribe_local.scope import Scope
from transcribe_local.service_error import bad_request, conflict, limit_exceeded
from transcribe_local.settings import Settings
from transcribe_local.synthetic_speech import SyntheticTranscriber
from transcribe_local.tags import Tags, as_tag_list
from transcribe_local.transcript import Transcription
from transcribe_local.transcription_job import TranscriptionJob
from transcribe_local.transcription_order import TranscriptionOrder, UnusableMediaError
from transcribe_local.transcription_output import TranscriptionOutput
from transcribe_local.transcription_request import (
    check_request,
    language_of,
    named_resources,
    output_location,
    settings_for,
    write_probe,
)
from transcribe_local.vocabularies import Vocabularies
from transcribe_local.vocabulary_filters import VocabularyFilters

if TYPE_CHECKING:
    from transcribe_local.transcription import Transcriber

_UNWRITABLE = (
    "The S3 bucket that you provided for the output can't be accessed. Make sure that you have write permission "
    "and try your request again."
)
_INTERNAL = "Internal Failure. Please try your request again."

_logger = logging.getLogger(__name__)


class TranscriptionJobs:
    """Start, Get, List and Delete for transcription jobs, and the worker that does them.

    `make_transcriber` is called by the first job: what it loads is slow to load.
    """

    arn_type = "transcription-job"

    def __init__(
        self,
        *,
        objects: ObjectStore,
        tags: Tags,
        settings: Settings,
        clock: Clock,
        events: CompletionEvents,
        vocabularies: Vocabularies,
        vocabulary_filters: VocabularyFilters,
        make_transcriber: "Callable[[], Transcriber]",
    ) -> None:
        self._objects = objects
        self._output = TranscriptionOutput(objects)
        self._tags = tags
        self._settings = settings
        self._clock = clock
        self._events = events
        self._vocabularies = vocabularies
        self._vocabulary_filters = vocabulary_filters
        self._make_transcriber = make_transcriber
        self._transcriber: Transcriber | None = None
        self._stored: dict[Scope, dict[str, TranscriptionJob]] = {}
        self._waiting: deque[TranscriptionJob] = deque()
        self._lock = threading.RLock()
        self._worker = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="transcription")

    def operations(self) -> dict[str, Callable[[Scope, dict[str, Any]], dict[str, Any]]]:
        return {
            "StartTranscriptionJob": self._start,
            "GetTranscriptionJob": self._get,
            "ListTranscriptionJobs": self._list,
            "DeleteTranscriptionJob": self._delete,
        }

    def owns(self, arn: str) -> bool:
        return any(arn == job.arn for job in self._all())

    def snapshot(self) -> list[dict[str, Any]]:
        """Every job with its tags, for a test to look at."""
        with self._lock:
            return [
                {**job.described(), "Kind": "TranscriptionJob", "Arn": job.arn, "Tags": self._tags.of(job.arn)}
                for job in self._all()
            ]

    def close(self) -> None:
        """Forget every job; what is under way ends unseen."""
        with self._lock:
            self._stored.clear()
            self._waiting.clear()
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _start(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        check_request(request)
        with self._lock:
            if request["TranscriptionJobName"] in self._in(scope):
                raise conflict("The requested job name already exists. Use a different job name.")
            job = self._accepted(scope, request)
            self._check_room(job)
            self._check_media(job)
            self._check_output(job)
            self._tags.put(job.arn, request.get("Tags", []))
            self._in(scope)[job.name] = job
            self._waiting.append(job)
            self._begin_waiting()
            return {"TranscriptionJob": self._tagged(job)}

    def _get(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            return {"TranscriptionJob": self._tagged(self._existing(scope, request["TranscriptionJobName"]))}

    def _list(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        wanted = request.get("Status")
        with self._lock:
            found = [
                (job.list_position, job.summarized())
                for job in self._in(scope).values()
                if wanted in (None, job.status) and contains(job.name, request.get("JobNameContains"))
            ]
        answer = page(found, request, "TranscriptionJobSummaries")
        return {**answer, "Status": wanted} if wanted else answer

    def _delete(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            job = self._existing(scope, request["TranscriptionJobName"])
            if job.status == "IN_PROGRESS":
                raise bad_request(
                    "The requested job is in progress. Wait until it is COMPLETED or FAILED and try your request again."
                )
            del self._in(scope)[job.name]
            self._tags.drop(job.arn)
            return {}

    def _accepted(self, scope: Scope, request: dict[str, Any]) -> TranscriptionJob:
        bucket = request.get("OutputBucketName") or self._objects.service_bucket(scope)
        language_code = language_of(request)
        return TranscriptionJob(
            name=request["TranscriptionJobName"],
            scope=scope,
            request=request,
            output=output_location(request, "/".join(scope), bucket),
            language_code=language_code,
            order=self._order(scope, request, language_code),
            created_at=self._clock.epoch_seconds(),
        )

    def _order(self, scope: Scope, request: dict[str, Any], language_code: str) -> TranscriptionOrder:
        self._check_named_resources(scope, request)
        settings = settings_for(request, language_code)
        vocabulary = self._vocabularies.find(scope, settings.get("VocabularyName", ""))
        vocabulary_filter = self._vocabulary_filters.find(scope, settings.get("VocabularyFilterName", ""))
        # One for another language is silently left aside, as the service does.
        speaks = vocabulary is not None and vocabulary.language_code == language_code
        filters = vocabulary_filter is not None and vocabulary_filter.language_code == language_code
        return TranscriptionOrder(
            media_format=request.get("MediaFormat"),
            sample_rate=request.get("MediaSampleRateHertz"),
            max_speakers=settings.get("MaxSpeakerLabels"),
            by_channel=settings.get("ChannelIdentification", False),
            vocabulary=vocabulary.entries if vocabulary and speaks else (),
            filter_words=vocabulary_filter.words if vocabulary_filter and filters else frozenset(),
            filter_method=settings.get("VocabularyFilterMethod", "mask"),
        )

    def _check_named_resources(self, scope: Scope, request: dict[str, Any]) -> None:
        for names in named_resources(request):
            if "VocabularyName" in names:
                self._vocabularies.ready(scope, names["VocabularyName"])
            if "VocabularyFilterName" in names:
                self._vocabulary_filters.existing(scope, names["VocabularyFilterName"])

    def _check_room(self, job: TranscriptionJob) -> None:
        if not job.is_deferrable and not self._has_room():
            raise limit_exceeded("You've reached the limit on the number of concurrent jobs in your account.")

    def _check_media(self, job: TranscriptionJob) -> None:
        try:
            media = ObjectLocation.from_uri(job.request["Media"]["MediaFileUri"])
            self._objects.check_readable(job.scope, media, job.role_arn)
        except InaccessibleObjectError as error:
            raise bad_request(UNREADABLE) from error

    def _check_output(self, job: TranscriptionJob) -> None:
        if not job.has_own_bucket:
            return
        try:
            self._output.put(job, write_probe(job.output), b"", "application/octet-stream")
        except InaccessibleObjectError as error:
            raise bad_request(_UNWRITABLE) from error

    def _has_room(self) -> bool:
        running = sum(job.status == "IN_PROGRESS" for job in self._all())
        return running < self._settings.max_concurrent_jobs

    def _begin_waiting(self) -> None:
        while self._waiting and self._has_room():
            job = self._waiting.popleft()
            if self._is_stored(job):
                job.status = "IN_PROGRESS"
                job.started_at = self._clock.epoch_seconds()
                job.earliest_end = self._clock.monotonic() + self._settings.job_seconds
                self._worker.submit(job.context.run, self._work, job)

    def _work(self, job: TranscriptionJob) -> None:
        try:
            results = {"TranscriptionJobStatus": "COMPLETED", **self._results(job)}
        except UnusableMediaError as failure:
            results = {"TranscriptionJobStatus": "FAILED", "FailureReason": str(failure)}
        except Exception:
            _logger.exception("job %s failed", job.name)
            results = {"TranscriptionJobStatus": "FAILED", "FailureReason": _INTERNAL}
        # A timer rather than a sleep: the next job need not wait for this one's end.
        timer = threading.Timer(job.earliest_end - self._clock.monotonic(), self._end, (job, results))
        timer.daemon = True
        timer.start()

    def _results(self, job: TranscriptionJob) -> dict[str, Any]:
        media = ObjectLocation.from_uri(job.request["Media"]["MediaFileUri"])
        try:
            content = self._objects.read(job.scope, media, job.role_arn)
        except InaccessibleObjectError as error:
            raise UnusableMediaError(UNREADABLE) from error
        try:
            return self._output.write(job, self._transcribed(content, job.order))
        except InaccessibleObjectError as error:
            raise UnusableMediaError(_UNWRITABLE) from error

    def _transcribed(self, content: bytes, order: TranscriptionOrder) -> Transcription:
        if not self._settings.recognize_speech:
            return SyntheticTranscriber().transcribe(content, order)
        self._transcriber = self._transcriber or self._make_transcriber()
        return self._transcriber.transcribe(content, order)

    def _end(self, job: TranscriptionJob, results: dict[str, Any]) -> None:
        with self._lock:
            job.status = results["TranscriptionJobStatus"]
            job.results = results
            job.ended_at = self._clock.epoch_seconds()
            known = self._is_stored(job)
            self._begin_waiting()
        if known:
            self._events.announce(job)

    def _is_stored(self, job: TranscriptionJob) -> bool:
        return self._in(job.scope).get(job.name) is job

    def _tagged(self, job: TranscriptionJob) -> dict[str, Any]:
        tags = self._tags.of(job.arn)
        return {**job.described(), "Tags": as_tag_list(tags)} if tags else job.described()

    def _existing(self, scope: Scope, name: str) -> TranscriptionJob:
        job = self._in(scope).get(name)
        if job is None:
            raise bad_request("The requested job couldn't be found. Check the job name and try your request again.")
        return job

    def _in(self, scope: Scope) -> dict[str, TranscriptionJob]:
        return self._stored.setdefault(scope, {})

    def _all(self) -> Iterator[TranscriptionJob]:
        return (job for jobs in self._stored.values() for job in jobs.values())
