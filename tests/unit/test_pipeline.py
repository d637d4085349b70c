from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match, Template

from cdk_transcribe import (
    FilterMethod,
    JobLedger,
    SubtitleFormat,
    TranscribeStorage,
    TranscriptionJob,
    TranscriptionPipeline,
    Vocabulary,
    VocabularyFilter,
    VocabularySource,
    WordSource,
)

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
    text,
)

ENGLISH = TranscriptionJob(language_code="en-US")
FROM_THIS_ACCOUNT = condition(StringEquals={"aws:SourceAccount": "<AWS::AccountId>"})
RULE = events.CfnRule.CFN_RESOURCE_TYPE_NAME


class OneRoute:
    """A pipeline as it is by default, with one route."""

    def __init__(self, context: dict[str, Any]) -> None:
        self.stack = cdk.Stack(cdk.App(context=context), "Stack")
        self.pipeline = TranscriptionPipeline(self.stack, "Calls")
        self.route = self.pipeline.add_route("English", prefix="en/", suffixes=[".wav"], job=ENGLISH)
        self.template = Template.from_stack(self.stack)
        self.queue = logical_id(self.pipeline.queue)
        self.dead_letter_queue = logical_id(self.pipeline.dead_letter_queue)
        self.key = f"<{logical_id(self.pipeline.storage.key)}.Arn>"


@pytest.fixture(scope="module")
def one(context: dict[str, Any]) -> OneRoute:
    return OneRoute(context)


def message(template: Template, rule: events.Rule) -> dict[str, Any]:
    """A message as the queue gets it, with references for values that are known at deployment."""
    (target,) = properties(template, rule)["Targets"]
    transformer = target["InputTransformer"]
    assert transformer["InputPathsMap"] == {"f1": "$"}
    rendered: dict[str, Any] = json.loads(text(transformer["InputTemplate"]).replace("<f1>", '{"the": "event"}'))
    return rendered


class SeveralRoutes:
    """Routes of all sorts on one pipeline."""

    def __init__(self) -> None:
        stack = cdk.Stack(cdk.App(), "Stack")
        self.terms = Vocabulary(stack, "Terms", language_code="en-US", source=VocabularySource.from_phrases(["a"]))
        self.filler = VocabularyFilter(stack, "Filler", language_code="en-US", source=WordSource.from_words(["um"]))
        media = s3.Bucket.from_bucket_name(stack, "Mine", "my-media")
        storage = TranscribeStorage(stack, "Storage", media_bucket=media)
        pipeline = TranscriptionPipeline(stack, "Calls", storage=storage, max_concurrency=1000, starts_per_second=1000)
        settings = TranscriptionJob(
            language_code="en-US",
            vocabulary=self.terms,
            vocabulary_filter=self.filler,
            vocabulary_filter_method=FilterMethod.MASK,
            max_speakers=4,
            subtitles=[SubtitleFormat.VTT],
            subtitle_start_index=1,
        )
        self.everything = pipeline.add_route("Everything", output_prefix="all/", job=ENGLISH)
        self.queue = pipeline.add_route("Queue", prefix="queue/", job=ENGLISH)
        self.settings = pipeline.add_route("Settings", prefix="settings/", job=settings)
        self.long_prefix = pipeline.add_route("Long", prefix="p" * 1024, job=ENGLISH)
        self.quoted = pipeline.add_route('The "best" \\ route', prefix="best/", job=ENGLISH)
        self.german = pipeline.add_route("German", prefix="de/", job=TranscriptionJob(language_code="de-DE"))
        self.template = Template.from_stack(stack)

    def keys(self, rule: events.Rule) -> Any:
        return properties(self.template, rule)["EventPattern"]["detail"]["object"]["key"]

    def job(self, rule: events.Rule) -> Any:
        return message(self.template, rule)["job"]


@pytest.fixture(scope="module")
def several() -> SeveralRoutes:
    return SeveralRoutes()


# The route's rule


def test_a_route_takes_created_objects_of_the_media_bucket_and_backfills(one: OneRoute) -> None:
    assert properties(one.template, one.route)["EventPattern"] == {
        "source": ["aws.s3", "cdk-transcribe"],
        "detail-type": ["Object Created"],
        "detail": {
            "bucket": {"name": [{"Ref": logical_id(one.pipeline.storage.media_bucket)}]},
            "object": {"key": [{"prefix": "en/"}]},
        },
    }


