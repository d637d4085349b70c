"""The four kinds of job that Transcribe runs: how each is started, asked about and announced, and what it writes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from .service_errors import is_missing


@dataclass(frozen=True)
class JobKind:
    """One kind of job.

    `name` is the word for it in messages and in the ledger, and the key in the service's answers.
    `output_fields` turns the output's bucket and key into what the Start operation calls them. `file_names` matches
    the names of the files that the service writes under the output prefix.
    """

    name: str
    noun: str
    status_field: str
    output_fields: Callable[[str, str], dict[str, str]]
    file_names: re.Pattern[str]

    @property
    def name_field(self) -> str:
        """What the API calls the job's name."""
        return f"{self.name}Name"

    @property
    def has_completion_event(self) -> bool:
        """Whether EventBridge hears of the job's end; otherwise only asking tells."""
        return any(self.name == name for name, _ in _COMPLETION_EVENTS.values())

    def start(self, transcribe: Any, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Start a job, and answer with it."""
        return self._job(getattr(transcribe, f"start_{self.noun}")(**request))

    def get(self, transcribe: Any, job_name: str) -> Mapping[str, Any]:
        """Ask the service about a job."""
        return self._job(getattr(transcribe, f"get_{self.noun}")(**{self.name_field: job_name}))

    def find(self, transcribe: Any, job_name: str) -> Mapping[str, Any] | None:
        """The job as `get` has it; None when the service does not know it."""
        try:
            return self.get(transcribe, job_name)
        except ClientError as error:
            if is_missing(error):
                return None
            raise

    def delete(self, transcribe: Any, job_name: str) -> None:
        """Let the service forget a job that has ended; the files that it wrote stay."""
        getattr(transcribe, f"delete_{self.noun}")(**{self.name_field: job_name})

    def _job(self, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        job: Mapping[str, Any] = answer[self.name]
        return job


def all_kinds() -> tuple[JobKind, ...]:
    """Every kind there is."""
    return tuple(_KINDS.values())


def kind_named(name: str) -> JobKind:
    """Raises ValueError for a word that names no kind."""
    if name not in _KINDS:
        raise ValueError(f"no job is of kind {name!r}: the kinds are {', '.join(_KINDS)}")
    return _KINDS[name]


def ended_job(event: Mapping[str, Any]) -> tuple[JobKind, str]:
    """The kind and the name of the job whose end an event announces; any other event raises KeyError.

    Transcribe's list of events has none for medical transcription and scribe jobs.
    """
    kind, name_field = _COMPLETION_EVENTS[event["detail-type"]]
    return kind_named(kind), event["detail"][name_field]


def _bucket_and_key(bucket: str, key: str) -> dict[str, str]:
    return {"OutputBucketName": bucket, "OutputKey": key}


def _location(bucket: str, key: str) -> dict[str, str]:
    return {"OutputLocation": f"s3://{bucket}/{key}"}


def _bucket(bucket: str, _key: str) -> dict[str, str]:
    # StartMedicalScribeJob takes no key: the service writes below the job's name.
    return {"OutputBucketName": bucket}


_KINDS = {
    kind.name: kind
    for kind in (
        JobKind(
            "TranscriptionJob",
            "transcription_job",
            "TranscriptionJobStatus",
            _bucket_and_key,
            re.compile(r".*\.(json|vtt|srt)", re.DOTALL),
        ),
        JobKind(
            "MedicalTranscriptionJob",
            "medical_transcription_job",
            # Without "Medical" in the service's model.
            "TranscriptionJobStatus",
            _bucket_and_key,
            re.compile(r".*\.json", re.DOTALL),
        ),
        JobKind(
            "CallAnalyticsJob",
            "call_analytics_job",
            "CallAnalyticsJobStatus",
            _location,
            # Beside a redacted transcript the service writes the redacted sound.
            re.compile(r".*\.json|redacted-.*\.wav", re.DOTALL),
        ),
        JobKind(
            "MedicalScribeJob",
            "medical_scribe_job",
            "MedicalScribeJobStatus",
            _bucket,
            re.compile(r"(?!)"),
        ),
    )
}
_COMPLETION_EVENTS = {
    "Transcribe Job State Change": ("TranscriptionJob", "TranscriptionJobName"),
    "Call Analytics Job State Change": ("CallAnalyticsJob", "JobName"),
}
