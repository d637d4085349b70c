from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Match, Template

from cdk_transcribe import DataAccessRole, TranscribeStorage

from .rendered import ANYWHERE, permissions, properties, resolved

ROLE = iam.CfnRole.CFN_RESOURCE_TYPE_NAME


def test_trusts_transcribe_for_this_account_and_region_and_nobody_else(context: dict[str, Any]) -> None:
    stack = cdk.Stack(cdk.App(context=context), "Stack")

    DataAccessRole(stack, "Role")

    Template.from_stack(stack).has_resource_properties(
        ROLE,
        {
            "AssumeRolePolicyDocument": Match.object_equals(
                {
                    "Statement": [
                        {
                            "Action": "sts:AssumeRole",
                            "Condition": {
                                "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
                                "ArnLike": {
                                    "aws:SourceArn": {
                                        "Fn::Join": [
                                            "",
                                            [
                                                "arn:",
                                                {"Ref": "AWS::Partition"},
                                                ":transcribe:",
                                                {"Ref": "AWS::Region"},
                                                ":",
                                                {"Ref": "AWS::AccountId"},
                                                ":*",
                                            ],
                                        ]
                                    }
                                },
                            },
                            "Effect": "Allow",
                            "Principal": {"Service": "transcribe.amazonaws.com"},
                        }
                    ],
                    "Version": "2012-10-17",
                }
            )
        },
    )


def test_trusts_the_account_and_region_of_its_stack_by_number_where_they_are_known(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="111122223333", region="eu-central-1"))

    role = DataAccessRole(stack, "Role")

    (statement,) = properties(Template.from_stack(stack), role)["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "111122223333"}
    assert resolved(stack, statement["Condition"]["ArnLike"]["aws:SourceArn"]) == (
        "arn:<AWS::Partition>:transcribe:eu-central-1:111122223333:*"
    )


def test_may_do_nothing_until_something_is_granted(stack: cdk.Stack) -> None:
    DataAccessRole(stack, "Role")

    template = Template.from_stack(stack)
    template.resource_count_is("AWS::IAM::Policy", 0)
    template.has_resource_properties(ROLE, {"ManagedPolicyArns": Match.absent(), "Policies": Match.absent()})


def test_has_no_physical_name(stack: cdk.Stack) -> None:
    DataAccessRole(stack, "Role")

    Template.from_stack(stack).has_resource_properties(ROLE, {"RoleName": Match.absent()})


def test_reads_media_and_writes_transcripts_of_the_storage_and_nothing_more(context: dict[str, Any]) -> None:
    stack = cdk.Stack(cdk.App(context=context), "Stack")
    storage = TranscribeStorage(stack, "Storage")

    role = DataAccessRole(stack, "Role", storage=storage)

    media = resolved(stack, storage.media_bucket.bucket_arn)
    transcripts = resolved(stack, storage.transcript_bucket.bucket_arn)
    key = resolved(stack, storage.key.key_arn)
    assert permissions(Template.from_stack(stack), role) == {
        ("s3:GetObject", f"{media}/*", ANYWHERE),
        ("s3:ListBucket", media, ANYWHERE),
        ("s3:PutObject", f"{transcripts}/*", ANYWHERE),
        ("kms:Decrypt", key, ANYWHERE),
        ("kms:DescribeKey", key, ANYWHERE),
        ("kms:Encrypt", key, ANYWHERE),
        ("kms:GenerateDataKey*", key, ANYWHERE),
        ("kms:ReEncrypt*", key, ANYWHERE),
    }


def test_is_a_role_that_cdk_itself_can_grant_to(stack: cdk.Stack) -> None:
    role = DataAccessRole(stack, "Role")

    grant = iam.Grant.add_to_principal(grantee=role, actions=["s3:GetObject"], resource_arns=["arn:x"])

    assert grant.success
