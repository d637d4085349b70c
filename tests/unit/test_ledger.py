from __future__ import annotations

import json
from typing import Any
from unittest.mock import ANY as ANYTHING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Annotations, Match, Template

from cdk_transcribe import JobLedger

from .rendered import (
    ANYWHERE,
    condition,
    key_policy,
    logical_id,
    permissions,
    policy_of,
    properties,
    resolved,
    resource,
    service_permissions,
)

JOBS = "arn:<AWS::Partition>:transcribe:<AWS::Region>:<AWS::AccountId>:transcription-job/calls-1-*"


class OnePipeline:
    """A ledger as it is by default, for the jobs of one pipeline."""

    def __init__(self, context: dict[str, Any]) -> None:
        stack = cdk.Stack(cdk.App(context=context), "Stack")
        self.key = kms.Key(stack, "Key")
        self.ledger = JobLedger(stack, "Ledger", encryption_key=self.key)
        self.rule = self.ledger.record_jobs("Completions", job_name_prefix="calls-1-")
        self.template = Template.from_stack(stack)
        self.key_arn = {"Fn::GetAtt": [logical_id(self.key), "Arn"]}
        self.dead_letter_queue = f"<{logical_id(self.ledger.dead_letter_queue)}.Arn>"


@pytest.fixture(scope="module")
def one(context: dict[str, Any]) -> OnePipeline:
    return OnePipeline(context)


def test_the_table_is_on_demand_recoverable_encrypted_and_lets_items_expire(one: OnePipeline) -> None:
    assert properties(one.template, one.ledger.table) == {
        "AttributeDefinitions": ANYTHING,
        "BillingMode": "PAY_PER_REQUEST",
        "GlobalSecondaryIndexes": ANYTHING,
        "KeySchema": [{"AttributeName": "job_name", "KeyType": "HASH"}],
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "SSESpecification": {"KMSMasterKeyId": one.key_arn, "SSEEnabled": True, "SSEType": "KMS"},
        "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
        "TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": True},
    }


@pytest.mark.parametrize(
    ("index", "partition_key", "sort_key"),
    [
        (JobLedger.OPEN_JOBS_INDEX, "open", "check_at"),
        (JobLedger.BY_STATUS_INDEX, "status", "created_at"),
        (JobLedger.BY_MEDIA_INDEX, "media_uri", "created_at"),
    ],
)
def test_an_index_serves_each_question(one: OnePipeline, index: str, partition_key: str, sort_key: str) -> None:
    indexes = {
        index["IndexName"]: index for index in properties(one.template, one.ledger.table)["GlobalSecondaryIndexes"]
    }

    assert indexes[index]["KeySchema"] == [
        {"AttributeName": partition_key, "KeyType": "HASH"},
        {"AttributeName": sort_key, "KeyType": "RANGE"},
    ]


def test_no_index_holds_orders(one: OnePipeline) -> None:
    indexes = properties(one.template, one.ledger.table)["GlobalSecondaryIndexes"]

    assert {index["Projection"]["ProjectionType"] for index in indexes} == {"INCLUDE"}
    assert not any("message" in index["Projection"]["NonKeyAttributes"] for index in indexes)


