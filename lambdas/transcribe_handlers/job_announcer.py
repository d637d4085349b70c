"""Tells EventBridge of every job that has ended, once the ledger says so.

Trigger: the stream of the ledger's table, in which no change of a row can be lost.
Permission: events:PutEvents on the default event bus, as the source `cdk-transcribe`.
Result: an event "Transcription Job Recorded" for each row that reached its end, its detail the row; an event that is
put twice carries the same `event_id`. Where the row promises another try, the object's arrival is put once more, which
makes the route order it. What EventBridge would not take is reported, and the stream brings it back.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import boto3

from .job_order import order_of
from .job_statuses import ENDS
from .ledger_items import in_groups, plain

logger = logging.getLogger(__name__)

SOURCE = "cdk-transcribe"
# What PutEvents takes at once.
_MOST_ENTRIES = 10
_EVENT_IDS = uuid.UUID("42173b69-f19a-576e-b66b-d89dec2d6d8e")

events: Any = boto3.client("events")


def handler(event: Mapping[str, Any], _context: object) -> dict[str, list[dict[str, str]]]:
    """Answer with the first record whose events could not be put: the stream goes on from there."""
    entries = [
        (record["dynamodb"]["SequenceNumber"], entry)
        for record in event["Records"]
        if _has_ended_now(record)
        for entry in _entries(record["dynamodb"]["NewImage"])
    ]
    for group in in_groups(entries, _MOST_ENTRIES):
        refused = _refused(group)
        if refused:
            return {"batchItemFailures": [{"itemIdentifier": refused[0]}]}
    return {"batchItemFailures": []}


def _has_ended_now(record: Mapping[str, Any]) -> bool:
    change = record["dynamodb"]
    return _status(change.get("NewImage", {})) in ENDS and _status(change.get("OldImage", {})) not in ENDS


def _status(image: Mapping[str, Any]) -> str:
    return str(image.get("status", {}).get("S", ""))


def _entries(image: Mapping[str, Any]) -> list[dict[str, str]]:
    row = plain(image)
    message = row.pop("message", "")
    entries = [_entry("Transcription Job Recorded", {**row, "event_id": _event_id(row)})]
    retry = order_of(message).retry if "retried_by" in row else None
    return [*entries, _entry("Object Created", retry.arrival)] if retry else entries


def _entry(detail_type: str, detail: Mapping[str, Any]) -> dict[str, str]:
    return {"Source": SOURCE, "DetailType": detail_type, "Detail": json.dumps(detail)}


def _event_id(row: Mapping[str, Any]) -> str:
    """The same for every copy of one end."""
    return str(uuid.uuid5(_EVENT_IDS, json.dumps([row["job_name"], row["status"], row.get("completed_at")])))


def _refused(entries: Sequence[tuple[str, Mapping[str, str]]]) -> list[str]:
    answers = events.put_events(Entries=[entry for _, entry in entries])["Entries"]
    refused = [(number, answer) for (number, _), answer in zip(entries, answers, strict=True) if "ErrorCode" in answer]
    for number, answer in refused:
        logger.warning("refused", extra={"sequence_number": number, "reason": answer.get("ErrorMessage", "")})
    return [number for number, _ in refused]
