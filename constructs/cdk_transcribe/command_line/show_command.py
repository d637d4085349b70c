"""What `cdk-transcribe show` does: everything that the ledger says of one job."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import Any

from cdk_transcribe.command_line.aws_access import clients
from cdk_transcribe.command_line.deployed_ledger import DeployedLedger, Row, ledgers_of
from cdk_transcribe.command_line.deployed_routes import routes_of
from cdk_transcribe.command_line.job_table import aligned, printable


def run(arguments: argparse.Namespace) -> int:
    """Prints the row: a line for each attribute, then the order that can be sent again."""
    client = clients(arguments)
    ledgers = ledgers_of(client("dynamodb"), routes_of(client, arguments.stack))
    _, row = find(ledgers, arguments.job, arguments.stack)
    facts = {name: value for name, value in row.items() if name != "message"}
    print(aligned([line for name, value in sorted(facts.items()) for line in _lines(name, value)]))
    if "message" in row:
        print(f"\nIts order:\n{json.dumps(json.loads(row['message']), indent=2)}")
    return 0


def find(ledgers: list[DeployedLedger], job_name: str, stack: str) -> tuple[DeployedLedger, Row]:
    """The ledger that has a job, and its row.

    Raises:
        ValueError: when none has it.
    """
    for ledger in ledgers:
        row = ledger.row(job_name)
        if row is not None:
            return ledger, row
    raise ValueError(f"the ledger of stack {stack!r} has no job {job_name!r}: `cdk-transcribe jobs` lists them")


def _lines(name: str, value: Any) -> Iterator[tuple[str, str]]:
    for one in value if isinstance(value, list) else [value]:
        yield name, printable(str(one))
