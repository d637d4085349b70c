"""Time, as something that a test can put in its own hands."""

import time


class Clock:
    """Two readings: one for measuring how long something takes, one for stamping it with a date."""

    def monotonic(self) -> float:
        return time.monotonic()

    def epoch_seconds(self) -> float:
        return round(time.time(), 3)


class HandClock(Clock):
    """Time that passes only when a test says so."""

    def __init__(self, now: float = 1_000_000_000.0) -> None:
        self.now = now

    def monotonic(self) -> float:
        return self.now

    def epoch_seconds(self) -> float:
        return self.now

    def time(self) -> float:
        """The same reading under the name that `time.time` has, for code that is to believe in this clock."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let that much time pass."""
        self.now += seconds
