"""What `cdk-transcribe redrive` does: dead letters and refusals by reason, and sent again when asked to."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cdk_transcribe.command_line.aws_access import clients, say
from cdk_transcribe.command_line.dead_letters import DeadLetter, DeadLetterQueue, dead_letter_queues
from cdk_transcribe.command_line.deployed_ledger import DeployedLedger, Row, ledgers_of
from cdk_transcribe.command_line.deployed_routes import routes_of
from cdk_transcribe.command_line.job_retries import NotRetriedError, Retries
from cdk_transcribe.command_line.job_table import aligned, printable

_SOME_WERE_NOT = 1
_HEADINGS = ("REASON", "COUNT", "WHAT", "EXAMPLE")


@dataclass(frozen=True)
class Stranded:
    """An object that nobody looks after any more: why, and how to have it looked after again.

    `send_again` raises NotRetriedError where that can't be.
    """

    reason: str
    what: str
    example: str
    send_again: Callable[[], Any]


def run(arguments: argparse.Namespace) -> int:
    """Prints what there is by reason; with `--yes` sends it again, and 1 when some of it could not be."""
    client = clients(arguments)
    routes = routes_of(client, arguments.stack)
    retries = Retries(client("events"), routes)
    queues = dead_letter_queues(client("sqs"), routes)
    try:
        stranded = [one for queue in queues for one in _dead_letters(queue)]
        for ledger in ledgers_of(client("dynamodb"), routes):
            stranded += _refusals(ledger, retries)
        return _redrive(stranded, arguments)
    finally:
        for queue in queues:
            queue.release()


def _dead_letters(queue: DeadLetterQueue) -> Iterator[Stranded]:
    for letter in queue.letters():
        yield Stranded(letter.reason, "dead letter", letter.about, _sender(queue, letter))


def _sender(queue: DeadLetterQueue, letter: DeadLetter) -> Callable[[], None]:
    def send() -> None:
        if letter.message is None:
            raise NotRetriedError("it is no message for the starter, and stays where it is")
        queue.send_again(letter)

    return send


def _refusals(ledger: DeployedLedger, retries: Retries) -> Iterator[Stranded]:
    for row in ledger.listed(["REJECTED"]):
        if "retried_by" not in row:
            example = f"{row.get('media_uri', '')}: {row.get('failure_reason', '')}"
            yield Stranded(row.get("failure_class", "OTHER"), "refusal", example, _retrier(ledger, row, retries))


def _retrier(ledger: DeployedLedger, listed: Row, retries: Retries) -> Callable[[], None]:
    def retry() -> None:
        # The index does not have the order, and may be a moment behind.
        row = ledger.row(listed["job_name"])
        if row is not None:
            retries.retry(ledger, row)

    return retry


def _redrive(stranded: Sequence[Stranded], arguments: argparse.Namespace) -> int:
    reasons = sorted({one.reason for one in stranded})
    if arguments.reason and arguments.reason not in reasons:
        known = f"the reasons are {', '.join(reasons)}" if reasons else "there are none"
        raise ValueError(f"no dead letter and no refusal has the reason {arguments.reason!r}: {known}")
    if not stranded:
        print("no dead letters and no refusals")
        return 0
    chosen = [one for one in stranded if arguments.reason in (None, one.reason)]
    print(_table(chosen))
    if not arguments.yes:
        print(f"\nnothing is sent yet: with --yes {len(chosen)} will be")
        return 0
    return _send_again(chosen)


def _table(stranded: Sequence[Stranded]) -> str:
    groups: dict[tuple[str, str], list[Stranded]] = {}
    for one in stranded:
        groups.setdefault((one.reason, one.what), []).append(one)
    lines = [
        (reason, str(len(group)), what, printable(group[0].example)) for (reason, what), group in sorted(groups.items())
    ]
    return aligned([_HEADINGS, *lines])


def _send_again(chosen: Sequence[Stranded]) -> int:
    not_sent = 0
    for one in chosen:
        try:
            one.send_again()
        except NotRetriedError as reason:
            say(f"{one.what} {printable(one.example)} is not sent again: {reason}")
            not_sent += 1
    print(f"\n{len(chosen) - not_sent} sent again")
    return _SOME_WERE_NOT if not_sent else 0
