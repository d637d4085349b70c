from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match, Template

from cdk_transcribe import Backfill, TranscribeStorage, TranscriptionJob, TranscriptionPipeline

from .rendered import ANYWHERE, condition, logical_id, permissions, properties, text

ENGLISH = TranscriptionJob(language_code="en-US")


class OneBackfill:
    """A backfill as it is by default, between two routes on two buckets."""

    def __init__(self, context: dict[str, Any]) -> None:
        stack = cdk.Stack(cdk.App(context=context), "Stack")
        self.own_key = kms.Key(stack, "OwnKey")
        self.own_bucket = s3.Bucket(stack, "Own", encryption_key=self.own_key)
        self.pipeline = TranscriptionPipeline(stack, "Calls")
        self.pipeline.add_route("English", prefix="en/", suffixes=[".wav"], job=ENGLISH)
        self.backfill = self.pipeline.add_backfill()
        self.pipeline.add_route("Own", bucket=self.own_bucket, output_prefix="own/", job=ENGLISH)
        self.template = Template.from_stack(stack)
        self.key = f"<{logical_id(self.pipeline.storage.key)}.Arn>"

    def arns(self) -> tuple[str, str]:
        return tuple(  # type: ignore[return-value]
            f"<{logical_id(bucket)}.Arn>" for bucket in (self.pipeline.storage.media_bucket, self.own_bucket)
        )

    def definition(self) -> dict[str, Any]:
        definition: dict[str, Any] = json.loads(
            text(properties(self.template, self.backfill.state_machine)["DefinitionString"])
        )
        return definition


@pytest.fixture(scope="module")
def one(context: dict[str, Any]) -> OneBackfill:
    return OneBackfill(context)


def test_it_knows_every_route_that_was_added_before_or_after(one: OneBackfill) -> None:
    routes = one.definition()["States"]["ReadInput"]["Parameters"]["routes"]

    assert [(route["bucket"], route["prefix"], route["job"]["Route"]) for route in routes] == [
        (f"<{logical_id(one.pipeline.storage.media_bucket)}>", "en/", "English"),
        (f"<{logical_id(one.own_bucket)}>", "", "Own"),
    ]


def test_it_knows_of_a_job_what_decides_its_name_and_whether_it_is_started(one: OneBackfill) -> None:
    job = one.definition()["States"]["ReadInput"]["Parameters"]["routes"][0]["job"]

    assert job == {
        "Kind": "TranscriptionJob",
        "Route": "English",
        "NamePrefix": one.pipeline.job_name_prefix,
        "Suffixes": [".wav"],
        "OutputBucketName": f"<{logical_id(one.pipeline.storage.transcript_bucket)}>",
        "OutputPrefix": "",
        "Request": {},
    }


