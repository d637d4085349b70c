"""CloudFormation and CDK's provider framework, as far as a custom resource meets them.

What they do is taken from the README of aws-cdk-lib/custom-resources ("Important cases to handle") and from the
framework's source. Two things are less known: a request that is cancelled, because another resource failed, goes on
being looked at by the framework; and CloudFormation, which never heard of its physical id, then deletes an id that it
makes up, or rolls back without deleting what the request made.
"""

from __future__ import annotations

import functools
import json
import uuid
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

POLL_SECONDS = 5
TOTAL_SECONDS = 3600
# A failure is told once, so it needs to be heard one day: duplicates without end would swallow it again and again.
DOUBLED_LOOKS = 20


class CrashError(BaseException):
    """What a timeout or a lack of memory is to a handler: no `except` of its own sees it."""


@dataclass(frozen=True)
class Outcome:
    """How a request ended, as CloudFormation hears it; a cancelled one it does not hear of."""

    succeeded: bool
    physical_id: str
    reason: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Course:
    """What befalls one request on its way."""

    crashes: Mapping[int, str] = field(default_factory=dict)
    """The number of a service call, and whether the handler dies "before" its effect or "after" it."""
    crash_is_repeated: bool = False
    """After a crash the framework asks again, instead of failing the request."""
    doubled: bool = False
    """The first invocations arrive twice each."""
    cancelled_after: int | None = None
    """CloudFormation gives the request up after so many looks."""
    interruption: tuple[int, str] | None = None
    """Before that service call somebody else does that."""


class Transport:
    """Counts the handlers' calls to the service, and lets something happen at the chosen ones."""

    def __init__(self, client: Any) -> None:
        self.called = 0
        self._crashes: Mapping[int, str] = {}
        self._before_call: Callable[[int], None] = lambda _: None
        client.meta.events.register("before-send", self._before)
        client.meta.events.register("after-call", self._after)

    def expect(self, crashes: Mapping[int, str], before_call: Callable[[int], None] = lambda _: None) -> None:
        """Count from one again."""
        self.called, self._crashes, self._before_call = 0, crashes, before_call

    def _before(self, **_: Any) -> None:
        self.called += 1
        self._before_call(self.called)
        self._die("before")

    def _after(self, **_: Any) -> None:
        self._die("after")

    def _die(self, moment: str) -> None:
        if self._crashes.get(self.called) == moment:
            raise CrashError


Request = Generator[None, None, Outcome]


class Requests:
    """Sends requests to the handlers, and looks again and again as the framework's state machine does."""

    def __init__(self, handler: Any, clock: Any, transport: Transport, interrupt: Callable[[str], None]) -> None:
        self._handler = handler
        self._clock = clock
        self._transport = transport
        self._interrupt = interrupt
        self.events: list[dict[str, Any]] = []
        """The stacks' events, the newest first."""
        self.ghosts: list[dict[str, Any]] = []
        """Requests that CloudFormation gave up and the framework did not."""

    def run(self, *requests: Request) -> list[Outcome]:
        """Let the requests go on side by side, and the ghosts with them, until all have ended."""
        outcomes: dict[int, Outcome] = {}
        while len(outcomes) < len(requests):
            for number, request in enumerate(requests):
                if number not in outcomes:
                    try:
                        next(request)
                    except StopIteration as end:
                        outcomes[number] = end.value
            self._haunt()
            self._clock.advance(POLL_SECONDS)
        return [outcomes[number] for number in range(len(requests))]

    def lay_ghosts(self) -> None:
        """Let the framework come to an end with every request that was given up."""
        for _ in range(TOTAL_SECONDS // POLL_SECONDS):
            if not self.ghosts:
                return
            self._haunt()
            self._clock.advance(POLL_SECONDS)
        self.ghosts.clear()

    def send(self, event: dict[str, Any], course: Course) -> Request:
        """One request, a step for each look."""
        request = {"RequestId": str(uuid.uuid4()), **event}
        verb = event["RequestType"].upper()
        self._happened(event, f"{verb}_IN_PROGRESS")
        self._clock.advance(0.5)
        outcome = yield from self._answer(request, event, course)
        self._happened(event, f"{verb}_COMPLETE" if outcome.succeeded else f"{verb}_FAILED")
        return outcome

    def describe_stack_events(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        """What the handlers see of CloudFormation."""
        return {"StackEvents": [event for event in self.events if event["StackId"] == StackName]}

    def _happened(self, event: dict[str, Any], status: str) -> None:
        self._clock.advance(0.5)
        self.events.insert(
            0,
            {
                "StackId": event["StackId"],
                "LogicalResourceId": event["LogicalResourceId"],
                "ResourceStatus": status,
                "Timestamp": datetime.fromtimestamp(self._clock.time(), timezone.utc),
            },
        )

    def _answer(self, request: dict[str, Any], event: dict[str, Any], course: Course) -> Request:
        try:
            request = {**request, **self._handler.on_event(_copied(request), None)}
        except self._handler.ResourceRequestError as error:
            return Outcome(False, event.get("PhysicalResourceId", ""), str(error))
        give_up_at = self._clock.time() + TOTAL_SECONDS
        crashes = dict(course.crashes)
        looks, calls = 0, 0
        while self._clock.time() < give_up_at:
            if course.cancelled_after == looks:
                self.ghosts.append(request)
                return Outcome(False, "", "cancelled")
            looks += 1
            self._transport.expect(crashes, functools.partial(self._interrupt_at, course, calls))
            answer: dict[str, Any] = {"IsComplete": False}
            try:
                answer = self._look(request)
            except CrashError:
                if not course.crash_is_repeated:
                    return Outcome(False, request["PhysicalResourceId"], "crashed")
            except self._handler.ResourceRequestError as error:
                return Outcome(False, request["PhysicalResourceId"], str(error))
            finally:
                done = self._transport.called
                calls += done
                crashes = {call - done: moment for call, moment in crashes.items() if call > done}
                self._transport.expect({})
            if course.doubled and looks <= DOUBLED_LOOKS:
                self._look_at_ghost(request)
            if answer["IsComplete"]:
                return Outcome(True, request["PhysicalResourceId"], "", answer["Data"])
            assert answer == {"IsComplete": False}, "the framework refuses anything else"
            yield
        return Outcome(False, request["PhysicalResourceId"], "Operation timed out")

    def _interrupt_at(self, course: Course, earlier_calls: int, call: int) -> None:
        if course.interruption and course.interruption[0] == earlier_calls + call:
            self._interrupt(course.interruption[1])

    def _haunt(self) -> None:
        self.ghosts = [ghost for ghost in self.ghosts if not self._look_at_ghost(ghost)]

    def _look_at_ghost(self, request: dict[str, Any]) -> bool:
        try:
            return bool(self._look(request)["IsComplete"])
        except self._handler.ResourceRequestError:
            return True

    def _look(self, request: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self._handler.is_complete(_copied(request), None)
        return answer


def _copied(event: dict[str, Any]) -> dict[str, Any]:
    copied: dict[str, Any] = json.loads(json.dumps(event))
    return copied
