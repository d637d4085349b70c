"""The command `cdk-transcribe`."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from cdk_transcribe import _handlers
from cdk_transcribe.command_line import ledger_arguments
from cdk_transcribe.vocabulary_linter import Finding, Severity, lint_table, lint_word_file

# Its commands use the handlers' own names and rules.
_handlers.make_importable()

_FOUND_ERRORS = 1
_COULD_NOT_RUN = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Runs `cdk-transcribe` and returns its exit code.

    Args:
        argv: the arguments after the command's name. By default those that the process was started with.

    Raises:
        SystemExit: with code 2 when the arguments are wrong, with code 0 after `--help`.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A pipe on Windows can't write most scripts, and a finding must not be lost for that.
        sys.stdout.reconfigure(errors="backslashreplace")
    arguments = _parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = arguments.run
    return run(arguments)


def lint(arguments: argparse.Namespace) -> int:
    """Checks the files of vocabularies and vocabulary filters before Amazon Transcribe does.

    Returns 0 without errors, 1 with any, 2 when a file can't be read.
    """
    findings: list[Finding] = []
    unreadable = False
    for path in arguments.files:
        try:
            content = path.read_bytes()
        except OSError as reason:
            print(f"cdk-transcribe: can't read {path}: {reason.strerror}", file=sys.stderr)
            unreadable = True
        else:
            findings += _KINDS[arguments.kind](content, arguments.language, str(path))
    print(_FORMATS[arguments.format](findings, len(arguments.files)))
    refused = findings if arguments.strict else [f for f in findings if f.severity is Severity.ERROR]
    return _COULD_NOT_RUN if unreadable else _FOUND_ERRORS if refused else 0


def backfill(arguments: argparse.Namespace) -> int:
    """Has a deployed stack transcribe the objects that were there before its routes.

    Returns 0 when all is done, 2 when it can't be, 130 after Ctrl-C.
    """
    # Not at the top: the AWS clients would make every other command wait.
    from cdk_transcribe.command_line.backfill_command import run  # noqa: PLC0415

    return run(arguments)


def _lint_vocabulary(content: bytes, language_code: str, name: str) -> list[Finding]:
    return lint_table(content, language_code, name=name)


def _lint_medical(content: bytes, language_code: str, name: str) -> list[Finding]:
    return lint_table(content, language_code, medical=True, name=name)


def _lint_filter(content: bytes, language_code: str, name: str) -> list[Finding]:
    return lint_word_file(content, language_code, name=name)


def _as_text(findings: Sequence[Finding], files: int) -> str:
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    counts = [_counted(errors, "error"), _counted(len(findings) - errors, "warning")]
    return "\n".join([*map(str, findings), f"{', '.join(counts)} in {_counted(files, 'file')}"])


def _as_json(findings: Sequence[Finding], files: int) -> str:
    return json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2)


def _as_github(findings: Sequence[Finding], files: int) -> str:
    """Workflow commands of GitHub Actions, which show each finding beside its line."""
    return "\n".join(
        f"::{finding.severity.value} file={_escaped(finding.file)},line={finding.line},col={finding.column},"
        f"title={finding.id}::{finding.message.replace('%', '%25')}"
        for finding in findings
    )


def _escaped(value: str) -> str:
    return value.replace("%", "%25").replace(":", "%3A").replace(",", "%2C")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


_KINDS = {"vocabulary": _lint_vocabulary, "medical": _lint_medical, "filter": _lint_filter}
_FORMATS = {"text": _as_text, "json": _as_json, "github": _as_github}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cdk-transcribe", description="Tools for Amazon Transcribe with the AWS CDK.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_lint(commands)
    _add_backfill(commands)
    ledger_arguments.add_to(commands)
    return parser


def _add_lint(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser(
        "lint",
        help="check the files of vocabularies and vocabulary filters",
        description="Check the files of vocabularies and vocabulary filters before Amazon Transcribe does. "
        "Exit code 0: no errors; 1: errors; 2: wrong arguments, or a file that can't be read.",
    )
    command.add_argument("files", nargs="+", type=Path, metavar="FILE")
    command.add_argument("--language", required=True, metavar="CODE", help="the language of the files, such as de-DE")
    command.add_argument(
        "--kind", choices=_KINDS, default="vocabulary", help="what the files are (default: %(default)s)"
    )
    command.add_argument("--format", choices=_FORMATS, default="text", help="how to print (default: %(default)s)")
    command.add_argument("--strict", action="store_true", help="exit with 1 on warnings too")
    command.set_defaults(run=lint)


def _add_backfill(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser(
        "backfill",
        help="transcribe the objects that were there before the routes of a deployed stack",
        description="Ask for the jobs of objects that were in the bucket before the route. What the ledger has "
        "recorded is left out, so it is safe to run this again, and it goes on where it stopped. "
        "Exit code 0: all done; 2: it can't be done; 130: interrupted.",
    )
    command.add_argument("--stack", required=True, metavar="NAME", help="the deployed stack that has the pipeline")
    command.add_argument("--route", metavar="ID", help="only this route (default: every route of the stack)")
    command.add_argument("--prefix", default="", help="only objects whose key starts with this")
    command.add_argument(
        "--since", metavar="DATE", help="only objects from then on, such as 2026-01-31 or 2026-01-31T08:00:00Z (UTC)"
    )
    command.add_argument("--dry-run", action="store_true", help="print what would be asked for, and ask for nothing")
    command.add_argument(
        "--rate",
        type=ledger_arguments.positive,
        default=20,
        metavar="N",
        help="objects a second (default: %(default)s, below the 25 jobs a second that an account may start, "
        "so that what arrives meanwhile need not wait)",
    )
    command.add_argument("--profile", help="the AWS profile to use")
    command.add_argument("--region", help="the AWS Region of the stack")
    command.set_defaults(run=backfill)
