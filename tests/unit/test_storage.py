from __future__ import annotations

from typing import Any, cast

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Match, Template

from cdk_transcribe import TranscribeStorage

from .rendered import (
    ANYWHERE,
    condition,
    logical_id,
    permissions,
    policy_of,
    properties,
    resolved,
    resource,
    service_permissions,
)

BUCKET = s3.CfnBucket.CFN_RESOURCE_TYPE_NAME
UNFINISHED_UPLOADS = {
    "Id": "UnfinishedUploads",
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    "Status": "Enabled",
}


class Defaults:
    """A storage as it is without any argument."""

    def __init__(self, context: dict[str, Any]) -> None:
        stack = cdk.Stack(cdk.App(context=context), "Stack")
        self.storage = TranscribeStorage(stack, "Storage")
        self.template = Template.from_stack(stack)
        assert self.storage.access_log_bucket is not None
        self.buckets = {
            "media": self.storage.media_bucket,
            "transcripts": self.storage.transcript_bucket,
            "access logs": self.storage.access_log_bucket,
        }


@pytest.fixture(scope="module")
def defaults(context: dict[str, Any]) -> Defaults:
    return Defaults(context)


every_bucket = pytest.mark.parametrize("bucket", ["media", "transcripts", "access logs"])
content_bucket = pytest.mark.parametrize("bucket", ["media", "transcripts"])


def test_creates_three_buckets_and_one_key_and_nothing_that_runs(defaults: Defaults) -> None:
    types = sorted(resource["Type"] for resource in defaults.template.to_json()["Resources"].values())

    assert types == ["AWS::KMS::Key"] + ["AWS::S3::Bucket"] * 3 + ["AWS::S3::BucketPolicy"] * 3


@content_bucket
def test_media_and_transcripts_are_encrypted_with_the_key_and_a_bucket_key(defaults: Defaults, bucket: str) -> None:
    assert properties(defaults.template, defaults.buckets[bucket])["BucketEncryption"] == {
        "ServerSideEncryptionConfiguration": [
            {
                "BucketKeyEnabled": True,
                "ServerSideEncryptionByDefault": {
                    "KMSMasterKeyID": {"Fn::GetAtt": [logical_id(defaults.storage.key), "Arn"]},
                    "SSEAlgorithm": "aws:kms",
                },
            }
        ]
    }


def test_access_logs_are_encrypted_with_the_only_keys_that_log_delivery_can_use(defaults: Defaults) -> None:
    assert properties(defaults.template, defaults.buckets["access logs"])["BucketEncryption"] == {
        "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
    }


def test_the_key_rotates(defaults: Defaults) -> None:
    assert properties(defaults.template, defaults.storage.key)["EnableKeyRotation"] is True


