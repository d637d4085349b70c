"""Time, as something that a test can put in its own hands."""

import threading
import time
from collections.abc import Callable


class Clock:
    """Two readings, one for measuring how long something takes and one for stamping it with a date, and an alarm."""

    def monotonic(self) -> float:
        return time.monotonic()

    def epoch_seconds(self) -> float:
        return round(time.time(), 3)

    def call_at(self, moment: float, function: Callable[[], None]) -> None:
        """Call a function, in whatever thread, once `monotonic` has come to a moment."""
        timer = threading.Timer(moment - self.monotonic(), function)
        timer.daemon = True
        timer.start()


class HandClock(Clock):
    """Time that passes only when a test says so."""

    def __init__(self, now: float = 1_000_000_000.0) -> None:
        self.now = now
        self._alarms: list[tuple[float, Callable[[], None]]] = []
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        return self.now

    def epoch_seconds(self) -> float:
        return self.now

    def time(self) -> float:
        """The same reading under the name that `time.time` has, for code that is to believe in this clock."""
        return self.now

    def call_at(self, moment: float, function: Callable[[], None]) -> None:
        with self._lock:
            self._alarms.append((moment, function))
        self._ring()

    def advance(self, seconds: float) -> None:
        """Let that much time pass."""
        self.now += seconds
        self._ring()

    def _ring(self) -> None:
        with self._lock:
            due = [alarm for alarm in self._alarms if alarm[0] <= self.now]
            self._alarms = [alarm for alarm in self._alarms if alarm[0] > self.now]
        for _, function in sorted(due, key=lambda alarm: alarm[0]):
            function()
