"""`cdk-transcribe jobs`, `show`, `retry`, `redrive` and `export` against a stack in the local AWS."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.client
import pytest
from botocore.exceptions import ClientError

from cdk_transcribe.command_line import main
from transcribe_handlers.job_order import order_of
from transcribe_local import LocalAws

from .conftest import Arrivals
from .test_backfill_command import LISTENER, QUEUE, job, rule

BASE_CLIENT: Any = botocore.client.BaseClient
PIPELINE = job("English")["NamePrefix"]
NO_ACCESS = "The S3 URI that you provided can't be accessed. Make sure that you have read permission and try again."
INDEXES = (
    ("OpenJobs", "open", "check_at"),
    ("ByStatus", "status", "created_at"),
    ("ByMedia", "media_uri", "created_at"),
)


def english(bucket: str) -> dict[str, Any]:
    route = rule(bucket, "English", [{"prefix": "en/"}])
    route["Properties"]["Targets"][0]["DeadLetterConfig"] = {"Arn": {"Fn::GetAtt": ["DeadLetters", "Arn"]}}
    return route


def table() -> dict[str, Any]:
    attributes = sorted({"job_name", *(attribute for _, *pair in INDEXES for attribute in pair)})
    return {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "KeySchema": [{"AttributeName": "job_name", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in attributes],
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": index,
                    "KeySchema": [
                        {"AttributeName": partition, "KeyType": "HASH"},
                        {"AttributeName": sort, "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
                for index, partition, sort in INDEXES
            ],
            "BillingMode": "PAY_PER_REQUEST",
        },
    }


class Stack:
    """A pipeline with one route, its starter asleep, and what happens to its jobs."""

    def __init__(self, client: Any, handlers: Any, arrivals: Arrivals) -> None:
        self._client = client
        self._handlers = handlers
        self._arrivals = arrivals
        self.name = f"Stack-{uuid.uuid4().hex[:8]}"
        template = {
            "Resources": {
                "English": english(arrivals.bucket),
                "Queue": {"Type": "AWS::SQS::Queue"},
                "DeadLetters": {"Type": "AWS::SQS::Queue"},
                "Table": table(),
                "Starter": {
                    "Type": "AWS::Lambda::Function",
                    "Properties": {
                        "Runtime": "python3.12",
                        "Handler": "index.handler",
                        "Role": "arn:aws:iam::000000000000:role/starter",
                        "Code": {"ZipFile": "def handler(event, context): pass"},
                        "Environment": {"Variables": {"LEDGER_TABLE_NAME": {"Ref": "Table"}}},
                    },
                },
                "Listener": {
                    "Type": "AWS::Lambda::EventSourceMapping",
                    "Properties": {"EventSourceArn": QUEUE, "FunctionName": LISTENER, "Enabled": False},
                },
            }
        }
        cloudformation = client("cloudformation")
        cloudformation.create_stack(StackName=self.name, TemplateBody=json.dumps(template))
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName=self.name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )
        resources = cloudformation.list_stack_resources(StackName=self.name)["StackResourceSummaries"]
        ids = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}
        self.table, self.queue, self.dead_letters, self.rule = (
            ids[name] for name in ("Table", "Queue", "DeadLetters", "English")
        )

    def message(self, key: str = "en/a.wav", *, route: str = "English", pipeline: str = PIPELINE) -> str:
        return self._arrivals.message(key, job={"Route": route, "NamePrefix": pipeline, "Suffixes": [".wav"]})

    def order(self, key: str = "en/a.wav", **job: Any) -> str:
        """The row of a job that is about to start; its name."""
        message = self.message(key, **job)
        self.open(message)
        return order_of(message).job_name

    def open(self, message: str) -> None:
        order = order_of(message)
        self._handlers.ledger_table.open_row(order.job_name, order.facts, order.original_message)

    def end(self, job_name: str, status: str, **facts: Any) -> str:
        ending = {"kind": "TranscriptionJob", "status": status, "completed_at": "2999-01-01T00:00:00.000Z", **facts}
        assert self._handlers.ledger_table.advance(job_name, ending)
        return job_name

    def fail(self, key: str = "en/a.wav", **job: Any) -> str:
        reason = {"failure_class": "BAD_MEDIA", "failure_reason": "Unsupported media format."}
        return self.end(self.order(key, **job), "FAILED", **reason)

    def refuse(self, key: str = "en/a.wav") -> str:
        return self.end(self.order(key), "REJECTED", failure_class="NO_ACCESS", failure_reason=NO_ACCESS)

    def row(self, job_name: str) -> dict[str, str]:
        key = {"job_name": {"S": job_name}}
        item = self._client("dynamodb").get_item(TableName=self.table, Key=key, ConsistentRead=True)["Item"]
        return {name: value["S"] for name, value in item.items() if "S" in value}

    def let_die(self, body: str, **attributes: str) -> None:
        self._client("sqs").send_message(
            QueueUrl=self.dead_letters,
            MessageBody=body,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        )

    def waiting(self) -> list[str]:
        """What the starter would be given, taken from the pipeline's queue."""
        return self._taken(self.queue)

    def dead(self) -> list[str]:
        return self._taken(self.dead_letters)

    def _taken(self, url: str) -> list[str]:
        sqs, bodies = self._client("sqs"), []
        while received := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in received:
                bodies.append(message["Body"])
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return bodies

    def delete(self) -> None:
        self._client("cloudformation").delete_stack(StackName=self.name)


