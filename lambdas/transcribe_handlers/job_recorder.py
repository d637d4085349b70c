"""Writes down how a transcription job ended.

Trigger: the EventBridge event "Transcribe Job State Change".
Permissions: transcribe:GetTranscriptionJob; dynamodb:UpdateItem on the ledger.
Result: the job's row in the ledger, moved forward or made; an event that comes twice, late or out of order
changes nothing. An error is raised, and Lambda tries the event again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError

from . import ledger_table, metrics
from .job_facts import facts_of
from .service_errors import is_missing

logger = logging.getLogger(__name__)

_COUNTED_ENDS = {"COMPLETED": "Completed", "FAILED": "Failed"}

transcribe: Any = boto3.client("transcribe")


def handler(event: Mapping[str, Any], _context: object) -> None:
    """Ask the service about the job: the event says neither where the transcript is nor when it ended."""
    job_name = event["detail"]["TranscriptionJobName"]
    job = _job(job_name)
    if job is None:
        logger.warning("unknown to the service", extra={"job_name": job_name})
        return
    record(job_name, job)


def record(job_name: str, job: Mapping[str, Any]) -> None:
    """Move the job's row forward; count an end only where the row moved, so that twice is once."""
    row = ledger_table.advance(job_name, facts_of(job))
    status = job["TranscriptionJobStatus"]
    logger.info("recorded" if row else "known already", extra={"job_name": job_name, "status": status})
    if row and status in _COUNTED_ENDS and "pipeline" in row:
        metrics.count(_COUNTED_ENDS[status], row["pipeline"])


def _job(job_name: str) -> Mapping[str, Any] | None:
    try:
        job: Mapping[str, Any] = transcribe.get_transcription_job(TranscriptionJobName=job_name)["TranscriptionJob"]
    except ClientError as error:
        if is_missing(error):
            return None
        raise
    return job
