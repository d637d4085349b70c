"""The four kinds of jobs, so that one test can hold for all of them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::000000000000:role/reader"
MEDIA = {"MediaFileUri": "s3://media/call.wav"}


@dataclass(frozen=True)
class JobOperations:
    """The operations on one kind of jobs, and the smallest request that starts one."""

    noun: str
    arn_type: str
    request: dict[str, Any] = field(hash=False)
    status_field: str = ""

    def start(self, transcribe: Any, name: str = "job", **request: Any) -> dict[str, Any]:
        fields = {f"{self.noun}Name": name, "Media": MEDIA, **self.request, **request}
        return self._job(self._call(transcribe, "start", **fields))

    def get(self, transcribe: Any, name: str = "job") -> dict[str, Any]:
        return self._job(self._call(transcribe, "get", **{f"{self.noun}Name": name}))

    def delete(self, transcribe: Any, name: str = "job") -> None:
        self._call(transcribe, "delete", **{f"{self.noun}Name": name})

    def list(self, transcribe: Any, **request: Any) -> Any:
        return getattr(transcribe, f"list_{self._snake}s")(**request)

    def names(self, transcribe: Any, **request: Any) -> list[str]:
        return [job[f"{self.noun}Name"] for job in self.list(transcribe, **request)[f"{self.noun}Summaries"]]

    def finished(self, transcribe: Any, name: str = "job") -> dict[str, Any]:
        deadline = time.monotonic() + 60
        while (job := self.get(transcribe, name))[self.status] not in ("COMPLETED", "FAILED"):
            assert time.monotonic() < deadline
            time.sleep(0.005)
        return job

    def refusal(self, transcribe: Any, name: str = "job", **request: Any) -> tuple[str, str]:
        try:
            self.start(transcribe, name, **request)
        except ClientError as error:
            return error.response["Error"]["Code"], error.response["Error"]["Message"]
        raise AssertionError("the service accepted the job")

    @property
    def status(self) -> str:
        return self.status_field or f"{self.noun}Status"

    def _call(self, transcribe: Any, verb: str, **request: Any) -> Any:
        return getattr(transcribe, f"{verb}_{self._snake}")(**request)

    def _job(self, answer: Any) -> dict[str, Any]:
        return dict(answer[self.noun])

    @property
    def _snake(self) -> str:
        return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in self.noun).strip("_")


STANDARD = JobOperations("TranscriptionJob", "transcription-job", {"LanguageCode": "en-US", "OutputBucketName": "out"})
MEDICAL = JobOperations(
    "MedicalTranscriptionJob",
    "medical-transcription-job",
    {"LanguageCode": "en-US", "OutputBucketName": "out", "Specialty": "PRIMARYCARE", "Type": "DICTATION"},
    "TranscriptionJobStatus",
)
CALL_ANALYTICS = JobOperations("CallAnalyticsJob", "analytics", {"OutputLocation": "s3://out"})
SCRIBE = JobOperations(
    "MedicalScribeJob",
    "medical-scribe-job",
    {
        "OutputBucketName": "out",
        "DataAccessRoleArn": ROLE,
        "Settings": {"ShowSpeakerLabels": True, "MaxSpeakerLabels": 2},
    },
)
EVERY_KIND = (STANDARD, MEDICAL, CALL_ANALYTICS, SCRIBE)
