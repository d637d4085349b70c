"""A starter that is killed at any point, then delivered the same message again: one job, one row, nothing lost."""

from __future__ import annotations

from typing import Any

import pytest

from transcribe_local import LocalAws


class KilledError(BaseException):
    """Nothing in the handler may catch this, as nothing catches the end of a process."""


def killed(*_: Any, **__: Any) -> None:
    raise KilledError


def kill_after(module: Any, name: str) -> Any:
    """The function does its work, and never returns."""
    function = getattr(module, name)

    def kills(*arguments: Any, **named: Any) -> None:
        function(*arguments, **named)
        raise KilledError

    return kills


@pytest.fixture
def deliver_killed(arrivals: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Deliver messages to a starter that dies in `module.name`: when it is entered, or when it is about to return."""

    def deliver(module: Any, name: str, *messages: str, after: bool = False) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(module, name, kill_after(module, name) if after else killed)
            with pytest.raises(KilledError):
                arrivals.deliver(*messages)

    return deliver


def test_killed_between_the_row_and_the_start(arrivals: Any, handlers: Any, aws: LocalAws, deliver_killed: Any) -> None:
    arrivals.put()
    message = arrivals.message()
    deliver_killed(handlers.job_starter, "_started", message)
    assert arrivals.row(message)["status"] == "STARTING"

    assert arrivals.deliver(message) == []

    assert arrivals.row(message)["status"] != "STARTING"
    assert aws.calls()["StartTranscriptionJob"] == 1


def test_killed_between_the_start_and_the_row_that_says_so(
    arrivals: Any, handlers: Any, aws: LocalAws, deliver_killed: Any
) -> None:
    arrivals.put()
    message = arrivals.message()
    deliver_killed(handlers.ledger_table, "advance", message)
    assert arrivals.row(message)["status"] == "STARTING"

    assert arrivals.deliver(message) == []

    assert arrivals.row(message)["status"] != "STARTING"
    assert aws.errors()["StartTranscriptionJob"] == {"ConflictException": 1}
    assert len(aws.resources()) == 1


def test_killed_after_the_row_says_so(arrivals: Any, handlers: Any, aws: LocalAws, deliver_killed: Any) -> None:
    arrivals.put()
    message = arrivals.message()
    deliver_killed(handlers.ledger_table, "advance", message, after=True)

    assert arrivals.deliver(message) == []

    assert aws.calls()["StartTranscriptionJob"] == 1


def test_killed_between_sending_back_and_returning(
    arrivals: Any, handlers: Any, aws: LocalAws, queue: Any, deliver_killed: Any
) -> None:
    arrivals.put()
    aws.inject_fault("StartTranscriptionJob", "ThrottlingException", times=1)
    message = arrivals.message()
    deliver_killed(handlers.job_starter, "_send_back", message, after=True)

    assert arrivals.deliver(message, queue[0]["MessageBody"], message) == []

    assert arrivals.row(message)["status"] != "STARTING"
    assert aws.calls()["StartTranscriptionJob"] == 2
    assert len(aws.resources()) == 1


def test_killed_between_the_refusal_and_its_record(
    arrivals: Any, handlers: Any, aws: LocalAws, deliver_killed: Any, metrics: Any
) -> None:
    aws.inject_fault("StartTranscriptionJob", "BadRequestException", "No.")
    message = arrivals.message()
    deliver_killed(handlers.job_starter, "_reject", message)

    assert arrivals.deliver(message) == []

    assert arrivals.row(message)["status"] == "REJECTED"
    assert metrics() == [("Rejected", "BAD_REQUEST")]


def test_killed_in_the_middle_of_a_batch(arrivals: Any, handlers: Any, aws: LocalAws, deliver_killed: Any) -> None:
    messages = [arrivals.message(f"{number}.wav") for number in range(3)]
    for number in range(3):
        arrivals.put(f"{number}.wav")
    assert arrivals.deliver(messages[0]) == []
    deliver_killed(handlers.job_starter, "_started", *messages)

    assert arrivals.deliver(*messages) == []

    assert {arrivals.row(message)["status"] for message in messages}.isdisjoint({"STARTING"})
    assert aws.calls()["StartTranscriptionJob"] == 3


@pytest.mark.parametrize("status", ["QUEUED", "IN_PROGRESS", "COMPLETED", "FAILED"])
def test_end_that_is_recorded_before_the_start_stays_the_end(
    arrivals: Any, handlers: Any, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    """The recorder overtakes the starter, which still holds the answer to its start."""
    arrivals.put()
    message = arrivals.message()
    started = handlers.job_starter._started

    def started_and_overtaken(order: Any) -> Any:
        job = started(order)
        facts = {"kind": order.kind.name, "status": status, "transcript_uri": "s3://out/a.json"}
        handlers.ledger_table.advance(order.job_name, facts)
        return {**job, "TranscriptionJobStatus": "QUEUED"}

    monkeypatch.setattr(handlers.job_starter, "_started", started_and_overtaken)

    assert arrivals.deliver(message) == []

    assert arrivals.row(message)["status"] == status
    assert arrivals.row(message)["route"] == "English"


def test_end_that_the_starter_finds_is_counted_as_an_end(
    arrivals: Any, handlers: Any, aws: LocalAws, deliver_killed: Any, metrics: Any
) -> None:
    arrivals.put()
    message = arrivals.message()
    deliver_killed(handlers.ledger_table, "advance", message)
    transcribe, job_name = aws.client("transcribe"), arrivals.job_name(message)
    while True:
        job = transcribe.get_transcription_job(TranscriptionJobName=job_name)["TranscriptionJob"]
        if job["TranscriptionJobStatus"] == "FAILED":
            break

    arrivals.deliver(message)

    assert metrics() == ["Started", ("Failed", "BAD_MEDIA")]
