from __future__ import annotations

from typing import Any

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
        "AttributeDefinitions": [{"AttributeName": "job_name", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "job_name", "KeyType": "HASH"}],
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "SSESpecification": {"KMSMasterKeyId": one.key_arn, "SSEEnabled": True, "SSEType": "KMS"},
        "TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": True},
    }


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


def test_only_the_rule_may_run_the_recorder(one: OnePipeline) -> None:
    one.template.resource_count_is("AWS::Lambda::Permission", 1)
    one.template.has_resource_properties(
        "AWS::Lambda::Permission",
        {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Fn::GetAtt": [logical_id(one.ledger.recorder), "Arn"]},
            "Principal": "events.amazonaws.com",
            "SourceArn": {"Fn::GetAtt": [logical_id(one.rule), "Arn"]},
        },
    )


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
        "Variables": {"LEDGER_TABLE_NAME": {"Ref": logical_id(one.ledger.table)}, "LEDGER_RETENTION_SECONDS": ""}
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

    ledger.grant_start(role)

    table, key_arn = resolved(stack, ledger.table.table_arn), resolved(stack, key.key_arn)
    assert permissions(Template.from_stack(stack), role) == {
        ("dynamodb:UpdateItem", table, ANYWHERE),
        ("kms:Decrypt", key_arn, ANYWHERE),
        ("kms:Encrypt", key_arn, ANYWHERE),
        ("kms:GenerateDataKey*", key_arn, ANYWHERE),
        ("kms:ReEncrypt*", key_arn, ANYWHERE),
    }


def test_a_ledger_alone_listens_to_nothing(stack: cdk.Stack) -> None:
    JobLedger(stack, "Ledger", encryption_key=kms.Key(stack, "Key"))

    Template.from_stack(stack).resource_count_is("AWS::Events::Rule", 0)


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