def test_a_route_without_a_prefix_takes_every_media_format_in_any_case(several: SeveralRoutes) -> None:
    assert several.keys(several.everything) == [
        {"suffix": {"equals-ignore-case": f".{media_format}"}}
        for media_format in ("amr", "flac", "m4a", "mp3", "mp4", "ogg", "wav", "webm")
    ]


def test_a_route_on_a_bucket_imported_by_name_takes_that_name(several: SeveralRoutes) -> None:
    pattern = properties(several.template, several.everything)["EventPattern"]

    assert pattern["detail"]["bucket"] == {"name": ["my-media"]}


def test_no_rule_has_a_wildcard_because_eventbridge_refuses_many_as_too_complex(several: SeveralRoutes) -> None:
    rules = several.template.find_resources(RULE)

    assert "wildcard" not in json.dumps(rules)


def test_an_event_pattern_stays_within_its_limit_with_the_longest_prefix(several: SeveralRoutes) -> None:
    pattern = properties(several.template, several.long_prefix)["EventPattern"]

    # 2,048 characters: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
    assert len(json.dumps(pattern)) < 2048


def test_a_route_may_be_named_as_a_part_of_the_pipeline(several: SeveralRoutes) -> None:
    assert several.job(several.queue)["Route"] == "Queue"


def test_a_route_sends_to_the_queue_and_what_can_not_be_sent_to_the_dead_letter_queue(one: OneRoute) -> None:
    (target,) = properties(one.template, one.route)["Targets"]

    assert target["Arn"] == {"Fn::GetAtt": [one.queue, "Arn"]}
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": [one.dead_letter_queue, "Arn"]}}


def test_there_is_no_route_until_one_is_added(stack: cdk.Stack) -> None:
    pipeline = TranscriptionPipeline(stack, "Calls")

    rules = Template.from_stack(stack).find_resources(RULE, {"Properties": {"EventPattern": {"source": ["aws.s3"]}}})
    assert (rules, pipeline.queue.node.try_find_child("English")) == ({}, None)


# The message


def test_a_message_is_the_whole_event_and_the_job(one: OneRoute) -> None:
    prefix = one.pipeline.job_name_prefix

    assert message(one.template, one.route) == {
        "event": {"the": "event"},
        "job": {
            "Kind": "TranscriptionJob",
            "Route": "English",
            "NamePrefix": prefix,
            "Suffixes": [".wav"],
            "OutputBucketName": f"<{logical_id(one.pipeline.storage.transcript_bucket)}>",
            "OutputPrefix": "",
            "Request": {
                "LanguageCode": "en-US",
                "OutputEncryptionKMSKeyId": one.key,
                "JobExecutionSettings": {
                    "AllowDeferredExecution": True,
                    "DataAccessRoleArn": resolved(one.stack, one.pipeline.data_access_role.role_arn),
                },
            },
        },
    }


def test_the_template_of_a_message_has_nothing_around_event_and_job(one: OneRoute) -> None:
    (target,) = properties(one.template, one.route)["Targets"]

    template = text(target["InputTransformer"]["InputTemplate"])

    assert template.startswith('{"event":<f1>,"job":{"Kind":"TranscriptionJob",')
    assert template.endswith("}}}}")


def test_a_message_carries_the_jobs_settings(several: SeveralRoutes) -> None:
    request = several.job(several.settings)["Request"]

    assert request["Settings"] == {
        "VocabularyName": f"<{logical_id(several.terms)}.Name>",
        "VocabularyFilterName": f"<{logical_id(several.filler)}.Name>",
        "VocabularyFilterMethod": "mask",
        "ShowSpeakerLabels": True,
        "MaxSpeakerLabels": 4,
    }
    assert request["Subtitles"] == {"Formats": ["vtt"], "OutputStartIndex": 1}


def test_a_message_carries_the_output_prefix(several: SeveralRoutes) -> None:
    assert several.job(several.everything)["OutputPrefix"] == "all/"


def test_a_quote_in_a_routes_name_reaches_the_message_whole(several: SeveralRoutes) -> None:
    assert several.job(several.quoted)["Route"] == 'The "best" \\ route'


def test_each_route_has_a_message_of_its_own(several: SeveralRoutes) -> None:
    languages = [several.job(rule)["Request"]["LanguageCode"] for rule in (several.german, several.quoted)]

    assert languages == ["de-DE", "en-US"]