@pytest.fixture
def stack(
    local_aws: LocalAws, client: Any, handlers: Any, arrivals: Arrivals, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stack]:
    for name, value in local_aws.environment.items():
        monkeypatch.setenv(name, value)
    stack = Stack(client, handlers, arrivals)
    monkeypatch.setattr(handlers.ledger_table, "TABLE_NAME", stack.table)
    yield stack
    stack.delete()


def run(stack: Stack, command: str, *options: str) -> int:
    return main([command, "--stack", stack.name, *options])


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Any:
    """The lines printed since the last call."""
    return lambda: list(capsys.readouterr().out.splitlines())


@pytest.fixture
def complaint(capsys: pytest.CaptureFixture[str]) -> Any:
    """The lines that a command that fails has printed since the last call."""
    return lambda: list(capsys.readouterr().err.splitlines())


def test_jobs_lists_the_newest_first_with_status_and_reason(stack: Stack, output: Any) -> None:
    older = stack.fail("en/older.wav")
    newer = stack.order("en/newer.wav")

    assert run(stack, "jobs") == 0

    heading, first, second = output()
    assert heading.split() == ["STATUS", "CREATED", "TOOK", "JOB", "MEDIA", "WHY"]
    assert first.split()[0] == "STARTING"
    assert newer in first
    assert second.split()[0] == "FAILED"
    assert older in second
    assert second.endswith("/en/older.wav  BAD_MEDIA: Unsupported media format.")


def test_jobs_can_be_narrowed_down_by_status(stack: Stack, output: Any) -> None:
    failed = stack.fail("en/a.wav")
    stack.order("en/b.wav")

    assert run(stack, "jobs", "--status", "FAILED") == 0

    (line,) = output()[1:]
    assert failed in line


def test_jobs_lists_no_more_than_the_limit(stack: Stack, output: Any) -> None:
    names = [stack.order(f"en/{number}.wav") for number in range(3)]

    run(stack, "jobs", "--limit", "2")

    lines = output()[1:]
    assert [name in line for name, line in zip(reversed(names), lines, strict=False)] == [True, True]
    assert len(lines) == 2


def test_jobs_leaves_out_those_of_other_pipelines_in_the_ledger(stack: Stack, output: Any) -> None:
    stack.order("en/a.wav", pipeline="Others-12345678")

    run(stack, "jobs")

    assert len(output()) == 1


def test_jobs_prints_nothing_that_a_terminal_would_obey(stack: Stack, output: Any) -> None:
    stack.order("en/\x1b[2Jgone\n.wav")

    run(stack, "jobs")

    (line,) = output()[1:]
    assert "/en/\N{REPLACEMENT CHARACTER}[2Jgone\N{REPLACEMENT CHARACTER}.wav" in line


