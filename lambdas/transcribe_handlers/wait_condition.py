"""Telling a WaitCondition of CloudFormation how it ended.

The URL is pre-signed: whoever has it can end the deployment. No log, no error and no answer holds it.
"""

from __future__ import annotations

import http.client
import json
import logging
import urllib.error
import urllib.request
from typing import Any

logger = logging.getLogger(__name__)

SUCCESS = "SUCCESS"
FAILURE = "FAILURE"

_TIMEOUT_SECONDS = 10
_LONGEST_REASON = 1500


class UnheardSignalError(Exception):
    """The signal did not arrive; it may the next time."""


def signal(url: str, status: str, unique_id: str, reason: str) -> None:
    """One request. The same id twice counts once.

    An URL that is refused belongs to a condition that nobody waits for any more: they expire.

    Raises UnheardSignalError when it may help to try again.
    """
    body = {"Status": status, "Reason": reason[:_LONGEST_REASON], "UniqueId": unique_id, "Data": reason[:200]}
    # The signature covers an empty content type; urllib would put one of its own.
    request = urllib.request.Request(  # noqa: S310 (CloudFormation's own URL)
        url, data=json.dumps(body).encode(), method="PUT", headers={"Content-Type": ""}
    )
    try:
        _send(request)
    except urllib.error.HTTPError as error:
        if error.code >= http.client.INTERNAL_SERVER_ERROR:
            raise UnheardSignalError(f"the wait condition, which answered {error.code}") from None
        logger.warning("the wait condition refuses the signal", extra={"status": error.code})
    except (OSError, http.client.HTTPException) as error:
        raise UnheardSignalError(f"the wait condition to be reachable ({type(error).__name__})") from None


def _send(request: Any) -> None:
    with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS):  # noqa: S310
        pass
