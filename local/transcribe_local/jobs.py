"""Start, Get, List and Delete, which are the same for every kind of job."""

from collections.abc import Callable
from typing import Any

from transcribe_local.clock import Clock
from transcribe_local.job import Job
from transcribe_local.job_kind import JobKind
from transcribe_local.job_output import UNWRITABLE, JobOutput, write_probe
from transcribe_local.job_runner import JobRunner
from transcribe_local.job_store import JobStore
from transcribe_local.listing import contains, page
from transcribe_local.object_store import InaccessibleObjectError, ObjectStore
from transcribe_local.resource_content import UNREADABLE
from transcribe_local.scope import Scope
from transcribe_local.service_error import bad_request, conflict
from transcribe_local.tags import Tags, as_tag_list


class Jobs:
    """The operations on one kind of jobs."""

    def __init__(
        self, kind: JobKind, *, store: JobStore, runner: JobRunner, objects: ObjectStore, tags: Tags, clock: Clock
    ) -> None:
        self._kind = kind
        self._store = store
        self._runner = runner
        self._objects = objects
        self._output = JobOutput(objects)
        self._tags = tags
        self._clock = clock

    def operations(self) -> dict[str, Callable[[Scope, dict[str, Any]], dict[str, Any]]]:
        return {
            f"Start{self._kind.noun}": self._start,
            f"Get{self._kind.noun}": self._get,
            f"List{self._kind.noun}s": self._list,
            f"Delete{self._kind.noun}": self._delete,
        }

    def owns(self, arn: str) -> bool:
        with self._store.lock:
            return any(arn == job.arn for job in self._store.of_kind(self._kind.noun))

    def snapshot(self) -> list[dict[str, Any]]:
        """Every job with its tags, for a test to look at."""
        with self._store.lock:
            return [
                {**job.described(), "Kind": self._kind.noun, "Arn": job.arn, "Tags": self._tags.of(job.arn)}
                for job in self._store.of_kind(self._kind.noun)
            ]

    def _start(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        name = request[self._kind.name_field]
        if name.strip(".") == "":
            raise bad_request("A job name can't consist of periods only.")
        with self._store.lock:
            if self._store.find(self._kind.noun, scope, name):
                raise conflict("The requested job name already exists. Use a different job name.")
            plan = self._kind.plan(scope, request)
            job = Job(self._kind, scope, request, plan, self._clock.epoch_seconds())
            self._runner.check_room(job)
            self._check_media(job)
            self._check_output(job)
            self._tags.put(job.arn, request.get("Tags", []))
            self._store.add(job)
            self._runner.submit(job)
            return {self._kind.noun: self._tagged(job)}

    def _get(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        with self._store.lock:
            return {self._kind.noun: self._tagged(self._existing(scope, request))}

    def _list(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        wanted = request.get("Status")
        with self._store.lock:
            found = [
                (job.list_position, job.summarized())
                for job in self._store.of_kind(self._kind.noun, scope)
                if wanted in (None, job.status) and contains(job.name, request.get("JobNameContains"))
            ]
        answer = page(found, request, f"{self._kind.noun}Summaries")
        return {**answer, "Status": wanted} if wanted else answer

    def _delete(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        with self._store.lock:
            job = self._existing(scope, request)
            if not job.is_over:
                raise bad_request(
                    "The requested job is in progress. Wait until it is COMPLETED or FAILED and try your request again."
                )
            self._store.remove(job)
            self._tags.drop(job.arn)
            return {}

    def _check_media(self, job: Job) -> None:
        try:
            self._objects.check_readable(job.scope, job.media, job.plan.role_arn)
        except InaccessibleObjectError as error:
            raise bad_request(UNREADABLE) from error

    def _check_output(self, job: Job) -> None:
        if not job.has_own_bucket:
            return
        try:
            self._output.put(job, write_probe(job.plan.output), b"", "application/octet-stream")
        except InaccessibleObjectError as error:
            raise bad_request(UNWRITABLE) from error

    def _tagged(self, job: Job) -> dict[str, Any]:
        tags = self._tags.of(job.arn)
        return {**job.described(), "Tags": as_tag_list(tags)} if tags else job.described()

    def _existing(self, scope: Scope, request: dict[str, Any]) -> Job:
        job = self._store.find(self._kind.noun, scope, request[self._kind.name_field])
        if job is None:
            raise bad_request("The requested job couldn't be found. Check the job name and try your request again.")
        return job
