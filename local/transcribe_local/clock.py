"""Time, as something that a test can put in its own hands."""

import time


class Clock:
    """Two readings: one for measuring how long something takes, one for stamping it with a date."""

    def monotonic(self) -> float:
        return time.monotonic()

    def epoch_seconds(self) -> float:
        return round(time.time(), 3)
