"""Whether CloudFormation still waits for an answer to a request.

It gives a request up when another resource fails meanwhile or the stack is deleted, and does not say so: the
framework goes on looking. Such a request must not make anything any more, because nobody would delete it.

Permission: cloudformation:DescribeStackEvents on the handler's own stack. Without it every request counts as wanted.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError

from .service_errors import is_not_now

logger = logging.getLogger(__name__)

_IN_PROGRESS = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS")


def is_given_up(stack_id: str, logical_id: str, since: float) -> bool:
    """One call for each hundred of the stack's events since then: whether an event has ended the request of then."""
    try:
        return any(event["ResourceStatus"] not in _IN_PROGRESS for event in _events(stack_id, logical_id, since))
    except ClientError as error:
        if is_not_now(error):
            raise
        logger.warning("cannot tell whether the request is still wanted", extra={"reason": str(error)})
        return False


def _events(stack_id: str, logical_id: str, since: float) -> Iterator[Mapping[str, Any]]:
    page: Mapping[str, Any] = {"NextToken": None}
    while "NextToken" in page:
        token = {"NextToken": page["NextToken"]} if page["NextToken"] else {}
        page = client().describe_stack_events(StackName=stack_id, **token)
        # The newest come first.
        for event in page["StackEvents"]:
            if event["Timestamp"].timestamp() < since:
                return
            if event["LogicalResourceId"] == logical_id:
                yield event


@functools.cache
def client() -> Any:
    """Made when first needed, which is hardly ever: its model is among the largest that botocore has."""
    return boto3.client("cloudformation")