@every_bucket
def test_public_access_is_blocked(defaults: Defaults, bucket: str) -> None:
    assert properties(defaults.template, defaults.buckets[bucket])["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }


@every_bucket
def test_access_control_lists_are_off(defaults: Defaults, bucket: str) -> None:
    rendered = properties(defaults.template, defaults.buckets[bucket])

    assert rendered["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert "AccessControl" not in rendered


@every_bucket
def test_versions_are_kept(defaults: Defaults, bucket: str) -> None:
    assert properties(defaults.template, defaults.buckets[bucket])["VersioningConfiguration"] == {"Status": "Enabled"}


@every_bucket
@pytest.mark.parametrize(
    "refused", [{"Bool": {"aws:SecureTransport": "false"}}, {"NumericLessThan": {"s3:TlsVersion": 1.2}}]
)
def test_requests_without_tls_1_2_are_denied(defaults: Defaults, bucket: str, refused: dict[str, Any]) -> None:
    document = policy_of(defaults.template, "AWS::S3::BucketPolicy", defaults.buckets[bucket])
    arn = {"Fn::GetAtt": [logical_id(defaults.buckets[bucket]), "Arn"]}

    assert {
        "Action": "s3:*",
        "Condition": refused,
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Resource": [arn, {"Fn::Join": ["", [arn, "/*"]]}],
    } in document["Statement"]


@content_bucket
def test_unfinished_uploads_go_after_seven_days_and_nothing_else_expires(defaults: Defaults, bucket: str) -> None:
    rules = properties(defaults.template, defaults.buckets[bucket])["LifecycleConfiguration"]["Rules"]

    assert rules == [UNFINISHED_UPLOADS]


def test_access_logs_expire_after_a_year_with_their_versions(defaults: Defaults) -> None:
    rules = properties(defaults.template, defaults.buckets["access logs"])["LifecycleConfiguration"]["Rules"]

    assert rules == [
        UNFINISHED_UPLOADS,
        {
            "Id": "Expiration",
            "ExpirationInDays": 365,
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
            "Status": "Enabled",
        },
    ]


@pytest.mark.parametrize(("bucket", "prefix"), [("media", "media/"), ("transcripts", "transcripts/")])
def test_accesses_are_logged_under_a_prefix_of_their_own(defaults: Defaults, bucket: str, prefix: str) -> None:
    assert properties(defaults.template, defaults.buckets[bucket])["LoggingConfiguration"] == {
        "DestinationBucketName": {"Ref": logical_id(defaults.buckets["access logs"])},
        "LogFilePrefix": prefix,
    }


def test_only_log_delivery_for_these_two_buckets_of_this_account_may_write_access_logs(defaults: Defaults) -> None:
    document = policy_of(defaults.template, "AWS::S3::BucketPolicy", defaults.buckets["access logs"])
    logs = f"<{logical_id(defaults.buckets['access logs'])}.Arn>"

    def for_bucket(bucket: str) -> str:
        return condition(
            ArnLike={"aws:SourceArn": f"<{logical_id(defaults.buckets[bucket])}.Arn>"},
            StringEquals={"aws:SourceAccount": "<AWS::AccountId>"},
        )

    assert [statement["Effect"] for statement in document["Statement"]] == ["Deny", "Deny", "Allow", "Allow"]
    assert service_permissions(document, "logging.s3.amazonaws.com") == {
        ("s3:PutObject", f"{logs}/media/*", for_bucket("media")),
        ("s3:PutObject", f"{logs}/transcripts/*", for_bucket("transcripts")),
    }


def test_the_media_bucket_sends_its_events_to_eventbridge(defaults: Defaults) -> None:
    assert properties(defaults.template, defaults.storage.media_bucket)["NotificationConfiguration"] == {
        "EventBridgeConfiguration": {"EventBridgeEnabled": True}
    }


def test_the_transcript_bucket_sends_no_events(defaults: Defaults) -> None:
    defaults.template.has_resource_properties(
        BUCKET,
        {
            "LoggingConfiguration": {"LogFilePrefix": "transcripts/"},
            "NotificationConfiguration": Match.absent(),
        },
    )


def test_physical_names_are_left_to_cloudformation(defaults: Defaults) -> None:
    defaults.template.all_resources_properties(BUCKET, {"BucketName": Match.absent()})


@pytest.mark.parametrize("part", ["media", "transcripts", "access logs", "key"])
def test_everything_is_retained_by_default(defaults: Defaults, part: str) -> None:
    construct = defaults.storage.key if part == "key" else defaults.buckets[part]

    rendered = resource(defaults.template, construct)

    assert (rendered["DeletionPolicy"], rendered["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_a_removal_policy_holds_for_every_part(stack: cdk.Stack) -> None:
    TranscribeStorage(stack, "Storage", removal_policy=cdk.RemovalPolicy.DESTROY)

    template = Template.from_stack(stack)
    policies = [
        resource["DeletionPolicy"]
        for resource in template.to_json()["Resources"].values()
        if resource["Type"] in (BUCKET, "AWS::KMS::Key")
    ]
    assert policies == ["Delete"] * 4


def test_objects_are_deleted_before_their_bucket_only_when_asked_to(stack: cdk.Stack) -> None:
    TranscribeStorage(stack, "Storage", removal_policy=cdk.RemovalPolicy.DESTROY, auto_delete_objects=True)

    Template.from_stack(stack).resource_count_is("Custom::S3AutoDeleteObjects", 3)


def test_fails_when_objects_are_to_be_deleted_from_buckets_that_are_retained(stack: cdk.Stack) -> None:
    with pytest.raises(
        ValueError, match=r"^auto_delete_objects=True needs removal_policy=RemovalPolicy\.DESTROY, got RETAIN$"
    ):
        TranscribeStorage(stack, "Storage", auto_delete_objects=True)


@pytest.mark.parametrize(
    ("argument", "bucket"), [("media_expiration", "Media"), ("transcript_expiration", "Transcripts")]
)
def test_an_expiration_deletes_objects_and_their_versions_of_its_bucket_alone(
    stack: cdk.Stack, argument: str, bucket: str
) -> None:
    TranscribeStorage(stack, "Storage", **cast(Any, {argument: cdk.Duration.days(30)}))

    template = Template.from_stack(stack)
    expiring = [
        resource["Properties"]["LoggingConfiguration"]["LogFilePrefix"]
        for resource in template.find_resources(BUCKET).values()
        if {
            "Id": "Expiration",
            "ExpirationInDays": 30,
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
            "Status": "Enabled",
        }
        in resource["Properties"]["LifecycleConfiguration"]["Rules"]
    ]
    assert expiring == [f"{bucket.lower()}/"]


@pytest.mark.parametrize("kind", ["media", "transcript"])
def test_fails_when_an_expiration_stands_beside_a_bucket_that_is_handed_in(stack: cdk.Stack, kind: str) -> None:
    arguments: Any = {
        f"{kind}_bucket": s3.Bucket.from_bucket_name(stack, "Mine", "mine"),
        f"{kind}_expiration": cdk.Duration.days(3),
    }

    with pytest.raises(
        ValueError,
        match=f"^{kind}_expiration='3 days' is for a new bucket, and {kind}_bucket was handed in: "
        "set a lifecycle rule where that bucket is defined$",
    ):
        TranscribeStorage(stack, "Storage", **arguments)


def test_a_key_that_is_handed_in_encrypts_both_buckets(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Mine")

    storage = TranscribeStorage(stack, "Storage", encryption_key=key)

    template = Template.from_stack(stack)
    assert storage.key is key
    template.resource_count_is("AWS::KMS::Key", 1)
    for bucket in (storage.media_bucket, storage.transcript_bucket):
        encryption = properties(template, bucket)["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert encryption[0]["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] == {
            "Fn::GetAtt": [logical_id(key), "Arn"]
        }


def test_the_key_of_a_transcript_bucket_that_is_handed_in_becomes_the_storages_key(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Mine")
    bucket = s3.Bucket(stack, "Transcripts", encryption_key=key)

    storage = TranscribeStorage(stack, "Storage", transcript_bucket=bucket)

    assert storage.key is key
    Template.from_stack(stack).resource_count_is("AWS::KMS::Key", 1)


def test_a_key_that_is_handed_in_goes_before_the_transcript_buckets_own(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Transcripts", encryption_key=kms.Key(stack, "Theirs"))
    key = kms.Key(stack, "Mine")

    storage = TranscribeStorage(stack, "Storage", encryption_key=key, transcript_bucket=bucket)

    assert storage.key is key


def test_a_transcript_bucket_without_a_key_gets_transcripts_encrypted_with_a_new_one(stack: cdk.Stack) -> None:
    storage = TranscribeStorage(
        stack, "Storage", transcript_bucket=s3.Bucket.from_bucket_name(stack, "Mine", "my-transcripts")
    )

    assert logical_id(storage.key) in Template.from_stack(stack).find_resources("AWS::KMS::Key")


def test_a_media_bucket_imported_by_name_gets_its_events_turned_on(stack: cdk.Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Mine", "my-media")

    storage = TranscribeStorage(stack, "Storage", media_bucket=bucket)

    assert storage.media_bucket is bucket
    Template.from_stack(stack).has_resource_properties(
        "Custom::S3BucketNotifications",
        {
            "BucketName": "my-media",
            "NotificationConfiguration": {"EventBridgeConfiguration": {}},
            # What is configured there already stays.
            "Managed": False,
        },
    )


def test_a_media_bucket_of_the_same_app_gets_its_events_turned_on(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Mine")

    TranscribeStorage(stack, "Storage", media_bucket=bucket)

    Template.from_stack(stack).has_resource_properties(
        "Custom::S3BucketNotifications",
        {
            "BucketName": {"Ref": logical_id(bucket)},
            "NotificationConfiguration": {"EventBridgeConfiguration": {}},
        },
    )


def test_notifications_beside_eventbridge_are_possible_on_a_media_bucket_that_is_handed_in(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Mine")
    storage = TranscribeStorage(stack, "Storage", media_bucket=bucket)

    storage.media_bucket.add_event_notification(
        s3.EventType.OBJECT_REMOVED, notifications.SqsDestination(sqs.Queue(stack, "Queue"))
    )

    Template.from_stack(stack).has_resource_properties(
        "Custom::S3BucketNotifications",
        {"NotificationConfiguration": {"EventBridgeConfiguration": {}, "QueueConfigurations": Match.any_value()}},
    )


def test_fails_at_synth_when_notifications_would_turn_the_events_of_our_media_bucket_off(stack: cdk.Stack) -> None:
    storage = TranscribeStorage(stack, "Storage")

    storage.media_bucket.add_event_notification(
        s3.EventType.OBJECT_CREATED, notifications.SqsDestination(sqs.Queue(stack, "Queue"))
    )

    with pytest.raises(
        RuntimeError,
        match=r"\[Stack/Storage/Media\] add_event_notification on the media bucket would turn its events to "
        "EventBridge off, and with them every route: add an EventBridge rule for your target, or hand in a "
        "media_bucket of your own",
    ):
        Template.from_stack(stack)


def test_no_access_logs_are_kept_when_both_buckets_are_handed_in(stack: cdk.Stack) -> None:
    storage = TranscribeStorage(
        stack,
        "Storage",
        media_bucket=s3.Bucket.from_bucket_name(stack, "MyMedia", "my-media"),
        transcript_bucket=s3.Bucket.from_bucket_name(stack, "MyTranscripts", "my-transcripts"),
    )

    assert storage.access_log_bucket is None
    Template.from_stack(stack).resource_count_is(BUCKET, 0)


def test_transcribe_is_granted_media_transcripts_and_key_and_nothing_more(context: dict[str, Any]) -> None:
    stack = cdk.Stack(cdk.App(context=context), "Stack")
    storage = TranscribeStorage(stack, "Storage")
    role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())

    storage.grant_transcribe(role)

    media, transcripts = (
        resolved(stack, storage.media_bucket.bucket_arn),
        resolved(stack, storage.transcript_bucket.bucket_arn),
    )
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


def test_transcribe_is_granted_decryption_with_the_key_of_a_media_bucket_that_is_handed_in(stack: cdk.Stack) -> None:
    media_key = kms.Key(stack, "MediaKey")
    storage = TranscribeStorage(stack, "Storage", media_bucket=s3.Bucket(stack, "Mine", encryption_key=media_key))
    role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())

    storage.grant_transcribe(role)

    with_media_key = {
        action
        for action, target, _ in permissions(Template.from_stack(stack), role)
        if target == resolved(stack, media_key.key_arn)
    }
    assert with_media_key == {"kms:Decrypt"}


def test_transcribe_is_granted_a_media_bucket_imported_by_name(stack: cdk.Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Mine", "my-media")
    storage = TranscribeStorage(stack, "Storage", media_bucket=bucket)
    role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())

    storage.grant_transcribe(role)

    assert {
        ("s3:GetObject", "arn:<AWS::Partition>:s3:::my-media/*", ANYWHERE),
        ("s3:ListBucket", "arn:<AWS::Partition>:s3:::my-media", ANYWHERE),
    } <= permissions(Template.from_stack(stack), role)
