"""What a pipeline hears of media: events of S3 and of a backfill, and the tags of each version."""

from __future__ import annotations

import json
from typing import Any

import pytest

from transcribe_local import LocalAws

KEY = "calls/ä ö+.wav"
PATTERN = {
    "source": ["aws.s3", "cdk-transcribe"],
    "detail-type": ["Object Created"],
    "detail": {"bucket": {"name": ["versioned-media"]}, "object": {"key": [{"wildcard": "calls/*.wav"}]}},
}


@pytest.fixture(scope="module")
def bucket(local_aws: LocalAws) -> str:
    s3, name = local_aws.client("s3"), "versioned-media"
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    events_on = {"EventBridgeConfiguration": {}}
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=events_on)
    return name


@pytest.fixture
def queue(local_aws: LocalAws, bucket: str) -> str:
    sqs, events = local_aws.client("sqs"), local_aws.client("events")
    url: str = sqs.create_queue(QueueName="media-events")["QueueUrl"]
    events.put_rule(Name="media", EventPattern=json.dumps(PATTERN))
    arn = f"arn:aws:sqs:{local_aws.region}:{local_aws.account_id}:media-events"
    events.put_targets(Rule="media", Targets=[{"Id": "queue", "Arn": arn}])
    return url


def received(aws: LocalAws, queue: str) -> Any:
    [message] = aws.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
    aws.client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return json.loads(message["Body"])


def test_each_version_of_an_object_has_its_own_tags(local_aws: LocalAws, bucket: str) -> None:
    s3 = local_aws.client("s3")
    tagged = s3.put_object(Bucket=bucket, Key=KEY, Body=b"1", Tagging="language=de-DE&speakers=2")
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"2")

    tags = s3.get_object_tagging(Bucket=bucket, Key=KEY, VersionId=tagged["VersionId"])["TagSet"]

    assert {tag["Key"]: tag["Value"] for tag in tags} == {"language": "de-DE", "speakers": "2"}
    assert s3.get_object_tagging(Bucket=bucket, Key=KEY)["TagSet"] == []


def test_an_event_names_the_objects_version_and_its_raw_key(local_aws: LocalAws, bucket: str, queue: str) -> None:
    put = local_aws.client("s3").put_object(Bucket=bucket, Key=KEY, Body=b"3")

    event = received(local_aws, queue)

    assert (event["source"], event["detail"]["object"]["key"]) == ("aws.s3", KEY)
    assert event["detail"]["object"]["version-id"] == put["VersionId"]


def test_a_backfills_event_reaches_the_rules_of_the_media(local_aws: LocalAws, bucket: str, queue: str) -> None:
    detail = {"bucket": {"name": bucket}, "object": {"key": "calls/old.wav", "size": 1}, "route": "calls/English"}
    entry = {"Source": "cdk-transcribe", "DetailType": "Object Created", "Detail": json.dumps(detail)}
    others = [
        {**entry, "Detail": json.dumps({**detail, "object": {"key": "calls/old.txt"}})},
        {**entry, "Source": "somebody-else"},
    ]

    answer = local_aws.client("events").put_events(Entries=[*others, entry])

    assert answer["FailedEntryCount"] == 0
    event = received(local_aws, queue)
    assert (event["source"], event["detail"]) == ("cdk-transcribe", detail)