def test_objects_are_listed_by_the_state_machine_and_handed_on_in_batches(one: OneBackfill) -> None:
    objects = one.definition()["States"]["Routes"]["ItemProcessor"]["States"]["Objects"]

    assert objects["ItemReader"] == {
        "Resource": "arn:<AWS::Partition>:states:::s3:listObjectsV2",
        "Parameters": {"Bucket.$": "$.bucket", "Prefix.$": "$.prefix"},
    }
    assert objects["ItemBatcher"] == {
        "MaxItemsPerBatch": 200,
        "BatchInput": {"bucket.$": "$.bucket", "since.$": "$.since", "job.$": "$.job"},
    }
    assert objects["MaxConcurrency"] == 2
    assert objects["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}


def test_what_a_million_batches_answer_is_thrown_away(one: OneBackfill) -> None:
    objects = one.definition()["States"]["Routes"]["ItemProcessor"]["States"]["Objects"]

    assert objects["ItemProcessor"]["States"]["LookAtObjects"]["OutputPath"] is None
    assert objects["ResultPath"] is None


def test_all_batches_together_keep_to_the_rate(one: OneBackfill) -> None:
    environment = properties(one.template, one.backfill.handler)["Environment"]["Variables"]

    assert environment == {
        "LEDGER_TABLE_NAME": {"Ref": logical_id(one.pipeline.ledger.table)},
        "EVENTS_PER_SECOND": "10",
    }


def test_the_handler_may_do_what_it_does_and_nothing_more(one: OneBackfill) -> None:
    media, own = one.arns()
    logs, own_key = f"<{logical_id(one.backfill.handler.log_group)}.Arn>", f"<{logical_id(one.own_key)}.Arn>"
    assert one.backfill.handler.role is not None

    assert permissions(one.template, one.backfill.handler.role) == {
        ("logs:CreateLogStream", logs, ANYWHERE),
        ("logs:PutLogEvents", logs, ANYWHERE),
        ("dynamodb:BatchGetItem", f"<{logical_id(one.pipeline.ledger.table)}.Arn>", ANYWHERE),
        ("s3:GetObject", f"{media}/*", ANYWHERE),
        ("s3:ListBucket", media, ANYWHERE),
        ("s3:GetObject", f"{own}/*", ANYWHERE),
        ("s3:ListBucket", own, ANYWHERE),
        ("kms:Decrypt", one.key, ANYWHERE),
        ("kms:Decrypt", own_key, ANYWHERE),
        (
            "events:PutEvents",
            "arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>:event-bus/default",
            condition(StringEquals={"events:source": "cdk-transcribe", "events:detail-type": "Object Created"}),
        ),
    }


def test_the_state_machine_may_list_invoke_and_run_itself_and_nothing_more(one: OneBackfill) -> None:
    media, own = one.arns()
    machine = logical_id(one.backfill.state_machine)
    granted = {
        (action, target)
        for action, target, _ in permissions(one.template, one.backfill.state_machine.role)
        # What CDK grants for logs and traces knows no resources.
        if target != "*"
    }

    planner = one.backfill.node.find_child("Planner")
    assert granted == {
        ("s3:ListBucket", media),
        ("s3:ListBucket", own),
        ("lambda:InvokeFunction", f"<{logical_id(one.backfill.handler)}.Arn>"),
        ("lambda:InvokeFunction", f"<{logical_id(planner)}.Arn>"),
        ("states:StartExecution", f"<{machine}>"),
        ("states:DescribeExecution", granted_execution(machine)),
        ("states:StopExecution", granted_execution(machine)),
    }


def granted_execution(machine: str) -> str:
    return f"arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:<{machine}.Name>/*"


def test_its_log_is_encrypted_and_tells_no_keys_of_objects(one: OneBackfill) -> None:
    configuration = properties(one.template, one.backfill.state_machine)["LoggingConfiguration"]

    assert (configuration["Level"], configuration["IncludeExecutionData"]) == ("ALL", False)
    one.template.has_resource_properties(
        "AWS::Logs::LogGroup",
        {"KmsKeyId": {"Fn::GetAtt": [logical_id(one.pipeline.storage.key), "Arn"]}, "RetentionInDays": 90},
    )


def test_with_an_imported_key_its_log_keeps_the_services_own(stack: cdk.Stack) -> None:
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-central-1:111122223333:key/mine")
    storage = TranscribeStorage(stack, "Storage", encryption_key=key)

    TranscriptionPipeline(stack, "Calls", storage=storage).add_backfill()

    Template.from_stack(stack).all_resources_properties("AWS::Logs::LogGroup", {"KmsKeyId": Match.absent()})


def test_fails_when_a_pipeline_would_have_two(stack: cdk.Stack) -> None:
    pipeline = TranscriptionPipeline(stack, "Calls")
    assert isinstance(pipeline.add_backfill(), Backfill)

    with pytest.raises(ValueError, match=r"^pipeline 'Stack/Calls' has a backfill already: use it for every route$"):
        pipeline.add_backfill()


@pytest.mark.parametrize("events_per_second", [0, 1.9, -1])
def test_fails_when_a_batch_would_outlive_its_function(stack: cdk.Stack, events_per_second: float) -> None:
    with pytest.raises(
        ValueError,
        match=f"^events_per_second={events_per_second} is out of range: a batch of 200 objects would take longer than "
        "its function may; give 2 or more$",
    ):
        TranscriptionPipeline(stack, "Calls").add_backfill(events_per_second=events_per_second)
