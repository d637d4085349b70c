"""`cdk-transcribe backfill` against a stack in the local AWS."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import botocore.client
import pytest
from botocore.exceptions import ClientError

from cdk_transcribe.command_line import main
from transcribe_handlers.job_order import order_of
from transcribe_local import LocalAws

QUEUE = {"Fn::GetAtt": ["Queue", "Arn"]}
LISTENER = {"Fn::GetAtt": ["Starter", "Arn"]}


def job(route: str, **more: Any) -> dict[str, Any]:
    return {
        "Kind": "TranscriptionJob",
        "Route": route,
        "NamePrefix": "Calls-1a2b3c4d",
        "Suffixes": [".wav"],
        "OutputBucketName": "transcripts",
        "OutputPrefix": "",
        "Request": {"LanguageCode": "en-US", "JobExecutionSettings": {"AllowDeferredExecution": True}},
        **more,
    }


def rule(bucket: str, route: str, keys: list[Any]) -> dict[str, Any]:
    template = '{"event":<f1>,"job":' + json.dumps(job(route)) + "}"
    return {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "EventPattern": {
                "source": ["aws.s3", "cdk-transcribe"],
                "detail-type": ["Object Created"],
                "detail": {"bucket": {"name": [bucket]}, "object": {"key": keys}},
            },
            "Targets": [
                {
                    "Id": "T",
                    "Arn": QUEUE,
                    "InputTransformer": {"InputPathsMap": {"f1": "$"}, "InputTemplate": template},
                },
                # Somebody else's, who wants to know of arrivals too.
                {"Id": "Audit", "Arn": {"Fn::GetAtt": ["Audit", "Arn"]}},
            ],
        },
    }


class Stack:
    """What a pipeline with two routes leaves in an account, its starter asleep."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self.bucket = bucket
        self.name = f"Stack-{uuid.uuid4().hex[:8]}"
        template = {
            "Resources": {
                "English": rule(bucket, "English", [{"prefix": "en/"}]),
                "Rest": rule(bucket, "Rest", [{"suffix": {"equals-ignore-case": ".wav"}}]),
                # Somebody else's, for what the ledger sends.
                "Done": {
                    "Type": "AWS::Events::Rule",
                    "Properties": {
                        "EventPattern": {"source": ["cdk-transcribe"], "detail-type": ["Transcription Job Recorded"]},
                        "Targets": [{"Id": "T", "Arn": QUEUE}],
                    },
                },
                "Queue": {"Type": "AWS::SQS::Queue"},
                "Audit": {"Type": "AWS::SQS::Queue"},
                "Table": {
                    "Type": "AWS::DynamoDB::Table",
                    "Properties": {
                        "KeySchema": [{"AttributeName": "job_name", "KeyType": "HASH"}],
                        "AttributeDefinitions": [{"AttributeName": "job_name", "AttributeType": "S"}],
                        "BillingMode": "PAY_PER_REQUEST",
                    },
                },
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
        cloudformation.create_stack(
            StackName=self.name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"]
        )
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName=self.name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )

    def put(self, *keys: str) -> None:
        for key in keys:
            self._client("s3").put_object(Bucket=self.bucket, Key=key, Body=b"a recording")

    def physical_id(self, logical_id: str) -> str:
        answer = self._client("cloudformation").describe_stack_resource(
            StackName=self.name, LogicalResourceId=logical_id
        )
        name: str = answer["StackResourceDetail"]["PhysicalResourceId"]
        return name

    def messages(self) -> list[dict[str, Any]]:
        """What has come to the starter's queue, taken from it."""
        sqs, url, bodies = self._client("sqs"), self.physical_id("Queue"), []
        while received := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in received:
                bodies.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return bodies

    def record(self, *messages: dict[str, Any]) -> None:
        for message in messages:
            name = order_of(json.dumps(message)).job_name
            self._client("dynamodb").put_item(
                TableName=self.physical_id("Table"), Item={"job_name": {"S": name}, "status": {"S": "COMPLETED"}}
            )

    def wanted(self) -> list[dict[str, Any]]:
        """The messages that the starter would start a job for; the rules of other routes may match as well."""
        return [message for message in self.messages() if not order_of(json.dumps(message)).reason_to_skip]

    def asked_for(self) -> list[tuple[str, str]]:
        """Route and key of what the starter would start a job for."""
        return sorted((one["job"]["Route"], one["event"]["detail"]["object"]["key"]) for one in self.wanted())


@pytest.fixture
def stack(local_aws: LocalAws, client: Any, bucket: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    for name, value in local_aws.environment.items():
        monkeypatch.setenv(name, value)
    stack = Stack(client, bucket)
    yield stack
    client("cloudformation").delete_stack(StackName=stack.name)


def run(stack: Stack, *options: str) -> int:
    return main(["backfill", "--stack", stack.name, "--rate", "100000", *options])


def test_every_route_asks_for_the_objects_that_it_takes(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    stack.put("en/a.wav", "en/b.txt", "de/a.WAV")

    assert run(stack) == 0

    assert stack.asked_for() == [("English", "en/a.wav"), ("Rest", "de/a.WAV"), ("Rest", "en/a.wav")]
    assert sorted(capsys.readouterr().out.splitlines()) == [
        "English: 1 asked for, 0 recorded already, of 1 media among 2 objects",
        "Rest: 2 asked for, 0 recorded already, of 2 media among 3 objects",
    ]


def test_run_again_it_asks_for_what_the_ledger_does_not_know(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    stack.put("en/a.wav", "en/b.wav")
    run(stack, "--route", "English")
    first, _ = stack.wanted()
    stack.record(first)
    capsys.readouterr()

    assert run(stack, "--route", "English") == 0

    assert capsys.readouterr().out == "English: 1 asked for, 1 recorded already, of 2 media among 2 objects\n"
    assert len(stack.asked_for()) == 1


def test_the_newest_of_an_objects_versions_is_asked_for(stack: Stack, client: Any) -> None:
    client("s3").put_bucket_versioning(Bucket=stack.bucket, VersioningConfiguration={"Status": "Enabled"})
    stack.put("en/a.wav", "en/a.wav", "en/gone.wav")
    client("s3").delete_object(Bucket=stack.bucket, Key="en/gone.wav")
    newest = client("s3").head_object(Bucket=stack.bucket, Key="en/a.wav")["VersionId"]

    run(stack, "--route", "English")

    (message,) = stack.wanted()
    assert message["event"]["detail"]["object"]["version-id"] == newest


def test_a_prefix_and_a_date_narrow_it_down(stack: Stack) -> None:
    stack.put("en/old/a.wav", "en/new/a.wav")

    run(stack, "--route", "English", "--prefix", "en/new/")
    narrowed = stack.asked_for()
    run(stack, "--prefix", "fr/")
    run(stack, "--since", "2999-01-01")

    assert (narrowed, stack.asked_for()) == ([("English", "en/new/a.wav")], [])


def test_a_dry_run_prints_what_would_be_asked_for(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    stack.put("en/a b.wav")

    assert run(stack, "--route", "English", "--dry-run") == 0

    assert capsys.readouterr().out.splitlines() == [
        f"s3://{stack.bucket}/en/a b.wav",
        "English: 1 would be asked for, 0 recorded already, of 1 media among 1 objects",
    ]
    assert stack.messages() == []


def test_fails_when_there_is_no_such_route(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(stack, "--route", "French") == 2
    assert capsys.readouterr().err == (
        f"cdk-transcribe: stack '{stack.name}' has no route 'French': its routes are English, Rest\n"
    )


def test_fails_when_there_is_no_such_stack(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backfill", "--stack", "Nowhere"]) == 2
    assert "Nowhere" in capsys.readouterr().err


def test_fails_when_the_date_is_none(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(stack, "--since", "yesterday") == 2
    assert capsys.readouterr().err == (
        "cdk-transcribe: 'yesterday' is no date: write it like 2026-01-31 or 2026-01-31T08:00:00Z\n"
    )


@pytest.mark.parametrize("rate", ["0", "-1"])
def test_fails_when_the_rate_is_none(rate: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit:
        main(["backfill", "--stack", "Any", f"--rate={rate}"])

    assert exit.value.code == 2
    assert f"argument --rate: {rate} is not more than 0" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("operation", "permission"),
    [
        ("ListStackResources", "cloudformation:ListStackResources"),
        ("DescribeRule", "events:DescribeRule"),
        ("ListTargetsByRule", "events:ListTargetsByRule"),
        ("ListEventSourceMappings", "lambda:ListEventSourceMappings"),
        ("GetFunctionConfiguration", "lambda:GetFunctionConfiguration"),
        ("ListObjectVersions", "s3:ListBucketVersions"),
        ("BatchGetItem", "dynamodb:BatchGetItem"),
        ("PutEvents", "events:PutEvents"),
    ],
)
def test_a_permission_that_is_missing_is_named(
    stack: Stack,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    permission: str,
) -> None:
    stack.put("en/a.wav")
    call = botocore.client.BaseClient._make_api_call

    def denied(self: Any, operation_name: str, parameters: Any) -> Any:
        if operation_name == operation:
            error = {"Error": {"Code": "AccessDeniedException", "Message": "the reason of the service"}}
            raise ClientError(error, operation_name)  # type: ignore[arg-type]
        return call(self, operation_name, parameters)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", denied)

    assert run(stack, "--route", "English") == 2

    assert capsys.readouterr().err.startswith(
        f"cdk-transcribe: you lack a permission, {permission} or one that goes with it: the reason of the service\n"
    )


def test_an_interruption_says_how_far_it_came(
    stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.put(*(f"en/{number:02}.wav" for number in range(12)))
    call, calls = botocore.client.BaseClient._make_api_call, []

    def interrupted(self: Any, operation_name: str, parameters: Any) -> Any:
        calls.append(operation_name)
        if operation_name == "PutEvents" and calls.count("PutEvents") == 2:
            raise KeyboardInterrupt
        return call(self, operation_name, parameters)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", interrupted)

    assert run(stack, "--route", "English") == 130

    assert capsys.readouterr().err.splitlines() == [
        "cdk-transcribe: interrupted; run it again, and it goes on from here",
        "cdk-transcribe: English: 10 asked for, 0 recorded already, of 12 media among 12 objects",
    ]
