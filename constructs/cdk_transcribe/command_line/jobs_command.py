"""What `cdk-transcribe jobs` does: the newest jobs as a table, once or again and again."""

from __future__ import annotations

import argparse
import heapq
import time
from collections.abc import Sequence
from itertools import islice

from cdk_transcribe.command_line.aws_access import clients
from cdk_transcribe.command_line.deployed_ledger import DeployedLedger, Row, ledgers_of
from cdk_transcribe.command_line.deployed_routes import routes_of
from cdk_transcribe.command_line.job_table import job_table
from transcribe_handlers.job_facts import timestamp
from transcribe_handlers.job_statuses import ENDS, OPEN

_CLEAR_SCREEN = "\033[H\033[2J"


def run(arguments: argparse.Namespace) -> int:
    """Prints the table; with `--watch` until Ctrl-C, which is no failure."""
    client = clients(arguments)
    ledgers = ledgers_of(client("dynamodb"), routes_of(client, arguments.stack))
    if arguments.watch is None:
        print(job_table(_newest(ledgers, arguments)))
        return 0
    try:
        _watch(ledgers, arguments)
    except KeyboardInterrupt:
        print()
    return 0


def _watch(ledgers: Sequence[DeployedLedger], arguments: argparse.Namespace) -> None:
    while True:
        table = job_table(_newest(ledgers, arguments))
        heading = f"{arguments.stack}, {timestamp()}, every {arguments.watch:g} s until Ctrl-C"
        print(f"{_CLEAR_SCREEN}{heading}\n\n{table}", flush=True)
        time.sleep(arguments.watch)


def _newest(ledgers: Sequence[DeployedLedger], arguments: argparse.Namespace) -> list[Row]:
    statuses = [arguments.status] if arguments.status else [*OPEN, *ENDS]
    listed = [ledger.listed(statuses) for ledger in ledgers]
    return list(islice(heapq.merge(*listed, key=lambda row: str(row["created_at"]), reverse=True), arguments.limit))
