"""When the reconciler asks about a job that is still open."""

from __future__ import annotations

import os
import time

from .job_facts import seconds_since_epoch, timestamp
from .job_kinds import JobKind

_LONGEST_WAIT_SECONDS = 3600

_SECONDS_BEFORE_FIRST_CHECK = {
    # With an event: long enough for it to arrive, so that hardly any job is asked about twice.
    True: float(os.environ["LEDGER_OVERDUE_SECONDS"]),
    False: float(os.environ["LEDGER_RECONCILE_SECONDS"]),
}


def first_check(kind: JobKind) -> str:
    """For a job that has come so far just now."""
    return timestamp(time.time() + _SECONDS_BEFORE_FIRST_CHECK[kind.has_completion_event])


def next_check(kind: JobKind, created_at: str) -> str:
    """For a job that was asked about just now: the older, the longer, so that a long job costs few questions."""
    wait = max(age_seconds(created_at) / 4, _SECONDS_BEFORE_FIRST_CHECK[kind.has_completion_event])
    return timestamp(time.time() + min(wait, _LONGEST_WAIT_SECONDS))


def age_seconds(moment: str) -> float:
    """How long ago a timestamp of the ledger was."""
    return time.time() - seconds_since_epoch(moment)