# Routes that are refused


def test_fails_when_routes_would_write_the_same_transcripts(shared_stack: cdk.Stack) -> None:
    pipeline = TranscriptionPipeline(shared_stack, "Overlap")
    pipeline.add_route("English", prefix="en/", job=ENGLISH)

    with pytest.raises(
        ValueError,
        match=r"^route 'American' \(prefix='en/us/', output_prefix=''\) and route 'English' \(prefix='en/', "
        r"output_prefix=''\) would write the same transcripts: give one an output_prefix of its own$",
    ):
        pipeline.add_route("American", prefix="en/us/", job=ENGLISH)


def test_routes_over_the_same_objects_may_write_under_prefixes_of_their_own(shared_stack: cdk.Stack) -> None:
    pipeline = TranscriptionPipeline(shared_stack, "Twice")
    pipeline.add_route("English", prefix="en/", job=ENGLISH)

    pipeline.add_route("Speakers", prefix="en/", output_prefix="speakers/", job=ENGLISH)


def test_a_route_that_was_refused_is_not_remembered(shared_stack: cdk.Stack) -> None:
    pipeline = TranscriptionPipeline(shared_stack, "Refused")
    pipeline.add_route("English", prefix="en/", job=ENGLISH)
    with pytest.raises(ValueError, match="would write the same transcripts"):
        pipeline.add_route("Other", prefix="en/de/", suffixes=[".wav"], job=ENGLISH)

    pipeline.add_route("Other", prefix="de/", job=ENGLISH)


def test_fails_when_one_string_stands_for_the_suffixes(shared_stack: cdk.Stack) -> None:
    pipeline = TranscriptionPipeline(shared_stack, "String")

    with pytest.raises(ValueError, match=r"^suffixes must be a list of strings, got the string '\.wav'$"):
        pipeline.add_route("English", suffixes=".wav", job=ENGLISH)


def storage_with_one_bucket(stack: cdk.Stack, name: str) -> TranscribeStorage:
    bucket = s3.Bucket.from_bucket_name(stack, f"{name}Bucket", name.lower())
    return TranscribeStorage(stack, name, media_bucket=bucket, transcript_bucket=bucket)


def test_fails_when_transcripts_would_arrive_as_media_again(shared_stack: cdk.Stack) -> None:
    pipeline = TranscriptionPipeline(shared_stack, "Loop", storage=storage_with_one_bucket(shared_stack, "LoopStorage"))

    with pytest.raises(
        ValueError,
        match=r"^route 'All' \(prefix='in/', output_prefix='in/out/'\) would take the transcripts of route 'All' "
        r"\(prefix='in/', output_prefix='in/out/'\) as media: they go to the bucket that it takes media from; give it "
        r"a prefix or suffixes that no transcript has$",
    ):
        pipeline.add_route("All", prefix="in/", suffixes=[".json"], output_prefix="in/out/", job=ENGLISH)


def test_transcripts_may_share_the_bucket_when_they_are_no_media(shared_stack: cdk.Stack) -> None:
    storage = storage_with_one_bucket(shared_stack, "ShareStorage")

    TranscriptionPipeline(shared_stack, "Share", storage=storage).add_route(
        "All", prefix="in/", output_prefix="out/", job=ENGLISH
    )


@pytest.mark.parametrize("max_concurrency", [1, 0, -1, 1001])
def test_fails_when_the_concurrency_is_out_of_range(shared_stack: cdk.Stack, max_concurrency: int) -> None:
    with pytest.raises(
        ValueError, match=f"^max_concurrency={max_concurrency} is out of range: Lambda takes 2 to 1000$"
    ):
        TranscriptionPipeline(shared_stack, f"Concurrency{max_concurrency}", max_concurrency=max_concurrency)


@pytest.mark.parametrize("starts_per_second", [0, -1])
def test_fails_when_nothing_could_ever_start(shared_stack: cdk.Stack, starts_per_second: float) -> None:
    with pytest.raises(
        ValueError, match=f"^starts_per_second={starts_per_second} is out of range: it must be more than 0$"
    ):
        TranscriptionPipeline(shared_stack, f"Pace{starts_per_second}", starts_per_second=starts_per_second)


