"""The executions of the state machine that watches over trainings, one for each request of CloudFormation.

Permissions: states:StartExecution on the machine, DescribeExecution and StopExecution on its executions.
"""

from __future__ import annotations

import functools
import json
import time
from typing import Any

import boto3
from botocore.exceptions import ClientError

from .model_family import Family
from .service_errors import code_of

LOOK_SECONDS = 30
"""The timeout of the function that looks: so long may one be under way when its execution has been stopped."""

_GONE = ("ExecutionDoesNotExist", "StateMachineDoesNotExist")


def start(watcher_arn: str, family: Family) -> None:
    """One call; a watch that was started before goes on."""
    try:
        client().start_execution(
            stateMachineArn=watcher_arn,
            name=family.request,
            input=json.dumps({"Family": family.as_json, "Look": {}}),
        )
    except ClientError as error:
        if code_of(error) != "ExecutionAlreadyExists":
            raise


def stop(watcher_arn: str, request: str) -> None:
    """One call: a watch that another wish has come for. A look of it that is under way comes to its end."""
    try:
        client().stop_execution(executionArn=_execution_arn(watcher_arn, request), cause="another wish has come")
    except ClientError as error:
        if code_of(error) not in _GONE:
            raise


def has_stopped(watcher_arn: str, request: str) -> bool:
    """Two calls at most: stop the watch, and say whether the last look of it is surely over."""
    try:
        execution = client().describe_execution(executionArn=_execution_arn(watcher_arn, request))
    except ClientError as error:
        if code_of(error) in _GONE:
            return True
        raise
    if execution["status"] == "RUNNING":
        stop(watcher_arn, request)
        return False
    return bool(time.time() - execution["stopDate"].timestamp() > LOOK_SECONDS)


def watched_family(watcher_arn: str, request: str) -> Family | None:
    """One call: what the watch of that request watches over; None when it does not run."""
    try:
        execution = client().describe_execution(executionArn=_execution_arn(watcher_arn, request))
    except ClientError as error:
        if code_of(error) in _GONE:
            return None
        raise
    if execution["status"] != "RUNNING":
        return None
    return Family(**json.loads(execution["input"])["Family"])


def _execution_arn(watcher_arn: str, request: str) -> str:
    return f"{watcher_arn.replace(':stateMachine:', ':execution:')}:{request}"


@functools.cache
def client() -> Any:
    """Made when first needed: most stacks have no language model."""
    return boto3.client("stepfunctions")
