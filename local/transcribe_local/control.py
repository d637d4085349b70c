"""What a test may ask of the local Transcribe besides the API: faults, counts, settings, all resources.

Everything is JSON over HTTP under `/_transcribe_local/`; `LocalAws` has a method for each of these.
"""

import dataclasses
import json
from collections.abc import Callable
from typing import Any, NamedTuple

from transcribe_local.faults import CallLog, Fault
from transcribe_local.scope import Scope
from transcribe_local.service import TranscribeService

PREFIX = "/_transcribe_local/"


class ControlAnswer(NamedTuple):
    """An HTTP answer."""

    status: int
    content_type: str
    body: bytes


class Control:
    """Answers control requests for whichever service is in place; `reset` puts a fresh one there."""

    def __init__(
        self, make_service: Callable[[], TranscribeService], kill_function: Callable[[str], bool] = lambda _: False
    ) -> None:
        self._make_service = make_service
        self.service = make_service()
        self._routes: dict[tuple[str, str], Callable[[Any], Any]] = {
            ("GET", "health"): lambda _: {"status": "running"},
            ("GET", "settings"): lambda _: dataclasses.asdict(self.service.settings),
            ("PATCH", "settings"): self._change_settings,
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): lambda _: self.service.faults.clear(),
            ("GET", "calls"): lambda _: self.service.call_log.as_json(),
            ("DELETE", "calls"): self._forget_calls,
            ("GET", "resources"): lambda _: self.service.snapshot(),
            ("POST", "reset"): lambda _: self.reset(),
            ("POST", "kill-function"): kill_function,
        }

    def reset(self) -> None:
        """Start over: no resources, faults or counts, and the settings as they were at the start."""
        self.service.close()
        self.service = self._make_service()

    def call(self, operation: str, request: dict[str, Any], scope: Scope) -> dict[str, Any]:
        """Perform an operation of whichever service is in place now. Raises ServiceError."""
        return self.service.call(operation, request, scope)

    def answer(self, method: str, path: str, body: bytes) -> ControlAnswer:
        """Answer one request; anything a caller got wrong is a 400 with a sentence."""
        name = path.removeprefix(PREFIX)
        if method == "GET" and name.startswith("download/"):
            return self._download(name.split("/")[1:])
        route = self._routes.get((method, name))
        if route is None:
            return _json(404, {"message": f"there is no {method} {path}"})
        try:
            return _json(200, route(json.loads(body) if body else None))
        except (TypeError, ValueError) as error:
            return _json(400, {"message": str(error)})

    def _change_settings(self, changes: dict[str, Any]) -> dict[str, Any]:
        self.service.settings.change(changes)
        return dataclasses.asdict(self.service.settings)

    def _add_fault(self, fault: dict[str, Any]) -> None:
        self.service.faults.append(Fault(**fault))

    def _forget_calls(self, _: Any) -> None:
        self.service.call_log = CallLog()

    def _download(self, parts: list[str]) -> ControlAnswer:
        account_id, region, arn_type, name = parts
        content = self.service.content(Scope(account_id, region), arn_type, name)
        if content is None:
            return _json(404, {"message": f"there is no {arn_type} {name}"})
        return ControlAnswer(200, "text/plain; charset=utf-8", content)


def _json(status: int, answer: Any) -> ControlAnswer:
    return ControlAnswer(status, "application/json", json.dumps(answer).encode())
