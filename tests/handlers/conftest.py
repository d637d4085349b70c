"""The handlers as Lambda imports them, pointed at a local AWS, and the parts of AWS that call them."""

from __future__ import annotations

import functools
import importlib
import json
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import boto3
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template

from cdk_transcribe import JobLedger
from transcribe_local import LocalAws

LAMBDAS = Path(__file__).parents[2] / "lambdas"
MAKES_ITS_CLIENT_LATER = (
    "content_size",
    "model_pointer",
    "object_tags",
    "serving_models",
    "stack_events",
    "training_watch",
)
TABLE_NAME = "ledger"
# What a route asks for at least, by kind of job.
_ROLE_ARN = "arn:aws:iam::000000000000:role/data-access"
REQUESTS: dict[str, dict[str, Any]] = {
    "TranscriptionJob": {"LanguageCode": "en-US"},
    "MedicalTranscriptionJob": {"LanguageCode": "en-US", "Specialty": "PRIMARYCARE", "Type": "DICTATION"},
    "CallAnalyticsJob": {
        "DataAccessRoleArn": _ROLE_ARN,
        "ChannelDefinitions": [
            {"ChannelId": 0, "ParticipantRole": "AGENT"},
            {"ChannelId": 1, "ParticipantRole": "CUSTOMER"},
        ],
    },
    "MedicalScribeJob": {
        "DataAccessRoleArn": _ROLE_ARN,
        "Settings": {"ShowSpeakerLabels": True, "MaxSpeakerLabels": 2},
    },
}
STACK_ID = "arn:aws:cloudformation:us-east-1:000000000000:stack/calls/1b2c3d4e-0000-4000-8000-000000000000"


def pytest_configure(config: pytest.Config) -> None:
    # Not imported as a name: that would be another fixture, with another server.
    if not config.pluginmanager.has_plugin("transcribe_local.pytest_plugin"):
        config.pluginmanager.import_plugin("transcribe_local.pytest_plugin")


def create_ledger_table(dynamodb: Any, name: str) -> None:
    """The table as `JobLedger` makes it, without what only an account has."""
    stack = cdk.Stack(cdk.App(), "Stack")
    JobLedger(stack, "Ledger", encryption_key=kms.Key(stack, "Key"))
    [table] = Template.from_stack(stack).find_resources("AWS::DynamoDB::Table").values()
    made_of = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    dynamodb.create_table(
        TableName=name,
        StreamSpecification={**table["Properties"]["StreamSpecification"], "StreamEnabled": True},
        **{part: table["Properties"][part] for part in made_of},
    )


