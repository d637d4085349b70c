"""Rows move forward, whatever comes in whatever order."""

from __future__ import annotations

import itertools
import uuid
from typing import Any

import pytest

MOVES = ("QUEUED", "IN_PROGRESS", "COMPLETED")


@pytest.fixture
def name() -> str:
    return f"job-{uuid.uuid4().hex}"


@pytest.mark.parametrize("order", list(itertools.permutations(("OPEN", *MOVES))))
def test_any_order_of_events_ends_the_same(arrivals: Any, handlers: Any, name: str, order: tuple[str, ...]) -> None:
    for step in (*order, *order):
        if step == "OPEN":
            handlers.ledger_table.open_row(name, {"route": "English"})
        else:
            handlers.ledger_table.advance(name, {"status": step})

    row = arrivals.row_named(name)
    assert (row["status"], row["route"]) == ("COMPLETED", "English")


@pytest.mark.parametrize("end", ["COMPLETED", "FAILED", "REJECTED"])
@pytest.mark.parametrize("later", [*MOVES, "FAILED", "REJECTED"])
def test_an_end_is_final(arrivals: Any, handlers: Any, name: str, end: str, later: str) -> None:
    handlers.ledger_table.advance(name, {"status": end, "failure_reason": "first"})

    assert handlers.ledger_table.advance(name, {"status": later, "failure_reason": "second"}) is None

    assert arrivals.row_named(name)["failure_reason"] == "first"


def test_move_answers_with_the_row(handlers: Any, name: str) -> None:
    handlers.ledger_table.open_row(name, {"pipeline": "calls"})

    row = handlers.ledger_table.advance(name, {"status": "COMPLETED", "subtitle_uris": ["s3://b/k.vtt"]})

    assert (row["pipeline"], row["status"]) == ("calls", "COMPLETED")


def test_creation_time_is_the_first_one_known(arrivals: Any, handlers: Any, name: str) -> None:
    handlers.ledger_table.advance(name, {"status": "QUEUED", "created_at": "2024-01-01T00:00:00.000Z"})
    handlers.ledger_table.advance(name, {"status": "COMPLETED", "created_at": "2025-01-01T00:00:00.000Z"})

    assert arrivals.row_named(name)["created_at"] == "2024-01-01T00:00:00.000Z"


def test_rows_are_kept_for_ever_without_a_retention(
    arrivals: Any, handlers: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers.ledger_table, "_RETENTION_SECONDS", "")

    handlers.ledger_table.open_row(name, {"route": "English"})
    handlers.ledger_table.advance(name, {"status": "COMPLETED"})

    assert "expires_at" not in arrivals.row_named(name)
