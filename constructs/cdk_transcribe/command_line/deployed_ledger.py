"""The ledgers of a deployed stack: the rows of its own pipelines, read through the ledger's indexes."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from cdk_transcribe.command_line.deployed_routes import DeployedRoute
from transcribe_handlers.ledger_items import items_of, plain

Row = Mapping[str, Any]
"""A job's item as plain values."""


class DeployedLedger:
    """One table, and the pipelines of the stack that record their jobs there; it may have rows of others."""

    def __init__(self, dynamodb: Any, table_name: str, pipelines: Iterable[str]) -> None:
        self._dynamodb = dynamodb
        self._table_name = table_name
        self._pipelines = sorted(set(pipelines))

    def listed(self, statuses: Iterable[str], *, since: str = "", until: str = "") -> Iterator[Row]:
        """What the index has of the jobs with these statuses, created in that time; the newest first."""
        found = [self._with_status(status, since or "0", until or "9") for status in statuses]
        return heapq.merge(*found, key=lambda row: str(row["created_at"]), reverse=True)

    def row(self, job_name: str) -> Row | None:
        """The whole row of a job; None when it is not one of the stack's."""
        answer = self._dynamodb.get_item(
            TableName=self._table_name, Key={"job_name": {"S": job_name}}, ConsistentRead=True
        )
        row = plain(answer.get("Item", {}))
        return row if row.get("pipeline") in self._pipelines else None

    def whole(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The whole rows of those that the index has, as they are now; in any order."""
        return items_of(self._dynamodb, self._table_name, (row["job_name"] for row in rows))

    def link_retry(self, row: Row, retried_by: str) -> None:
        """Write down which job is tried in a job's place, unless somebody else has."""
        try:
            self._dynamodb.update_item(
                TableName=self._table_name,
                Key={"job_name": {"S": row["job_name"]}},
                UpdateExpression="SET retried_by = :retried_by",
                ConditionExpression="attribute_not_exists(retried_by) AND #status = :status",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={":retried_by": {"S": retried_by}, ":status": {"S": row["status"]}},
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise

    def _with_status(self, status: str, since: str, until: str) -> Iterator[Row]:
        own = {f":pipeline{number}": {"S": name} for number, name in enumerate(self._pipelines)}
        question: dict[str, Any] = {
            "TableName": self._table_name,
            "IndexName": "ByStatus",
            "KeyConditionExpression": "#status = :status AND created_at BETWEEN :since AND :until",
            "FilterExpression": f"pipeline IN ({', '.join(own)})",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {
                ":status": {"S": status},
                ":since": {"S": since},
                ":until": {"S": until},
                **own,
            },
            "ScanIndexForward": False,
        }
        while question:
            page = self._dynamodb.query(**question)
            yield from map(plain, page["Items"])
            next_page = page.get("LastEvaluatedKey")
            question = {**question, "ExclusiveStartKey": next_page} if next_page else {}


def ledgers_of(dynamodb: Any, routes: Iterable[DeployedRoute]) -> list[DeployedLedger]:
    """The ledgers that the pipelines of these routes write to."""
    pipelines: dict[str, list[str]] = {}
    for route in routes:
        pipelines.setdefault(route.ledger_table, []).append(route.pipeline)
    return [DeployedLedger(dynamodb, table, names) for table, names in pipelines.items()]
