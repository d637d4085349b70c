from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Match, Template
from constructs import Construct

from cdk_transcribe import _functions, _handlers
from cdk_transcribe._functions import HandlerFunction
from cdk_transcribe._handlers import handlers_directory

from .rendered import ANYWHERE, logical_id, permissions, properties, resource, text


def function_in(scope: Construct, **arguments: Any) -> HandlerFunction:
    return HandlerFunction(
        scope,
        "Starter",
        handler="job_starter.handler",
        description="Starts jobs",
        timeout=cdk.Duration.seconds(30),
        **arguments,
    )


class Defaults:
    """A function as it is without any optional argument."""

    def __init__(self, context: dict[str, Any]) -> None:
        stack = cdk.Stack(cdk.App(context=context), "Stack")
        self.function = function_in(stack)
        self.template = Template.from_stack(stack)
        self.log_group = logical_id(self.function.log_group)


@pytest.fixture(scope="module")
def defaults(context: dict[str, Any]) -> Defaults:
    return Defaults(context)


def test_a_function_has_these_properties_and_no_others(defaults: Defaults) -> None:
    rendered = properties(defaults.template, defaults.function)

    assert {name: value for name, value in rendered.items() if name not in ("Code", "Role")} == {
        "Architectures": ["arm64"],
        "Description": "Starts jobs",
        "Handler": "transcribe_handlers.job_starter.handler",
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": {"Ref": defaults.log_group}},
        "MemorySize": 256,
        "Runtime": "python3.14",
        "Timeout": 30,
    }


def test_logs_are_kept_for_three_months_and_go_with_the_stack(defaults: Defaults) -> None:
    rendered = resource(defaults.template, defaults.function.log_group)

    assert (rendered["Properties"], rendered["DeletionPolicy"]) == ({"RetentionInDays": 90}, "Delete")


def test_a_function_may_write_its_own_logs_and_nothing_else(defaults: Defaults) -> None:
    assert defaults.function.role is not None

    assert permissions(defaults.template, defaults.function.role) == {
        ("logs:CreateLogStream", f"<{defaults.log_group}.Arn>", ANYWHERE),
        ("logs:PutLogEvents", f"<{defaults.log_group}.Arn>", ANYWHERE),
    }


def test_a_functions_role_has_no_managed_policy(defaults: Defaults) -> None:
    defaults.template.has_resource_properties("AWS::IAM::Role", {"ManagedPolicyArns": Match.absent()})


def test_only_lambda_may_take_on_a_functions_role(defaults: Defaults) -> None:
    assert defaults.function.role is not None

    assert properties(defaults.template, defaults.function.role)["AssumeRolePolicyDocument"]["Statement"] == [
        {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}
    ]


def test_the_environment_and_its_key_are_rendered_when_given(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key")

    function = function_in(stack, environment={"A": "b"}, encryption_key=key)

    rendered = properties(Template.from_stack(stack), function)
    assert rendered["Environment"] == {"Variables": {"A": "b"}}
    assert rendered["KmsKeyArn"] == {"Fn::GetAtt": [logical_id(key), "Arn"]}


def test_the_key_encrypts_the_logs_too_and_lets_the_log_service_use_it(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key")

    function = function_in(stack, encryption_key=key)

    template = Template.from_stack(stack)
    assert properties(template, function.log_group)["KmsKeyId"] == {"Fn::GetAtt": [logical_id(key), "Arn"]}
    by_logs = [
        statement
        for statement in properties(template, key)["KeyPolicy"]["Statement"]
        if "logs" in text(statement["Principal"].get("Service", ""))
    ]
    assert [text(statement["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]) for statement in by_logs] == [
        "arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:*"
    ]


def test_two_functions_with_one_key_ask_it_once(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key")
    function_in(stack, encryption_key=key)

    function_in(Construct(stack, "Other"), encryption_key=key)

    assert len(properties(Template.from_stack(stack), key)["KeyPolicy"]["Statement"]) == 2


def test_with_an_imported_key_the_logs_keep_the_services_own(stack: cdk.Stack) -> None:
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:us-east-1:111122223333:key/1234abcd")

    function = function_in(stack, encryption_key=key)

    assert "KmsKeyId" not in properties(Template.from_stack(stack), function.log_group)


def test_a_dead_letter_queue_may_be_sent_to(stack: cdk.Stack) -> None:
    queue = sqs.Queue(stack, "Queue")
    function = function_in(stack, dead_letter_queue=queue)
    assert function.role is not None

    allowed = permissions(Template.from_stack(stack), function.role)

    assert ("sqs:SendMessage", f"<{logical_id(queue)}.Arn>", ANYWHERE) in allowed


def test_every_handler_that_is_named_exists(repository: Path) -> None:
    named = {"job_starter.py", "job_recorder.py", "custom_resource.py"}

    assert named <= {path.name for path in (repository / "lambdas" / "transcribe_handlers").iterdir()}


def test_in_a_checkout_the_handlers_are_those_at_its_top(repository: Path) -> None:
    assert handlers_directory() == repository / "lambdas"


def test_in_an_installed_package_the_handlers_are_those_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lambdas").mkdir()
    monkeypatch.setattr(_handlers, "_PACKAGE", tmp_path)

    assert handlers_directory() == tmp_path / "lambdas"


@pytest.fixture
def handlers(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the handlers that a test may change."""
    copy = tmp_path / "lambdas"
    shutil.copytree(repository / "lambdas", copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(_functions, "handlers_directory", lambda: copy)
    return copy


def asset_key() -> Any:
    stack = cdk.Stack(cdk.App(), "Stack")
    function = function_in(stack)
    return properties(Template.from_stack(stack), function)["Code"]["S3Key"]


def test_byte_code_beside_the_handlers_changes_nothing(handlers: Path) -> None:
    clean = asset_key()
    for folder in (handlers, handlers / "transcribe_handlers"):
        (folder / "__pycache__").mkdir()
        (folder / "__pycache__" / "job_starter.cpython-314.pyc").write_bytes(b"anything")
        (folder / "stray.pyc").write_bytes(b"anything")

    assert asset_key() == clean


def test_a_file_that_is_only_touched_changes_nothing(handlers: Path) -> None:
    clean = asset_key()
    (handlers / "transcribe_handlers" / "job_starter.py").touch()

    assert asset_key() == clean


def test_another_line_in_a_handler_is_another_asset(handlers: Path) -> None:
    clean = asset_key()
    with (handlers / "transcribe_handlers" / "job_starter.py").open("a") as source:
        source.write("# changed\n")

    assert asset_key() != clean
