"""A message on the pipeline's queue: the object that arrived and the job that is wanted for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import job_naming

_FIRST_DELAY_SECONDS = 5
_LONGEST_DELAY_SECONDS = 900
_OUTPUT_ENDINGS = (".json", ".vtt", ".srt")


@dataclass(frozen=True)
class JobOrder:
    """One object, one route, one job."""

    bucket: str
    key: str
    size: int
    version: str
    route: str
    pipeline: str
    output_prefix: str
    request: Mapping[str, Any]
    attempt: int
    message: str

    @property
    def job_name(self) -> str:
        return job_naming.job_name(self.pipeline, self.bucket, self.key, self.version, self.route)

    @property
    def media_uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    @property
    def start_request(self) -> dict[str, Any]:
        """The parameters of StartTranscriptionJob."""
        return {
            **self.request,
            "TranscriptionJobName": self.job_name,
            "Media": {"MediaFileUri": self.media_uri},
            "OutputKey": job_naming.output_key(self.output_prefix, self.key),
        }

    @property
    def facts(self) -> dict[str, Any]:
        """What the ledger says of the job before it starts."""
        facts = {
            "kind": "TranscriptionJob",
            "pipeline": self.pipeline,
            "route": self.route,
            "media_uri": self.media_uri,
            "media_version": self.version,
            "language_code": self.request.get("LanguageCode"),
        }
        return {name: fact for name, fact in facts.items() if fact}

    @property
    def reason_to_skip(self) -> str:
        """Why no job is to be started for this object; "" if one is."""
        reasons = {
            # Transcribe itself puts this object, to see whether it may write.
            "WriteAccessProbe": self.key.endswith(".write_access_check_file.temp"),
            "FolderMarker": self.key.endswith("/"),
            "EmptyObject": self.size == 0,
            "OwnOutput": self.bucket == self.request.get("OutputBucketName")
            and self.key.startswith(self.output_prefix)
            and self.key.endswith(_OUTPUT_ENDINGS),
        }
        return next((reason for reason, applies in reasons.items() if applies), "")

    @property
    def next_message(self) -> str:
        """The same order for a later attempt."""
        return json.dumps({**json.loads(self.message), "attempt": self.attempt + 1})

    @property
    def next_delay_seconds(self) -> int:
        """Doubles from attempt to attempt; spread by the job's name, lest a burst comes back as a burst."""
        ceiling: int = min(_LONGEST_DELAY_SECONDS, _FIRST_DELAY_SECONDS * 2 ** min(self.attempt - 1, 10))
        seed = hashlib.sha256(f"{self.job_name}/{self.attempt}".encode()).digest()
        return max(1, round(ceiling * (0.5 + seed[0] / 510)))


def order_of(message: str) -> JobOrder:
    """Read a message; whatever is missing or of another kind raises."""
    body = json.loads(message)
    job = body["job"]
    if job["Kind"] != "TranscriptionJob":
        raise ValueError(f"no starter for jobs of kind {job['Kind']!r}")
    detail = body["event"]["detail"]
    stored = detail["object"]
    return JobOrder(
        bucket=detail["bucket"]["name"],
        key=stored["key"],
        size=stored["size"],
        version=stored.get("version-id") or stored["etag"],
        route=job["Route"],
        pipeline=job["NamePrefix"],
        output_prefix=job["OutputPrefix"],
        request=job["Request"],
        attempt=body.get("attempt", 1),
        message=message,
    )
