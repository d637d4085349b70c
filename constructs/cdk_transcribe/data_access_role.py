"""The role that Transcribe itself takes on: `AWS::IAM::Role`."""

from __future__ import annotations

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk_transcribe.storage import TranscribeStorage


class DataAccessRole(iam.Role):
    """A role for Transcribe to read media and words and to write transcripts with, on behalf of this account only.

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
            description="Taken on by Amazon Transcribe",
        )
        if storage is not None:
            storage.grant_transcribe(self)


def passing(role: iam.IRole) -> iam.PolicyStatement:
    """Lets `role` be handed to Transcribe, and to no other service."""
    return iam.PolicyStatement(
        actions=["iam:PassRole"],
        resources=[role.role_arn],
        conditions={"StringEquals": {"iam:PassedToService": "transcribe.amazonaws.com"}},
    )


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
