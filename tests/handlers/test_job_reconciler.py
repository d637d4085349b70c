"""Jobs whose end nobody announced are found out about, at a cost that grows with them alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from transcribe_local import LocalAws
from transcribe_local.clock import HandClock

from .conftest import TABLE_NAME, FullMinute

KINDS = ("TranscriptionJob", "MedicalTranscriptionJob", "CallAnalyticsJob", "MedicalScribeJob")
HOUR, DAY = 3600, 86400


@pytest.fixture
def clock(handlers: Any, client: Any, monkeypatch: pytest.MonkeyPatch) -> HandClock:
    """The ledger's time, from now on; the ledger is empty."""
    for row in client("dynamodb").scan(TableName=TABLE_NAME)["Items"]:
        client("dynamodb").delete_item(TableName=TABLE_NAME, Key={"job_name": row["job_name"]})
    clock = HandClock(time.time())
    for module in (handlers.job_facts, handlers.job_checks, handlers.ledger_table):
        monkeypatch.setattr(module, "time", clock)
    return clock


class Unhurried:
    def __init__(self) -> None:
        self.asked = 0

    def wait(self) -> None:
        self.asked += 1


@pytest.fixture
def pace(handlers: Any, monkeypatch: pytest.MonkeyPatch) -> Unhurried:
    pace = Unhurried()
    monkeypatch.setattr(handlers.job_reconciler, "pace", pace)
    return pace


@pytest.fixture
def reconcile(handlers: Any, clock: HandClock, pace: Unhurried) -> Callable[..., None]:
    def run(context: Any = None) -> None:
        handlers.job_reconciler.handler({"detail-type": "Scheduled Event"}, context or FullMinute())

    return run


@pytest.fixture
def started(arrivals: Any, aws: LocalAws, clock: HandClock) -> Callable[..., str]:
    """Starts a job for an object, and gives its message."""
    aws.settings(recognize_speech=False)

    def start(key: str = "en/a.wav", kind: str = "TranscriptionJob") -> str:
        arrivals.put(key)
        message: str = arrivals.message(key, kind=kind)
        assert arrivals.deliver(message) == []
        return message

    return start


def wait_for_ends(aws: LocalAws) -> None:
    while any("CompletionTime" not in job for job in aws.resources()):
        time.sleep(0.01)


@pytest.fixture
def reads(handlers: Any) -> Iterator[list[int]]:
    """How many items each query has read."""
    counted: list[int] = []
    events = handlers.ledger_table.dynamodb.meta.events
    events.register("after-call.dynamodb.Query", lambda parsed, **_: counted.append(parsed["ScannedCount"]), "reads")
    yield counted
    events.unregister("after-call.dynamodb.Query", unique_id="reads")


@pytest.mark.parametrize("kind", KINDS)
def test_end_that_no_event_tells_of_is_recorded(
    arrivals: Any, aws: LocalAws, clock: HandClock, started: Any, reconcile: Any, metrics: Any, kind: str
) -> None:
    message = started(kind=kind)
    wait_for_ends(aws)
    metrics()
    clock.advance(901)

    reconcile()

    row = arrivals.row(message)
    assert (row["status"], row["kind"], row["route"]) == ("COMPLETED", kind, "English")
    assert row["transcript_uri"]
    assert not {"open", "check_at", "message"} & set(row)
    assert metrics() == ["OldestOpenJobAge", "Completed"]


@pytest.mark.parametrize(("kind", "seconds"), list(zip(KINDS, (900, 60, 900, 60), strict=True)))
def test_job_is_left_alone_until_its_event_should_have_come(
    aws: LocalAws, clock: HandClock, started: Any, reconcile: Any, pace: Unhurried, kind: str, seconds: int
) -> None:
    started(kind=kind)
    wait_for_ends(aws)

    clock.advance(seconds - 2)
    reconcile()
    assert pace.asked == 0

    clock.advance(3)
    reconcile()
    assert pace.asked == 1