def test_fails_when_a_starter_would_not_get_through_a_batch_in_its_time(shared_stack: cdk.Stack) -> None:
    with pytest.raises(
        ValueError,
        match=r"^starts_per_second=25 among max_concurrency=1000 starters makes each wait 400 seconds over a batch of "
        r"10 messages, and its timeout leaves 30: set starts_per_second to 333\.333 or more, or max_concurrency lower$",
    ):
        TranscriptionPipeline(shared_stack, "Batch", max_concurrency=1000)


# Queues


def test_the_queue_hands_a_message_to_the_dead_letter_queue_after_five_failures(one: OneRoute) -> None:
    assert properties(one.template, one.pipeline.queue)["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": [one.dead_letter_queue, "Arn"]},
        "maxReceiveCount": 5,
    }


def test_a_message_is_hidden_for_six_times_as_long_as_the_starter_may_run(one: OneRoute) -> None:
    visibility_timeout = properties(one.template, one.pipeline.queue)["VisibilityTimeout"]

    assert visibility_timeout == 6 * properties(one.template, one.pipeline.starter)["Timeout"]


@pytest.mark.parametrize("queue", ["queue", "dead_letter_queue"])
def test_messages_are_kept_for_14_days(one: OneRoute, queue: str) -> None:
    assert properties(one.template, getattr(one.pipeline, queue))["MessageRetentionPeriod"] == 14 * 24 * 3600


@pytest.mark.parametrize("queue", ["queue", "dead_letter_queue"])
def test_messages_are_encrypted_with_the_storages_key(one: OneRoute, queue: str) -> None:
    assert text(properties(one.template, getattr(one.pipeline, queue))["KmsMasterKeyId"]) == one.key


@pytest.mark.parametrize("queue", ["queue", "dead_letter_queue"])
def test_queues_deny_requests_without_tls(one: OneRoute, queue: str) -> None:
    construct = getattr(one.pipeline, queue)

    assert {
        "Action": "sqs:*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Resource": {"Fn::GetAtt": [logical_id(construct), "Arn"]},
    } in policy_of(one.template, "AWS::SQS::QueuePolicy", construct)["Statement"]


def test_only_rules_of_this_account_may_send_to_the_queue(one: OneRoute) -> None:
    document = policy_of(one.template, "AWS::SQS::QueuePolicy", one.pipeline.queue)

    arn = f"<{one.queue}.Arn>"
    assert service_permissions(document, "events.amazonaws.com") == {
        ("sqs:SendMessage", arn, FROM_THIS_ACCOUNT),
        ("sqs:GetQueueAttributes", arn, FROM_THIS_ACCOUNT),
        ("sqs:GetQueueUrl", arn, FROM_THIS_ACCOUNT),
    }


def test_only_the_route_may_send_to_the_dead_letter_queue(one: OneRoute) -> None:
    document = policy_of(one.template, "AWS::SQS::QueuePolicy", one.pipeline.dead_letter_queue)

    assert service_permissions(document, "events.amazonaws.com") == {
        (
            "sqs:SendMessage",
            f"<{one.dead_letter_queue}.Arn>",
            condition(ArnEquals={"aws:SourceArn": f"<{logical_id(one.route)}.Arn>"}),
        )
    }


def test_eventbridge_may_use_the_key_for_this_account_only(one: OneRoute) -> None:
    granted = service_permissions(key_policy(one.template, one.pipeline.storage.key), "events.amazonaws.com")

    assert granted == {
        ("kms:Decrypt", "*", FROM_THIS_ACCOUNT),
        ("kms:Encrypt", "*", FROM_THIS_ACCOUNT),
        ("kms:GenerateDataKey*", "*", FROM_THIS_ACCOUNT),
        ("kms:ReEncrypt*", "*", FROM_THIS_ACCOUNT),
    }


# The starter


def test_the_starter_finds_ledger_and_queue_in_its_environment(one: OneRoute) -> None:
    assert properties(one.template, one.pipeline.starter)["Environment"] == {
        "Variables": {
            "LEDGER_TABLE_NAME": {"Ref": logical_id(one.pipeline.ledger.table)},
            "LEDGER_RETENTION_SECONDS": "",
            "LEDGER_OVERDUE_SECONDS": "900",
            "LEDGER_RECONCILE_SECONDS": "60",
            "QUEUE_URL": {"Ref": one.queue},
            "STARTS_PER_SECOND": "5",
        }
    }


