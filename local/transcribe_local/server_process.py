"""The server as a child process: started, waited for, and ended together with whatever it started."""

import contextlib
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from transcribe_local.control import PREFIX

HOST = "127.0.0.1"
NO_FILE = os.devnull
_START_SECONDS = 60
_STOP_SECONDS = 5


class LocalAwsError(Exception):
    """The local AWS could not be started, or refused a control request."""


class ServerProcess:
    """One run of the server, with its files in `directory`."""

    def __init__(
        self, port: int, directory: Path, log_path: Path, settings: dict[str, Any], environment: dict[str, str]
    ) -> None:
        self._port = port
        self._directory = directory
        self._log_path = log_path
        self._secure = environment.get("USE_SSL") == "1"
        command = [sys.executable, "-m", "transcribe_local.server", f"--port={port}"]
        options = [f"--settings={json.dumps(settings)}", f"--remove-when-stopped={directory}"]
        with log_path.open("wb") as log:
            self._process = subprocess.Popen(
                [*command, *options],
                # The server ends when the other end of this pipe does, however that comes about.
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**environment_without_aws(), **_ministack_environment(port, directory), **environment},
                cwd=directory,
                start_new_session=True,
            )

    @property
    def process_id(self) -> int:
        return self._process.pid

    def wait_until_ready(self) -> None:
        """Raises LocalAwsError with the end of the log when the server ends instead, or takes a minute."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise LocalAwsError(f"the local AWS ended while starting:\n{self._end_of_log()}")
            with contextlib.suppress(OSError):
                self.control("GET", "health")
                return
            time.sleep(0.02)
        raise LocalAwsError(f"the local AWS did not answer in {_START_SECONDS} s:\n{self._end_of_log()}")

    def control(self, method: str, name: str, body: Any = None) -> Any:
        """Send one control request. Raises LocalAwsError with the server's sentence when it refuses."""
        connection = self._connection()
        try:
            connection.request(method, PREFIX + name, body=None if body is None else json.dumps(body))
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if response.status != http.HTTPStatus.OK:
            raise LocalAwsError(answer["message"])
        return answer

    def end(self) -> None:
        """End the server and the Lambda workers in its process group."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
        # The group outlives a server that crashed: the Lambda workers are in it.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _connection(self) -> http.client.HTTPConnection:
        if not self._secure:
            return http.client.HTTPConnection(HOST, self._port, timeout=60)
        context = ssl.create_default_context(cafile=certificate_path(self._directory))
        return http.client.HTTPSConnection(HOST, self._port, timeout=60, context=context)

    def _end_of_log(self) -> str:
        lines = self._log_path.read_text(errors="replace").splitlines()
        # A log in the temporary directory is about to go.
        kept = [] if self._log_path.parent == self._directory else [f"(all of it is in {self._log_path})"]
        return "\n".join([*lines[-20:], *kept])


def certificate_path(directory: Path) -> Path:
    """Where ministack keeps the certificate that it makes for itself."""
    return directory / "ministack-tls" / "server.crt"


def environment_without_aws() -> dict[str, str]:
    """This process's environment less its AWS settings, with the directory of this Python first on PATH."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**mine, "PATH": os.pathsep.join((str(Path(sys.executable).parent), mine.get("PATH", os.defpath)))}


def free_port() -> int:
    """A loopback port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def is_taken(port: int) -> bool:
    """Whether a loopback port cannot be listened on now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
        return False


def _ministack_environment(port: int, directory: Path) -> dict[str, str]:
    package_root = str(Path(__file__).parent.parent)
    return {
        "PYTHONPATH": os.pathsep.join(filter(None, (package_root, os.environ.get("PYTHONPATH")))),
        "TMPDIR": str(directory),
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        # A Docker daemon here is not ours: ministack would remove the containers that it takes for its own.
        "DOCKER_HOST": f"unix://{directory}/no-docker.sock",
        "AWS_CONFIG_FILE": NO_FILE,
        "AWS_SHARED_CREDENTIALS_FILE": NO_FILE,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": f"{HOST},localhost",
    }
