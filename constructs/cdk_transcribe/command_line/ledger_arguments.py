"""The arguments of the commands that look after a deployed stack's jobs: jobs, show, retry, redrive, export."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_STATUSES = ("STARTING", "QUEUED", "IN_PROGRESS", "COMPLETED", "FAILED", "REJECTED", "LOST")
_COULD_NOT = "2: wrong arguments, or it can't be done; 130: interrupted."


def add_to(commands: Commands) -> None:
    """Adds the five commands."""
    for add in (_add_jobs, _add_show, _add_retry, _add_redrive, _add_export):
        add(commands)


def _add_jobs(commands: Commands) -> None:
    command = _command(
        commands,
        "jobs",
        "list the newest jobs of a deployed stack",
        f"List the newest jobs in the ledger of a deployed stack. Exit code 0: done; {_COULD_NOT}",
    )
    command.add_argument("--status", choices=_STATUSES, help="only jobs with this status (default: all)")
    command.add_argument(
        "--limit", type=_whole, default=50, metavar="N", help="at most so many, the newest (default: %(default)s)"
    )
    command.add_argument(
        "--watch",
        type=positive,
        nargs="?",
        const=5.0,
        metavar="SECONDS",
        help="list them again every 5 seconds, or as often as said, until Ctrl-C",
    )


def _add_show(commands: Commands) -> None:
    command = _command(
        commands,
        "show",
        "print what the ledger says of one job",
        f"Print everything that the ledger of a deployed stack says of one job. Exit code 0: done; {_COULD_NOT}",
    )
    command.add_argument("job", metavar="JOB", help="the job's name, as `cdk-transcribe jobs` lists it")


def _add_retry(commands: Commands) -> None:
    command = _command(
        commands,
        "retry",
        "try jobs again that failed, were refused, or got lost",
        "Try jobs again that are FAILED, REJECTED or LOST, as their route wants it now. Each try is a job of its own, "
        "its name ending in -r1 and so on; the two rows name each other. Exit code 0: all are tried again; 1: some are "
        f"not; {_COULD_NOT}",
    )
    command.add_argument("jobs", nargs="+", metavar="JOB", help="a job's name, as `cdk-transcribe jobs` lists it")


def _add_redrive(commands: Commands) -> None:
    command = _command(
        commands,
        "redrive",
        "send dead letters and refused jobs again, by reason",
        "List what waits for somebody, by reason: messages in the dead-letter queues of a deployed stack's pipelines "
        "(STARTER_FAILED, NOT_DELIVERED, UNREADABLE), and REJECTED jobs by the class of their failure. With --yes, "
        "send dead letters back to the pipeline's queue, and try refused jobs again. Exit code 0: done; 1: some were "
        f"not sent; {_COULD_NOT}",
    )
    command.add_argument("--reason", metavar="REASON", help="only what has this reason (default: all)")
    command.add_argument("--yes", action="store_true", help="send it again (default: only list it)")


def _add_export(commands: Commands) -> None:
    command = _command(
        commands,
        "export",
        "write the ledger of a deployed stack as CSV or JSON Lines",
        "Write a line for each job in the ledger of a deployed stack, with all that the ledger has but the order "
        f"itself. Exit code 0: done; {_COULD_NOT}",
    )
    command.add_argument("--format", choices=("csv", "jsonl"), default="csv", help="how (default: %(default)s)")
    command.add_argument("--status", choices=_STATUSES, help="only jobs with this status (default: all)")
    command.add_argument("--since", metavar="DATE", help="only jobs from then on, such as 2026-01-31 (UTC)")
    command.add_argument("--until", metavar="DATE", help="only jobs until then, such as 2026-01-31T08:00:00Z")


def _command(commands: Commands, name: str, help: str, description: str) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=help, description=description)
    command.add_argument("--stack", required=True, metavar="NAME", help="the deployed stack that has the pipeline")
    command.add_argument("--profile", help="the AWS profile to use")
    command.add_argument("--region", help="the AWS Region of the stack")
    command.set_defaults(run=_runner(f"cdk_transcribe.command_line.{name}_command"))
    return command


def _runner(module: str) -> Callable[[argparse.Namespace], int]:
    def run(arguments: argparse.Namespace) -> int:
        # Not at the top: the AWS clients would make every other command wait.
        access, command = import_module("cdk_transcribe.command_line.aws_access"), import_module(module)
        code: int = access.guarded(command.run, arguments)
        return code

    return run


def positive(text: str) -> float:
    """A number from the command line that is more than 0."""
    number = float(text)
    if number <= 0:
        raise argparse.ArgumentTypeError(f"{text} is not more than 0")
    return number


def _whole(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number
