"""The role that Transcribe itself takes on: `AWS::IAM::Role`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

if TYPE_CHECKING:
    from cdk_transcribe.storage import TranscribeStorage


class DataAccessRole(iam.Role):
    """A role for Transcribe to read media and write transcripts with, on behalf of this account only.

    It trusts `transcribe.amazonaws.com`, and only for work that Transcribe does for this account in this Region:
    without that condition another account could have the service use the role (the confused deputy). It may do
    nothing until something is granted.

    Args:
        storage: buckets and key to let Transcribe use: it may read every object of the media bucket, write to the
            transcript bucket, and use the keys of both. By default nothing is granted.
    """

    def __init__(self, scope: Construct, id: str, *, storage: TranscribeStorage | None = None) -> None:
        super().__init__(
            scope,
            id,
            assumed_by=_transcribe_for_this_account(Stack.of(scope)),
            description="Lets Amazon Transcribe read media and write transcripts",
        )
        if storage is not None:
            storage.grant_transcribe(self)


def _transcribe_for_this_account(stack: Stack) -> iam.ServicePrincipal:
    source_arn = stack.format_arn(service="transcribe", resource="*", arn_format=ArnFormat.NO_RESOURCE_NAME)
    # https://docs.aws.amazon.com/transcribe/latest/dg/security-iam.html, "cross-service confused deputy prevention"
    return iam.ServicePrincipal(
        "transcribe.amazonaws.com",
        conditions={
            "StringEquals": {"aws:SourceAccount": stack.account},
            "ArnLike": {"aws:SourceArn": source_arn},
        },
    )


def grant_read_media(bucket: s3.IBucket, grantee: iam.IGrantable) -> None:
    """Lets `grantee` read every object of `bucket`, and use the bucket's key for it."""
    iam.Grant.add_to_principal(grantee=grantee, actions=["s3:GetObject"], resource_arns=[bucket.arn_for_objects("*")])
    # Without ListBucket a missing object looks like a forbidden one, and the reason of a failed job misleads.
    iam.Grant.add_to_principal(grantee=grantee, actions=["s3:ListBucket"], resource_arns=[bucket.bucket_arn])
    if bucket.encryption_key is not None:
        bucket.encryption_key.grant_decrypt(grantee)


def grant_write_transcripts(bucket: s3.IBucket, key: kms.IKey, grantee: iam.IGrantable) -> None:
    """Lets `grantee` write objects of `bucket` encrypted with `key`.

    Every key of the bucket, because Transcribe also puts a probe, `.write_access_check_file.temp`, beside them.
    """
    iam.Grant.add_to_principal(grantee=grantee, actions=["s3:PutObject"], resource_arns=[bucket.arn_for_objects("*")])
    key.grant_encrypt_decrypt(grantee)
    key.grant(grantee, "kms:DescribeKey")
