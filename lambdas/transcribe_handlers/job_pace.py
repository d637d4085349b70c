"""How fast one running function starts jobs."""

from __future__ import annotations

import time
from collections.abc import Callable


class Pace:
    """Spreads starts evenly, `starts_per_second` at most.

    One instance lives as long as the function's execution environment: the last start of one invocation spaces the
    first one of the next.
    """

    def __init__(
        self,
        starts_per_second: float,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval = 1 / starts_per_second
        self._now = now
        self._sleep = sleep
        self._next = now()

    def wait(self) -> None:
        """Return when the next start may be made."""
        ahead = self._next - self._now()
        if ahead > 0:
            self._sleep(ahead)
        self._next = max(self._next, self._now()) + self._interval