def test_the_starters_environment_is_encrypted_with_the_storages_key(one: OneRoute) -> None:
    assert text(properties(one.template, one.pipeline.starter)["KmsKeyArn"]) == one.key


def test_the_starter_runs_its_handler(one: OneRoute) -> None:
    assert properties(one.template, one.pipeline.starter)["Handler"] == "transcribe_handlers.job_starter.handler"


def test_the_starter_answers_for_each_message_of_a_batch(one: OneRoute) -> None:
    one.template.has_resource_properties(
        "AWS::Lambda::EventSourceMapping",
        {
            "EventSourceArn": {"Fn::GetAtt": [one.queue, "Arn"]},
            "FunctionName": {"Ref": logical_id(one.pipeline.starter)},
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": {"MaximumConcurrency": 5},
        },
    )


def test_the_starters_concurrency_is_settable(several: SeveralRoutes) -> None:
    several.template.has_resource_properties(
        "AWS::Lambda::EventSourceMapping", {"ScalingConfig": {"MaximumConcurrency": 1000}}
    )


def test_the_starter_may_do_what_it_does_and_nothing_more(one: OneRoute) -> None:
    storage = one.pipeline.storage
    media, transcripts = (f"<{logical_id(bucket)}.Arn>" for bucket in (storage.media_bucket, storage.transcript_bucket))
    table, queue = f"<{logical_id(one.pipeline.ledger.table)}.Arn>", f"<{one.queue}.Arn>"
    logs = f"<{logical_id(one.pipeline.starter.log_group)}.Arn>"
    role = one.pipeline.starter.role
    assert role is not None

    assert permissions(one.template, role) == {
        ("logs:CreateLogStream", logs, ANYWHERE),
        ("logs:PutLogEvents", logs, ANYWHERE),
        ("sqs:ReceiveMessage", queue, ANYWHERE),
        ("sqs:DeleteMessage", queue, ANYWHERE),
        ("sqs:ChangeMessageVisibility", queue, ANYWHERE),
        ("sqs:GetQueueUrl", queue, ANYWHERE),
        ("sqs:GetQueueAttributes", queue, ANYWHERE),
        ("sqs:SendMessage", queue, ANYWHERE),
        ("dynamodb:UpdateItem", table, ANYWHERE),
        ("dynamodb:GetItem", table, ANYWHERE),
        ("s3:GetObject", f"{media}/*", ANYWHERE),
        ("s3:ListBucket", media, ANYWHERE),
        ("s3:PutObject", f"{transcripts}/*", ANYWHERE),
        ("kms:Decrypt", one.key, ANYWHERE),
        ("kms:DescribeKey", one.key, ANYWHERE),
        ("kms:Encrypt", one.key, ANYWHERE),
        ("kms:GenerateDataKey*", one.key, ANYWHERE),
        ("kms:ReEncrypt*", one.key, ANYWHERE),
        (
            "transcribe:StartTranscriptionJob",
            "*",
            condition(
                StringEquals={
                    "transcribe:OutputBucketName": f"<{logical_id(storage.transcript_bucket)}>",
                    "transcribe:OutputEncryptionKMSKeyId": one.key,
                }
            ),
        ),
        (
            "transcribe:GetTranscriptionJob",
            "arn:<AWS::Partition>:transcribe:<AWS::Region>:<AWS::AccountId>:transcription-job/"
            f"{one.pipeline.job_name_prefix}-*",
            ANYWHERE,
        ),
        (
            "iam:PassRole",
            resolved(one.stack, one.pipeline.data_access_role.role_arn),
            condition(StringEquals={"iam:PassedToService": "transcribe.amazonaws.com"}),
        ),
    }


# Parts that are handed in


