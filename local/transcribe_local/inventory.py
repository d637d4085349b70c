"""What there is in a local AWS, so that what a stack leaves behind can be seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from transcribe_local.local_aws import LocalAws


def inventory(aws: LocalAws) -> set[str]:
    """The name of everything that a stack of this library can make, each with its kind before it.

    The difference of two inventories is what came or what was left over in between. Jobs are no part of it: they
    belong to no stack, and the service forgets them after 90 days.
    """
    return {f"{kind} {name}" for kind, list_names in _KINDS.items() for name in list_names(aws)}


def _names(service: str, operation: str, field: str, name: str | None = None, **arguments: Any) -> Any:
    def list_names(aws: LocalAws) -> list[str]:
        client = aws.client(service)
        if client.can_paginate(operation):
            pages = client.get_paginator(operation).paginate(**arguments)
            found = [item for page in pages for item in page.get(field) or []]
        else:
            found = getattr(client, operation)(**arguments).get(field) or []
        return [item[name] if name else item for item in found]

    return list_names


def _usable_keys(aws: LocalAws) -> list[str]:
    kms = aws.client("kms")
    keys = [key["KeyId"] for page in kms.get_paginator("list_keys").paginate() for key in page["Keys"]]
    # A destroyed key goes only after its waiting period.
    return [key for key in keys if kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"]


def _live_stacks(aws: LocalAws) -> list[str]:
    pages = aws.client("cloudformation").get_paginator("describe_stacks").paginate()
    return [stack["StackName"] for page in pages for stack in page["Stacks"]]


def _transcribe_resources(aws: LocalAws) -> list[str]:
    return [resource["Arn"] for resource in aws.resources() if not resource["Kind"].endswith("Job")]


_KINDS: dict[str, Callable[[LocalAws], list[str]]] = {
    "stack": _live_stacks,
    "bucket": _names("s3", "list_buckets", "Buckets", "Name"),
    "key": _usable_keys,
    "table": _names("dynamodb", "list_tables", "TableNames"),
    "queue": _names("sqs", "list_queues", "QueueUrls"),
    "function": _names("lambda", "list_functions", "Functions", "FunctionName"),
    "event source mapping": _names("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
    "rule": _names("events", "list_rules", "Rules", "Name"),
    "state machine": _names("stepfunctions", "list_state_machines", "stateMachines", "name"),
    "role": _names("iam", "list_roles", "Roles", "RoleName"),
    "alarm": _names("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    "parameter": _names("ssm", "describe_parameters", "Parameters", "Name"),
    "log group": _names("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "Transcribe resource": _transcribe_resources,
}
