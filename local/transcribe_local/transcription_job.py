"""One transcription job as it stands, and how Get and List show it."""

import contextvars
from dataclasses import dataclass, field
from typing import Any

from transcribe_local.object_store import ObjectLocation
from transcribe_local.request_validation import output_members
from transcribe_local.scope import Scope
from transcribe_local.transcription_order import TranscriptionOrder

_ECHOED = (
    "Media",
    "LanguageCode",
    "MediaSampleRateHertz",
    "MediaFormat",
    "Settings",
    "Subtitles",
    "JobExecutionSettings",
    "IdentifyLanguage",
    "IdentifyMultipleLanguages",
    "LanguageOptions",
    "LanguageIdSettings",
)


@dataclass
class TranscriptionJob:
    """A job with its request; `results` are the fields that its end adds or replaces."""

    name: str
    scope: Scope
    request: dict[str, Any]
    output: ObjectLocation
    language_code: str
    order: TranscriptionOrder
    created_at: float
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    """The caller's: what the job does with S3, it does with the caller's permissions."""
    status: str = "QUEUED"
    started_at: float | None = None
    ended_at: float | None = None
    earliest_end: float = 0.0
    results: dict[str, Any] = field(default_factory=dict)

    @property
    def is_deferrable(self) -> bool:
        return bool(self.request.get("JobExecutionSettings", {}).get("AllowDeferredExecution"))

    @property
    def has_own_bucket(self) -> bool:
        """Whether the output goes into a bucket of the caller's, and not of the service's."""
        return "OutputBucketName" in self.request

    @property
    def role_arn(self) -> str | None:
        role: str | None = self.request.get("JobExecutionSettings", {}).get("DataAccessRoleArn")
        return role

    @property
    def arn(self) -> str:
        return self.scope.arn("transcription-job", self.name)

    @property
    def list_position(self) -> str:
        """Sorts the newest job first."""
        return f"{10**13 - int(self.created_at * 1000):014}{self.name}"

    def described(self) -> dict[str, Any]:
        """The job as Get answers with it, without its tags."""
        fields = {
            **{name: self.request[name] for name in _ECHOED if name in self.request},
            "TranscriptionJobName": self.name,
            "TranscriptionJobStatus": self.status,
            "Transcript": {},
            "CreationTime": self.created_at,
            "StartTime": self.started_at,
            "CompletionTime": self.ended_at,
            **self.results,
        }
        return _members("TranscriptionJob", fields)

    def summarized(self) -> dict[str, Any]:
        """The job as List answers with it."""
        bucket = "CUSTOMER_BUCKET" if self.has_own_bucket else "SERVICE_BUCKET"
        return _members("TranscriptionJobSummary", {**self.described(), "OutputLocationType": bucket})


def _members(shape: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {name: fields[name] for name in output_members(shape) if fields.get(name) is not None}