def test_the_table_is_retained_by_default(one: OnePipeline) -> None:
    rendered = resource(one.template, one.ledger.table)

    assert (rendered["DeletionPolicy"], rendered["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_the_table_goes_when_told_to(stack: cdk.Stack) -> None:
    ledger = JobLedger(stack, "Ledger", encryption_key=kms.Key(stack, "Key"), removal_policy=cdk.RemovalPolicy.DESTROY)

    assert resource(Template.from_stack(stack), ledger.table)["DeletionPolicy"] == "Delete"


def test_the_rule_takes_completions_of_jobs_with_the_prefix_and_of_no_other(one: OnePipeline) -> None:
    assert properties(one.template, one.rule)["EventPattern"] == {
        "source": ["aws.transcribe"],
        "detail-type": ["Transcribe Job State Change"],
        "detail": {"TranscriptionJobName": [{"prefix": "calls-1-"}]},
    }


def test_the_rule_runs_the_recorder_and_keeps_what_it_can_not_deliver(one: OnePipeline) -> None:
    assert properties(one.template, one.rule)["Targets"] == [
        {
            "Arn": {"Fn::GetAtt": [logical_id(one.ledger.recorder), "Arn"]},
            "DeadLetterConfig": {"Arn": {"Fn::GetAtt": [logical_id(one.ledger.dead_letter_queue), "Arn"]}},
            "Id": "Target0",
        }
    ]


@pytest.mark.parametrize("function", ["recorder", "reconciler"])
def test_only_its_rule_may_run_a_function(one: OnePipeline, function: str) -> None:
    rule = {"recorder": one.rule, "reconciler": one.ledger.reconciliation}[function]
    permitted = one.template.find_resources(
        "AWS::Lambda::Permission",
        {"Properties": {"FunctionName": {"Fn::GetAtt": [logical_id(getattr(one.ledger, function)), "Arn"]}}},
    )

    assert [permission["Properties"] for permission in permitted.values()] == [
        {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Fn::GetAtt": [logical_id(getattr(one.ledger, function)), "Arn"]},
            "Principal": "events.amazonaws.com",
            "SourceArn": {"Fn::GetAtt": [logical_id(rule), "Arn"]},
        }
    ]


def test_events_that_the_recorder_fails_on_are_kept_for_14_days(one: OnePipeline) -> None:
    assert properties(one.template, one.ledger.recorder)["DeadLetterConfig"] == {
        "TargetArn": {"Fn::GetAtt": [logical_id(one.ledger.dead_letter_queue), "Arn"]}
    }
    assert properties(one.template, one.ledger.dead_letter_queue) == {
        "KmsMasterKeyId": one.key_arn,
        "MessageRetentionPeriod": 14 * 24 * 3600,
    }


def test_only_the_rule_may_send_to_the_dead_letter_queue_and_nobody_without_tls(one: OnePipeline) -> None:
    document = policy_of(one.template, "AWS::SQS::QueuePolicy", one.ledger.dead_letter_queue)

    assert sorted(statement["Effect"] for statement in document["Statement"]) == ["Allow", "Deny"]
    assert {"Bool": {"aws:SecureTransport": "false"}} in [
        statement["Condition"] for statement in document["Statement"] if statement["Effect"] == "Deny"
    ]
    assert service_permissions(document, "events.amazonaws.com") == {
        (
            "sqs:SendMessage",
            one.dead_letter_queue,
            condition(ArnEquals={"aws:SourceArn": f"<{logical_id(one.rule)}.Arn>"}),
        )
    }


def test_eventbridge_may_encrypt_what_it_sends_to_the_dead_letter_queue(one: OnePipeline) -> None:
    from_this_account = condition(StringEquals={"aws:SourceAccount": "<AWS::AccountId>"})

    assert service_permissions(key_policy(one.template, one.key), "events.amazonaws.com") == {
        ("kms:Decrypt", "*", from_this_account),
        ("kms:GenerateDataKey*", "*", from_this_account),
    }


def test_the_recorder_may_do_what_it_does_and_nothing_more(one: OnePipeline) -> None:
    logs, key = f"<{logical_id(one.ledger.recorder.log_group)}.Arn>", f"<{logical_id(one.key)}.Arn>"
    role = one.ledger.recorder.role
    assert role is not None

    assert permissions(one.template, role) == {
        ("logs:CreateLogStream", logs, ANYWHERE),
        ("logs:PutLogEvents", logs, ANYWHERE),
        ("sqs:SendMessage", one.dead_letter_queue, ANYWHERE),
        ("dynamodb:UpdateItem", f"<{logical_id(one.ledger.table)}.Arn>", ANYWHERE),
        ("dynamodb:GetItem", f"<{logical_id(one.ledger.table)}.Arn>", ANYWHERE),
        ("transcribe:GetTranscriptionJob", JOBS, ANYWHERE),
        ("kms:Decrypt", key, ANYWHERE),
        ("kms:Encrypt", key, ANYWHERE),
        ("kms:GenerateDataKey*", key, ANYWHERE),
        ("kms:ReEncrypt*", key, ANYWHERE),
    }


def test_the_recorder_runs_its_handler_with_an_encrypted_environment(one: OnePipeline) -> None:
    rendered = properties(one.template, one.ledger.recorder)

    assert rendered["Handler"] == "transcribe_handlers.job_recorder.handler"
    assert rendered["KmsKeyArn"] == one.key_arn
    assert rendered["Environment"] == {
        "Variables": {
            "LEDGER_TABLE_NAME": {"Ref": logical_id(one.ledger.table)},
            "LEDGER_RETENTION_SECONDS": "",
            "LEDGER_OVERDUE_SECONDS": "900",
            "LEDGER_RECONCILE_SECONDS": "60",
            "LEDGER_DELETES_JOBS": "",
        }
    }


def test_the_reconciler_runs_every_minute_and_has_ended_when_it_runs_again(one: OnePipeline) -> None:
    rule = properties(one.template, one.ledger.reconciliation)

    assert rule["ScheduleExpression"] == "rate(1 minute)"
    assert [target["Arn"] for target in rule["Targets"]] == [{"Fn::GetAtt": [logical_id(one.ledger.reconciler), "Arn"]}]
    rendered = properties(one.template, one.ledger.reconciler)
    assert rendered["Handler"] == "transcribe_handlers.job_reconciler.handler"
    assert rendered["Timeout"] == 60
    assert rendered["Environment"] == properties(one.template, one.ledger.recorder)["Environment"]


@pytest.mark.parametrize(
    ("minutes", "rate", "timeout"), [(1, "1 minute", 60), (10, "10 minutes", 600), (60, "1 hour", 900)]
)
def test_the_reconciler_runs_as_often_as_one_wants(stack: cdk.Stack, minutes: int, rate: str, timeout: int) -> None:
    interval = cdk.Duration.minutes(minutes)

    ledger = JobLedger(stack, "Ledger", encryption_key=kms.Key(stack, "Key"), reconcile_every=interval)

    template = Template.from_stack(stack)
    assert properties(template, ledger.reconciliation)["ScheduleExpression"] == f"rate({rate})"
    assert properties(template, ledger.reconciler)["Timeout"] == timeout
    assert ledger.environment["LEDGER_RECONCILE_SECONDS"] == str(60 * minutes)


@pytest.mark.parametrize("seconds", [0, 59, 90])
def test_fails_for_an_interval_that_eventbridge_does_not_take(stack: cdk.Stack, seconds: int) -> None:
    interval = cdk.Duration.seconds(seconds)

    with pytest.raises(
        ValueError, match=r"reconcile_every=.* minutes is out of range: EventBridge takes whole minutes"
    ):
        JobLedger(stack, "Ledger", encryption_key=kms.Key(stack, "Key"), reconcile_every=interval)


def test_a_job_is_first_asked_about_when_one_wants(stack: cdk.Stack) -> None:
    overdue = cdk.Duration.hours(1)

    ledger = JobLedger(stack, "Ledger", encryption_key=kms.Key(stack, "Key"), overdue_after=overdue)

    assert ledger.environment["LEDGER_OVERDUE_SECONDS"] == "3600"


def test_the_reconciler_may_do_what_it_does_and_nothing_more(one: OnePipeline) -> None:
    logs, key = f"<{logical_id(one.ledger.reconciler.log_group)}.Arn>", f"<{logical_id(one.key)}.Arn>"
    table = f"<{logical_id(one.ledger.table)}.Arn>"
    role = one.ledger.reconciler.role
    assert role is not None

    assert permissions(one.template, role) == {
        ("logs:CreateLogStream", logs, ANYWHERE),
        ("logs:PutLogEvents", logs, ANYWHERE),
        ("dynamodb:UpdateItem", table, ANYWHERE),
        ("dynamodb:GetItem", table, ANYWHERE),
        ("dynamodb:Query", f"{table}/index/OpenJobs", ANYWHERE),
        ("dynamodb:Query", f"{table}/index/ByStatus", ANYWHERE),
        ("transcribe:GetTranscriptionJob", JOBS, ANYWHERE),
        ("kms:Decrypt", key, ANYWHERE),
        ("kms:Encrypt", key, ANYWHERE),
        ("kms:GenerateDataKey*", key, ANYWHERE),
        ("kms:ReEncrypt*", key, ANYWHERE),
    }


def test_recorded_jobs_can_be_deleted_at_the_service(stack: cdk.Stack) -> None:
    ledger = JobLedger(stack, "Ledger", encryption_key=kms.Key(stack, "Key"), delete_recorded_jobs=True)
    ledger.record_jobs("Completions", job_name_prefix="calls-1-")

    template = Template.from_stack(stack)
    for function in (ledger.recorder, ledger.reconciler):
        assert properties(template, function)["Environment"]["Variables"]["LEDGER_DELETES_JOBS"] == "1"
        assert function.role is not None
        assert ("transcribe:DeleteTranscriptionJob", JOBS, ANYWHERE) in permissions(template, function.role)


def test_jobs_without_an_event_are_asked_about_by_the_reconciler_alone(stack: cdk.Stack) -> None:
    ledger = JobLedger(stack, "Ledger", encryption_key=kms.Key(stack, "Key"))

    assert ledger.record_jobs("Scribes", job_name_prefix="calls-1-", kind="MedicalScribeJob") is None

    template = Template.from_stack(stack)
    recorder, reconciler = ledger.recorder.role, ledger.reconciler.role
    assert recorder is not None
    assert reconciler is not None
    looks = {
        role: {one for one in permissions(template, role) if one[0].startswith("transcribe:")}
        for role in (recorder, reconciler)
    }
    arn = "arn:<AWS::Partition>:transcribe:<AWS::Region>:<AWS::AccountId>:medical-scribe-job/calls-1-*"
    assert looks == {recorder: set(), reconciler: {("transcribe:GetMedicalScribeJob", arn, ANYWHERE)}}


def test_the_announcer_gets_every_item_with_an_end_from_the_first_on_until_it_has_announced_it(
    one: OnePipeline,
) -> None:
    [mapping] = one.template.find_resources("AWS::Lambda::EventSourceMapping").values()
    filters = mapping["Properties"].pop("FilterCriteria")["Filters"]

    assert mapping["Properties"] == {
        "BatchSize": 100,
        "BisectBatchOnFunctionError": True,
        "DestinationConfig": {
            "OnFailure": {"Destination": {"Fn::GetAtt": [logical_id(one.ledger.dead_letter_queue), "Arn"]}}
        },
        "EventSourceArn": {"Fn::GetAtt": [logical_id(one.ledger.table), "StreamArn"]},
        "FunctionName": {"Ref": logical_id(one.ledger.announcer)},
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "MaximumRecordAgeInSeconds": 23 * 3600,
        "StartingPosition": "TRIM_HORIZON",
    }
    assert [json.loads(one["Pattern"]) for one in filters] == [
        {"dynamodb": {"NewImage": {"status": {"S": ["COMPLETED", "FAILED", "REJECTED", "LOST"]}}}}
    ]


def test_the_announcer_may_do_what_it_does_and_nothing_more(one: OnePipeline) -> None:
    logs, key = f"<{logical_id(one.ledger.announcer.log_group)}.Arn>", f"<{logical_id(one.key)}.Arn>"
    stream = f"<{logical_id(one.ledger.table)}.StreamArn>"
    bus = "arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>:event-bus/default"
    role = one.ledger.announcer.role
    assert role is not None

    assert permissions(one.template, role) == {
        ("logs:CreateLogStream", logs, ANYWHERE),
        ("logs:PutLogEvents", logs, ANYWHERE),
        # Takes no resource.
        ("dynamodb:ListStreams", "*", ANYWHERE),
        ("dynamodb:DescribeStream", stream, ANYWHERE),
        ("dynamodb:GetRecords", stream, ANYWHERE),
        ("dynamodb:GetShardIterator", stream, ANYWHERE),
        ("events:PutEvents", bus, condition(StringEquals={"events:source": "cdk-transcribe"})),
        ("sqs:SendMessage", one.dead_letter_queue, ANYWHERE),
        ("sqs:GetQueueAttributes", one.dead_letter_queue, ANYWHERE),
        ("sqs:GetQueueUrl", one.dead_letter_queue, ANYWHERE),
        ("kms:Decrypt", key, ANYWHERE),
        ("kms:Encrypt", key, ANYWHERE),
        ("kms:GenerateDataKey*", key, ANYWHERE),
        ("kms:DescribeKey", key, ANYWHERE),
        ("kms:ReEncrypt*", key, ANYWHERE),
    }


def test_whoever_reads_the_ledger_may_query_it_and_not_scan_it(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key")
    ledger = JobLedger(stack, "Ledger", encryption_key=key)
    role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())

    ledger.grants.read(role).assert_success()

    table = resolved(stack, ledger.table.table_arn)
    assert permissions(Template.from_stack(stack), role) == {
        *(
            (f"dynamodb:{action}", resource, ANYWHERE)
            for action in ("GetItem", "BatchGetItem", "Query")
            for resource in (table, f"{table}/index/*")
        ),
        ("kms:Decrypt", resolved(stack, key.key_arn), ANYWHERE),
    }


@pytest.mark.parametrize(
    ("retention", "seconds"),
    [(None, ""), (cdk.Duration.days(90), "7776000"), (cdk.Duration.minutes(1), "60")],
    ids=["kept", "90 days", "a minute"],
)
def test_the_retention_reaches_functions_in_seconds(
    shared_stack: cdk.Stack, retention: cdk.Duration | None, seconds: str
) -> None:
    id = f"Ledger{seconds}"

    ledger = JobLedger(shared_stack, id, encryption_key=kms.Key(shared_stack, f"{id}Key"), retention=retention)

    assert ledger.environment["LEDGER_RETENTION_SECONDS"] == seconds


def test_whoever_starts_jobs_may_write_items_and_bring_them_forward(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key")
    ledger = JobLedger(stack, "Ledger", encryption_key=key)
    role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())

    ledger.grants.start(role).assert_success()

    table, key_arn = resolved(stack, ledger.table.table_arn), resolved(stack, key.key_arn)
    assert permissions(Template.from_stack(stack), role) == {
        ("dynamodb:UpdateItem", table, ANYWHERE),
        ("dynamodb:GetItem", table, ANYWHERE),
        ("kms:Decrypt", key_arn, ANYWHERE),
        ("kms:Encrypt", key_arn, ANYWHERE),
        ("kms:GenerateDataKey*", key_arn, ANYWHERE),
        ("kms:ReEncrypt*", key_arn, ANYWHERE),
    }


def test_a_ledger_alone_listens_to_nothing(stack: cdk.Stack) -> None:
    JobLedger(stack, "Ledger", encryption_key=kms.Key(stack, "Key"))

    rules = Template.from_stack(stack).find_resources("AWS::Events::Rule").values()
    assert not any("EventPattern" in rule["Properties"] for rule in rules)


def test_an_imported_key_encrypts_as_well(stack: cdk.Stack) -> None:
    arn = "arn:aws:kms:eu-central-1:111122223333:key/mine"

    JobLedger(stack, "Ledger", encryption_key=kms.Key.from_key_arn(stack, "Key", arn))

    Template.from_stack(stack).has_resource_properties(
        "AWS::DynamoDB::Table", {"SSESpecification": {"KMSMasterKeyId": arn}, "TableName": Match.absent()}
    )


def test_warns_that_the_policy_of_an_imported_key_is_out_of_reach(stack: cdk.Stack) -> None:
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-central-1:111122223333:key/mine")

    JobLedger(stack, "Ledger", encryption_key=key)

    Annotations.from_stack(stack).has_warning("/Stack/Ledger", Match.string_like_regexp("must allow events.amazonaws"))
