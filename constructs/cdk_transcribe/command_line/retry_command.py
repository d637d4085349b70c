"""What `cdk-transcribe retry` does: jobs that failed, tried again."""

from __future__ import annotations

import argparse

from cdk_transcribe.command_line.aws_access import clients, say
from cdk_transcribe.command_line.deployed_ledger import ledgers_of
from cdk_transcribe.command_line.deployed_routes import routes_of
from cdk_transcribe.command_line.job_retries import NotRetriedError, Retries
from cdk_transcribe.command_line.show_command import find

_SOME_WERE_NOT = 1


def run(arguments: argparse.Namespace) -> int:
    """Prints the name of each new job; 1 when some job could not be tried again."""
    client = clients(arguments)
    routes = routes_of(client, arguments.stack)
    ledgers = ledgers_of(client("dynamodb"), routes)
    found = [find(ledgers, job_name, arguments.stack) for job_name in arguments.jobs]
    retries = Retries(client("events"), routes)
    code = 0
    for ledger, row in found:
        try:
            print(f"{row['job_name']} is tried again as {retries.retry(ledger, row)}", flush=True)
        except NotRetriedError as reason:
            say(f"{row['job_name']} is not tried again: {reason}")
            code = _SOME_WERE_NOT
    return code
