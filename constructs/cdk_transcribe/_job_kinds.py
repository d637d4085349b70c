"""What the kinds of job differ in: the actions, ARNs and conditions of IAM, and the event at a job's end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_cdk import ArnFormat, Stack


@dataclass(frozen=True)
class CompletionEvent:
    """The event that Transcribe sends when a job has ended.

    https://docs.aws.amazon.com/transcribe/latest/dg/monitoring-events.html
    """

    detail_type: str
    name_field: str


@dataclass(frozen=True)
class JobKind:
    """One kind of job; `name` is the word for it in messages and in the ledger.

    Attributes:
        arn_resource: what the ARN of a job has before the job's name.
        locates_output: whether a request says where its output goes as one `OutputLocation`; otherwise it says
            `OutputBucketName`. IAM calls its condition key the same.
        output_suffixes: how the keys of what the service writes end.
        redacted_suffixes: how the keys end that it writes besides, when a job redacts.
        completion: the event at its end; none where the service documents none.
    """

    name: str
    arn_resource: str
    output_suffixes: tuple[str, ...]
    redacted_suffixes: tuple[str, ...] = ()
    locates_output: bool = False
    completion: CompletionEvent | None = None

    @property
    def start_action(self) -> str:
        """The IAM action that starts such a job."""
        return f"transcribe:Start{self.name}"

    @property
    def get_action(self) -> str:
        """The IAM action that looks at such a job."""
        return f"transcribe:Get{self.name}"

    @property
    def delete_action(self) -> str:
        """The IAM action that lets the service forget such a job."""
        return f"transcribe:Delete{self.name}"

    def suffixes_written(self, request: Mapping[str, Any]) -> tuple[str, ...]:
        """How the keys of what jobs with this request write end."""
        redacts = "ContentRedaction" in request.get("Settings", {})
        return self.output_suffixes + (self.redacted_suffixes if redacts else ())

    def arn(self, stack: Stack, job_name: str) -> str:
        """The ARN of jobs in the account and Region of `stack`; `job_name` may hold wildcards."""
        return stack.format_arn(
            service="transcribe",
            resource=self.arn_resource,
            resource_name=job_name,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )

    def output_condition(self, bucket_name: str) -> dict[str, dict[str, str]]:
        """The IAM condition that output goes to that bucket."""
        if self.locates_output:
            return {"StringLike": {"transcribe:OutputLocation": f"s3://{bucket_name}/*"}}
        return {"StringEquals": {"transcribe:OutputBucketName": bucket_name}}


# ARNs and condition keys: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazontranscribe.html
TRANSCRIPTION = JobKind(
    name="TranscriptionJob",
    arn_resource="transcription-job",
    output_suffixes=(".json", ".vtt", ".srt"),
    completion=CompletionEvent("Transcribe Job State Change", "TranscriptionJobName"),
)
MEDICAL_TRANSCRIPTION = JobKind(
    name="MedicalTranscriptionJob",
    arn_resource="medical-transcription-job",
    output_suffixes=(".json",),
)
CALL_ANALYTICS = JobKind(
    name="CallAnalyticsJob",
    arn_resource="analytics",
    output_suffixes=(".json",),
    # The redacted sound, beside the redacted transcript.
    redacted_suffixes=(".wav",),
    locates_output=True,
    completion=CompletionEvent("Call Analytics Job State Change", "JobName"),
)
MEDICAL_SCRIBE = JobKind(name="MedicalScribeJob", arn_resource="medical-scribe-job", output_suffixes=(".json",))

JOB_KINDS = {kind.name: kind for kind in (TRANSCRIPTION, MEDICAL_TRANSCRIPTION, CALL_ANALYTICS, MEDICAL_SCRIBE)}
"""By the name that a job gives as its `kind`."""