def test_job_that_is_still_open_is_asked_about_ever_less_often(
    arrivals: Any, aws: LocalAws, clock: HandClock, started: Any, reconcile: Any, pace: Unhurried
) -> None:
    aws.settings(job_seconds=3600)
    message = started()
    waits = []
    for _ in range(15):
        due = seconds_until(arrivals.row(message)["check_at"], clock)
        waits.append(due)
        clock.advance(due)
        reconcile()

    assert pace.asked == 15
    assert waits[0] == pytest.approx(900, abs=1)
    assert waits == sorted(waits)
    assert waits[-1] == pytest.approx(HOUR, abs=1)
    assert arrivals.row(message)["status"] == "IN_PROGRESS"


def seconds_until(moment: str, clock: HandClock) -> float:
    return datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp() - clock.now


def test_only_open_jobs_that_are_due_are_read(
    handlers: Any, aws: LocalAws, clock: HandClock, started: Any, reconcile: Any, reads: list[int], pace: Unhurried
) -> None:
    for number in range(20):
        facts = {"kind": "TranscriptionJob", "status": "COMPLETED", "media_uri": "s3://b/k"}
        handlers.ledger_table.advance(f"closed-{number}", facts)
    for number in range(3):
        started(f"{number}.wav")
    wait_for_ends(aws)
    clock.advance(901)
    for number in range(5):
        facts = {"kind": "TranscriptionJob", "status": "IN_PROGRESS", "media_uri": "s3://b/k"}
        handlers.ledger_table.advance(f"young-{number}", facts)

    reconcile()

    assert pace.asked == 3
    # The oldest row of each open status, one of them; then the due ones of each kind.
    assert reads == [0, 0, 1, 3, 0, 0, 0]


def test_all_pages_are_read(
    handlers: Any, aws: LocalAws, clock: HandClock, reconcile: Any, pace: Unhurried, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers.open_jobs, "_PAGE", 2)
    for number in range(5):
        handlers.ledger_table.advance(f"open-{number}", {"kind": "TranscriptionJob", "status": "IN_PROGRESS"})
    clock.advance(901)

    reconcile()

    assert pace.asked == aws.calls()["GetTranscriptionJob"] == 5


class TimeForTwo:
    """The context of an invocation that has time for two jobs."""

    def __init__(self) -> None:
        self._jobs = 2

    def get_remaining_time_in_millis(self) -> int:
        self._jobs -= 1
        return 60_000 if self._jobs >= 0 else 14_000


def test_next_run_goes_on_where_one_was_cut_short(
    aws: LocalAws, clock: HandClock, started: Any, reconcile: Any, pace: Unhurried
) -> None:
    aws.settings(job_seconds=3600)
    for number in range(5):
        started(f"{number}.wav")
    clock.advance(901)

    for asked in (2, 4, 5, 5):
        reconcile(TimeForTwo())
        assert pace.asked == asked

    assert aws.calls()["GetTranscriptionJob"] == 5


def test_no_kind_waits_for_the_backlog_of_another(
    aws: LocalAws, clock: HandClock, started: Any, reconcile: Any
) -> None:
    aws.settings(job_seconds=3600)
    for number in range(5):
        started(f"{number}.wav")
    started("scribe.wav", kind="MedicalScribeJob")
    clock.advance(901)

    reconcile(TimeForTwo())

    assert aws.calls()["GetTranscriptionJob"] == aws.calls()["GetMedicalScribeJob"] == 1


def test_throttle_ends_the_run_and_leaves_the_rest_due(
    arrivals: Any, aws: LocalAws, clock: HandClock, started: Any, reconcile: Any
) -> None:
    messages = [started(f"{number}.wav") for number in range(3)]
    wait_for_ends(aws)
    clock.advance(901)
    aws.inject_fault("GetTranscriptionJob", "ThrottlingException", times=2)

    reconcile()
    assert {arrivals.row(message)["status"] for message in messages} == {"IN_PROGRESS"}

    reconcile()
    assert {arrivals.row(message)["status"] for message in messages} == {"COMPLETED"}


