"""A family of language models in a stack, driven as CloudFormation, the provider framework and the watcher drive it."""

from __future__ import annotations

import http.server
import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from transcribe_local import LocalAws

from .conftest import STACK_ID, Handlers

FAMILY = "calls-Model-1A2B3C4D"
ROLE = "arn:aws:iam::000000000000:role/reader"
KEY = "arn:aws:kms:us-east-1:000000000000:key/1b2c3d4e-0000-4000-8000-000000000000"
_SLEEPER = {"StartAt": "Sleep", "States": {"Sleep": {"Type": "Wait", "Seconds": 3600, "End": True}}}


def version(digit: str) -> str:
    """The name of a version of the family."""
    return f"{FAMILY}-{digit * 10}"


class FamilyStack:
    """The custom resource, the machine's executions, and what is left of them in Transcribe and in SSM."""

    def __init__(self, aws: LocalAws, handlers: Handlers, client: Any, bucket: str) -> None:
        self.aws = aws
        self.handlers = handlers
        self.bucket = bucket
        self._client = client
        # Executions of this machine do nothing; the tests take its steps themselves.
        self.watcher = client("stepfunctions").create_state_machine(
            name=f"watcher-{uuid.uuid4().hex}", definition=json.dumps(_SLEEPER), roleArn=ROLE
        )["stateMachineArn"]
        self.properties: dict[str, Any] = {
            "FamilyName": FAMILY,
            "ModelName": version("a"),
            "LanguageCode": "en-US",
            "BaseModelName": "WideBand",
            "InputDataConfig": {"S3Uri": f"s3://{bucket}/training/", "DataAccessRoleArn": ROLE},
            "VersionsToKeep": "1",
            "WatcherArn": self.watcher,
            "Tags": [{"Key": "team", "Value": "calls"}],
        }
        self.request = ""
        client("s3").put_object(Bucket=bucket, Key="training/a.txt", Body=b"It was the best of times.\n")

    def create(self, **changes: Any) -> dict[str, Any]:
        return self.complete("Create", changes)

    def update(self, **changes: Any) -> dict[str, Any]:
        return self.complete("Update", changes)

    def delete(self) -> None:
        self.complete("Delete", {})

    def complete(self, request_type: str, changes: dict[str, Any]) -> dict[str, Any]:
        """A request, looked at until it is complete; attributes are the answer."""
        event = self.event(request_type, changes)
        for _ in range(50):
            answer = self.check(event)
            if answer["IsComplete"]:
                attributes: dict[str, Any] = answer["Data"]
                return attributes
        raise AssertionError("never complete")

    def event(self, request_type: str, changes: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
        old = self.properties
        self.properties = {**old, **(changes or {})}
        request = {
            "RequestType": request_type,
            "RequestId": str(uuid.uuid4()),
            "ResourceType": "Custom::TranscribeLanguageModel",
            "StackId": STACK_ID,
            "LogicalResourceId": "Model",
            "ResourceProperties": {"ServiceToken": "x", **self.properties},
            **({"OldResourceProperties": old} if request_type == "Update" else {}),
            **({} if request_type == "Create" else {"PhysicalResourceId": FAMILY}),
            **fields,
        }
        self.request = request["RequestId"]
        return {**request, **self.handlers.custom_resource.on_event(request, None)}

    def check(self, event: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self.handlers.custom_resource.is_complete(json.loads(json.dumps(event)), None)
        return answer

    def watch(self, request: str = "") -> Watch:
        """The execution that a request has started."""
        return Watch(self.handlers, self.execution(request or self.request)["input"])

    def execution(self, request: str) -> dict[str, Any]:
        arn = f"{self.watcher.replace(':stateMachine:', ':execution:')}:{request}"
        execution: dict[str, Any] = self._client("stepfunctions").describe_execution(executionArn=arn)
        return execution

    def wake(self, model_name: str) -> dict[str, Any]:
        """Transcribe's event about a model."""
        arn = f"arn:aws:transcribe:us-east-1:000000000000:language-model/{model_name}"
        event = {"Step": "Wake", "ModelArn": arn, "WatcherArn": self.watcher}
        answer: dict[str, Any] = self.handlers.model_training.step(event, None)
        return answer

    def train(self) -> None:
        """Let every training end."""
        self.aws.settings(training_seconds=0)
        self.models()
        self.aws.settings(training_seconds=36_000)

    def models(self) -> dict[str, dict[str, Any]]:
        """What Transcribe holds, by name."""
        return {found["ModelName"]: found for found in self.aws.resources() if found["Kind"] == "LanguageModel"}

    def pointer(self) -> str | None:
        """The value of the pointer, None when there is none."""
        ssm = self._client("ssm")
        try:
            value: str = ssm.get_parameter(Name=f"/cdk-transcribe/language-model/{FAMILY}")["Parameter"]["Value"]
        except ssm.exceptions.ParameterNotFound:
            return None
        return value

    def remove(self) -> None:
        """Leave nothing to the next test but Transcribe, which is reset."""
        if self.pointer() is not None:
            self._client("ssm").delete_parameter(Name=f"/cdk-transcribe/language-model/{FAMILY}")


class Watch:
    """One execution of the machine, as far as it has come."""

    def __init__(self, handlers: Handlers, execution_input: str) -> None:
        self._handlers = handlers
        self.state: dict[str, Any] = json.loads(execution_input)

    @property
    def family(self) -> dict[str, Any]:
        family: dict[str, Any] = self.state["Family"]
        return family

    def look(self) -> dict[str, Any]:
        self.state["Look"] = self.step("Look")
        look: dict[str, Any] = self.state["Look"]
        return look

    def step(self, step: str, **fields: Any) -> dict[str, Any]:
        event = json.loads(json.dumps({"Step": step, **self.state, **fields}))
        answer: dict[str, Any] = self._handlers.model_training.step(event, None)
        return answer


class Signals:
    """Where a WaitCondition would listen; `status` is how it answers."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.content_types: list[str | None] = []
        self.status = 200
        self.url = ""


@contextmanager
def listening() -> Iterator[Signals]:
    signals = Signals()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            signals.content_types.append(self.headers["content-type"])
            if signals.status == 200:
                signals.heard.append(json.loads(body))
            self.send_response(signals.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    signals.url = f"http://127.0.0.1:{server.server_port}/condition?Signature=secret"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield signals
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
