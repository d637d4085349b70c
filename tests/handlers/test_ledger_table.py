"""Rows move forward, whatever comes in whatever order."""

from __future__ import annotations

import itertools
import time
import uuid
from typing import Any

import pytest

from transcribe_local.clock import HandClock

KIND = "TranscriptionJob"
ENDS = ("COMPLETED", "FAILED", "REJECTED", "LOST")
MOVES = ("QUEUED", "IN_PROGRESS", "COMPLETED")


@pytest.fixture
def name() -> str:
    return f"job-{uuid.uuid4().hex}"


@pytest.mark.parametrize("order", list(itertools.permutations(("OPEN", *MOVES))))
def test_any_order_of_events_ends_the_same(arrivals: Any, handlers: Any, name: str, order: tuple[str, ...]) -> None:
    for step in (*order, *order):
        if step == "OPEN":
            handlers.ledger_table.open_row(name, {"kind": KIND, "route": "English"}, "the order")
        else:
            handlers.ledger_table.advance(name, {"kind": KIND, "status": step})

    row = arrivals.row_named(name)
    assert (row["status"], row["route"]) == ("COMPLETED", "English")


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("later", [*MOVES, "FAILED", "REJECTED", "LOST"])
def test_an_end_is_final(arrivals: Any, handlers: Any, name: str, end: str, later: str) -> None:
    handlers.ledger_table.advance(name, {"kind": KIND, "status": end, "failure_reason": "first"})

    assert handlers.ledger_table.advance(name, {"kind": KIND, "status": later, "failure_reason": "second"}) is None

    assert arrivals.row_named(name)["failure_reason"] == "first"


def test_move_answers_with_the_row(handlers: Any, name: str) -> None:
    handlers.ledger_table.open_row(name, {"kind": KIND, "pipeline": "calls"}, "the order")

    row = handlers.ledger_table.advance(name, {"kind": KIND, "status": "COMPLETED", "subtitle_uris": ["s3://b/k.vtt"]})

    assert (row["pipeline"], row["status"]) == ("calls", "COMPLETED")


def test_creation_time_is_the_first_one_known(arrivals: Any, handlers: Any, name: str) -> None:
    handlers.ledger_table.advance(name, {"kind": KIND, "status": "QUEUED", "created_at": "2024-01-01T00:00:00.000Z"})
    handlers.ledger_table.advance(name, {"kind": KIND, "status": "COMPLETED", "created_at": "2025-01-01T00:00:00.000Z"})

    assert arrivals.row_named(name)["created_at"] == "2024-01-01T00:00:00.000Z"


def test_rows_are_kept_for_ever_without_a_retention(
    arrivals: Any, handlers: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers.ledger_table, "_RETENTION_SECONDS", "")

    handlers.ledger_table.open_row(name, {"kind": KIND, "route": "English"}, "the order")
    handlers.ledger_table.advance(name, {"kind": KIND, "status": "COMPLETED"})

    assert "expires_at" not in arrivals.row_named(name)


@pytest.mark.parametrize("end", ENDS)
def test_row_is_in_the_index_of_open_jobs_until_its_end(arrivals: Any, handlers: Any, name: str, end: str) -> None:
    handlers.ledger_table.open_row(name, {"kind": KIND}, "the order")
    at_first = arrivals.row_named(name)
    handlers.ledger_table.advance(name, {"kind": KIND, "status": "IN_PROGRESS"})
    under_way = arrivals.row_named(name)
    handlers.ledger_table.advance(name, {"kind": KIND, "status": end})

    assert at_first["open"] == under_way["open"] == KIND
    assert at_first["check_at"] <= under_way["check_at"]
    assert not {"open", "check_at"} & set(arrivals.row_named(name))


@pytest.mark.parametrize("end", ENDS)
def test_order_stays_where_it_can_be_needed_again(arrivals: Any, handlers: Any, name: str, end: str) -> None:
    handlers.ledger_table.open_row(name, {"kind": KIND}, "the order")

    handlers.ledger_table.advance(name, {"kind": KIND, "status": end})

    assert ("message" in arrivals.row_named(name)) == (end != "COMPLETED")


@pytest.mark.parametrize("end", ENDS)
def test_redelivery_does_not_open_a_row_that_has_ended(arrivals: Any, handlers: Any, name: str, end: str) -> None:
    handlers.ledger_table.advance(name, {"kind": KIND, "status": end})

    assert handlers.ledger_table.open_row(name, {"kind": KIND, "route": "English"}, "the order") == end

    row = arrivals.row_named(name)
    assert row["route"] == "English"
    assert not {"open", "check_at", "message"} & set(row)


def test_row_made_by_a_job_under_way_is_open(arrivals: Any, handlers: Any, name: str) -> None:
    """The row expired or was deleted while the starter held the job in its hand."""
    handlers.ledger_table.advance(name, {"kind": KIND, "status": "IN_PROGRESS"})

    assert arrivals.row_named(name)["open"] == KIND


@pytest.mark.parametrize("end", ENDS)
def test_asking_late_does_not_open_a_row_that_has_ended(arrivals: Any, handlers: Any, name: str, end: str) -> None:
    handlers.ledger_table.advance(name, {"kind": KIND, "status": end})
    row = arrivals.row_named(name)

    handlers.ledger_table.postpone(name, handlers.job_kinds.kind_named(KIND), row["created_at"])

    assert arrivals.row_named(name) == row


def test_row_that_somebody_looked_after_meanwhile_is_not_given_up(arrivals: Any, handlers: Any, name: str) -> None:
    handlers.ledger_table.open_row(name, {"kind": KIND}, "the order")
    lost = {"kind": KIND, "status": "LOST"}

    assert handlers.ledger_table.advance(name, lost, check_at="2024-01-01T00:00:00.000Z") is None
    assert arrivals.row_named(name)["status"] == "STARTING"

    assert handlers.ledger_table.advance(name, lost, check_at=arrivals.row_named(name)["check_at"])


def test_every_delivery_puts_off_the_day_on_which_a_row_is_given_up(
    arrivals: Any, handlers: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = HandClock(time.time())
    monkeypatch.setattr(handlers.job_checks, "time", clock)
    handlers.ledger_table.open_row(name, {"kind": KIND}, "the order")
    first = arrivals.row_named(name)["check_at"]
    clock.advance(60)

    handlers.ledger_table.open_row(name, {"kind": KIND}, "the order")

    assert arrivals.row_named(name)["check_at"] > first


def test_numbers_are_numbers(arrivals: Any, handlers: Any, name: str) -> None:
    facts = {"kind": KIND, "status": "COMPLETED", "language_score": 0.97, "media_duration_seconds": 4.84, "retries": 1}
    handlers.ledger_table.advance(name, facts)

    assert arrivals.row_named(name).items() >= facts.items()
