"""A message on the pipeline's queue: the object that arrived and the job that is wanted for it.

Transcribe reads the newest version of an object, whenever it gets round to it. So an object that is overwritten
before is transcribed for each of its versions, every time from the newest; `version` says whose arrival asked for
the job. Nothing here looks whether it is the newest still: it may cease to be at any moment until the job is done.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from . import job_naming
from .job_kinds import JobKind, kind_named

_FIRST_DELAY_SECONDS = 5
_LONGEST_DELAY_SECONDS = 900
# As long as a queue can keep a message: every copy is a new one, so that SQS itself would never stop.
_PATIENCE_DAYS = 14


@dataclass(frozen=True)
class JobOrder:
    """One object, one route, one job."""

    kind: JobKind
    bucket: str
    key: str
    size: int
    version: str
    version_id: str | None
    meant_for: str
    route: str
    pipeline: str
    suffixes: tuple[str, ...]
    key_pattern: str
    output_bucket: str
    output_prefix: str
    request: Mapping[str, Any]
    uploaded_at: str | None
    retry_number: int
    retry_service_faults: int
    attempt: int
    waiting_since: int
    message: str

    @property
    def job_name(self) -> str:
        return job_naming.retry_name(self.first_job_name, self.retry_number)

    @property
    def first_job_name(self) -> str:
        """The name of the job that this one is a retry of, or its own."""
        return job_naming.job_name(self.pipeline, self.bucket, self.key, self.version, self.route)

    @property
    def retry(self) -> JobOrder | None:
        """The order for the same job under the next name; None where the route wants no further one."""
        return self.next_try if self.retry_number < self.retry_service_faults else None

    @property
    def next_try(self) -> JobOrder | None:
        """The order for the same job under the next name, whatever the route wants; None where there are no more."""
        if self.retry_number >= job_naming.MOST_RETRIES:
            return None
        return replace(self, retry_number=self.retry_number + 1)

    @property
    def media_uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    def start_request(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters of the Start operation, around what the route asks for."""
        output_key = job_naming.output_key(self.output_prefix, self.key)
        return {
            **request,
            self.kind.name_field: self.job_name,
            "Media": {"MediaFileUri": self.media_uri},
            **self.kind.output_fields(self.output_bucket, output_key),
        }

    @property
    def facts(self) -> dict[str, Any]:
        """What the ledger says of the job before it starts."""
        language_code = self.request.get("LanguageCode")
        facts = {
            "kind": self.kind.name,
            "pipeline": self.pipeline,
            "route": self.route,
            "media_uri": self.media_uri,
            "media_version": self.version,
            "uploaded_at": self.uploaded_at,
            "retry_of": self.first_job_name if self.retry_number else None,
            "retries": self.retry_number,
            # The object's own choice is known only when its job starts.
            "language_code": language_code if isinstance(language_code, str) else None,
        }
        return {name: fact for name, fact in facts.items() if fact}

    @property
    def reason_to_skip(self) -> str:
        """Why no job is to be started for this object; "" if one is."""
        reasons = {
            # A backfill tells one route about the objects that were there before it.
            "OtherRoute": self.meant_for not in ("", f"{self.pipeline}/{self.route}"),
            # Transcribe itself puts this object, to see whether it may write.
            "WriteAccessProbe": self.key.endswith(".write_access_check_file.temp"),
            "FolderMarker": self.key.endswith("/"),
            "EmptyObject": self.size == 0,
            "OwnOutput": self.bucket == self.output_bucket and self._is_output,
            # The route's rule can't ask for a prefix and for suffixes too.
            "OtherSuffix": not self.key.lower().endswith(self.suffixes or ""),
        }
        return next((reason for reason, applies in reasons.items() if applies), "")

    @property
    def original_message(self) -> str:
        """The message as it was before it was ever sent back."""
        body = json.loads(self.message)
        return json.dumps({name: body[name] for name in ("event", "job")})

    @property
    def arrival(self) -> dict[str, Any]:
        """The object's arrival once more, for this order's route alone: an event that brings the order about."""
        detail = json.loads(self.message)["event"]["detail"]
        return {**detail, "route": f"{self.pipeline}/{self.route}", "retry": self.retry_number}

    @property
    def next_message(self) -> str:
        """The same order for a later attempt."""
        later = {"attempt": self.attempt + 1, "waiting_since": self.waiting_since}
        return json.dumps({**json.loads(self.message), **later})

    @property
    def next_delay_seconds(self) -> int:
        """Doubles from attempt to attempt; spread by the job's name, lest a burst comes back as a burst."""
        ceiling: int = min(_LONGEST_DELAY_SECONDS, _FIRST_DELAY_SECONDS * 2 ** min(self.attempt - 1, 10))
        seed = hashlib.sha256(f"{self.job_name}/{self.attempt}".encode()).digest()
        return max(1, round(ceiling * (0.5 + seed[0] / 510)))

    @property
    def has_waited_enough(self) -> bool:
        """Whether the service has had no room for this order for 14 days."""
        return time.time() - self.waiting_since > _PATIENCE_DAYS * 86400

    @property
    def _is_output(self) -> bool:
        # What has a job's name in its path is the service's own choice of a place: scribe jobs have no other.
        if re.search(rf"(^|/)(redacted-)?{re.escape(self.pipeline)}-[^/]*[0-9a-f]{{20}}(-r\d)?(\.|/|$)", self.key):
            return True
        folder, slash, name = self.key.rpartition("/")
        # The prefix need not end in a slash, and "redacted-" comes before the name of the file.
        unredacted = folder + slash + name.removeprefix("redacted-")
        under_prefix = self.key.startswith(self.output_prefix) or unredacted.startswith(self.output_prefix)
        return under_prefix and self.kind.file_names.fullmatch(name) is not None


def order_of(message: str) -> JobOrder:
    """Read a message; whatever is missing or of another kind raises."""
    body = json.loads(message)
    job = body["job"]
    detail = body["event"]["detail"]
    stored = detail["object"]
    # What S3 calls the version of an object that was written while versioning was off, overwritten like any such.
    version_id = None if stored.get("version-id") == "null" else stored.get("version-id")
    return JobOrder(
        kind=kind_named(job["Kind"]),
        bucket=detail["bucket"]["name"],
        key=stored["key"],
        size=stored["size"],
        version=version_id or stored["etag"],
        version_id=version_id,
        meant_for=detail.get("route", ""),
        route=job["Route"],
        pipeline=job["NamePrefix"],
        suffixes=tuple(suffix.lower() for suffix in job.get("Suffixes", ())),
        key_pattern=job.get("KeyPattern", ""),
        output_bucket=job["OutputBucketName"],
        output_prefix=job["OutputPrefix"],
        request=job["Request"],
        # A backfill's event says when it was put, not when the object was.
        uploaded_at=body["event"].get("time") if body["event"].get("source") == "aws.s3" else None,
        retry_number=detail.get("retry", 0),
        retry_service_faults=job.get("RetryServiceFaults", 0),
        attempt=body.get("attempt", 1),
        waiting_since=body.get("waiting_since") or int(time.time()),
        message=message,
    )
