"""The routes of a deployed stack, as its own resources tell them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cdk_transcribe.command_line import event_patterns

_RULE = "AWS::Events::Rule"
# A rule may have further targets, which the stack's author added.
_STARTERS_MESSAGE = '{"event":<f1>,"job":'
_STACK = "AWS::CloudFormation::Stack"


@dataclass(frozen=True, kw_only=True)
class DeployedRoute:
    """A rule that sends media objects to the queue of a pipeline.

    `job` is what the rule tells the starter; `keys` is what it asks of an object's key.
    """

    rule: str
    queue_arn: str
    dead_letter_queue_arn: str
    bucket: str
    keys: list[Any]
    job: Mapping[str, Any]
    ledger_table: str

    @property
    def id(self) -> str:
        """The id that the route was added with."""
        return str(self.job["Route"])

    @property
    def pipeline(self) -> str:
        """What the names of the pipeline's jobs start with."""
        return str(self.job["NamePrefix"])

    @property
    def prefix(self) -> str:
        """What every key that the rule takes starts with."""
        return event_patterns.common_prefix(self.keys)

    def takes(self, key: str) -> bool:
        """Whether the rule takes an object by its key."""
        return event_patterns.matches(self.keys, key)


def routes_of(client: Any, stack_name: str) -> list[DeployedRoute]:
    """All routes of a stack, read as `DeployedStack` does.

    Raises:
        ValueError: when it has none.
    """
    routes = list(DeployedStack(client, stack_name).routes())
    if not routes:
        raise ValueError(f"stack {stack_name!r} has no route of a TranscriptionPipeline")
    return routes


class DeployedStack:
    """Reads a stack through `client`, which makes clients of AWS by the name of the service."""

    def __init__(self, client: Any, stack_name: str) -> None:
        self._cloudformation = client("cloudformation")
        self._events = client("events")
        self._lambda = client("lambda")
        self._stack_name = stack_name
        self._tables: dict[str, str] = {}

    def routes(self) -> Iterator[DeployedRoute]:
        """All routes of all pipelines of the stack and of the stacks nested in it."""
        for rule_name in self._rule_names(self._stack_name):
            rule = self._events.describe_rule(Name=rule_name)
            pattern = json.loads(rule.get("EventPattern") or "{}")
            if not _is_of_a_route(pattern):
                continue
            for target in self._events.list_targets_by_rule(Rule=rule_name)["Targets"]:
                template = target.get("InputTransformer", {}).get("InputTemplate", "")
                if not template.startswith(_STARTERS_MESSAGE):
                    continue
                (bucket,) = pattern["detail"]["bucket"]["name"]
                yield DeployedRoute(
                    rule=rule_name,
                    queue_arn=target["Arn"],
                    dead_letter_queue_arn=target.get("DeadLetterConfig", {}).get("Arn", ""),
                    bucket=bucket,
                    keys=pattern["detail"]["object"]["key"],
                    # The one variable is the event; whatever else looks like one is text.
                    job=json.loads(template.replace("<f1>", "null", 1))["job"],
                    ledger_table=self._ledger_table(target["Arn"]),
                )

    def _rule_names(self, stack_name: str) -> Iterator[str]:
        pages = self._cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_name)
        for resource in (resource for page in pages for resource in page["StackResourceSummaries"]):
            physical_id = resource.get("PhysicalResourceId", "")
            if resource["ResourceType"] == _RULE and physical_id:
                yield physical_id
            elif resource["ResourceType"] == _STACK and physical_id:
                yield from self._rule_names(physical_id)

    def _ledger_table(self, queue_arn: str) -> str:
        """The ledger that the starter behind a queue writes to; it need not be of this stack."""
        if queue_arn not in self._tables:
            (mapping,) = self._lambda.list_event_source_mappings(EventSourceArn=queue_arn)["EventSourceMappings"]
            starter = self._lambda.get_function_configuration(FunctionName=mapping["FunctionArn"])
            environment = starter["Environment"]
            if "Error" in environment:
                raise LedgerUnknownError(environment["Error"]["Message"])
            self._tables[queue_arn] = environment["Variables"]["LEDGER_TABLE_NAME"]
        return self._tables[queue_arn]


def _is_of_a_route(pattern: Mapping[str, Any]) -> bool:
    # The ledger's own events have the same source, and another type.
    return "cdk-transcribe" in pattern.get("source", []) and pattern.get("detail-type") == ["Object Created"]


class LedgerUnknownError(Exception):
    """The starter's environment, which names the ledger, can't be decrypted."""
