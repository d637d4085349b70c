"""Requests per second, by operation."""

from collections import deque

from transcribe_local.clock import Clock
from transcribe_local.service_error import limit_exceeded
from transcribe_local.settings import Settings


class RateLimit:
    """Refuses a call when the second before it already saw as many as the settings allow."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._admitted: dict[str, deque[float]] = {}

    def admit(self, operation: str) -> None:
        """Raise LimitExceededException beyond the limit; an operation without a limit is always admitted."""
        limit = self._settings.requests_per_second.get(operation)
        if limit is None:
            return
        now = self._clock.monotonic()
        recent = self._admitted.setdefault(operation, deque())
        while recent and recent[0] <= now - 1:
            recent.popleft()
        if len(recent) >= limit:
            raise limit_exceeded()
        recent.append(now)
