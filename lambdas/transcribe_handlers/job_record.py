"""Brings a job's row to where the service says the job is. Permissions: dynamodb:UpdateItem on the ledger."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from . import ledger_table, metrics
from .job_facts import facts_of
from .job_kinds import JobKind

logger = logging.getLogger(__name__)

_COUNTED_ENDS = {"COMPLETED": "Completed", "FAILED": "Failed"}


def record(kind: JobKind, job_name: str, job: Mapping[str, Any]) -> None:
    """Move the job's row forward; count an end only where the row moved, so that twice is once."""
    facts = facts_of(kind, job)
    row = ledger_table.advance(job_name, facts)
    logger.info("recorded" if row else "known already", extra={"job_name": job_name, "status": facts["status"]})
    if row and facts["status"] in _COUNTED_ENDS and "pipeline" in row:
        metrics.count(_COUNTED_ENDS[facts["status"]], row["pipeline"])
