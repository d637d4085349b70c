"""Brings a job's row to where the service says the job is.

Permissions: dynamodb:UpdateItem and GetItem on the ledger.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from . import ledger_table, metrics
from .failure_classes import SERVICE_FAULT
from .job_checks import age_seconds
from .job_facts import facts_of
from .job_kinds import JobKind
from .job_order import order_of
from .job_statuses import COMPLETED, FAILED, LOST

logger = logging.getLogger(__name__)

_COUNTED_ENDS = {COMPLETED: "Completed", FAILED: "Failed", LOST: "Lost"}


def record(kind: JobKind, job_name: str, job: Mapping[str, Any]) -> bool:
    """Move the job's row forward, and answer whether it moved."""
    facts = facts_of(kind, job)
    if facts.get("failure_class") == SERVICE_FAULT:
        facts |= _retry(job_name)
    return write_down(job_name, facts)


def write_down(job_name: str, facts: Mapping[str, Any], *, check_at: str | None = None) -> bool:
    """Move the row as `ledger_table.advance` does; count an end only where it moved, so that twice is once."""
    row = ledger_table.advance(job_name, facts, check_at=check_at)
    logger.info("recorded" if row else "known already", extra={"job_name": job_name, "status": facts["status"]})
    if row and row["status"] in _COUNTED_ENDS and "pipeline" in row:
        _count_end(row, facts)
    return row is not None


def _retry(job_name: str) -> dict[str, str]:
    """Promises, in the very write that ends this job, the job that is tried in its place; the announcer orders it."""
    message = ledger_table.order_message(job_name)
    retry = order_of(message).retry if message else None
    return {"retried_by": retry.job_name} if retry else {}


def _count_end(row: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    pipeline = row["pipeline"]
    failure = {"FailureClass": row["failure_class"]} if row["status"] == FAILED else {}
    metrics.count(_COUNTED_ENDS[row["status"]], pipeline, **failure)
    if "uploaded_at" in row:
        metrics.measure("UploadToRecord", age_seconds(row["uploaded_at"]), "Seconds", Pipeline=pipeline)
    if "media_duration_seconds" in facts:
        metrics.measure("MediaHours", facts["media_duration_seconds"] / 3600, "None", Pipeline=pipeline)
