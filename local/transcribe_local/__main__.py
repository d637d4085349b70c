"""`python -m transcribe_local`: a local AWS until Ctrl-C."""

import argparse
import shlex
import signal
import sys
import threading
from typing import Any

from transcribe_local.local_aws import LocalAws
from transcribe_local.server_process import LocalAwsError


def main() -> None:
    """Run until a signal ends it; exit with 1 and one line when it cannot start."""
    parser = argparse.ArgumentParser(
        prog="python -m transcribe_local", description="Run a local AWS with Amazon Transcribe in it."
    )
    parser.add_argument(
        "--port", type=int, default=4566, help="the loopback port to answer on (4566; 0 for a free one)"
    )
    parser.add_argument("--pending-seconds", type=float, help="how long a vocabulary stays PENDING (0.5)")
    parser.add_argument("--job-seconds", type=float, help="the shortest time a job stays IN_PROGRESS (0)")
    parser.add_argument("--enforce-iam", action="store_true", help="ask IAM before every request, over HTTPS")
    parser.add_argument("--log", help="a file for the server's log, kept afterwards")
    options = parser.parse_args()
    settings = {"pending_seconds": options.pending_seconds, "job_seconds": options.job_seconds}
    given = {name: value for name, value in settings.items() if value is not None}
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        with LocalAws(port=options.port, settings=given, log_path=options.log, enforce_iam=options.enforce_iam) as aws:
            _greet(aws)
            stopped.wait()
    except LocalAwsError as error:
        sys.exit(f"transcribe_local: {error}")


def _greet(aws: LocalAws) -> None:
    lines: list[Any] = [f"# Answering on {aws.endpoint_url}, log in {aws.log_path}. Ctrl-C ends it. Elsewhere:"]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in aws.environment.items()]
    print("\n".join(lines), flush=True)


if __name__ == "__main__":
    main()
