"""What a job, as the service describes it, adds to its row in the ledger."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any
from urllib.parse import unquote, urlsplit

from .failure_classes import failure_class
from .job_kinds import JobKind

_BUCKET_IN_HOST = re.compile(r"(?P<bucket>.+)\.s3[.-]")


def facts_of(kind: JobKind, job: Mapping[str, Any]) -> dict[str, Any]:
    """The ledger's attributes; what the job does not have is absent."""
    media = job.get("Media", {})
    # A scribe job's files have a structure of their own, a clinical document among them.
    files = {**job.get("Transcript", {}), **job.get("MedicalScribeOutput", {})}
    facts = {
        "kind": kind.name,
        "status": job[kind.status_field],
        "media_uri": media.get("MediaFileUri"),
        "media_duration_seconds": _spoken_seconds(job.get("LanguageCodes", [])),
        "language_code": job.get("LanguageCode") or _most_spoken(job.get("LanguageCodes", [])),
        "language_score": job.get("IdentifiedLanguageScore"),
        "transcript_uri": _object_uri_or_none(files.get("TranscriptFileUri")),
        "redacted_transcript_uri": _object_uri_or_none(files.get("RedactedTranscriptFileUri")),
        "redacted_media_uri": _object_uri_or_none(media.get("RedactedMediaFileUri")),
        "clinical_document_uri": _object_uri_or_none(files.get("ClinicalDocumentUri")),
        "subtitle_uris": [object_uri(uri) for uri in job.get("Subtitles", {}).get("SubtitleFileUris", [])],
        "failure_reason": job.get("FailureReason"),
        "failure_class": failure_class(job.get("FailureReason", "")) if job[kind.status_field] == "FAILED" else None,
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


def timestamp(epoch_seconds: float | None = None) -> str:
    """ISO 8601 in UTC with a Z; now, if no moment is given."""
    utc = datetime.fromtimestamp(time.time() if epoch_seconds is None else epoch_seconds, timezone.utc)
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds_since_epoch(moment: str) -> float:
    """The moment that a timestamp says."""
    return datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp()


def _most_spoken(languages: Sequence[Mapping[str, Any]]) -> str | None:
    """Of the languages that the service found in one recording, the one that was spoken longest."""
    most = max(languages, key=lambda language: language.get("DurationInSeconds", 0), default={})
    return most.get("LanguageCode")


def _spoken_seconds(languages: Sequence[Mapping[str, Any]]) -> float:
    # Only where it looks for several languages does the service say how long a recording is, language by language.
    return float(sum(language.get("DurationInSeconds", 0) for language in languages))


def _object_uri_or_none(uri: str | None) -> str | None:
    return object_uri(uri) if uri else None


def _timestamp_or_none(moment: datetime | None) -> str | None:
    return timestamp(moment.timestamp()) if moment else None
