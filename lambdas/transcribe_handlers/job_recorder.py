"""Writes down how a job ended.

Trigger: the EventBridge events "Transcribe Job State Change" and "Call Analytics Job State Change".
Permissions: transcribe:GetTranscriptionJob and GetCallAnalyticsJob, those of `job_forgetting`; dynamodb:UpdateItem
and GetItem on the ledger.
Result: the job's row in the ledger, moved forward or made; an event that comes twice, late or out of order
changes nothing. An error is raised, and Lambda tries the event again; an event that never comes is made up for by
the reconciler.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config

from .job_forgetting import forget
from .job_kinds import ended_job
from .job_record import record
from .job_statuses import ENDS

logger = logging.getLogger(__name__)

# Boto3's legacy mode, its default, does not take LimitExceededException for the throttle that it is here.
transcribe: Any = boto3.client("transcribe", config=Config(retries={"mode": "standard"}))


def handler(event: Mapping[str, Any], _context: object) -> None:
    """Ask the service about the job: the event says neither where the transcript is nor when it ended."""
    kind, job_name = ended_job(event)
    job = kind.find(transcribe, job_name)
    if job is None:
        # Not the end of it: the reconciler finds out what became of the job.
        logger.warning("unknown to the service", extra={"job_name": job_name})
        return
    record(kind, job_name, job)
    if job[kind.status_field] in ENDS:
        forget(kind, transcribe, job_name)
