from __future__ import annotations

import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Annotations, Match, Template

from cdk_transcribe import TranscribeStorage, TranscriptionJob, TranscriptionPipeline

from .rendered import ANYWHERE, Permission, logical_id, permissions, properties, resolved

ENGLISH = TranscriptionJob(language_code="en-US")
NOTIFICATIONS = "Custom::S3BucketNotifications"
SENDS_EVENTS = {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}


@pytest.fixture
def pipeline(stack: cdk.Stack) -> TranscriptionPipeline:
    return TranscriptionPipeline(stack, "Calls")


def raw_bucket(stack: cdk.Stack, id: str = "Mine", **notification_configuration: Any) -> s3.CfnBucket:
    configuration = s3.CfnBucket.NotificationConfigurationProperty(**notification_configuration)
    return s3.CfnBucket(stack, id, notification_configuration=configuration if notification_configuration else None)


# Events


def test_a_route_takes_objects_of_the_bucket_that_it_is_given(
    stack: cdk.Stack, pipeline: TranscriptionPipeline
) -> None:
    bucket = s3.Bucket(stack, "Mine")

    rule = pipeline.add_route("English", bucket=bucket, job=ENGLISH)

    pattern = properties(Template.from_stack(stack), rule)["EventPattern"]
    assert pattern["detail"]["bucket"] == {"name": [{"Ref": logical_id(bucket)}]}


def test_a_bucket_of_the_app_gets_its_events_turned_on_once_for_any_number_of_routes(
    stack: cdk.Stack, pipeline: TranscriptionPipeline
) -> None:
    bucket = s3.Bucket(stack, "Mine", event_bridge_enabled=True)
    other = TranscriptionPipeline(stack, "More", storage=pipeline.storage, ledger=pipeline.ledger)

    for prefix in ("en/", "de/"):
        pipeline.add_route(prefix, bucket=bucket, prefix=prefix, job=ENGLISH)
    other.add_route("English", bucket=bucket, prefix="en/", job=ENGLISH)

    template = Template.from_stack(stack)
    template.resource_count_is(NOTIFICATIONS, 1)
    template.has_resource_properties(
        NOTIFICATIONS,
        {"BucketName": {"Ref": logical_id(bucket)}, "NotificationConfiguration": {"EventBridgeConfiguration": {}}},
    )


def test_a_bucket_imported_twice_by_one_name_gets_its_events_turned_on_once(
    stack: cdk.Stack, pipeline: TranscriptionPipeline
) -> None:
    for prefix in ("en", "de"):
        bucket = s3.Bucket.from_bucket_name(stack, prefix, "my-media")
        pipeline.add_route(prefix, bucket=bucket, prefix=f"{prefix}/", job=ENGLISH)

    template = Template.from_stack(stack)
    template.resource_count_is(NOTIFICATIONS, 1)
    # What is configured there already stays.
    template.has_resource_properties(NOTIFICATIONS, {"BucketName": "my-media", "Managed": False})


def test_other_notifications_of_a_bucket_stay_beside_the_events(
    stack: cdk.Stack, pipeline: TranscriptionPipeline
) -> None:
    bucket = s3.Bucket(stack, "Mine")
    pipeline.add_route("English", bucket=bucket, job=ENGLISH)

    bucket.add_event_notification(s3.EventType.OBJECT_REMOVED, notifications.SqsDestination(sqs.Queue(stack, "Queue")))

    Template.from_stack(stack).has_resource_properties(
        NOTIFICATIONS,
        {"NotificationConfiguration": {"EventBridgeConfiguration": {}, "QueueConfigurations": Match.any_value()}},
    )


def test_the_media_bucket_of_another_storage_sends_its_events_already(
    stack: cdk.Stack, pipeline: TranscriptionPipeline
) -> None:
    other = TranscribeStorage(stack, "Other")

    pipeline.add_route("English", bucket=other.media_bucket, job=ENGLISH)

    template = Template.from_stack(stack)
    template.resource_count_is(NOTIFICATIONS, 0)
    assert properties(template, other.media_bucket)["NotificationConfiguration"] == SENDS_EVENTS


def test_a_raw_bucket_gets_the_property_beside_what_it_has(stack: cdk.Stack, pipeline: TranscriptionPipeline) -> None:
    queue = s3.CfnBucket.QueueConfigurationProperty(event="s3:ObjectRemoved:*", queue="arn:aws:sqs:::mine")
    raw = raw_bucket(stack, queue_configurations=[queue])

    pipeline.add_route("English", bucket=s3.Bucket.from_cfn_bucket(raw), job=ENGLISH)

    template = Template.from_stack(stack)
    template.resource_count_is(NOTIFICATIONS, 0)
    assert properties(template, raw)["NotificationConfiguration"] == {
        **SENDS_EVENTS,
        "QueueConfigurations": [{"Event": "s3:ObjectRemoved:*", "Queue": "arn:aws:sqs:::mine"}],
    }


