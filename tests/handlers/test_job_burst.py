"""A burst with everything that may go wrong at once: one job and one row for each object, none lost, none doubled."""

from __future__ import annotations

import itertools
import json
import random
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from transcribe_local import LocalAws

OBJECTS = 60
STARTERS = 4


class KilledError(BaseException):
    """Nothing in the handler may catch this, as nothing catches the end of a process."""


@pytest.fixture
def completions(aws: LocalAws, client: Any) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Calling it gives the completion events that have come since."""
    name = f"completions-{uuid.uuid4().hex[:12]}"
    sqs, events = client("sqs"), client("events")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name=name, EventPattern=json.dumps({"source": ["aws.transcribe"]}))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])

    def receive() -> list[dict[str, Any]]:
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]

    yield receive
    events.remove_targets(Rule=name, Ids=["queue"])
    events.delete_rule(Name=name)


@pytest.fixture
def mortal_starters(handlers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Starters that are killed thirty times: before a start or behind it, or when a row or a message is written."""
    dice = random.Random(0)  # noqa: S311
    deaths = iter(range(30))

    def may_kill() -> None:
        if dice.random() < 0.05 and next(deaths, None) is not None:
            raise KilledError

    def mortal(function: Any) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            may_kill()
            answer = function(*arguments, **named)
            may_kill()
            return answer

        return call

    for module, name in (
        (handlers.job_starter, "_started"),
        (handlers.job_starter, "_send_back"),
        (handlers.ledger_table, "open_row"),
        (handlers.ledger_table, "advance"),
    ):
        monkeypatch.setattr(module, name, mortal(getattr(module, name)))


def test_burst_with_duplicates_throttles_faults_and_killed_starters_ends_in_one_job_and_one_row_each(
    arrivals: Any,
    handlers: Any,
    aws: LocalAws,
    queue: Any,
    completions: Any,
    mortal_starters: None,
    nasty_keys: Callable[[int], list[str]],
) -> None:
    aws.settings(recognize_speech=False, doubled_event_rate=1.0)
    aws.inject_fault("StartTranscriptionJob", "ThrottlingException", rate=0.2, seed=1)
    aws.inject_fault("StartTranscriptionJob", "InternalFailureException", rate=0.05, seed=2, after_effect=True)
    keys = nasty_keys(OBJECTS)
    for key in keys:
        arrivals.put(key)
    messages = [arrivals.message(key) for key in keys]

    deliver_until_taken_care_of(arrivals, queue, [*messages, *messages])
    record_until_ended(handlers.job_recorder, completions, OBJECTS)

    rows = [arrivals.row(message) for message in messages]
    assert {row["status"] for row in rows} == {"COMPLETED"}
    assert [row["media_uri"] for row in rows] == [f"s3://{arrivals.bucket}/{key}" for key in keys]
    assert {row["route"] for row in rows} == {"English"}
    assert len({row["transcript_uri"] for row in rows}) == OBJECTS
    jobs = aws.resources()
    assert sorted(job["Media"]["MediaFileUri"] for job in jobs) == sorted(row["media_uri"] for row in rows)


def deliver_until_taken_care_of(arrivals: Any, queue: Any, messages: list[str]) -> None:
    """What SQS and Lambda do, the delays left out: a batch whose starter is killed comes again as a whole."""
    dice = random.Random(3)  # noqa: S311

    def deliver(batch: list[str]) -> list[str]:
        try:
            assert arrivals.deliver(*batch) == []
        except KilledError:
            return batch
        return []

    with ThreadPoolExecutor(STARTERS) as starters:
        while messages:
            queue.clear()
            dice.shuffle(messages)
            batches = [messages[start : start + 10] for start in range(0, len(messages), 10)]
            undone = list(itertools.chain.from_iterable(starters.map(deliver, batches)))
            messages = [*undone, *(sent["MessageBody"] for sent in queue)]


def record_until_ended(recorder: Any, completions: Any, number: int) -> None:
    """Two recorders at a time, each event as often as the service announces it, which is twice."""
    ended: list[str] = []

    def record(event: dict[str, Any]) -> None:
        try:
            recorder.handler(event, None)
        except KilledError:
            record(event)

    with ThreadPoolExecutor(2) as recorders:
        for _ in range(10_000):
            events = completions()
            list(recorders.map(record, events))
            ended += [event["detail"]["TranscriptionJobName"] for event in events]
            if len(ended) == 2 * number:
                break
    assert len(set(ended)) == number
