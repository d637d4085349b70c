"""What a transcription job, as the service describes it, adds to its row in the ledger."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import unquote, urlsplit

_BUCKET_IN_HOST = re.compile(r"(?P<bucket>.+)\.s3[.-]")


def facts_of(job: Mapping[str, Any]) -> dict[str, Any]:
    """The ledger's attributes; what the job does not have is absent."""
    transcript = job.get("Transcript", {})
    facts = {
        "kind": "TranscriptionJob",
        "status": job["TranscriptionJobStatus"],
        "media_uri": job.get("Media", {}).get("MediaFileUri"),
        "language_code": job.get("LanguageCode"),
        "transcript_uri": _object_uri_or_none(transcript.get("TranscriptFileUri")),
        "redacted_transcript_uri": _object_uri_or_none(transcript.get("RedactedTranscriptFileUri")),
        "subtitle_uris": [object_uri(uri) for uri in job.get("Subtitles", {}).get("SubtitleFileUris", [])],
        "failure_reason": job.get("FailureReason"),
        "created_at": _timestamp_or_none(job.get("CreationTime")),
        "completed_at": _timestamp_or_none(job.get("CompletionTime")),
    }
    return {name: fact for name, fact in facts.items() if fact}


def object_uri(uri: str) -> str:
    """The s3:// form of any address of an object: with the bucket in the path, in the host, or s3:// already.

    A query is dropped: it could only be a signature.
    """
    if uri.startswith("s3://"):
        return uri
    address = urlsplit(uri)
    path = unquote(address.path)
    in_host = _BUCKET_IN_HOST.match(address.netloc)
    return f"s3://{in_host['bucket']}{path}" if in_host else f"s3:/{path}"


def timestamp(moment: datetime | None = None) -> str:
    """ISO 8601 in UTC with a Z; now, if no moment is given."""
    utc = (moment or datetime.now(timezone.utc)).astimezone(timezone.utc)
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _object_uri_or_none(uri: str | None) -> str | None:
    return object_uri(uri) if uri else None


def _timestamp_or_none(moment: datetime | None) -> str | None:
    return timestamp(moment) if moment else None