def test_a_raw_bucket_that_sends_its_events_stays_as_it_is(stack: cdk.Stack, pipeline: TranscriptionPipeline) -> None:
    sends = s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
    raw = raw_bucket(stack, event_bridge_configuration=sends)

    pipeline.add_route("English", bucket=s3.Bucket.from_cfn_bucket(raw), job=ENGLISH)

    template = Template.from_stack(stack)
    template.resource_count_is(NOTIFICATIONS, 0)
    assert properties(template, raw)["NotificationConfiguration"] == SENDS_EVENTS


def test_a_raw_media_bucket_of_the_storage_gets_the_property_too(stack: cdk.Stack) -> None:
    raw = raw_bucket(stack)

    TranscribeStorage(stack, "Storage", media_bucket=s3.Bucket.from_cfn_bucket(raw))

    assert properties(Template.from_stack(stack), raw)["NotificationConfiguration"] == SENDS_EVENTS


def test_a_bucket_of_another_stack_gets_its_events_turned_on_there(
    app: cdk.App, stack: cdk.Stack, pipeline: TranscriptionPipeline
) -> None:
    theirs = cdk.Stack(app, "Theirs")
    bucket = s3.Bucket(theirs, "Bucket", encryption=s3.BucketEncryption.KMS)

    pipeline.add_route("English", bucket=bucket, job=ENGLISH)

    Template.from_stack(theirs).resource_count_is(NOTIFICATIONS, 1)
    Template.from_stack(stack).resource_count_is(NOTIFICATIONS, 0)


def test_warns_that_nothing_can_be_changed_in_another_account(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    bucket = s3.Bucket.from_bucket_attributes(stack, "Theirs", bucket_name="theirs", account="444455556666")

    rule = TranscriptionPipeline(stack, "Calls").add_route("English", bucket=bucket, job=ENGLISH)

    Annotations.from_stack(stack).has_warning(
        f"/{rule.node.path}",
        Match.string_like_regexp(
            r"bucket 'Stack/Theirs' is of account 444455556666, where nothing can be changed from here: turn its "
            r"events to EventBridge on there, .*\[ack: cdk-transcribe:bucket-of-another-account\]"
        ),
    )
    Template.from_stack(stack).resource_count_is(NOTIFICATIONS, 0)


def test_fails_when_the_bucket_is_in_another_region(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    bucket = s3.Bucket.from_bucket_attributes(stack, "Far", bucket_name="far", region="us-east-1")
    pipeline = TranscriptionPipeline(stack, "Calls")

    with pytest.raises(
        ValueError,
        match=re.escape("bucket 'Stack/Far' is in us-east-1 and 'Stack/Calls' in eu-central-1: ")
        + "Transcribe takes media of its own Region only",
    ):
        pipeline.add_route("English", bucket=bucket, job=ENGLISH)


# Permissions


def readers(pipeline: TranscriptionPipeline) -> list[Any]:
    return [pipeline.starter.role, pipeline.data_access_role]


def of_bucket(granted: set[Permission], arn: str) -> set[Permission]:
    return {(action, target, _) for action, target, _ in granted if target.startswith(arn)}


def test_starter_and_data_access_role_may_read_the_bucket_with_its_key_and_nothing_more(
    stack: cdk.Stack, pipeline: TranscriptionPipeline
) -> None:
    key = kms.Key(stack, "Key")
    bucket = s3.Bucket(stack, "Mine", encryption_key=key)

    pipeline.add_route("English", bucket=bucket, job=ENGLISH)

    template = Template.from_stack(stack)
    arn, key_arn = resolved(stack, bucket.bucket_arn), resolved(stack, key.key_arn)
    for reader in readers(pipeline):
        granted = permissions(template, reader)
        assert of_bucket(granted, arn) == {("s3:GetObject", f"{arn}/*", ANYWHERE), ("s3:ListBucket", arn, ANYWHERE)}
        assert of_bucket(granted, key_arn) == {("kms:Decrypt", key_arn, ANYWHERE)}


def test_the_media_bucket_of_the_storage_named_outright_is_granted_once(
    stack: cdk.Stack, pipeline: TranscriptionPipeline
) -> None:
    rule = pipeline.add_route("English", bucket=pipeline.storage.media_bucket, job=ENGLISH)

    template = Template.from_stack(stack)
    template.resource_count_is(NOTIFICATIONS, 0)
    assert properties(template, rule)["EventPattern"]["detail"]["bucket"] == {
        "name": [{"Ref": logical_id(pipeline.storage.media_bucket)}]
    }
