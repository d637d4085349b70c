"""What `cdk-transcribe export` does: the ledger's rows, whole, as CSV or as JSON Lines."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from cdk_transcribe.command_line.aws_access import clients
from cdk_transcribe.command_line.deployed_ledger import DeployedLedger, Row, ledgers_of
from cdk_transcribe.command_line.deployed_routes import routes_of
from transcribe_handlers.backfill_events import since_of
from transcribe_handlers.job_facts import timestamp
from transcribe_handlers.job_statuses import ENDS, OPEN

_COLUMNS = (
    "job_name",
    "kind",
    "status",
    "pipeline",
    "route",
    "media_uri",
    "media_version",
    "media_duration_seconds",
    "language_code",
    "language_score",
    "transcript_uri",
    "redacted_transcript_uri",
    "redacted_media_uri",
    "clinical_document_uri",
    "subtitle_uris",
    "failure_class",
    "failure_reason",
    "retry_of",
    "retried_by",
    "retries",
    "uploaded_at",
    "created_at",
    "asked_at",
    "completed_at",
    "expires_at",
)


def run(arguments: argparse.Namespace) -> int:
    """Writes a row for each job to the standard output."""
    client = clients(arguments)
    since, until = (_moment(text) if text else "" for text in (arguments.since, arguments.until))
    ledgers = ledgers_of(client("dynamodb"), routes_of(client, arguments.stack))
    # The open ones first: a job that ends meanwhile is come across once more, and not missed.
    statuses = [arguments.status] if arguments.status else [*OPEN, *ENDS]
    _FORMATS[arguments.format](row for ledger in ledgers for row in _rows(ledger, statuses, since, until))
    return 0


def _moment(text: str) -> str:
    return timestamp(since_of(text).timestamp())


def _rows(ledger: DeployedLedger, statuses: Sequence[str], since: str, until: str) -> Iterator[Row]:
    seen: set[str] = set()
    for status in statuses:
        for row in ledger.whole(ledger.listed([status], since=since, until=until)):
            if row["job_name"] not in seen:
                yield {name: value for name, value in row.items() if name not in ("message", "open", "check_at")}
            if status in OPEN:
                seen.add(row["job_name"])


def _write_csv(rows: Iterable[Row]) -> None:
    writer = csv.DictWriter(sys.stdout, _COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(value) for name, value in row.items()})


def _cell(value: Any) -> Any:
    return " ".join(value) if isinstance(value, list) else value


def _write_json_lines(rows: Iterable[Row]) -> None:
    for row in rows:
        print(json.dumps(row, ensure_ascii=False, sort_keys=True))


_FORMATS: dict[str, Callable[[Iterable[Row]], None]] = {"csv": _write_csv, "jsonl": _write_json_lines}
