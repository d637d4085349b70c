"""The ledger's rows, which only ever move forward: STARTING, QUEUED, IN_PROGRESS, then an end that is final.

A row has `open` (its kind of job) and `check_at` as long as its job has not ended: the index of these two holds the
open jobs alone, in the order in which they are due to be asked about, however many have ended.

Permissions: dynamodb:UpdateItem on the table, and dynamodb:GetItem for `order_message`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

import boto3
from botocore.exceptions import ClientError

from .job_checks import first_check, next_check
from .job_facts import timestamp
from .job_kinds import JobKind, kind_named
from .job_statuses import COMPLETED, ENDS, IN_PROGRESS, OPEN, QUEUED, STARTING
from .service_errors import code_of

TABLE_NAME = os.environ["LEDGER_TABLE_NAME"]
_RETENTION_SECONDS = os.environ["LEDGER_RETENTION_SECONDS"]
_COMES_AFTER: Mapping[str, tuple[str, ...]] = {
    QUEUED: (STARTING,),
    IN_PROGRESS: (STARTING, QUEUED),
    **dict.fromkeys(ENDS, OPEN),
}

dynamodb: Any = boto3.client("dynamodb")


def open_row(job_name: str, facts: Mapping[str, Any], message: str) -> str:
    """Write the row of a job about to start, and answer with the status that the row has now.

    What the row already says stays: a redelivered message finds how far an earlier delivery came, and a completion
    event that overtook the starter gets the facts that only the starter knows. The message stays in the row until the
    job has completed, so that it can be sent again.
    """
    opening = {**facts, "status": STARTING, "created_at": timestamp(), "message": message, "open": facts["kind"]}
    update = _RowUpdate(job_name)
    update.set_if_absent(opening)
    # Renewed by every delivery: whoever is about to give up a row that nobody starts finds that somebody does.
    update.set({"check_at": first_check(kind_named(facts["kind"])), **_expiry()})
    update.only_from((STARTING,))
    row = update.write() or _fill_in(job_name, facts)
    return str(row["status"]["S"])


def advance(job_name: str, facts: Mapping[str, Any], *, check_at: str | None = None) -> Mapping[str, Any] | None:
    """Move the row to `facts["status"]`, or make it, and answer with its strings.

    None when the row is there or further already: it stays as it is. So it does with `check_at`, when it says another
    moment than this: somebody has looked after the job meanwhile.
    """
    update = _RowUpdate(job_name)
    update.set({name: fact for name, fact in facts.items() if name != "created_at"} | _expiry())
    update.set_if_absent({"created_at": facts.get("created_at", timestamp())})
    update.only_from(_COMES_AFTER[facts["status"]])
    if facts["status"] in OPEN:
        update.set({"open": facts["kind"], "check_at": first_check(kind_named(facts["kind"]))})
    else:
        update.remove("open", "check_at")
    if facts["status"] == COMPLETED:
        update.remove("message")
    if check_at is not None:
        update.only_if_unchanged("check_at", check_at)
    row = update.write()
    return row and {name: value["S"] for name, value in row.items() if "S" in value}


def postpone(job_name: str, kind: JobKind, created_at: str) -> None:
    """The job has been asked about and is still open: ask again later. A row that has ended meanwhile stays."""
    update = _RowUpdate(job_name)
    update.set({"check_at": next_check(kind, created_at), "asked_at": timestamp(), **_expiry()})
    update.only_if_present("open")
    update.write()


def order_message(job_name: str) -> str:
    """The message that an open row's job was started for; "" when there is none, or the job has ended."""
    row = dynamodb.get_item(
        TableName=TABLE_NAME,
        Key={"job_name": {"S": job_name}},
        ConsistentRead=True,
        ProjectionExpression="message, #open",
        ExpressionAttributeNames={"#open": "open"},
    ).get("Item", {})
    return str(row["message"]["S"]) if {"message", "open"} <= row.keys() else ""


def _fill_in(job_name: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    update = _RowUpdate(job_name)
    update.set_if_absent(facts)
    update.set(_expiry())
    update.only_if_present("status")
    row = update.write()
    if row is None:
        raise RuntimeError(f"the row of {job_name} expired at this moment: the message has to come again")
    return row


class _RowUpdate:
    """One conditional write of one row, put together piece by piece."""

    def __init__(self, job_name: str) -> None:
        self._job_name = job_name
        self._assignments: list[str] = []
        self._removals: list[str] = []
        self._conditions: list[str] = []
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {}

    def set(self, facts: Mapping[str, Any]) -> None:
        self._assignments += [f"{self._name(name)} = {self._value(name, fact)}" for name, fact in facts.items()]

    def set_if_absent(self, facts: Mapping[str, Any]) -> None:
        self._assignments += [
            f"{self._name(name)} = if_not_exists({self._name(name)}, {self._value(name, fact)})"
            for name, fact in facts.items()
        ]

    def remove(self, *names: str) -> None:
        self._removals += [self._name(name) for name in names]

    def only_from(self, statuses: Sequence[str]) -> None:
        """Where there is no row yet, or it has one of these statuses."""
        status = self._name("status")
        earlier = ", ".join(self._value(f"from_{earlier}", earlier) for earlier in statuses)
        self._conditions.append(f"(attribute_not_exists({status}) OR {status} IN ({earlier}))")

    def only_if_present(self, name: str) -> None:
        self._conditions.append(f"attribute_exists({self._name(name)})")

    def only_if_unchanged(self, name: str, value: str) -> None:
        self._conditions.append(f"{self._name(name)} = {self._value(f'read_{name}', value)}")

    def write(self) -> Mapping[str, Any] | None:
        """The whole row as it is now; None when a condition does not hold, and nothing was written."""
        removals = f" REMOVE {', '.join(self._removals)}" if self._removals else ""
        try:
            answer = dynamodb.update_item(
                TableName=TABLE_NAME,
                Key={"job_name": {"S": self._job_name}},
                UpdateExpression=f"SET {', '.join(self._assignments)}{removals}",
                ConditionExpression=" AND ".join(self._conditions),
                ExpressionAttributeNames=self._names,
                ExpressionAttributeValues=self._values,
                ReturnValues="ALL_NEW",
            )
        except ClientError as error:
            if code_of(error) == "ConditionalCheckFailedException":
                return None
            raise
        row: Mapping[str, Any] = answer["Attributes"]
        return row

    def _name(self, name: str) -> str:
        self._names[f"#{name}"] = name
        return f"#{name}"

    def _value(self, name: str, fact: Any) -> str:
        self._values[f":{name}"] = _typed(fact)
        return f":{name}"


def _typed(fact: Any) -> dict[str, Any]:
    if isinstance(fact, list):
        return {"L": [_typed(item) for item in fact]}
    return {"N": str(fact)} if isinstance(fact, (int, float)) else {"S": fact}


def _expiry() -> dict[str, int]:
    return {"expires_at": int(time.time()) + int(_RETENTION_SECONDS)} if _RETENTION_SECONDS else {}
