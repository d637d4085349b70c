"""The ledger's rows, which only ever move forward: STARTING, QUEUED, IN_PROGRESS, then an end.

Permissions: dynamodb:UpdateItem on the table.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError

from .job_facts import timestamp

STARTING = "STARTING"
REJECTED = "REJECTED"

_TABLE_NAME = os.environ["LEDGER_TABLE_NAME"]
_RETENTION_SECONDS = os.environ["LEDGER_RETENTION_SECONDS"]
_COMES_AFTER: Mapping[str, tuple[str, ...]] = {
    "QUEUED": (STARTING,),
    "IN_PROGRESS": (STARTING, "QUEUED"),
    "COMPLETED": (STARTING, "QUEUED", "IN_PROGRESS"),
    "FAILED": (STARTING, "QUEUED", "IN_PROGRESS"),
    REJECTED: (STARTING, "QUEUED", "IN_PROGRESS"),
}

dynamodb: Any = boto3.client("dynamodb")


def open_row(job_name: str, facts: Mapping[str, Any]) -> str:
    """Write the row of a job about to start, and answer with the status that the row has now.

    What the row already says stays: a redelivered message finds how far an earlier delivery came, and a
    completion event that overtook the starter gets the facts that only the starter knows.
    """
    first_facts = {**facts, "status": STARTING, "created_at": timestamp(), **_expiry()}
    row = _update(job_name, [_if_absent(name) for name in first_facts], first_facts)
    return str(row["status"]["S"])


def advance(job_name: str, facts: Mapping[str, Any]) -> Mapping[str, str] | None:
    """Move the row to `facts["status"]`, or make it, and answer with its strings.

    None when the row is there or further already: it stays as it is.
    """
    changed = {**facts, **_expiry()}
    assignments = [_if_absent(name) if name == "created_at" else f"#{name} = :{name}" for name in changed]
    earlier = {f":earlier{rank}": {"S": status} for rank, status in enumerate(_COMES_AFTER[facts["status"]])}
    condition = f"attribute_not_exists(#status) OR #status IN ({', '.join(earlier)})"
    try:
        row = _update(job_name, assignments, changed, earlier, ConditionExpression=condition)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return None
        raise
    return {name: value["S"] for name, value in row.items() if "S" in value}


def _update(
    job_name: str,
    assignments: list[str],
    facts: Mapping[str, Any],
    further_values: Mapping[str, Any] | None = None,
    **options: str,
) -> Mapping[str, Any]:
    answer = dynamodb.update_item(
        TableName=_TABLE_NAME,
        Key={"job_name": {"S": job_name}},
        UpdateExpression="SET " + ", ".join(assignments),
        ExpressionAttributeNames={f"#{name}": name for name in facts},
        ExpressionAttributeValues={f":{name}": _value(facts[name]) for name in facts} | dict(further_values or {}),
        ReturnValues="ALL_NEW",
        **options,
    )
    row: Mapping[str, Any] = answer["Attributes"]
    return row


def _if_absent(name: str) -> str:
    return f"#{name} = if_not_exists(#{name}, :{name})"


def _value(fact: Any) -> dict[str, Any]:
    if isinstance(fact, list):
        return {"L": [_value(item) for item in fact]}
    return {"N": str(fact)} if isinstance(fact, int) else {"S": fact}


def _expiry() -> dict[str, int]:
    return {"expires_at": int(time.time()) + int(_RETENTION_SECONDS)} if _RETENTION_SECONDS else {}
