"""Starts are spread evenly over time, also over the time between two invocations."""

from itertools import pairwise

import pytest

from transcribe_handlers.job_pace import Pace
from transcribe_local.clock import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def paced(clock: HandClock, starts_per_second: float) -> Pace:
    return Pace(starts_per_second, now=clock.monotonic, sleep=clock.advance)


def starts(clock: HandClock, pace: Pace, number: int) -> list[float]:
    moments = []
    for _ in range(number):
        pace.wait()
        moments.append(clock.now)
    return moments


def test_the_first_start_waits_for_nothing(clock: HandClock) -> None:
    assert starts(clock, paced(clock, 0.01), 1) == [1_000_000_000.0]


@pytest.mark.parametrize("rate", [0.5, 5, 12.5])
def test_the_others_come_evenly(clock: HandClock, rate: float) -> None:
    moments = starts(clock, paced(clock, rate), 20)

    assert [later - earlier for earlier, later in pairwise(moments)] == pytest.approx([1 / rate] * 19)


def test_time_that_the_work_takes_is_not_waited_for_again(clock: HandClock) -> None:
    pace = paced(clock, 5)
    pace.wait()
    clock.advance(0.15)

    assert starts(clock, pace, 1) == pytest.approx([1_000_000_000.2])


def test_time_without_starts_is_not_made_up_for(clock: HandClock) -> None:
    pace = paced(clock, 5)
    pace.wait()
    clock.advance(60)

    assert starts(clock, pace, 3) == pytest.approx([1_000_000_060.0, 1_000_000_060.2, 1_000_000_060.4])