class Handlers:
    """The handler modules, each imported when first asked for with the environment that a deployed function has."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._modules: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        # Afresh: the modules make their clients at import, from the environment of that moment.
        full_name = f"transcribe_handlers.{name}"
        if not (LAMBDAS / "transcribe_handlers" / f"{name}.py").is_file():
            raise AttributeError(name)
        if full_name not in self._modules:
            with pytest.MonkeyPatch.context() as patch:
                for variable, value in self._environment.items():
                    patch.setenv(variable, value)
                for known in [known for known in sys.modules if known.startswith("transcribe_handlers")]:
                    patch.delitem(sys.modules, known)
                sys.modules.update(self._modules)
                patch.setattr(boto3, "DEFAULT_SESSION", None)
                module: Any = importlib.import_module(full_name)
                if name in MAKES_ITS_CLIENT_LATER:
                    module.client()
                self._modules = {
                    known: module for known, module in sys.modules.items() if known.startswith("transcribe_handlers")
                }
                for known in self._modules:
                    del sys.modules[known]
        return self._modules[full_name]

    def make_clients(self) -> Handlers:
        """Make the clients that a function makes when it needs them, which in a test would find no such environment."""
        for name in MAKES_ITS_CLIENT_LATER:
            getattr(self, name)
        return self


@pytest.fixture(scope="session")
def client(local_aws: LocalAws) -> Callable[[str], Any]:
    """Clients of the local AWS, each made once: making one takes longer than most tests."""
    return functools.cache(local_aws.client)


@pytest.fixture(scope="session")
def handlers(local_aws: LocalAws, client: Any) -> Handlers:
    """The handlers as they are deployed, pointed at the local AWS."""
    create_ledger_table(client("dynamodb"), TABLE_NAME)
    return Handlers(
        {
            **local_aws.environment,
            "AWS_MAX_ATTEMPTS": "1",
            "LEDGER_TABLE_NAME": TABLE_NAME,
            "LEDGER_RETENTION_SECONDS": "3600",
            "LEDGER_OVERDUE_SECONDS": "900",
            "LEDGER_RECONCILE_SECONDS": "60",
            "LEDGER_DELETES_JOBS": "",
            "QUEUE_URL": "set by each test",
            "STARTS_PER_SECOND": "1000000",
            "EVENTS_PER_SECOND": "1000000",
        }
    ).make_clients()


@pytest.fixture
def aws(local_aws: LocalAws, handlers: Handlers) -> Iterator[LocalAws]:
    """An empty Transcribe in which vocabularies are READY at once."""
    local_aws.reset_transcribe()
    local_aws.settings(pending_seconds=0)
    yield local_aws
    local_aws.reset_transcribe()


class TemplateResource:
    """One custom resource of a stack, driven as CloudFormation and the provider framework drive it."""

    def __init__(self, handlers: Handlers, resource_type: str, stack_id: str, logical_id: str) -> None:
        self._handler = handlers.custom_resource
        self._identity = {"ResourceType": resource_type, "StackId": stack_id, "LogicalResourceId": logical_id}
        self.physical_id = ""
        self.properties: dict[str, Any] = {}

    def create(self, **properties: Any) -> dict[str, str]:
        return self._deploy("Create", properties)

    def update(self, **properties: Any) -> dict[str, str]:
        """As CloudFormation does: where the physical id changed, the old one is deleted at last."""
        old_id, old_properties = self.physical_id, self.properties
        attributes = self._deploy("Update", properties)
        if old_id != self.physical_id:
            self.complete(self.event("Delete", old_properties, PhysicalResourceId=old_id))
        return attributes

    def delete(self) -> None:
        self.complete(self.event("Delete", self.properties))

    def look(self, request_type: str, **properties: Any) -> dict[str, Any]:
        """One completion check."""
        return self.check(self.event(request_type, properties))

    def check(self, event: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self._handler.is_complete(json.loads(json.dumps(event)), None)
        # The framework refuses anything else.
        assert answer["IsComplete"] or answer == {"IsComplete": False}
        return answer

    def complete(self, event: dict[str, Any]) -> dict[str, str]:
        for _ in range(2000):
            answer = self.check(event)
            if answer["IsComplete"]:
                attributes: dict[str, str] = answer["Data"]
                return attributes
        raise AssertionError("never complete")

    def event(self, request_type: str, properties: dict[str, Any], **fields: Any) -> dict[str, Any]:
        request = {
            **self._identity,
            "RequestType": request_type,
            "ResourceProperties": {"ServiceToken": "x", "AdoptExisting": "false", **properties},
            # CloudFormation knows no id before a creation.
            **({} if request_type == "Create" else {"PhysicalResourceId": self.physical_id}),
            **fields,
        }
        return {**request, **self._handler.on_event(request, None)}

    def _deploy(self, request_type: str, properties: dict[str, Any]) -> dict[str, str]:
        event = self.event(request_type, properties)
        self.physical_id, self.properties = event["PhysicalResourceId"], properties
        return self.complete(event)


@pytest.fixture
def template(handlers: Handlers, aws: LocalAws) -> Any:
    """`template("Vocabulary")` is a custom resource of that kind, in a stack of its own choice."""

    def resource(kind: str, stack_id: str = STACK_ID, logical_id: str = "Terms") -> TemplateResource:
        return TemplateResource(handlers, f"Custom::Transcribe{kind}", stack_id, logical_id)

    return resource


@pytest.fixture
def terms(template: Any) -> TemplateResource:
    resource: TemplateResource = template("Vocabulary")
    return resource


@pytest.fixture
def resources(aws: LocalAws) -> Any:
    """What Transcribe holds, by name."""
    return lambda: {entry.get("VocabularyName") or entry["VocabularyFilterName"]: entry for entry in aws.resources()}


@pytest.fixture
def bucket(client: Any) -> str:
    name = f"bucket-{uuid.uuid4().hex[:12]}"
    client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def queue(client: Any, handlers: Handlers, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The pipeline's queue; calling it gives what was sent to it so far, delays left out of account."""
    url = client("sqs").create_queue(QueueName=f"queue-{uuid.uuid4().hex}")["QueueUrl"]
    monkeypatch.setattr(handlers.job_starter, "QUEUE_URL", url)
    sent: list[dict[str, Any]] = []
    handlers.job_starter.sqs.meta.events.register(
        "provide-client-params.sqs.SendMessage", lambda params, **_: sent.append(params), unique_id=url
    )
    yield sent
    handlers.job_starter.sqs.meta.events.unregister("provide-client-params.sqs.SendMessage", unique_id=url)


