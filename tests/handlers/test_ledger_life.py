"""Whatever happens to events and functions, the ledger ends in the true state and says so once.

Random lives of a few objects are driven through the real handlers, against the local Transcribe, DynamoDB with its
stream, SQS and EventBridge over HTTP. Messages and completion events come late, twice, in any order, and events not at
all; starter, recorder, reconciler and announcer die before and after any of their service calls, or are overtaken by
one another between two of them; the service throttles, fails jobs by faults of its own, and forgets jobs that somebody
deletes; EventBridge refuses entries, and the stream repeats its records. Some ledgers delete recorded jobs.

After each step no row has moved backwards, and no end has changed. When all has calmed down:

- each row says what the service says of its job; LOST, only where the service forgot the job;
- each end has been announced, every time with the same id and the same words, and nothing else has been;
- each object got the tries that its route wants where the service failed it, linked to one another, and no more;
- no row is in the index of open jobs.

`HYPOTHESIS_PROFILE=nightly` tries ten times as many lives, and longer ones.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from transcribe_local import LocalAws
from transcribe_local.faults import Fault
from transcribe_local.transcribe_server import TranscribeServer

from .conftest import REQUESTS, FullMinute, Handlers, create_ledger_table, plain_row
from .stacks import CrashError

LIVES = {"default": (40, 25), "nightly": (400, 50)}

TABLE = "ledger-life"
BUCKET = "media"
JOB_SECONDS = 100
RETRIES = 2
FAULT, BAD_MEDIA = "Internal Failure. Please try your request again.", "Unsupported media format."
COMPLETION_EVENTS = ("Transcribe Job State Change", "Call Analytics Job State Change")
RANKS = {"STARTING": 0, "QUEUED": 1, "IN_PROGRESS": 2}
ENDS = ("COMPLETED", "FAILED", "REJECTED", "LOST")

# The number of a call that a function makes, and what happens "before" and "after" its effect.
Course = tuple[int, Callable[[str], None]]
# Each step has dice of its own: all that can happen does, and a life that fails shrinks to its fewest steps.
dice_of_a_step = st.randoms(use_true_random=True)


class Wire:
    """All that the handlers' clients send: a place to die at, to be overtaken at, and to listen."""

    def __init__(self, clients: list[Any], hear: Callable[[str, Any], None]) -> None:
        self._hear = hear
        self._parameters: dict[str, Any] = {}
        self._calls = 0
        self._course: Course | None = None
        self.refused_entry: int | None = None
        for client in clients:
            client.meta.events.register("provide-client-params", self._remember)
            client.meta.events.register("before-send", self._before)
            client.meta.events.register("after-call", self._after)

    def run(self, function: Callable[[], Any], course: Course | None = None) -> Any:
        """What the function returns; None when it dies. Another function may run inside."""
        outer = self._calls, self._course, self._parameters
        self._calls, self._course = 0, course
        try:
            return function()
        except CrashError:
            return None
        finally:
            self._calls, self._course, self._parameters = outer

    def _remember(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self._parameters = params
        if model.name.startswith("Delete"):
            self._hear("deletion", next(iter(params.values())))

    def _before(self, **_: Any) -> None:
        self._calls += 1
        self._meet("before")

    def _after(self, model: Any, parsed: dict[str, Any], **_: Any) -> None:
        if model.name == "PutEvents":
            self._put(parsed["Entries"])
        if model.name == "SendMessage":
            self._hear("message", self._parameters["MessageBody"])
        self._meet("after")

    def _meet(self, moment: str) -> None:
        if self._course and self._course[0] == self._calls:
            self._course[1](moment)

    def _put(self, answers: list[dict[str, str]]) -> None:
        for position, entry in enumerate(self._parameters["Entries"]):
            if position == self.refused_entry:
                answers[position] = {"ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded"}
            else:
                self._hear(entry["DetailType"], json.loads(entry["Detail"]))
        self.refused_entry = None


class World:
    """The handlers, and the AWS around them, for one life after the other."""

    def __init__(self, handlers: Handlers, server: TranscribeServer, aws: LocalAws) -> None:
        self.handlers = handlers
        self.server = server
        self.clock: Any = server.clock
        self._dynamodb = aws.client("dynamodb")
        self._streams = aws.client("dynamodbstreams")
        # One that does not wait before it asks again.
        handlers.job_reconciler.transcribe = handlers.job_recorder.transcribe
        for module in (handlers.job_facts, handlers.job_checks, handlers.job_order, handlers.ledger_table):
            module.time = self.clock
        for module in (handlers.job_starter, handlers.job_reconciler):
            module.pace = Unhurried()
        clients = [
            handlers.job_starter.transcribe,
            handlers.job_starter.sqs,
            handlers.job_recorder.transcribe,
            handlers.ledger_table.dynamodb,
            handlers.job_announcer.events,
        ]
        self.wire = Wire(clients, self._hear)

    def reset(self) -> None:
        self.server.reset()
        for row in self.rows():
            self._dynamodb.delete_item(TableName=TABLE, Key={"job_name": {"S": row["job_name"]}})
        self.messages: list[str] = []
        self.announced: list[dict[str, Any]] = []
        self.deleted: dict[str, str] = {}
        self.changes: list[dict[str, Any]] = []
        self._orders: dict[str, dict[str, Any]] = {}
        stream = self._dynamodb.describe_table(TableName=TABLE)["Table"]["LatestStreamArn"]
        [shard] = self._streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
        self._position = self._streams.get_shard_iterator(
            StreamArn=stream, ShardId=shard["ShardId"], ShardIteratorType="LATEST"
        )["ShardIterator"]

    def arrive(self, pipeline: str, key: str, kind: str) -> str:
        """Put an object, and its message on the queue; the name of the first job."""
        self.server.objects.put(f"s3://{BUCKET}/{key}", b"sound")
        self._orders[key] = {
            "Kind": kind,
            "Route": "English",
            "NamePrefix": pipeline,
            "OutputBucketName": BUCKET,
            "OutputPrefix": "out/",
            "RetryServiceFaults": RETRIES,
            "Request": REQUESTS[kind],
        }
        stored = {"key": key, "size": 5, "etag": "e"}
        self._send("aws.s3", {"bucket": {"name": BUCKET}, "object": stored})
        name: str = self.handlers.job_order.order_of(self.messages[-1]).job_name
        return name

    def rows(self) -> list[dict[str, Any]]:
        return [plain_row(item) for item in self._dynamodb.scan(TableName=TABLE, ConsistentRead=True)["Items"]]

    def jobs(self) -> dict[str, dict[str, Any]]:
        """What the service knows, by name."""
        return {job[f"{job['Kind']}Name"]: job for job in self.server.service.snapshot()}

    def delete(self, job_name: str) -> None:
        """What somebody does at the service."""
        kind = self.handlers.job_kinds.kind_named(self.jobs()[job_name]["Kind"])
        self.wire.run(lambda: kind.delete(self.handlers.job_recorder.transcribe, job_name))

    def completions(self) -> list[dict[str, Any]]:
        """The completion events that have come since the last call."""
        published = self.server.events.published[:]
        self.server.events.published.clear()
        return [
            {"detail-type": detail_type, "detail": detail}
            for detail_type, detail in published
            if detail_type in COMPLETION_EVENTS
        ]

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        while any(self._is_overdue(job) for job in self.jobs().values()):
            # What a job does, it does in a thread of its own.
            os.sched_yield()

    def read_stream(self) -> None:
        page = self._streams.get_records(ShardIterator=self._position)
        self._position = page["NextShardIterator"]
        self.changes += page["Records"]

    def _is_overdue(self, job: dict[str, Any]) -> bool:
        return status_of(job) == "IN_PROGRESS" and job["StartTime"] + JOB_SECONDS <= self.clock.now

    def _hear(self, what: str, content: Any) -> None:
        if what == "message":
            self.messages.append(content)
        elif what == "deletion":
            self.deleted |= {name: status_of(job) for name, job in self.jobs().items() if name == content}
        elif what == "Object Created":
            self._send("cdk-transcribe", content)
        else:
            self.announced.append(content)

    def _send(self, source: str, detail: dict[str, Any]) -> None:
        """What the route's rule does."""
        event = {"source": source, "detail-type": "Object Created", "time": "2001-09-09T01:46:40Z", "detail": detail}
        self.messages.append(json.dumps({"event": event, "job": self._orders[detail["object"]["key"]]}))


class Unhurried:
    def wait(self) -> None:
        """Time passes only by the clock's hand."""


class ShortOfTime:
    """The context of an invocation that has time for so many jobs and no more."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs

    def get_remaining_time_in_millis(self) -> int:
        self._jobs -= 1
        return 60_000 if self._jobs >= 0 else 0


def status_of(job: dict[str, Any]) -> str:
    return str(job.get(f"{job['Kind']}Status") or job["TranscriptionJobStatus"])


class LedgerLife(RuleBasedStateMachine):
    """One life of the ledger; `world` is set by the test."""

    world: ClassVar[World]

    @initialize(dice=dice_of_a_step)
    def begin(self, dice: Random) -> None:
        self.world.reset()
        self.pipeline = f"calls-{uuid.uuid4().hex[:8]}"
        self.seen: dict[str, str] = {}
        self.deleted: set[str] = set()
        self.faults: dict[str, int] = {}
        self.completions: list[dict[str, Any]] = []
        self.world.handlers.job_forgetting.IS_WANTED = dice.random() < 0.3
        for _ in range(2):
            self.object_arrives(dice)
            self.message_is_delivered(dice)

    @rule(dice=dice_of_a_step)
    def something_happens(self, dice: Random) -> None:
        self.hear_completions()
        happenings = [
            self.time_passes,
            self.reconciler_runs,
            self.announcer_runs,
            *([self.object_arrives] if len(self.faults) < 4 else []),
            *([self.message_is_delivered] * 2 if self.world.messages else []),
            *([self.completion_event_comes] * 2 if self.completions else []),
            *([self.service_has_trouble, self.job_is_deleted] if dice.random() < 0.3 else []),
        ]
        dice.choice(happenings)(dice)

    # What the world does.

    def object_arrives(self, dice: Random) -> None:
        name = self.world.arrive(self.pipeline, f"{len(self.faults)}.wav", dice.choice(sorted(REQUESTS)))
        tries = [name, *(f"{name}-r{number}" for number in range(1, RETRIES + 1))]
        reason = dice.choice([None, None, BAD_MEDIA, FAULT])
        failing = dice.randint(1, len(tries)) if reason == FAULT else len(tries)
        if reason:
            self.world.server.service.settings.failures.update(dict.fromkeys(tries[:failing], reason))
        self.faults[name] = failing if reason == FAULT else 0

    def time_passes(self, dice: Random) -> None:
        self.world.pass_time(dice.choice([1, 60, JOB_SECONDS, 900, 3600, 86400]))

    def service_has_trouble(self, dice: Random) -> None:
        operation, times, answer_is_lost = dice.choice(["Get", "Start"]), dice.randint(1, 3), dice.random() < 0.5
        code = "InternalFailureException" if answer_is_lost else "ThrottlingException"
        for kind in REQUESTS:
            fault = Fault(f"{operation}{kind}", code, times=times, after_effect=answer_is_lost)
            self.world.server.service.faults.append(fault)

    def job_is_deleted(self, dice: Random) -> None:
        """The service lets nobody delete a job that has not ended."""
        ended = sorted(name for name, job in self.world.jobs().items() if status_of(job) in ENDS)
        if ended:
            name = dice.choice(ended)
            self.deleted.add(name)
            self.world.delete(name)

    # What the functions do.

    def message_is_delivered(self, dice: Random) -> None:
        message = self.world.messages.pop(dice.randrange(len(self.world.messages)))
        if not self.start(message, self.course(dice, 1, 4)) or dice.random() < 0.3:
            self.world.messages.append(message)

    def completion_event_comes(self, dice: Random) -> None:
        event = self.completions.pop(dice.randrange(len(self.completions)))
        fate = dice.choice(["arrives", "arrives twice", "is lost"])
        if fate != "is lost":
            self.record(event, self.course(dice, 1, 3))
        if fate == "arrives twice":
            self.completions.append(event)

    def reconciler_runs(self, dice: Random) -> None:
        # Its first calls find out what there is to do.
        self.reconcile(ShortOfTime(dice.randint(0, 5)), self.course(dice, 4, 14))

    def announcer_runs(self, dice: Random) -> None:
        self.world.wire.refused_entry = dice.choice([None, None, 0, 1, 2])
        self.announce(dice.randint(1, 20), self.course(dice, 1, 2), again=dice.random() < 0.3)
        self.world.wire.refused_entry = None

    def start(self, message: str, course: Course | None = None) -> bool:
        starter = self.world.handlers.job_starter
        event = {"Records": [{"messageId": "1", "body": message}]}
        answer = self.world.wire.run(lambda: starter.handler(event, FullMinute()), course)
        return bool(answer == {"batchItemFailures": []})

    def record(self, event: dict[str, Any], course: Course | None = None) -> None:
        recorder = self.world.handlers.job_recorder
        self.world.wire.run(lambda: forgiven(recorder.handler, event, None), course)

    def reconcile(self, context: Any, course: Course | None = None) -> None:
        reconciler = self.world.handlers.job_reconciler
        self.world.wire.run(lambda: reconciler.handler({}, context), course)

    def announce(self, most: int, course: Course | None = None, *, again: bool = False) -> None:
        """As Lambda does: what failed, and all that comes after it in the shard, comes again; the rest may."""
        announcer = self.world.handlers.job_announcer
        self.world.read_stream()
        batch = self.world.changes[:most]
        answer = self.world.wire.run(lambda: announcer.handler({"Records": batch}, None), course)
        if answer is None or again:
            return
        numbers = [change["dynamodb"]["SequenceNumber"] for change in batch]
        failed = [item["itemIdentifier"] for item in answer["batchItemFailures"]]
        del self.world.changes[: numbers.index(failed[0]) if failed else len(batch)]

    def hear_completions(self) -> list[dict[str, Any]]:
        self.completions += self.world.completions()
        return self.completions

    def course(self, dice: Random, first: int, last: int) -> Course | None:
        """Every other time something happens at one of a function's calls, of those that are worth it."""
        return (dice.randint(first, last), self.incident(dice)) if dice.random() < 0.5 else None

    def incident(self, dice: Random) -> Callable[[str], None]:
        """The function dies before or after the call's effect, or others get their work done just before it."""
        death = dice.choice(["before", "after"])
        others = dice.choices(
            [
                lambda: self.world.pass_time(JOB_SECONDS),
                lambda: [self.start(message) for message in self.world.messages[-1:]],
                lambda: [self.record(event) for event in self.hear_completions()[-1:]],
                lambda: self.reconcile(FullMinute()),
                lambda: self.job_is_deleted(dice),
            ],
            k=4,
        )

        def dies(moment: str) -> None:
            if moment == death:
                raise CrashError

        def is_overtaken(moment: str) -> None:
            if moment == "before":
                for work in others:
                    work()

        return dice.choice([dies, is_overtaken])

    # What must hold.

    @invariant()
    def rows_only_move_forward(self) -> None:
        rows = {row["job_name"]: row["status"] for row in self.world.rows()}
        assert set(self.seen) <= set(rows)
        for name, status in rows.items():
            before = self.seen.get(name, status)
            forward = before in RANKS and RANKS[before] < RANKS.get(status, len(RANKS))
            assert before == status or forward, f"{name}: {before} became {status}"
        self.seen = rows

    def teardown(self) -> None:
        self.calm_down()
        rows = {row["job_name"]: row for row in self.world.rows()}
        self.rows_are_true(rows)
        self.tries_are_linked(rows)
        self.every_end_is_announced_once(rows)

    def calm_down(self) -> None:
        """No more trouble; what was lost stays lost."""
        self.world.server.service.faults.clear()
        for _ in range(50):
            while self.world.messages:
                assert self.start(self.world.messages.pop(0))
            self.world.pass_time(86400)
            self.reconcile(FullMinute())
            self.announce(1000)
            if not self.world.messages and all(row["status"] in ENDS for row in self.world.rows()):
                assert not self.world.changes
                return
        raise AssertionError(f"never ends: {self.world.rows()}")

    def rows_are_true(self, rows: dict[str, dict[str, Any]]) -> None:
        jobs = self.world.jobs()
        assert set(jobs) <= set(rows)
        for name, row in rows.items():
            assert not {"open", "check_at"} & set(row)
            assert ("failure_class" in row) == ("failure_reason" in row) == (row["status"] != "COMPLETED")
            known = {status_of(jobs[name])} if name in jobs else set()
            deleted = {self.world.deleted[name]} if name in self.world.deleted else set()
            # Our own functions delete what is recorded; somebody else may do so before.
            lost = {"LOST"} if name in self.deleted else set()
            assert row["status"] in known | deleted | lost

    def tries_are_linked(self, rows: dict[str, dict[str, Any]]) -> None:
        for first, faults in self.faults.items():
            tries = [row for name, row in rows.items() if name.startswith(first)]
            if not any(row["job_name"] in self.deleted for row in tries):
                assert len(tries) == 1 + min(faults, RETRIES)
            for row in tries:
                number = row.get("retries", 0)
                is_retried = row.get("failure_class") == "SERVICE_FAULT" and number < RETRIES
                assert row.get("retried_by") == (f"{first}-r{number + 1}" if is_retried else None)
                assert row.get("retried_by", first) in rows
                assert row.get("retry_of") == (first if number else None)

    def every_end_is_announced_once(self, rows: dict[str, dict[str, Any]]) -> None:
        logical = {detail["event_id"]: detail for detail in self.world.announced}
        assert all(logical[detail["event_id"]] == detail for detail in self.world.announced)
        assert sorted(detail["job_name"] for detail in logical.values()) == sorted(rows)
        for detail in logical.values():
            row = {name: value for name, value in rows[detail["job_name"]].items() if name != "message"}
            # A message that is delivered once more lets the row expire later.
            assert {**detail, "expires_at": 0} == {**row, "expires_at": 0, "event_id": detail["event_id"]}


def forgiven(function: Callable[..., Any], *arguments: Any) -> None:
    """Lambda tries an event that raises again; here that is up to its next copy."""
    try:
        function(*arguments)
    except Exception as error:
        if not any(trouble in str(error) for trouble in ("Throttling", "InternalFailure")):
            raise


@pytest.fixture
def world(local_aws: LocalAws) -> Iterator[World]:
    create_ledger_table(local_aws.client("dynamodb"), TABLE)
    url = local_aws.client("sqs").create_queue(QueueName=TABLE)["QueueUrl"]
    with TranscribeServer(job_seconds=JOB_SECONDS, recognize_speech=False) as server:
        handlers = Handlers(
            {
                **local_aws.environment,
                "AWS_ENDPOINT_URL_TRANSCRIBE": server.endpoint_url,
                "AWS_MAX_ATTEMPTS": "1",
                "LEDGER_TABLE_NAME": TABLE,
                "LEDGER_RETENTION_SECONDS": "31536000",
                "LEDGER_OVERDUE_SECONDS": "900",
                "LEDGER_RECONCILE_SECONDS": "60",
                "LEDGER_DELETES_JOBS": "",
                "QUEUE_URL": url,
                "STARTS_PER_SECOND": "1000000",
            }
        ).make_clients()
        yield World(handlers, server, local_aws)


def test_every_life_ends_in_the_true_state_and_says_so_once(world: World) -> None:
    LedgerLife.world = world
    profile = os.environ.get("HYPOTHESIS_PROFILE", "default")
    lives, steps = LIVES[profile]
    run_state_machine_as_test(
        LedgerLife,
        settings=settings(
            max_examples=lives,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            # The same lives for everybody who changes something; new ones every night.
            derandomize=profile == "default",
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
