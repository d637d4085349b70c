"""What EventBridge hears of jobs: their ends, at least once at best."""

import random
from collections.abc import Iterable
from typing import Any, Protocol

from transcribe_local.scope import Scope
from transcribe_local.settings import Settings


class EventBus(Protocol):
    """EventBridge, as far as the service needs it."""

    def publish(self, scope: Scope, detail_type: str, detail: dict[str, Any]) -> None: ...


class NoEventBus:
    """For a service that nobody listens to."""

    def publish(self, scope: Scope, detail_type: str, detail: dict[str, Any]) -> None: ...


class CompletionEvents:
    """Publishes events; the settings say which share of them is lost or doubled."""

    def __init__(self, bus: EventBus, settings: Settings) -> None:
        self._bus = bus
        self._settings = settings
        # Reproducible losses are wanted here, not unpredictable ones.
        self._dice = random.Random(0)  # noqa: S311

    def publish_all(self, scope: Scope, events: Iterable[tuple[str, dict[str, Any]]]) -> None:
        """Publish each detail type with its detail."""
        for detail_type, detail in events:
            lost = self._dice.random() < self._settings.lost_event_rate
            doubled = self._dice.random() < self._settings.doubled_event_rate
            for _ in range(0 if lost else 1 + doubled):
                self._bus.publish(scope, detail_type, detail)
