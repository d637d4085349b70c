"""Lets the service forget jobs whose end is recorded, for those who want nothing kept there for 90 days.

Permissions, where it is wanted: transcribe:Delete- of the kinds of job that are routed.
"""

from __future__ import annotations

import logging
import os
from typing import Any

from .job_kinds import JobKind
from .service_errors import is_missing, is_not_now

logger = logging.getLogger(__name__)

IS_WANTED = bool(os.environ["LEDGER_DELETES_JOBS"])


def forget(kind: JobKind, transcribe: Any, job_name: str) -> None:
    """Delete the job, not what it wrote. One that the service has no time to delete now, it keeps for its 90 days."""
    if not IS_WANTED:
        return
    try:
        kind.delete(transcribe, job_name)
    except Exception as error:
        if not (is_missing(error) or is_not_now(error)):
            raise
        logger.warning("not deleted", extra={"job_name": job_name, "reason": str(error)})
