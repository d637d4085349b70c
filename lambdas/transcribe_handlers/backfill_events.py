"""Objects that were there before their route: which of them have no job yet, and the events that ask for one.

Used by the backfill of a stack and by the command `cdk-transcribe backfill`, each with its own clients.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from . import job_order
from .ledger_items import in_groups, items_of

# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
_EVENTS_A_CALL = 10
_ATTEMPTS = 6


@dataclass(frozen=True)
class StoredObject:
    """The newest version of an object, as S3 describes it."""

    key: str
    size: int
    etag: str
    version_id: str | None

    @classmethod
    def described(cls, key: str, size: int, etag: str, version_id: str | None) -> StoredObject:
        """From the words of S3's API, which an event puts otherwise: no quotes, no version called "null"."""
        return cls(key, size, etag.strip('"'), None if version_id == "null" else version_id)


class EventsRefusedError(Exception):
    """EventBridge did not take events, however often they were sent."""


def since_of(text: str) -> datetime:
    """A date or a time in ISO 8601; in UTC, unless it says otherwise. Anything else raises ValueError."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise ValueError(f"{text!r} is no date: write it like 2026-01-31 or 2026-01-31T08:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def common_prefix(route_prefix: str, wanted_prefix: str) -> str | None:
    """What to list objects with that have both prefixes; None when no object can have both."""
    longer, shorter = sorted((route_prefix, wanted_prefix), key=len, reverse=True)
    return longer if longer.startswith(shorter) else None


def detail_of(bucket: str, stored: StoredObject, job: Mapping[str, Any]) -> dict[str, Any]:
    """The detail of an event that S3 would have sent, and the one route that it is for."""
    version = {"version-id": stored.version_id} if stored.version_id else {}
    return {
        "bucket": {"name": bucket},
        "object": {"key": stored.key, "size": stored.size, "etag": stored.etag, **version},
        "route": f"{job['NamePrefix']}/{job['Route']}",
    }


def order_for(bucket: str, stored: StoredObject, job: Mapping[str, Any]) -> job_order.JobOrder:
    """What the starter will make of that event: it decides about names and about what to skip."""
    return job_order.order_of(json.dumps({"event": {"detail": detail_of(bucket, stored, job)}, "job": job}))


def recorded_jobs(dynamodb: Any, table_name: str, job_names: Iterable[str]) -> set[str]:
    """Those of the names that have a row in the ledger."""
    # With the name alone a read costs least.
    items = items_of(dynamodb, table_name, job_names, ProjectionExpression="job_name")
    return {item["job_name"] for item in items}


def put_events(
    events: Any, details: Sequence[Mapping[str, Any]], *, wait: Callable[[], None], sleep: Callable[[float], None]
) -> None:
    """Put an event for each, ten a call; `wait` returns when the next one may go, `sleep` is for those refused.

    Raises EventsRefusedError when EventBridge refuses one six times.
    """
    for group in in_groups(details, _EVENTS_A_CALL):
        entries = [_entry(detail) for detail in group]
        for _ in entries:
            wait()
        for attempt in range(_ATTEMPTS):
            results = events.put_events(Entries=entries)["Entries"]
            refused = [(entry, result) for entry, result in zip(entries, results, strict=True) if "ErrorCode" in result]
            if not refused:
                break
            entries = [entry for entry, _ in refused]
            reason = refused[0][1]
            sleep(2**attempt)
        else:
            raise EventsRefusedError(f"{reason['ErrorCode']}: {reason.get('ErrorMessage', '')}")


def _entry(detail: Mapping[str, Any]) -> dict[str, str]:
    return {"Source": "cdk-transcribe", "DetailType": "Object Created", "Detail": json.dumps(detail)}
