"""The executions of the state machine that watches over trainings, one for each request of CloudFormation.

Permissions: states:StartExecution on the machine, DescribeExecution and StopExecution on its executions.
"""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Mapping
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


def stop(watcher_arn: str, request: str) -> bool:
    """Two calls at most: stop the watch, and say whether its last look is surely over."""
    execution = _execution(watcher_arn, request)
    if execution is None:
        return True
    if execution["status"] == "RUNNING":
        _stop(execution["executionArn"])
        return False
    return bool(time.time() - execution["stopDate"].timestamp() > LOOK_SECONDS)


def watched_family(watcher_arn: str, request: str) -> Family | None:
    """One call: what the watch of that request watches over; None when it does not run."""
    execution = _execution(watcher_arn, request)
    if execution is None or execution["status"] != "RUNNING":
        return None
    return Family(**json.loads(execution["input"])["Family"])


def _execution(watcher_arn: str, request: str) -> Mapping[str, Any] | None:
    arn = f"{watcher_arn.replace(':stateMachine:', ':execution:')}:{request}"
    try:
        execution: Mapping[str, Any] = client().describe_execution(executionArn=arn)
    except ClientError as error:
        if code_of(error) in _GONE:
            return None
        raise
    return execution


def _stop(execution_arn: str) -> None:
    try:
        client().stop_execution(executionArn=execution_arn, cause="another wish has come, or a deletion")
    except ClientError as error:
        # It may end by itself a moment before.
        if code_of(error) not in (*_GONE, "ValidationException"):
            raise


@functools.cache
def client() -> Any:
    """Made when first needed: most stacks have no language model."""
    return boto3.client("stepfunctions")
