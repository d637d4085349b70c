"""Asks about the jobs that have been open too long, so that a lost event, or one that does not exist, loses nothing.

Trigger: a schedule. What the event says is of no account.
Permissions: transcribe:Get- of the kinds of job that are routed, those of `job_forgetting`; dynamodb:Query on the
ledger's indexes, UpdateItem and GetItem on the ledger.
Result: rows moved forward, rows of jobs that are still open due again later, rows of jobs that the service does not
know LOST. What a run has no time for stays due, and the next run goes on with it. An error that nobody foresaw is
raised once all other jobs have been asked about.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
from botocore.config import Config

from . import ledger_table, metrics
from .failure_classes import NOT_FOUND
from .job_checks import age_seconds
from .job_facts import timestamp
from .job_forgetting import forget
from .job_kinds import JobKind, all_kinds
from .job_pace import Pace
from .job_record import record, write_down
from .job_statuses import ENDS, LOST, STARTING
from .ledger_table import TABLE_NAME
from .open_jobs import due_jobs, oldest_open_job
from .service_errors import is_not_now

logger = logging.getLogger(__name__)

# More than one question takes at worst.
_MILLISECONDS_FOR_ONE_JOB = 15_000
# An order may be tried for 14 days, and its last message lie in the queue for as many.
_STARTER_PATIENCE_SECONDS = 28 * 86400
# Of a job that did start, the service knows within seconds.
_SERVICE_PATIENCE_SECONDS = 3600
_NEVER_STARTED = "never started: its order has not come back from the queue, and the service does not know the job"
_UNKNOWN = "the service does not know the job: it was deleted there, or 90 days have passed"

# By default an account may ask 30 times a second about transcription jobs and 20 times about Call Analytics jobs
# (Service Quotas); the starter, the recorder and whoever else works in the account need most of that.
pace = Pace(10)
transcribe: Any = boto3.client(
    "transcribe",
    config=Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2}),
)


def handler(_event: Mapping[str, Any], context: Any) -> None:
    """Ask about every job that is due, the kinds by turns, so that no kind has to wait for another's backlog."""
    _tell_age_of_oldest()
    unforeseen: list[Exception] = []
    for kind, row in _by_turns():
        if context.get_remaining_time_in_millis() < _MILLISECONDS_FOR_ONE_JOB:
            logger.warning("out of time: the rest stays due")
            break
        try:
            pace.wait()
            _ask_about(kind, row)
        except Exception as error:
            if is_not_now(error):
                logger.warning("out of the service's patience: the rest stays due", extra={"reason": str(error)})
                break
            logger.exception("unforeseen", extra={"job_name": row["job_name"]})
            unforeseen.append(error)
    if unforeseen:
        raise unforeseen[0]


def _by_turns() -> Iterator[tuple[JobKind, Mapping[str, str]]]:
    waiting = deque((kind, due_jobs(kind)) for kind in all_kinds())
    while waiting:
        kind, jobs = waiting.popleft()
        for row in jobs:
            yield kind, row
            waiting.append((kind, jobs))
            break


def _ask_about(kind: JobKind, row: Mapping[str, str]) -> None:
    job = kind.find(transcribe, row["job_name"])
    if job is None and age_seconds(row["created_at"]) > _patience_seconds(row):
        moved = _lose(kind, row)
    else:
        # Where nothing has changed, nothing needs to be written down.
        moved = job is not None and job[kind.status_field] != row["status"] and record(kind, row["job_name"], job)
    if not moved:
        ledger_table.postpone(row["job_name"], kind, row["created_at"])
    elif job is not None and job[kind.status_field] in ENDS:
        forget(kind, transcribe, row["job_name"])


def _lose(kind: JobKind, row: Mapping[str, str]) -> bool:
    facts = {
        "kind": kind.name,
        "status": LOST,
        "failure_reason": _NEVER_STARTED if row["status"] == STARTING else _UNKNOWN,
        "failure_class": NOT_FOUND,
        "completed_at": timestamp(),
    }
    # A starter that has the job in hand just now has renewed the moment of the next check.
    return write_down(row["job_name"], facts, check_at=row["check_at"])


def _patience_seconds(row: Mapping[str, str]) -> int:
    return _STARTER_PATIENCE_SECONDS if row["status"] == STARTING else _SERVICE_PATIENCE_SECONDS


def _tell_age_of_oldest() -> None:
    oldest = oldest_open_job()
    metrics.measure("OldestOpenJobAge", age_seconds(oldest) if oldest else 0, "Seconds", Ledger=TABLE_NAME)
