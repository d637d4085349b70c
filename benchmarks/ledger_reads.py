#!/usr/bin/env python3
"""What one run of the ledger's reconciler reads and asks, by how many jobs are open and how many have ended.

Run `python benchmarks/ledger_reads.py` (some minutes, most of them to fill the table; `--open` and `--closed` take
other numbers). The real handler runs against a local DynamoDB with the table of `JobLedger`, and a local Transcribe
that knows none of the jobs, so that each stays open. What is shown is counted at the clients, not timed: items read are
what DynamoDB charges for. A run has time for 600 jobs, as a minute has at ten questions a second.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import logging
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone
from itertools import islice
from typing import Any

os.environ["CDK_VALIDATION"] = "false"

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template

import cdk_transcribe as transcribe
from transcribe_local import LocalAws
from transcribe_local.transcribe_server import TranscribeServer

TABLE = "ledger"
JOBS_A_RUN = 600
RUNS = 3
BYTES_A_ROW = 2500
BYTES_A_READ_UNIT = 2 * 4096


class TimeFor:
    """The context of an invocation that has time for so many jobs."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs

    def get_remaining_time_in_millis(self) -> int:
        """Enough for one more job, or nothing."""
        self._jobs -= 1
        return 60_000 if self._jobs >= 0 else 0


class Unhurried:
    """Questions without a pause between them."""

    def wait(self) -> None:
        """Return at once."""


def main() -> None:
    """Prints a line for each run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--open", type=int, default=100_000, help="jobs that are open and due")
    parser.add_argument("--closed", type=int, default=20_000, help="jobs that have ended")
    options = parser.parse_args()
    with LocalAws() as aws, TranscribeServer() as server:
        os.environ.update(
            aws.environment,
            AWS_ENDPOINT_URL_TRANSCRIBE=server.endpoint_url,
            LEDGER_TABLE_NAME=TABLE,
            LEDGER_RETENTION_SECONDS="",
            LEDGER_OVERDUE_SECONDS="900",
            LEDGER_RECONCILE_SECONDS="60",
            LEDGER_DELETES_JOBS="",
        )
        dynamodb = aws.client("dynamodb")
        dynamodb.create_table(TableName=TABLE, **_table())
        print(f"{'open and due':>14}{'ended':>9}{'queries':>9}{'items read':>12}{'questions':>11}{'writes':>8}")
        _show(still_open=0, closed=0)
        _fill(dynamodb, _open_rows(0, 100))
        _show(still_open=100, closed=0)
        _fill(dynamodb, _closed_rows(options.closed))
        _fill(dynamodb, _open_rows(0, 100))
        _show(still_open=100, closed=options.closed)
        _fill(dynamodb, _open_rows(0, options.open))
        for run in range(RUNS):
            _show(still_open=options.open - run * JOBS_A_RUN, closed=options.closed)
    _show_paper(options.open)


def _show(*, still_open: int, closed: int) -> None:
    counts = _run(JOBS_A_RUN)
    print(
        f"{still_open:>14,}{closed:>9,}{counts['Query']:>9,}{counts['items']:>12,}"
        f"{counts['GetTranscriptionJob']:>11,}{counts['UpdateItem']:>8,}"
    )


def _show_paper(still_open: int) -> None:
    runs = -(-still_open // JOBS_A_RUN)
    scan = 10_000_000 * BYTES_A_ROW / BYTES_A_READ_UNIT
    print(
        f"""
On paper: {still_open:,} jobs that are due at once are asked about in {runs:,} runs. A run reads each job that it asks
about once, at most a page of 100 beyond its last, and one item more for each of the 3 open statuses.
10,000,000 jobs that have ended add nothing to that: neither the index of open jobs nor the open statuses of the other
index hold them. Without these indexes each run would scan the table, with {scan:,.0f} read units for rows of
{BYTES_A_ROW:,} bytes."""
    )


def _run(jobs: int) -> Counter[str]:
    # Not before now: the handlers make their clients from the environment when they are imported.
    from transcribe_handlers import job_reconciler, ledger_table  # noqa: PLC0415

    counts: Counter[str] = Counter()

    def count(model: Any, parsed: dict[str, Any], **_: Any) -> None:
        counts.update({model.name: 1, "items": parsed.get("ScannedCount", 0)})

    clients = (job_reconciler.transcribe, ledger_table.dynamodb)
    for client in clients:
        client.meta.events.register("after-call", count, unique_id="count")
    job_reconciler.pace = Unhurried()  # type: ignore[assignment]
    logging.disable()
    with contextlib.redirect_stdout(io.StringIO()):
        job_reconciler.handler({}, TimeFor(jobs))
    for client in clients:
        client.meta.events.unregister("after-call", unique_id="count")
    return counts


def _table() -> dict[str, Any]:
    stack = cdk.Stack(cdk.App(), "Stack")
    transcribe.JobLedger(stack, "Ledger", encryption_key=kms.Key(stack, "Key"))
    [table] = Template.from_stack(stack).find_resources("AWS::DynamoDB::Table").values()
    wanted = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    return {name: table["Properties"][name] for name in wanted}


def _open_rows(first: int, number: int) -> Iterator[dict[str, Any]]:
    created = datetime.now(timezone.utc) - timedelta(minutes=30)
    due = _stamp(created + timedelta(minutes=15))
    for position in range(first, first + number):
        yield {**_row(f"open-{position}", "IN_PROGRESS", created), "open": {"S": "TranscriptionJob"}, "check_at": due}


def _closed_rows(number: int) -> Iterator[dict[str, Any]]:
    created = datetime.now(timezone.utc) - timedelta(days=30)
    for position in range(number):
        yield _row(f"closed-{position}", "COMPLETED", created + timedelta(seconds=position))


def _row(name: str, status: str, created: datetime) -> dict[str, Any]:
    texts = {"job_name": name, "kind": "TranscriptionJob", "status": status, "pipeline": "calls", "route": "English"}
    return {
        **{attribute: {"S": text} for attribute, text in texts.items()},
        "media_uri": {"S": f"s3://media/en/{name}.wav"},
        "created_at": _stamp(created),
    }


def _stamp(moment: datetime) -> dict[str, str]:
    return {"S": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")}


def _fill(dynamodb: Any, rows: Iterable[dict[str, Any]]) -> None:
    remaining = iter(rows)
    while batch := list(islice(remaining, 25)):
        dynamodb.batch_write_item(RequestItems={TABLE: [{"PutRequest": {"Item": row}} for row in batch]})


if __name__ == "__main__":
    main()
