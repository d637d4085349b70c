"""One job of any kind as it stands, and how Get and List show it."""

import contextvars
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from transcribe_local.object_store import ObjectLocation
from transcribe_local.request_validation import output_members
from transcribe_local.scope import Scope

if TYPE_CHECKING:
    from transcribe_local.job_kind import JobKind, JobPlan


@dataclass
class Job:
    """A job with its request; `results` are the fields that its end adds or replaces."""

    kind: "JobKind"
    scope: Scope
    request: dict[str, Any]
    plan: "JobPlan"
    created_at: float
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    """The caller's: what the job does with S3, it does with the caller's permissions."""
    status: str = "QUEUED"
    started_at: float | None = None
    ended_at: float | None = None
    earliest_end: float = 0.0
    results: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.request[self.kind.name_field])

    @property
    def arn(self) -> str:
        return self.scope.arn(self.kind.arn_type, self.name)

    @property
    def media(self) -> ObjectLocation:
        """What is listened to. Raises InaccessibleObjectError for an address that names no object."""
        given = self.request["Media"]
        return ObjectLocation.from_uri(given.get("MediaFileUri") or given["RedactedMediaFileUri"])

    @property
    def has_own_bucket(self) -> bool:
        """Whether the output goes to the caller's bucket rather than the service's."""
        return bool({"OutputBucketName", "OutputLocation"} & set(self.request))

    @property
    def is_over(self) -> bool:
        return self.status in ("COMPLETED", "FAILED")

    @property
    def list_position(self) -> str:
        """Sorts the newest job first."""
        return f"{10**13 - int(self.created_at * 1000):014}{self.name}"

    def described(self) -> dict[str, Any]:
        """The job as Get answers with it, without its tags."""
        fields = {
            **self.request,
            self.kind.status_field: self.status,
            "Transcript": {},
            "CreationTime": self.created_at,
            "StartTime": self.started_at,
            "CompletionTime": self.ended_at,
            **self.plan.fields,
            **self.results,
        }
        return _members(self.kind.noun, {name: value for name, value in fields.items() if name != "Tags"})

    def summarized(self) -> dict[str, Any]:
        """The job as List answers with it."""
        bucket = "CUSTOMER_BUCKET" if self.has_own_bucket else "SERVICE_BUCKET"
        return _members(f"{self.kind.noun}Summary", {**self.described(), "OutputLocationType": bucket})


def _members(shape: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {name: fields[name] for name in output_members(shape) if fields.get(name) is not None}