def test_parts_that_are_handed_in_are_used_and_none_is_made(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key")
    storage = TranscribeStorage(stack, "Storage", encryption_key=key)
    ledger = JobLedger(stack, "Ledger", encryption_key=key)
    role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/mine")

    pipeline = TranscriptionPipeline(stack, "Calls", storage=storage, ledger=ledger, data_access_role=role)

    assert (pipeline.storage, pipeline.ledger, pipeline.data_access_role) == (storage, ledger, role)
    made = {type(child).__name__ for child in pipeline.node.children}
    assert not made & {"TranscribeStorage", "JobLedger", "DataAccessRole"}


def test_a_role_that_is_handed_in_is_the_one_passed(stack: cdk.Stack) -> None:
    role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/mine")
    pipeline = TranscriptionPipeline(stack, "Calls", data_access_role=role)
    pipeline.add_route("English", job=ENGLISH)
    assert pipeline.starter.role is not None

    passed = {
        target
        for action, target, _ in permissions(Template.from_stack(stack), pipeline.starter.role)
        if action == "iam:PassRole"
    }

    assert passed == {"arn:aws:iam::111122223333:role/mine"}


def test_pipelines_that_share_a_ledger_record_their_own_jobs_each(stack: cdk.Stack) -> None:
    first = TranscriptionPipeline(stack, "Calls")
    second = TranscriptionPipeline(stack, "Meetings", storage=first.storage, ledger=first.ledger)
    for pipeline in (first, second):
        pipeline.add_route("English", prefix="en/", job=ENGLISH)

    template = Template.from_stack(stack)

    template.resource_count_is("AWS::DynamoDB::Table", 1)
    for pipeline in (first, second):
        template.has_resource_properties(
            RULE, {"EventPattern": {"detail": {"TranscriptionJobName": [{"prefix": f"{pipeline.job_name_prefix}-"}]}}}
        )


def test_a_pipeline_may_stand_in_another_stack_than_its_storage_and_ledger(app: cdk.App) -> None:
    first = TranscriptionPipeline(cdk.Stack(app, "First"), "Calls")
    stack = cdk.Stack(app, "Second")

    second = TranscriptionPipeline(stack, "Calls", storage=first.storage, ledger=first.ledger)
    second.add_route("English", prefix="en/", job=ENGLISH)

    template = Template.from_stack(stack)
    assert logical_id(second.queue) in template.find_resources("AWS::SQS::Queue")


def test_the_new_ledger_takes_the_removal_policy(stack: cdk.Stack) -> None:
    pipeline = TranscriptionPipeline(stack, "Calls", removal_policy=cdk.RemovalPolicy.DESTROY)

    assert resource(Template.from_stack(stack), pipeline.ledger.table)["DeletionPolicy"] == "Delete"


def test_media_transcripts_and_records_are_retained_by_default(one: OneRoute) -> None:
    kept = [
        one.pipeline.ledger.table,
        one.pipeline.storage.media_bucket,
        one.pipeline.storage.transcript_bucket,
        one.pipeline.storage.key,
    ]

    assert [resource(one.template, construct)["DeletionPolicy"] for construct in kept] == ["Retain"] * 4


# Names


@cache
def job_name_prefix(stack_id: str = "Stack", pipeline_id: str = "Calls", stack_name: str | None = None) -> str:
    stack = cdk.Stack(cdk.App(), stack_id, stack_name=stack_name)
    return TranscriptionPipeline(stack, pipeline_id).job_name_prefix


def test_job_names_start_with_the_pipelines_id() -> None:
    assert re.fullmatch("Calls-[0-9a-f]{8}", job_name_prefix())


@pytest.mark.parametrize(
    "change",
    [{"pipeline_id": "Meetings"}, {"stack_id": "Other"}, {"stack_name": "production"}, {"pipeline_id": "Call"}],
    ids=["pipeline", "stack", "stack name", "a shorter id"],
)
def test_job_names_of_pipelines_start_differently(change: dict[str, str]) -> None:
    changed, usual = f"{job_name_prefix(**change)}-", f"{job_name_prefix()}-"

    assert not changed.startswith(usual)
    assert not usual.startswith(changed)


@pytest.mark.parametrize("pipeline_id", ["Grüße & more", "x" * 200, "_"])
def test_job_names_start_with_what_transcribe_takes_whatever_the_id(pipeline_id: str) -> None:
    assert re.fullmatch(r"[0-9a-zA-Z._-]{1,60}", job_name_prefix(pipeline_id=pipeline_id))


def test_nothing_has_a_physical_name_and_there_are_no_outputs(one: OneRoute) -> None:
    for kind, field in [
        ("AWS::SQS::Queue", "QueueName"),
        (RULE, "Name"),
        ("AWS::Lambda::Function", "FunctionName"),
        ("AWS::DynamoDB::Table", "TableName"),
        ("AWS::IAM::Role", "RoleName"),
    ]:
        one.template.all_resources_properties(kind, {field: Match.absent()})
    assert one.template.find_outputs("*") == {}
