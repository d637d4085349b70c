"""What sets the kinds of jobs apart: their words, their rules, their output and their events."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from transcribe_local.job import Job
from transcribe_local.object_store import ObjectLocation
from transcribe_local.scope import Scope
from transcribe_local.transcript import Transcription
from transcribe_local.transcription_order import TranscriptionOrder


@dataclass(frozen=True)
class JobPlan:
    """What a request of any kind comes down to.

    `output` is the object that the service first makes sure it may write beside; `role_arn` is whose permissions
    count instead of the caller's; `fields` are what the job's description has besides the request's own fields.
    """

    order: TranscriptionOrder
    output: ObjectLocation
    language_code: str
    role_arn: str | None = None
    is_deferrable: bool = False
    fields: dict[str, Any] = field(default_factory=dict)


class JobKind(Protocol):
    """One of the four kinds of jobs."""

    @property
    def noun(self) -> str:
        """The shape that describes such a job, which is part of the operations' names too."""
        ...

    @property
    def name_field(self) -> str: ...

    @property
    def status_field(self) -> str: ...

    @property
    def arn_type(self) -> str: ...

    @property
    def limit_setting(self) -> str:
        """The setting that says how many such jobs may be IN_PROGRESS at once."""
        ...

    def plan(self, scope: Scope, request: dict[str, Any]) -> JobPlan:
        """Raises BadRequestException for what the service refuses at once."""
        ...

    def finish(self, job: Job, transcription: Transcription) -> dict[str, Any]:
        """Write the output; the answer is what the job's description gains.

        Raises InaccessibleObjectError when the bucket does not take it.
        """
        ...

    def events(self, job: Job) -> list[tuple[str, dict[str, Any]]]:
        """What EventBridge hears of the end: detail types and details."""
        ...
