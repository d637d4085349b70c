"""The jobs that have not ended, read from the ledger's indexes: what it costs grows with them, not with all jobs.

Permissions: dynamodb:Query on the table's indexes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .job_facts import timestamp
from .job_kinds import JobKind
from .job_statuses import OPEN
from .ledger_table import TABLE_NAME, dynamodb

_PAGE = 100


def due_jobs(kind: JobKind) -> Iterator[Mapping[str, str]]:
    """The open jobs of a kind that are to be asked about by now, the longest due first, read page by page."""
    question: dict[str, Any] = {
        "TableName": TABLE_NAME,
        "IndexName": "OpenJobs",
        "KeyConditionExpression": "#open = :kind AND check_at <= :now",
        "ExpressionAttributeNames": {"#open": "open"},
        "ExpressionAttributeValues": {":kind": {"S": kind.name}, ":now": {"S": timestamp()}},
        "Limit": _PAGE,
    }
    while question:
        page = dynamodb.query(**question)
        for row in page["Items"]:
            yield {name: value["S"] for name, value in row.items()}
        next_page = page.get("LastEvaluatedKey")
        question = {**question, "ExclusiveStartKey": next_page} if next_page else {}


def oldest_open_job() -> str | None:
    """When the oldest job that is still open was created; None when all have ended. Reads one item a status."""
    return min((moment for status in OPEN for moment in _oldest(status)), default=None)


def _oldest(status: str) -> list[str]:
    page = dynamodb.query(
        TableName=TABLE_NAME,
        IndexName="ByStatus",
        KeyConditionExpression="#status = :status",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":status": {"S": status}},
        Limit=1,
    )
    return [row["created_at"]["S"] for row in page["Items"]]
