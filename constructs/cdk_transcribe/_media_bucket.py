"""What a pipeline needs of a bucket that media arrive in, whoever defined the bucket: its events, and to read it."""

from __future__ import annotations

from aws_cdk import Annotations, Stack, Token
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct


def check_region(scope: Construct, bucket: s3.IBucket) -> None:
    """Raises ValueError when it is certain that `bucket` is in another Region than `scope`."""
    region = Stack.of(scope).region
    if _certainly_differ(bucket.env.region, region):
        raise ValueError(
            f"bucket {bucket.node.path!r} is in {bucket.env.region} and {scope.node.path!r} in {region}: Transcribe "
            "takes media of its own Region only, and so do EventBridge rules; put both into one Region"
        )


def receive_events(scope: Construct, bucket: s3.IBucket) -> None:
    """Has the events of `bucket` come to EventBridge in the account of `scope`; warns there if that is out of reach."""
    if _certainly_differ(bucket.env.account, Stack.of(scope).account):
        _warn_of_another_account(scope, bucket)
    else:
        _send_to_eventbridge(bucket)


def grant_read(bucket: s3.IBucket, grantee: iam.IGrantable) -> None:
    """Lets `grantee` read every object of `bucket`, and use the bucket's key for it."""
    iam.Grant.add_to_principal(grantee=grantee, actions=["s3:GetObject"], resource_arns=[bucket.arn_for_objects("*")])
    # Without ListBucket a missing object looks like a forbidden one, and the reason of a failed job misleads.
    iam.Grant.add_to_principal(grantee=grantee, actions=["s3:ListBucket"], resource_arns=[bucket.bucket_arn])
    if bucket.encryption_key is not None:
        bucket.encryption_key.grant_decrypt(grantee)


def grant_read_tags(bucket: s3.IBucket, grantee: iam.IGrantable) -> None:
    """Lets `grantee` read the tags of every object of `bucket`, and of each of its versions."""
    iam.Grant.add_to_principal(
        grantee=grantee,
        actions=["s3:GetObjectTagging", "s3:GetObjectVersionTagging"],
        resource_arns=[bucket.arn_for_objects("*")],
    )


def _send_to_eventbridge(bucket: s3.IBucket) -> None:
    """Has `bucket` send its events to EventBridge, in the way that goes with how it was defined.

    A bucket of CDK's own class and an imported one get CDK's custom resource, which lives with other notifications
    of the bucket. A raw resource gets the property, which that custom resource would write over at the next change.
    """
    resource = bucket.node.default_child
    if isinstance(resource, s3.CfnBucket):
        if _sends_already(resource):
            return
        if not isinstance(bucket, s3.Bucket):
            resource.add_property_override(
                "NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled", True
            )
            return
    bucket.enable_event_bridge_notification()


def _warn_of_another_account(scope: Construct, bucket: s3.IBucket) -> None:
    """Says what has to be done in the account that owns `bucket`, since it can't be done from here."""
    Annotations.of(scope).add_warning_v2(
        "cdk-transcribe:bucket-of-another-account",
        f"bucket {bucket.node.path!r} is of account {bucket.env.account}, where nothing can be changed from here: turn "
        'its events to EventBridge on there, forward its "Object Created" events to the default bus of this account, '
        "and allow the pipeline's starter and data access role to read its objects, in the policies of the bucket and "
        "of its key",
    )


def _sends_already(resource: s3.CfnBucket) -> bool:
    configuration = Stack.of(resource).resolve(resource.notification_configuration) or {}
    return bool(configuration.get("eventBridgeConfiguration", {}).get("eventBridgeEnabled"))


def _certainly_differ(one: str, other: str) -> bool:
    return not Token.is_unresolved(one) and not Token.is_unresolved(other) and one != other
