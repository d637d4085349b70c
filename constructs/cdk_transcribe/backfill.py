"""Jobs for the objects that were there before their route: `AWS::StepFunctions::StateMachine`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jsii
from aws_cdk import ArnFormat, Duration, IStableAnyProducer, Lazy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk_transcribe._functions import HandlerFunction, handler_log_group
from cdk_transcribe._json_nulls import with_nulls
from cdk_transcribe._media_bucket import grant_read
from cdk_transcribe.ledger import JobLedger

# An Express child workflow ends after five minutes.
_BATCH_TIMEOUT = Duration.minutes(5)
_BATCH_SIZE = 200
_CONCURRENT_BATCHES = 2
# The rest of the five minutes is for looking at the objects.
_LONGEST_WAIT_SECONDS = 200


class Backfill(Construct):
    """Asks for the jobs of objects that were in the bucket before the route.

    Made by `TranscriptionPipeline.add_backfill`. Creates a state machine, which lists the objects of each route and
    hands them on in batches of 200 (a distributed map), and two Lambda functions, one that reads the state machine's
    input and one that puts an event for each object of a batch that has no row in the ledger. Its input says what to
    look at, and may be `{}`:

    - `route`: only this route, by its id;
    - `prefix`: only objects whose key starts with this;
    - `since`: only objects written from then on, such as `2026-01-31` or `2026-01-31T08:00:00Z`.

    Starting it again goes on where it stopped, and does no harm where nothing is left to do.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        ledger: JobLedger,
        encryption_key: kms.IKey,
        events_per_second: float,
        routes: Callable[[], list[dict[str, Any]]],
    ) -> None:
        super().__init__(scope, id)
        _check_pace(events_per_second)
        self._key = encryption_key
        self._planner = self._function("Planner", "backfill.plan", "Reads what a backfill is to look at", ledger, 1)
        self._handler = self._function(
            "Handler",
            "backfill.handler",
            "Puts events for objects that have no job yet",
            ledger,
            events_per_second / _CONCURRENT_BATCHES,
        )
        ledger.grants.look_up(self._handler)
        self._handler.add_to_role_policy(_put_events(Stack.of(self)))
        self._state_machine = sfn.StateMachine(
            self,
            "StateMachine",
            comment="Asks for the jobs of objects that were there before their route",
            definition_body=sfn.DefinitionBody.from_string(self._definition(routes)),
            logs=sfn.LogOptions(
                destination=handler_log_group(self, "Logs", encryption_key),
                level=sfn.LogLevel.ALL,
                # Keys of objects may hold names of people.
                include_execution_data=False,
            ),
            tracing_enabled=True,
        )
        iam.Grant.add_to_principal(
            grantee=self._state_machine,
            actions=["lambda:InvokeFunction"],
            resource_arns=[self._planner.function_arn, self._handler.function_arn],
        )
        self._allow_map_runs()

    @property
    def state_machine(self) -> sfn.StateMachine:
        """What to start, with `{}` or with what to look at."""
        return self._state_machine

    @property
    def handler(self) -> HandlerFunction:
        """The function that looks at a batch of objects."""
        return self._handler

    def allow_reading(self, bucket: s3.IBucket) -> None:
        """Lets the state machine list `bucket`, and the handler look at its objects."""
        iam.Grant.add_to_principal(
            grantee=self._state_machine, actions=["s3:ListBucket"], resource_arns=[bucket.bucket_arn]
        )
        grant_read(bucket, self._handler)

    def _function(
        self, id: str, handler: str, description: str, ledger: JobLedger, events_per_second: float
    ) -> HandlerFunction:
        return HandlerFunction(
            self,
            id,
            handler=handler,
            description=description,
            timeout=_BATCH_TIMEOUT,
            environment={
                "LEDGER_TABLE_NAME": ledger.table.table_name,
                "EVENTS_PER_SECOND": f"{events_per_second:g}",
            },
            encryption_key=self._key,
        )

    def _definition(self, routes: Callable[[], list[dict[str, Any]]]) -> str:
        stack = Stack.of(self)
        batches = {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
            "StartAt": "LookAtObjects",
            "States": {
                "LookAtObjects": {
                    "Type": "Task",
                    "Resource": self._handler.function_arn,
                    "Retry": [_retry("States.ALL")],
                    # What all batches answer is held together, 256 KB at most: so they answer as little as can be.
                    "OutputPath": None,
                    "End": True,
                }
            },
        }
        run = {
            "StartAt": "Objects",
            "States": {
                "Objects": {
                    "Type": "Map",
                    "Label": "Objects",
                    "MaxConcurrency": _CONCURRENT_BATCHES,
                    "ItemReader": {
                        "Resource": f"arn:{stack.partition}:states:::s3:listObjectsV2",
                        "Parameters": {"Bucket.$": "$.bucket", "Prefix.$": "$.prefix"},
                    },
                    "ItemBatcher": {
                        "MaxItemsPerBatch": _BATCH_SIZE,
                        "BatchInput": {"bucket.$": "$.bucket", "since.$": "$.since", "job.$": "$.job"},
                    },
                    "ItemProcessor": batches,
                    "ResultPath": None,
                    "OutputPath": None,
                    "End": True,
                }
            },
        }
        definition = {
            "StartAt": "ReadInput",
            "States": {
                "ReadInput": {
                    "Type": "Task",
                    "Resource": self._planner.function_arn,
                    "Parameters": {"input.$": "$", "routes": Lazy.any(_Routes(routes))},
                    "Retry": [
                        _retry(
                            "Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.TooManyRequestsException"
                        )
                    ],
                    "Next": "Routes",
                },
                "Routes": {
                    "Type": "Map",
                    # One after the other: together they would put more events a second than they may.
                    "MaxConcurrency": 1,
                    "ItemsPath": "$.runs",
                    "ItemProcessor": run,
                    "ResultPath": None,
                    "End": True,
                },
            },
        }
        return stack.to_json_string(with_nulls(definition))

    def _allow_map_runs(self) -> None:
        machine = self._state_machine
        executions = Stack.of(self).format_arn(
            service="states",
            resource="execution",
            resource_name=f"{machine.state_machine_name}/*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        # A policy of its own: one that the state machine waits for could not name it.
        # https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
        policy = iam.Policy(
            self,
            "MapRuns",
            statements=[
                iam.PolicyStatement(actions=["states:StartExecution"], resources=[machine.state_machine_arn]),
                iam.PolicyStatement(
                    actions=["states:DescribeExecution", "states:StopExecution"], resources=[executions]
                ),
            ],
        )
        policy.attach_to_role(machine.role)


@jsii.implements(IStableAnyProducer)
class _Routes:
    """The routes as they are when the template is written: more may be added after the backfill."""

    def __init__(self, routes: Callable[[], list[dict[str, Any]]]) -> None:
        self._routes = routes

    def produce(self) -> Any:
        return self._routes()


def _retry(*errors: str) -> dict[str, Any]:
    return {
        "ErrorEquals": list(errors),
        "IntervalSeconds": 5,
        "MaxAttempts": 5,
        "BackoffRate": 2,
        "JitterStrategy": "FULL",
    }


def _put_events(stack: Stack) -> iam.PolicyStatement:
    default_bus = stack.format_arn(service="events", resource="event-bus", resource_name="default")
    return iam.PolicyStatement(
        actions=["events:PutEvents"],
        resources=[default_bus],
        conditions={"StringEquals": {"events:source": "cdk-transcribe", "events:detail-type": "Object Created"}},
    )


def _check_pace(events_per_second: float) -> None:
    slowest = _BATCH_SIZE * _CONCURRENT_BATCHES / _LONGEST_WAIT_SECONDS
    if events_per_second < slowest:
        raise ValueError(
            f"events_per_second={events_per_second} is out of range: a batch of {_BATCH_SIZE} objects would take "
            f"longer than its function may; give {slowest:g} or more"
        )
