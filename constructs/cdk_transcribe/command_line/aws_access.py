"""How commands get at AWS, and what they say when it does not let them."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from cdk_transcribe.command_line.deployed_routes import LedgerUnknownError
from transcribe_handlers.backfill_events import EventsRefusedError

COULD_NOT_RUN = 2
INTERRUPTED = 130
FAILURES = (ValueError, LedgerUnknownError, EventsRefusedError, BotoCoreError, ClientError)
"""What a person can do something about."""

# How the services put it, whatever comes after: why, and a request's id.
_DENIAL = re.compile(
    r"is not authorized to perform:? (?P<action>[\w-]+:\w+) on (the )?resource:? (?P<resource>\S+)", re.IGNORECASE
)
_SERVICES = {
    "cloudformation": ["ListStackResources"],
    "dynamodb": ["BatchGetItem", "GetItem", "Query", "UpdateItem"],
    "events": ["DescribeRule", "ListTargetsByRule", "PutEvents"],
    "lambda": ["GetFunctionConfiguration", "ListEventSourceMappings"],
    "s3": ["ListObjectVersions"],
    "sqs": ["ChangeMessageVisibility", "DeleteMessage", "GetQueueUrl", "ReceiveMessage", "SendMessage"],
}
# Where the permission is not called like the operation.
_ACTIONS = {"ListObjectVersions": "ListBucketVersions"}
PERMISSIONS = {
    operation: f"{service}:{_ACTIONS.get(operation, operation)}"
    for service, operations in _SERVICES.items()
    for operation in operations
}


def clients(arguments: argparse.Namespace) -> Callable[[str], Any]:
    """What makes clients by the name of the service, for the profile and Region of the command line, each once."""
    session = Session(profile=arguments.profile)
    made: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in made:
            made[service] = session.create_client(
                service, region_name=arguments.region, config=Config(retries={"mode": "standard", "max_attempts": 8})
            )
        return made[service]

    return client


def guarded(run: Callable[[argparse.Namespace], int], arguments: argparse.Namespace) -> int:
    """What `run` returns; for what goes wrong, its reason is printed and the exit code returned."""
    try:
        code = run(arguments)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever reads the output has enough, as `head` has; without this Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return COULD_NOT_RUN
    except FAILURES as error:
        say(explained(error))
        return COULD_NOT_RUN


def explained(error: Exception) -> str:
    """One of `FAILURES`, for the person at the command line."""
    if isinstance(error, LedgerUnknownError):
        return f"the starter's environment, which names the ledger, can't be read: kms:Decrypt is missing? {error}"
    if isinstance(error, EventsRefusedError):
        return f"EventBridge does not take the events: {error}; run it again, and it goes on from here"
    return _client_error(error) if isinstance(error, ClientError) else str(error)


def say(*lines: str) -> None:
    """Lines beside the command's output."""
    for line in lines:
        print(f"cdk-transcribe: {line}", file=sys.stderr)


def _client_error(error: ClientError) -> str:
    code, operation = error.response["Error"]["Code"], error.operation_name
    message = error.response["Error"].get("Message", "")
    # AccessDenied, AccessDeniedException, KMS.AccessDeniedException, KmsAccessDenied
    if "AccessDenied" not in code:
        return f"{operation}: {message or code}"
    denial = _DENIAL.search(message)
    if denial:
        return f"you lack the permission {denial['action']} on {denial['resource']}: {message}"
    return f"you lack a permission, {PERMISSIONS.get(operation, operation)} or one that goes with it: {message}"
