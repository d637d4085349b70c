"""Each change of a row to an end is an event, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from transcribe_local import LocalAws

from .conftest import Handlers

ROW = {
    "job_name": {"S": "calls-1-a-0123456789abcdef0123"},
    "kind": {"S": "TranscriptionJob"},
    "status": {"S": "COMPLETED"},
    "pipeline": {"S": "calls-1"},
    "subtitle_uris": {"L": [{"S": "s3://b/a.vtt"}]},
    "language_score": {"N": "0.97"},
    "retries": {"N": "1"},
    "created_at": {"S": "2026-01-01T00:00:00.000Z"},
    "completed_at": {"S": "2026-01-01T00:01:00.000Z"},
}
OPEN_ROW = {**ROW, "status": {"S": "IN_PROGRESS"}, "open": {"S": "TranscriptionJob"}}
ENDS = ("COMPLETED", "FAILED", "REJECTED", "LOST")


def change(new: dict[str, Any] | None, old: dict[str, Any] | None = None, number: int = 1) -> dict[str, Any]:
    """A record of the stream."""
    images = {"NewImage": new, "OldImage": old}
    return {"dynamodb": {"SequenceNumber": str(number), **{name: row for name, row in images.items() if row}}}


def ended(number: int, **attributes: Any) -> dict[str, Any]:
    return change({**ROW, "job_name": {"S": f"job-{number}"}, **attributes}, OPEN_ROW, number)


@pytest.fixture
def put(handlers: Any) -> Iterator[list[dict[str, Any]]]:
    """The entries of all calls so far."""
    entries: list[dict[str, Any]] = []
    events = handlers.job_announcer.events.meta.events
    events.register(
        "provide-client-params.events.PutEvents", lambda params, **_: entries.extend(params["Entries"]), "put"
    )
    yield entries
    events.unregister("provide-client-params.events.PutEvents", unique_id="put")


@pytest.fixture
def announce(handlers: Any) -> Callable[..., list[str]]:
    """Give the announcer one batch, and answer with what it reports."""

    def run(*changes: dict[str, Any]) -> list[str]:
        answer = handlers.job_announcer.handler({"Records": list(changes)}, None)
        return [item["itemIdentifier"] for item in answer["batchItemFailures"]]

    return run


def test_event_says_what_the_row_says_and_whose_copy_it_is(announce: Any, put: list[dict[str, Any]]) -> None:
    assert announce(change(ROW, OPEN_ROW)) == []

    [entry] = put
    assert (entry["Source"], entry["DetailType"]) == ("cdk-transcribe", "Transcription Job Recorded")
    detail = json.loads(entry["Detail"])
    assert len(detail.pop("event_id")) == 36
    assert detail == {
        "job_name": "calls-1-a-0123456789abcdef0123",
        "kind": "TranscriptionJob",
        "status": "COMPLETED",
        "pipeline": "calls-1",
        "subtitle_uris": ["s3://b/a.vtt"],
        "language_score": 0.97,
        "retries": 1,
        "created_at": "2026-01-01T00:00:00.000Z",
        "completed_at": "2026-01-01T00:01:00.000Z",
    }


def test_copies_carry_the_same_id_and_other_ends_another(announce: Any, put: list[dict[str, Any]]) -> None:
    announce(ended(1), ended(2))
    announce(ended(1))
    announce(ended(1, completed_at={"S": "2026-02-01T00:01:00.000Z"}))

    first, other_job, copy, later_job = (json.loads(entry["Detail"])["event_id"] for entry in put)
    assert first == copy
    assert len({first, other_job, later_job}) == 3


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("before", ["STARTING", "QUEUED", "IN_PROGRESS", None])
def test_every_end_is_announced(announce: Any, put: list[dict[str, Any]], end: str, before: str | None) -> None:
    old = {**OPEN_ROW, "status": {"S": before}} if before else None

    announce(change({**ROW, "status": {"S": end}}, old))

    assert [json.loads(entry["Detail"])["status"] for entry in put] == [end]


@pytest.mark.parametrize(
    "record",
    [change(OPEN_ROW), change(OPEN_ROW, OPEN_ROW), change(ROW, ROW), change(None, ROW), change(None, OPEN_ROW)],
    ids=["opened", "still open", "changed after its end", "expired", "deleted while open"],
)
def test_nothing_else_is_announced(announce: Any, put: list[dict[str, Any]], record: dict[str, Any]) -> None:
    assert announce(record) == []

    assert put == []


def test_order_stays_in_the_ledger(announce: Any, put: list[dict[str, Any]]) -> None:
    announce(change({**ROW, "status": {"S": "FAILED"}, "message": {"S": "{}"}}, OPEN_ROW))

    assert "message" not in json.loads(put[0]["Detail"])


def test_a_hundred_ends_take_ten_calls(announce: Any, put: list[dict[str, Any]], handlers: Any) -> None:
    calls: list[int] = []
    events = handlers.job_announcer.events.meta.events
    events.register("after-call.events.PutEvents", lambda **_: calls.append(1), "calls")

    assert announce(*(ended(number) for number in range(100))) == []

    events.unregister("after-call.events.PutEvents", unique_id="calls")
    assert (len(put), len(calls)) == (100, 10)


def test_first_entry_that_is_refused_is_where_the_stream_goes_on(
    announce: Any, put: list[dict[str, Any]], handlers: Any
) -> None:
    def refuse(parsed: dict[str, Any], **_: Any) -> None:
        for position in (3, 7):
            parsed["Entries"][position] = {"ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded"}

    events = handlers.job_announcer.events.meta.events
    events.register("after-call.events.PutEvents", refuse, "refuse")

    failed = announce(*(ended(number) for number in range(20)))

    events.unregister("after-call.events.PutEvents", unique_id="refuse")
    assert failed == ["3"]
    # What comes after the first call comes again with the rest.
    assert len(put) == 10


def test_call_that_fails_brings_the_whole_batch_back(
    announce: Any, handlers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: Any) -> None:
        raise TimeoutError

    monkeypatch.setattr(handlers.job_announcer.events, "put_events", fail)

    with pytest.raises(TimeoutError):
        announce(ended(1))


def test_announcer_needs_to_know_nothing_of_the_table(local_aws: LocalAws) -> None:
    assert Handlers(local_aws.environment).job_announcer
