"""A CDK app, deployed into a local AWS with the real CDK CLI."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

from transcribe_local.local_aws import LocalAws

_SHOWN_LINES = 25


class CdkCommandError(Exception):
    """A command of the CDK CLI failed; the message says which, and how it ended."""


class CdkApp:
    """The app in `directory` (the one with `cdk.json`), on its way into `aws` and out again.

    Everything that the CLI prints goes to `log_path`. What it writes goes to a temporary directory that is gone after
    the `with` block.

    Args:
        aws: where to deploy, running.
        directory: the folder with `cdk.json`.
        log_path: the file that what the CLI prints is appended to.
        app: the command that synthesises. By default the one in `cdk.json`.
    """

    def __init__(self, aws: LocalAws, directory: Path, *, log_path: Path, app: str | None = None) -> None:
        self._aws = aws
        self._directory = directory
        self._log_path = log_path
        self._app = app
        self._output = tempfile.TemporaryDirectory(prefix="cdk-app-")

    def __enter__(self) -> CdkApp:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._output.cleanup()

    @property
    def assembly(self) -> Path:
        """The cloud assembly that `synth` writes and the other steps read."""
        return Path(self._output.name, "assembly")

    def bootstrap(self) -> None:
        """Makes the account ready for CDK apps, as `cdk bootstrap` does.

        Raises:
            CdkCommandError: when the CLI fails.
        """
        # An empty app: the CLI would synthesise the real one only to find the environment that is named already.
        self._run("bootstrap", f"aws://{self._aws.account_id}/{self._aws.region}", "--app", "", in_assembly=False)

    def synth(self) -> None:
        """Runs the app once; what it writes is what `deploy` and `destroy` work with.

        Raises:
            CdkCommandError: when the app fails, or the templates do not pass validation.
        """
        app = ("--app", self._app) if self._app else ()
        self._run("synth", "--quiet", "--output", str(self.assembly), *app, in_assembly=False)

    def deploy(self) -> dict[str, dict[str, str]]:
        """Deploys every stack and returns the outputs of each, by stack name.

        Raises:
            CdkCommandError: when a stack can't be deployed; the message has CloudFormation's reasons.
        """
        outputs = Path(self._output.name, "outputs.json")
        self._run("deploy", "--all", "--require-approval", "never", "--outputs-file", str(outputs))
        stacks: dict[str, dict[str, str]] = json.loads(outputs.read_text()) if outputs.exists() else {}
        return stacks

    def destroy(self) -> None:
        """Destroys every stack.

        Raises:
            CdkCommandError: when a stack can't be destroyed.
        """
        self._run("destroy", "--all", "--force")

    def _run(self, command: str, *arguments: str, in_assembly: bool = True) -> None:
        source = ("--app", str(self.assembly)) if in_assembly else ()
        line = [_cdk_command(), command, *arguments, *source, "--no-notices", "--no-color", "--ci"]
        ended = subprocess.run(
            line,
            cwd=self._directory,
            env=self._aws.process_environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        with self._log_path.open("a") as log:
            log.write(f"$ cdk {command}\n{ended.stdout}\n")
        if ended.returncode != 0:
            raise CdkCommandError(_failure(command, ended.returncode, ended.stdout, self._log_path))


def _cdk_command() -> str:
    command = shutil.which("cdk")
    if command is None:
        raise CdkCommandError("there is no `cdk` on PATH: `npm install aws-cdk@2`, and put node_modules/.bin on PATH")
    return command


def _failure(command: str, code: int, printed: str, log_path: Path) -> str:
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    # CloudFormation's reasons stand in the middle of what the CLI prints, and twice.
    reasons = list(dict.fromkeys(line.partition("| ")[2] for line in lines if "_FAILED  " in line))
    return "\n".join(
        [f"cdk {command} ended with {code}; all it printed is in {log_path}", *(reasons or lines)[-_SHOWN_LINES:]]
    )