class FullMinute:
    """The context of an invocation that has all of its time left."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


class Arrivals:
    """Messages as EventBridge puts them on the pipeline's queue, and the ledger that they end in."""

    def __init__(self, handlers: Handlers, client: Any, bucket: str) -> None:
        self._handlers = handlers
        self._ledger = client("dynamodb")
        self._s3 = client("s3")
        self.bucket = bucket
        self.pipeline = f"calls-{uuid.uuid4().hex[:8]}"

    def message(
        self,
        key: str = "en/a.wav",
        *,
        size: int = 9,
        attempt: int | None = None,
        kind: str = "TranscriptionJob",
        version_id: str | None = "v1",
        job: dict[str, Any] | None = None,
        **request: Any,
    ) -> str:
        version = {"version-id": version_id} if version_id else {}
        event = {
            "source": "aws.s3",
            "detail-type": "Object Created",
            "detail": {"bucket": {"name": self.bucket}, "object": {"key": key, "size": size, "etag": "e1", **version}},
        }
        wanted = {
            "Kind": kind,
            "Route": "English",
            "NamePrefix": self.pipeline,
            "OutputBucketName": self.bucket,
            "OutputPrefix": "out/",
            "Request": {**REQUESTS[kind], **request},
            **(job or {}),
        }
        body = {"event": event, "job": wanted}
        return json.dumps(body if attempt is None else {**body, "attempt": attempt})

    def put(self, key: str = "en/a.wav", body: bytes = b"no sound at all") -> None:
        self._s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def deliver(self, *messages: str) -> list[str]:
        """Give the starter one batch, and answer with the positions of those that failed."""
        records = [{"messageId": str(number), "body": body} for number, body in enumerate(messages)]
        answer = self._handlers.job_starter.handler({"Records": records}, FullMinute())
        return [item["itemIdentifier"] for item in answer["batchItemFailures"]]

    def job_name(self, message: str) -> str:
        name: str = importlib.import_module("transcribe_handlers.job_order").order_of(message).job_name
        return name

    def row(self, message: str) -> dict[str, Any]:
        return self.row_named(self.job_name(message))

    def row_named(self, job_name: str) -> dict[str, Any]:
        """The row as plain values; {} when there is none."""
        answer = self._ledger.get_item(TableName=TABLE_NAME, Key={"job_name": {"S": job_name}}, ConsistentRead=True)
        return plain_row(answer.get("Item", {}))


def plain_row(item: dict[str, Any]) -> dict[str, Any]:
    """A row of the ledger as plain values."""
    return {name: _plain(value) for name, value in item.items()}


def _plain(value: dict[str, Any]) -> Any:
    if "L" in value:
        return [_plain(item) for item in value["L"]]
    return json.loads(value["N"]) if "N" in value else value["S"]


@pytest.fixture
def arrivals(handlers: Handlers, aws: LocalAws, client: Any, bucket: str, queue: Any) -> Arrivals:
    return Arrivals(handlers, client, bucket)


@pytest.fixture
def metrics(capsys: pytest.CaptureFixture[str]) -> Any:
    """What was counted since the last call: the metric, or the metric and the reason or class of failure."""

    def read() -> list[Any]:
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
        for line in lines:
            assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "cdk-transcribe"
            assert line.get("Pipeline") or line["Ledger"]
        counted = [
            (line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"], line.get("Reason") or line.get("FailureClass"))
            for line in lines
        ]
        return [(name, reason) if reason else name for name, reason in counted]

    return read