def test_error_that_nobody_foresaw_holds_up_no_other_job_and_is_raised(
    arrivals: Any, handlers: Any, aws: LocalAws, clock: HandClock, started: Any, reconcile: Any
) -> None:
    messages = [started(f"{number}.wav") for number in range(3)]
    wait_for_ends(aws)
    clock.advance(901)
    aws.inject_fault("GetTranscriptionJob", "AccessDeniedException", times=1)

    with pytest.raises(ClientError, match="AccessDenied"):
        reconcile()

    assert sorted(arrivals.row(message)["status"] for message in messages) == ["COMPLETED", "COMPLETED", "IN_PROGRESS"]


def test_job_that_the_service_forgot_is_lost_with_the_reason(
    arrivals: Any, aws: LocalAws, client: Any, clock: HandClock, started: Any, reconcile: Any, metrics: Any
) -> None:
    message = started()
    wait_for_ends(aws)
    client("transcribe").delete_transcription_job(TranscriptionJobName=arrivals.job_name(message))
    clock.advance(901)
    reconcile()
    assert arrivals.row(message)["status"] == "IN_PROGRESS"
    metrics()
    clock.advance(HOUR)

    reconcile()

    row = arrivals.row(message)
    assert (row["status"], row["failure_class"]) == ("LOST", "NOT_FOUND")
    assert "was deleted there, or 90 days have passed" in row["failure_reason"]
    assert seconds_until(row["completed_at"], clock) == pytest.approx(0, abs=0.001)
    assert row["message"]
    assert metrics() == ["OldestOpenJobAge", "Lost"]


def test_job_whose_start_the_starter_never_heard_of_is_found(
    arrivals: Any, aws: LocalAws, clock: HandClock, reconcile: Any
) -> None:
    """The answer to the start was lost, and the message did not come back."""
    aws.settings(recognize_speech=False)
    aws.inject_fault("StartTranscriptionJob", after_effect=True)
    arrivals.put()
    message = arrivals.message()
    arrivals.deliver(message)
    assert arrivals.row(message)["status"] == "STARTING"
    wait_for_ends(aws)
    clock.advance(901)

    reconcile()

    assert arrivals.row(message)["status"] == "COMPLETED"


def test_job_that_has_not_been_started_is_not_lost_as_long_as_its_order_may_come_back(
    arrivals: Any, aws: LocalAws, clock: HandClock, reconcile: Any
) -> None:
    aws.inject_fault("StartTranscriptionJob", "LimitExceededException")
    arrivals.put()
    message = arrivals.message()
    arrivals.deliver(message)

    clock.advance(28 * DAY - 1)
    reconcile()
    assert arrivals.row(message)["status"] == "STARTING"

    clock.advance(HOUR)
    reconcile()
    assert arrivals.row(message)["status"] == "LOST"
    assert arrivals.row(message)["failure_reason"].startswith("never started")


def test_job_that_a_starter_takes_up_again_at_the_last_moment_is_not_lost(
    arrivals: Any,
    handlers: Any,
    aws: LocalAws,
    clock: HandClock,
    reconcile: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    aws.inject_fault("StartTranscriptionJob", "LimitExceededException", times=1)
    arrivals.put()
    message = arrivals.message()
    arrivals.deliver(message)
    clock.advance(29 * DAY)
    lose = handlers.job_reconciler._lose

    def start_and_lose(*arguments: Any) -> bool:
        arrivals.deliver(message)
        return bool(lose(*arguments))

    monkeypatch.setattr(handlers.job_reconciler, "_lose", start_and_lose)

    reconcile()

    assert arrivals.row(message)["status"] == "IN_PROGRESS"


def test_age_of_the_oldest_open_job_is_told_and_none_is_age_zero(
    clock: HandClock, started: Any, aws: LocalAws, reconcile: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    reconcile()
    assert '"OldestOpenJobAge": 0}' in capsys.readouterr().out

    aws.settings(job_seconds=3600)
    started("old.wav")
    clock.advance(100)
    started("new.wav")
    clock.advance(10)
    capsys.readouterr()
    reconcile()

    assert '"Ledger": "ledger", "OldestOpenJobAge": 110' in capsys.readouterr().out


def test_run_asks_ten_times_a_second_at_most(handlers: Any) -> None:
    clock = HandClock()
    pace = handlers.job_pace.Pace(10, now=clock.monotonic, sleep=clock.advance)

    assert handlers.job_reconciler.pace._interval == pace._interval
