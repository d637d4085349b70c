"""Fifty vocabularies of one stack, against ten that may be PENDING and a few requests a second: all become READY.

CloudFormation starts all of them at once, and the framework looks at each every five seconds until an hour is up. The
local service's clock passes as the framework waits; nobody sleeps.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from transcribe_local.clock import HandClock
from transcribe_local.transcribe_server import TranscribeServer

from .conftest import STACK_ID, Handlers, TemplateResource

FIFTY = 50
POLL_SECONDS = 5
# An hour has 720 rounds, and the handlers' patience 600.
MOST_ROUNDS = 60
LIMITS = {"GetVocabulary": 8, "CreateVocabulary": 2, "DeleteVocabulary": 4}


class QuietStack:
    """A CloudFormation that has given nothing up."""

    def describe_stack_events(self, **_: Any) -> dict[str, Any]:
        return {"StackEvents": []}


class Framework:
    """Looks at every request of a stack in turn, five seconds a round."""

    def __init__(self, server: TranscribeServer, clock: HandClock, at_once: bool) -> None:
        self.server = server
        self.clock = clock
        self.handlers = Handlers({**server.environment, "AWS_MAX_ATTEMPTS": "1"})
        self.handlers.custom_resource.time = clock
        self.handlers.stack_events.client = QuietStack
        self.at_once = at_once
        self.most_pending = 0

    def run(self, resource: TemplateResource, events: list[dict[str, Any]]) -> int:
        """Let all requests come to their end, and answer with the rounds that it took; an error fails the test."""
        rounds = 0
        while events:
            rounds += 1
            assert rounds <= MOST_ROUNDS, f"{len(events)} requests are not complete"
            pause = 0 if self.at_once else POLL_SECONDS / len(events)
            waiting = []
            for event in events:
                if not resource.check(event)["IsComplete"]:
                    waiting.append(event)
                self.clock.advance(pause)
            self.most_pending = max(self.most_pending, self.states().count("PENDING"))
            self.clock.advance(POLL_SECONDS if self.at_once else 0)
            events = waiting
        return rounds

    def states(self) -> list[str]:
        return [entry.get("VocabularyState", "READY") for entry in self.server.service.snapshot()]


@pytest.fixture(params=[True, False], ids=["all looks at once", "looks spread over the round"])
def framework(request: pytest.FixtureRequest) -> Iterator[Framework]:
    clock = HandClock()
    settings = {"pending_seconds": 10, "max_pending_vocabularies": 10, "requests_per_second": LIMITS}
    with TranscribeServer(clock=clock, **settings) as server:
        yield Framework(server, clock, request.param)


def test_fifty_of_one_stack_all_become_ready_and_all_go(framework: Framework) -> None:
    resources = [
        TemplateResource(framework.handlers, "Custom::TranscribeVocabulary", STACK_ID, f"Terms{number}")
        for number in range(FIFTY)
    ]

    def requests(request_type: str) -> list[dict[str, Any]]:
        return [
            resource.event(
                request_type,
                {"VocabularyName": f"terms{number}", "LanguageCode": "en-US", "Phrases": ["Los-Angeles"]},
                PhysicalResourceId=f"terms{number}",
            )
            for number, resource in enumerate(resources)
        ]

    framework.run(resources[0], requests("Create"))
    refused = framework.server.service.call_log.as_json()["errors"]
    assert framework.states() == ["READY"] * FIFTY
    assert refused["GetVocabulary"]["LimitExceededException"] > 0
    assert sum(refused["CreateVocabulary"].values()) > 0
    assert framework.most_pending <= 10

    framework.run(resources[0], requests("Delete"))
    assert framework.states() == []