def test_watch_lists_the_jobs_again_until_interrupted(
    stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.order("en/first.wav")
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            raise KeyboardInterrupt
        stack.order("en/second.wav")

    monkeypatch.setattr("cdk_transcribe.command_line.jobs_command.time.sleep", wait)

    assert run(stack, "jobs", "--watch", "3") == 0

    _, first, second = capsys.readouterr().out.split("\x1b[H\x1b[2J")
    assert waits == [3, 3]
    assert ("first.wav" in first, "second.wav" in first) == (True, False)
    assert ("first.wav" in second, "second.wav" in second) == (True, True)


def test_show_prints_all_that_the_ledger_says_and_the_order(stack: Stack, output: Any) -> None:
    name = stack.fail()

    assert run(stack, "show", name) == 0

    lines = output()
    facts = dict(line.split(None, 1) for line in lines[: lines.index("")])
    assert facts["job_name"] == name
    assert facts["failure_reason"] == "Unsupported media format."
    assert "message" not in facts
    assert json.loads("\n".join(lines[lines.index("Its order:") + 1 :])) == json.loads(stack.message())


def test_fails_when_there_is_no_such_job(stack: Stack, complaint: Any) -> None:
    assert run(stack, "show", "nobody") == 2
    assert complaint() == [
        f"cdk-transcribe: the ledger of stack '{stack.name}' has no job 'nobody': `cdk-transcribe jobs` lists them"
    ]


def test_fails_when_the_stack_has_no_pipeline(stack: Stack, complaint: Any) -> None:
    assert main(["jobs", "--stack", "Nowhere"]) == 2
    assert "Nowhere" in complaint()[0]


@pytest.mark.parametrize("status", ["FAILED", "REJECTED", "LOST"])
def test_retry_starts_the_job_under_a_new_name_and_links_the_two(
    stack: Stack, arrivals: Arrivals, output: Any, status: str
) -> None:
    arrivals.put("en/a.wav")
    name = stack.end(stack.order(), status)

    assert run(stack, "retry", name) == 0

    assert output() == [f"{name} is tried again as {name}-r1"]
    (message,) = stack.waiting()
    assert arrivals.deliver(message) == []
    assert stack.row(name)["retried_by"] == f"{name}-r1"
    assert stack.row(f"{name}-r1")["retry_of"] == name


def test_a_retry_can_be_retried(stack: Stack) -> None:
    first = stack.fail()
    run(stack, "retry", first)
    (message,) = stack.waiting()
    stack.open(message)
    second = stack.end(f"{first}-r1", "FAILED")

    assert run(stack, "retry", second) == 0

    assert stack.row(second)["retried_by"] == f"{first}-r2"
    (message,) = stack.waiting()
    assert order_of(message).job_name == f"{first}-r2"


def test_a_retry_that_was_cut_short_is_made_up_for_by_the_next(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    name = stack.fail()
    with monkeypatch.context() as patch:
        interrupt(patch, "UpdateItem")
        assert run(stack, "retry", name) == 130

    assert run(stack, "retry", name) == 0

    assert {order_of(message).job_name for message in stack.waiting()} == {f"{name}-r1"}
    assert stack.row(name)["retried_by"] == f"{name}-r1"


def interrupt(patch: pytest.MonkeyPatch, operation: str) -> None:
    call = BASE_CLIENT._make_api_call

    def interrupted(self: Any, operation_name: str, parameters: Any) -> Any:
        if operation_name == operation:
            raise KeyboardInterrupt
        return call(self, operation_name, parameters)

    patch.setattr(BASE_CLIENT, "_make_api_call", interrupted)


def test_retry_says_which_jobs_it_leaves_alone_and_why(stack: Stack, complaint: Any) -> None:
    running = stack.order("en/a.wav")
    retried = stack.fail("en/b.wav")
    without_route = stack.fail("en/c.wav", route="French")
    run(stack, "retry", retried)
    stack.waiting()

    assert run(stack, "retry", running, retried, without_route) == 1

    assert complaint() == [
        f"cdk-transcribe: {running} is not tried again: it is STARTING: only a job that is FAILED, REJECTED or LOST "
        "can be",
        f"cdk-transcribe: {retried} is not tried again: it has been already, as {retried}-r1",
        f"cdk-transcribe: {without_route} is not tried again: the stack has no route 'French' any more",
    ]
    assert stack.waiting() == []


def test_the_last_of_ten_tries_is_not_retried(stack: Stack, complaint: Any) -> None:
    message = json.loads(stack.message())
    message["event"]["detail"]["retry"] = 9
    stack.open(json.dumps(message))
    name = stack.end(order_of(json.dumps(message)).job_name, "FAILED")

    assert run(stack, "retry", name) == 1

    assert complaint()[0].endswith("is not tried again: it is the last of 10 tries: upload the object again")


def test_a_job_whose_order_is_not_known_is_not_retried(stack: Stack, client: Any, complaint: Any) -> None:
    name = stack.fail()
    client("dynamodb").update_item(
        TableName=stack.table, Key={"job_name": {"S": name}}, UpdateExpression="REMOVE message"
    )

    assert run(stack, "retry", name) == 1

    assert "the ledger does not have its order" in complaint()[0]


def test_redrive_lists_dead_letters_and_refusals_by_reason_and_sends_nothing(stack: Stack, output: Any) -> None:
    stack.let_die(stack.message("en/a.wav"))
    stack.let_die(stack.message("en/a.wav"))
    stack.let_die("no order at all")
    stack.refuse("en/b.wav")

    assert run(stack, "redrive") == 0

    lines = [line.split() for line in output()]
    assert [line[:3] for line in lines[1:4]] == [
        ["NO_ACCESS", "1", "refusal"],
        ["STARTER_FAILED", "2", "dead"],
        ["UNREADABLE", "1", "dead"],
    ]
    assert " ".join(lines[5]) == "nothing is sent yet: with --yes 4 will be"
    assert stack.waiting() == []
    assert len(stack.dead()) == 3


def test_redrive_sends_dead_letters_back_as_they_are(stack: Stack, output: Any) -> None:
    stack.let_die(stack.message())

    assert run(stack, "redrive", "--yes") == 0

    assert output()[-1] == "1 sent again"
    assert (stack.waiting(), stack.dead()) == ([stack.message()], [])


def test_redrive_gives_an_event_that_was_not_delivered_what_its_rule_says_of_the_job(stack: Stack, output: Any) -> None:
    event = json.loads(stack.message())["event"]
    arn = f"arn:aws:events:us-east-1:000000000000:rule/{stack.rule}"
    stack.let_die(json.dumps(event), RULE_ARN=arn, ERROR_CODE="NO_PERMISSIONS", ERROR_MESSAGE="kms:Decrypt")

    assert run(stack, "redrive", "--yes", "--reason", "NOT_DELIVERED") == 0

    assert output()[1].endswith("/en/a.wav: NO_PERMISSIONS: kms:Decrypt")
    (message,) = stack.waiting()
    assert json.loads(message) == {"event": event, "job": job("English")}


def test_redrive_tries_refused_jobs_again_once(stack: Stack, output: Any) -> None:
    name = stack.refuse()

    assert run(stack, "redrive", "--yes") == 0
    assert run(stack, "redrive", "--yes") == 0

    assert output()[-1] == "no dead letters and no refusals"
    (message,) = stack.waiting()
    assert order_of(message).job_name == f"{name}-r1"


def test_redrive_takes_the_reason_that_it_is_given_and_no_other(stack: Stack) -> None:
    stack.let_die(stack.message())
    name = stack.refuse("en/b.wav")

    assert run(stack, "redrive", "--yes", "--reason", "NO_ACCESS") == 0

    (message,) = stack.waiting()
    assert order_of(message).job_name == f"{name}-r1"
    assert stack.dead() == [stack.message()]


def test_redrive_leaves_what_it_can_not_read_where_it_is(stack: Stack, complaint: Any) -> None:
    stack.let_die('{"no": "order"}')

    assert run(stack, "redrive", "--yes") == 1

    assert complaint() == [
        "cdk-transcribe: dead letter KeyError: 'job' is not sent again: it is no message for the starter, and stays "
        "where it is"
    ]
    assert stack.dead() == ['{"no": "order"}']


def test_fails_when_nothing_has_the_reason(stack: Stack, complaint: Any) -> None:
    stack.refuse()

    assert run(stack, "redrive", "--reason", "LIMIT") == 2

    assert complaint() == [
        "cdk-transcribe: no dead letter and no refusal has the reason 'LIMIT': the reasons are NO_ACCESS"
    ]


def test_export_writes_a_line_of_json_for_each_job_without_its_order(stack: Stack, output: Any) -> None:
    failed, running = stack.fail("en/a.wav"), stack.order("en/b.wav")

    assert run(stack, "export", "--format", "jsonl") == 0

    rows = [json.loads(line) for line in output()]
    assert [(row["job_name"], row["status"]) for row in rows] == [(running, "STARTING"), (failed, "FAILED")]
    assert not {"message", "open", "check_at"} & set(rows[0])


def test_export_writes_csv_with_the_same_columns_for_every_job(stack: Stack, capsys: Any) -> None:
    name = stack.order("en/a, b.wav")
    stack.end(name, "COMPLETED", subtitle_uris=["s3://t/a.vtt", "s3://t/a.srt"], language_score=0.75)

    assert run(stack, "export") == 0

    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row["media_uri"].endswith("/en/a, b.wav")
    assert row["subtitle_uris"] == "s3://t/a.vtt s3://t/a.srt"
    assert (row["language_score"], row["failure_reason"]) == ("0.75", "")


def test_export_can_be_narrowed_down_by_status_and_time(stack: Stack, output: Any) -> None:
    stack.order("en/a.wav")
    failed = stack.fail("en/b.wav")

    run(stack, "export", "--format", "jsonl", "--status", "FAILED", "--since", "2020-01-01", "--until", "2999-01-01")
    run(stack, "export", "--format", "jsonl", "--since", "2998-01-01")
    run(stack, "export", "--format", "jsonl", "--until", "2020-01-01")

    assert [json.loads(line)["job_name"] for line in output()] == [failed]


def test_export_writes_a_job_that_ends_meanwhile_once(stack: Stack, output: Any, monkeypatch: Any) -> None:
    name = stack.order()
    call = BASE_CLIENT._make_api_call

    def ending(self: Any, operation_name: str, parameters: Any) -> Any:
        answer = call(self, operation_name, parameters)
        if operation_name == "BatchGetItem" and stack.row(name)["status"] == "STARTING":
            stack.end(name, "COMPLETED")
        return answer

    monkeypatch.setattr(BASE_CLIENT, "_make_api_call", ending)

    run(stack, "export", "--format", "jsonl")

    assert [json.loads(line)["job_name"] for line in output()] == [name]


def test_fails_when_the_date_is_none(stack: Stack, complaint: Any) -> None:
    assert run(stack, "export", "--since", "yesterday") == 2
    assert complaint() == ["cdk-transcribe: 'yesterday' is no date: write it like 2026-01-31 or 2026-01-31T08:00:00Z"]


@pytest.mark.parametrize(
    ("command", "operation", "permission"),
    [
        ("jobs", "Query", "dynamodb:Query"),
        ("show", "GetItem", "dynamodb:GetItem"),
        ("export", "BatchGetItem", "dynamodb:BatchGetItem"),
        ("retry", "PutEvents", "events:PutEvents"),
        ("retry", "UpdateItem", "dynamodb:UpdateItem"),
        ("redrive", "GetQueueUrl", "sqs:GetQueueUrl"),
        ("redrive", "ReceiveMessage", "sqs:ReceiveMessage"),
        ("redrive", "SendMessage", "sqs:SendMessage"),
        ("redrive", "DeleteMessage", "sqs:DeleteMessage"),
    ],
)
def test_a_permission_that_is_missing_is_named(
    *, stack: Stack, complaint: Any, monkeypatch: Any, command: str, operation: str, permission: str
) -> None:
    name = stack.fail()
    stack.let_die(stack.message("en/b.wav"))
    deny(monkeypatch, operation, "the reason of the service")
    options = {"show": [name], "retry": [name], "redrive": ["--yes"]}

    assert run(stack, command, *options.get(command, [])) == 2

    assert complaint() == [
        f"cdk-transcribe: you lack a permission, {permission} or one that goes with it: the reason of the service"
    ]


def test_a_permission_is_named_with_its_resource_where_the_service_says_so(
    stack: Stack, complaint: Any, monkeypatch: Any
) -> None:
    message = (
        "User: arn:aws:iam::000000000000:user/ann is not authorized to perform: kms:Decrypt on resource: "
        "arn:aws:kms:us-east-1:000000000000:key/1 because no identity-based policy allows the kms:Decrypt action"
    )
    deny(monkeypatch, "Query", message)

    assert run(stack, "jobs") == 2

    assert complaint() == [
        "cdk-transcribe: you lack the permission kms:Decrypt on arn:aws:kms:us-east-1:000000000000:key/1: " + message
    ]


def deny(patch: pytest.MonkeyPatch, operation: str, message: str) -> None:
    call = BASE_CLIENT._make_api_call

    def denied(self: Any, operation_name: str, parameters: Any) -> Any:
        if operation_name == operation:
            error = {"Error": {"Code": "AccessDeniedException", "Message": message}}
            raise ClientError(error, operation_name)  # type: ignore[arg-type]
        return call(self, operation_name, parameters)

    patch.setattr(BASE_CLIENT, "_make_api_call", denied)


def test_a_reader_that_has_enough_hears_no_complaint(stack: Stack, repository: Path) -> None:
    for number in range(3):
        stack.order(f"en/{number}.wav")
    program = f"from cdk_transcribe.command_line import main; main(['export', '--stack', '{stack.name}'])"

    command = subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(repository / "constructs")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert command.stdout
    assert command.stderr
    command.stdout.close()

    assert command.stderr.read() == b""
    command.wait()
    command.stderr.close()


@pytest.mark.parametrize("command", ["jobs", "show", "retry", "redrive", "export"])
def test_a_commands_help_says_its_exit_codes(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])

    assert ended.value.code == 0
    assert "Exit code 0:" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--limit", "0"], "argument --limit: 0 is less than 1"),
        (["--watch", "0"], "argument --watch: 0 is not more than 0"),
        (["--status", "DONE"], "argument --status: invalid choice: 'DONE'"),
    ],
)
def test_fails_when_an_option_of_jobs_is_out_of_range(
    options: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["jobs", "--stack", "Any", *options])

    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err
