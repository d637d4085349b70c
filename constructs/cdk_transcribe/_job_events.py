"""The events that a ledger sends: which jobs they tell of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import aws_events as events

SOURCE = "cdk-transcribe"
RECORDED = "Transcription Job Recorded"
FAILURES = ("FAILED", "REJECTED", "LOST")
ENDS = ("COMPLETED", *FAILURES)


def job_recorded(job_name_prefix: str, statuses: Sequence[str], **detail: Any) -> events.EventPattern:
    """The pattern of events about jobs with such a name that ended in one of `statuses`.

    Raises:
        ValueError: for no status, or one that no event tells of.
    """
    if isinstance(statuses, str):
        raise ValueError(f"statuses must be a list of strings, got the string {statuses!r}")
    unknown = [status for status in statuses if status not in ENDS]
    if unknown or not statuses:
        raise ValueError(
            f"statuses={list(statuses)!r} must be one or more of {', '.join(ENDS)}: an event tells of a job's end"
        )
    return events.EventPattern(
        source=[SOURCE],
        detail_type=[RECORDED],
        detail={"job_name": events.Match.prefix(job_name_prefix), "status": list(statuses), **detail},
    )
