"""A local AWS for the length of a `with` block."""

import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

import boto3
import botocore.config
import botocore.session

from transcribe_local.server_process import (
    HOST,
    NO_FILE,
    LocalAwsError,
    ServerProcess,
    certificate_path,
    environment_without_aws,
    free_port,
    is_taken,
)

_KEY = "test"
_TRUST_VARIABLES = ("AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
_IAM_ENFORCEMENT = {"AUTH": "true", "USE_SSL": "1"}


class LocalAws:
    """A ministack with this package's Transcribe in it, reachable on one loopback port and nowhere else.

    `port` is a free one unless given. `settings` are those of `transcribe_local.settings.Settings` to start
    with. `log_path` is a file in a temporary directory unless given, and goes with the directory.
    `enforce_iam` makes every service ask IAM first, over HTTPS only; without it every request is allowed.
    `server_environment` is added to the server's own environment, for ministack's switches.

    Leaving the block ends the server and every Lambda worker it started. So does the death of this process.
    """

    account_id = "000000000000"
    region = "us-east-1"

    def __init__(
        self,
        *,
        port: int | None = None,
        settings: dict[str, Any] | None = None,
        log_path: Path | str | None = None,
        enforce_iam: bool = False,
        server_environment: dict[str, str] | None = None,
    ) -> None:
        self.port = port or free_port()
        self._settings = settings or {}
        self._given_log_path = log_path
        self._enforce_iam = enforce_iam
        self._server_environment = server_environment or {}
        self._directory: tempfile.TemporaryDirectory[str] | None = None
        self._server: ServerProcess | None = None
        self._session = _isolated_session()

    def __enter__(self) -> "LocalAws":
        """Start and wait until requests are answered.

        Raises LocalAwsError when the port is taken or the server cannot start.
        """
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def endpoint_url(self) -> str:
        """Where every service answers."""
        return f"{'https' if self._enforce_iam else 'http'}://{HOST}:{self.port}"

    @property
    def process_id(self) -> int:
        """The server's process, which leads the group of all that it started."""
        return self._running_server.process_id

    @property
    def log_path(self) -> Path:
        """The server's log; a temporary one is there only while the server runs."""
        return Path(self._given_log_path or self._running_directory / "local-aws.log")

    @property
    def environment(self) -> dict[str, str]:
        """What points boto3, the AWS CLI and the CDK CLI here."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": _KEY,
            "AWS_SECRET_ACCESS_KEY": _KEY,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_CONFIG_FILE": NO_FILE,
            "AWS_SHARED_CREDENTIALS_FILE": NO_FILE,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "NO_PROXY": f"{HOST},localhost",
            **self._trust,
        }

    @property
    def process_environment(self) -> dict[str, str]:
        """A whole environment for a child process: this one's without its own AWS settings, plus `environment`.

        The directory of this Python comes first on PATH, so that tools installed beside it are found.
        """
        return {**environment_without_aws(), **self.environment}

    def client(self, name: str, **options: Any) -> Any:
        """A boto3 client of a service here, whatever profiles, files and proxies the machine has.

        `options` are those of `boto3.client`, such as `region_name` or `config`.
        """
        given = options.pop("config", None) or botocore.config.Config()
        defaults: dict[str, Any] = {
            "region_name": self.region,
            "endpoint_url": self.endpoint_url,
            "aws_access_key_id": _KEY,
            "aws_secret_access_key": _KEY,
            "verify": self._trust.get("AWS_CA_BUNDLE"),
        }
        config = botocore.config.Config(proxies={}).merge(given)
        return self._session.client(name, **{**defaults, **options}, config=config)

    def start(self) -> None:
        """What entering the block does, for those who cannot use one; `stop` must follow."""
        if is_taken(self.port):
            raise LocalAwsError(f"port {self.port} is taken: choose another one")
        self._directory = tempfile.TemporaryDirectory(prefix="transcribe-local-", ignore_cleanup_errors=True)
        try:
            self._server = ServerProcess(
                self.port,
                self._running_directory,
                self.log_path,
                self._settings,
                {
                    "MINISTACK_ACCOUNT_ID": self.account_id,
                    "MINISTACK_REGION": self.region,
                    **(_IAM_ENFORCEMENT if self._enforce_iam else {}),
                    # Lambda workers inherit these, and trust the certificate by them.
                    **self._trust,
                    **self._server_environment,
                },
            )
            self._server.wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server and its Lambda workers; does nothing when it does not run."""
        if self._server is not None:
            self._server.end()
            self._server = None
        if self._directory is not None:
            self._directory.cleanup()
            self._directory = None

    def inject_fault(
        self,
        operation: str,
        code: str = "InternalFailureException",
        message: str = "There was an internal error.",
        *,
        times: int | None = None,
        rate: float | None = None,
        seed: int = 0,
        after_effect: bool = False,
    ) -> None:
        """Make calls of a Transcribe operation fail.

        With `times` that many calls fail; with `rate` that share of them, chosen by `seed`; with neither all
        of them. With `after_effect` the operation does its work and only its answer is lost.
        """
        fault = {
            "operation": operation,
            "code": code,
            "message": message,
            "times": times,
            "rate": rate,
            "seed": seed,
            "after_effect": after_effect,
        }
        self._control("POST", "faults", fault)

    def clear_faults(self) -> None:
        """Let every operation work again."""
        self._control("DELETE", "faults")

    def calls(self) -> dict[str, int]:
        """How often each Transcribe operation was called; one that never was is absent."""
        counts: dict[str, int] = self._control("GET", "calls")["calls"]
        return counts

    def errors(self) -> dict[str, dict[str, int]]:
        """How often each Transcribe operation was refused, by error code."""
        counts: dict[str, dict[str, int]] = self._control("GET", "calls")["errors"]
        return counts

    def forget_calls(self) -> None:
        """Count calls and errors from zero."""
        self._control("DELETE", "calls")

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Change the named settings and return them all.

        Raises LocalAwsError for a setting that does not exist or a value of the wrong type.
        """
        answer: dict[str, Any] = (
            self._control("PATCH", "settings", changes) if changes else self._control("GET", "settings")
        )
        return answer

    def resources(self) -> list[dict[str, Any]]:
        """Every Transcribe resource: what Get answers with, and its Kind, Arn, Tags and ContentSha256."""
        answer: list[dict[str, Any]] = self._control("GET", "resources")
        return answer

    def reset_transcribe(self) -> None:
        """Forget every Transcribe resource, fault and count, and take back every change of settings."""
        self._control("POST", "reset")

    def kill_function(self, name: str) -> bool:
        """Kill a process that runs an invocation of a Lambda function at this moment; False when none does.

        As if Lambda had lost the machine: what the invocation had in hand is neither done nor failed.
        """
        killed: bool = self._control("POST", "kill-function", name)
        return killed

    @property
    def _trust(self) -> dict[str, str]:
        if not self._enforce_iam:
            return {}
        return dict.fromkeys(_TRUST_VARIABLES, str(certificate_path(self._running_directory)))

    @property
    def _running_directory(self) -> Path:
        if self._directory is None:
            raise LocalAwsError("the local AWS does not run")
        return Path(self._directory.name)

    def _control(self, method: str, name: str, body: Any = None) -> Any:
        return self._running_server.control(method, name, body)

    @property
    def _running_server(self) -> ServerProcess:
        if self._server is None:
            raise LocalAwsError("the local AWS does not run")
        return self._server


def _isolated_session() -> boto3.session.Session:
    core = botocore.session.Session(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": (None, None, NO_FILE, None),
            "credentials_file": (None, None, NO_FILE, None),
        }
    )
    return boto3.session.Session(botocore_session=core)
