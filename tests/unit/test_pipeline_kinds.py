"""What a pipeline makes of each kind of job: the message, the permissions, and who records the end."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Annotations, Match, Template
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from cdk_transcribe import (
    CallAnalyticsJob,
    ContentRedaction,
    MedicalScribeJob,
    MedicalTranscriptionJob,
    MedicalTranscriptionType,
    ObjectValue,
    TranscriptionJob,
    TranscriptionPipeline,
)
from cdk_transcribe._json_nulls import with_nulls

from .rendered import ANYWHERE, Permission, condition, logical_id, permissions, properties, resolved, text

RULE = events.CfnRule.CFN_RESOURCE_TYPE_NAME
OWN_ROLE_ONLY = condition(StringEquals={"iam:PassedToService": "transcribe.amazonaws.com"})


def a_job(kind: str, **settings: Any) -> Any:
    """A job of a kind with as little as it takes."""
    if kind == "TranscriptionJob":
        return TranscriptionJob(language_code="en-US", **settings)
    if kind == "MedicalTranscriptionJob":
        return MedicalTranscriptionJob(type=MedicalTranscriptionType.DICTATION, **settings)
    if kind == "CallAnalyticsJob":
        return CallAnalyticsJob(agent_channel=0, **settings)
    return MedicalScribeJob(max_speakers=2, **settings)


ARN_RESOURCES = {
    "TranscriptionJob": "transcription-job",
    "MedicalTranscriptionJob": "medical-transcription-job",
    "CallAnalyticsJob": "analytics",
    "MedicalScribeJob": "medical-scribe-job",
}
every_kind = pytest.mark.parametrize("kind", ARN_RESOURCES)


@pytest.fixture
def pipeline(stack: cdk.Stack) -> TranscriptionPipeline:
    return TranscriptionPipeline(stack, "Calls")


def message_job(stack: cdk.Stack, rule: events.Rule) -> dict[str, Any]:
    (target,) = properties(Template.from_stack(stack), rule)["Targets"]
    template = text(target["InputTransformer"]["InputTemplate"])
    job: dict[str, Any] = json.loads(template.replace("<f1>", "null", 1))["job"]
    return job


def granted(pipeline: TranscriptionPipeline, service: str) -> set[Permission]:
    """What the starter may do with a service."""
    assert pipeline.starter.role is not None
    template = Template.from_stack(cdk.Stack.of(pipeline))
    return {one for one in permissions(template, pipeline.starter.role) if one[0].startswith(f"{service}:")}


# Messages


@every_kind
def test_the_message_of_each_kind(
    stack: cdk.Stack, pipeline: TranscriptionPipeline, kind: str, snapshot: SnapshotAssertion
) -> None:
    rule = pipeline.add_route("Route", prefix="in/", suffixes=[".wav"], job=a_job(kind))

    assert message_job(stack, rule) == snapshot.use_extension(JSONSnapshotExtension)


def test_a_job_that_is_not_to_be_queued_by_the_service_names_no_role(
    stack: cdk.Stack, pipeline: TranscriptionPipeline
) -> None:
    rule = pipeline.add_route("Now", job=a_job("TranscriptionJob", allow_deferred_execution=False))

    assert "JobExecutionSettings" not in message_job(stack, rule)["Request"]
    assert granted(pipeline, "iam") == set()


@every_kind
def test_a_jobs_own_key_goes_before_the_storages(stack: cdk.Stack, pipeline: TranscriptionPipeline, kind: str) -> None:
    key = kms.Key(stack, "Key")

    rule = pipeline.add_route("Route", job=a_job(kind, output_encryption_key=key))

    assert message_job(stack, rule)["Request"]["OutputEncryptionKMSKeyId"] == f"<{logical_id(key)}.Arn>"


def test_what_a_choice_leaves_out_reaches_the_message(stack: cdk.Stack, pipeline: TranscriptionPipeline) -> None:
    speakers = ObjectValue.from_key("mode", choices={"meeting": 10, "dictation": None}, default=None)

    rule = pipeline.add_route("Route", key_pattern="{mode}/", job=a_job("TranscriptionJob", max_speakers=speakers))

    value = message_job(stack, rule)["Request"]["Settings"]["MaxSpeakerLabels"]
    assert value["FromKey"] == "mode"
    assert value["Choices"]["meeting"] == 10
    assert not value["Choices"]["dictation"]
    assert not value["Default"]


def test_a_null_is_not_lost_on_its_way_through_cdk() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")

    assert stack.resolve(stack.to_json_string(with_nulls({"a": None, "b": [None, 1]}))) == '{"a":null,"b":[null,1]}'


def test_a_key_pattern_is_in_the_message_and_gives_the_rule_its_prefix(
    stack: cdk.Stack, pipeline: TranscriptionPipeline
) -> None:
    language = ObjectValue.from_key("language_code", choices=["en-US", "de-DE"])

    rule = pipeline.add_route(
        "Route", key_pattern="calls/{language_code}/", job=TranscriptionJob(language_code=language)
    )

    pattern = properties(Template.from_stack(stack), rule)["EventPattern"]
    assert message_job(stack, rule)["KeyPattern"] == "calls/{language_code}/"
    assert pattern["detail"]["object"] == {"key": [{"prefix": "calls/"}]}


def test_fails_when_the_job_reads_from_keys_and_the_route_has_no_pattern(pipeline: TranscriptionPipeline) -> None:
    language = ObjectValue.from_key("language_code", choices=["en-US"])

    with pytest.raises(ValueError, match=r"^the job reads {language_code} from the object's key: say where with "):
        pipeline.add_route("Route", job=TranscriptionJob(language_code=language))


# Permissions


@every_kind
def test_the_starter_may_start_and_look_at_the_kinds_that_are_routed_and_no_other(
    stack: cdk.Stack, pipeline: TranscriptionPipeline, kind: str
) -> None:
    for number in range(2):
        pipeline.add_route(f"Route{number}", prefix=f"{number}/", job=a_job(kind))

    bucket, key = pipeline.storage.transcript_bucket, pipeline.storage.key
    key_condition = {"transcribe:OutputEncryptionKMSKeyId": f"<{logical_id(key)}.Arn>"}
    output = (
        condition(
            StringLike={"transcribe:OutputLocation": f"s3://<{logical_id(bucket)}>/*"}, StringEquals=key_condition
        )
        if kind == "CallAnalyticsJob"
        else condition(StringEquals={"transcribe:OutputBucketName": f"<{logical_id(bucket)}>", **key_condition})
    )
    jobs = f"arn:<AWS::Partition>:transcribe:<AWS::Region>:<AWS::AccountId>:{ARN_RESOURCES[kind]}/"
    assert granted(pipeline, "transcribe") == {
        (f"transcribe:Start{kind}", "*", output),
        (f"transcribe:Get{kind}", f"{jobs}{pipeline.job_name_prefix}-*", ANYWHERE),
    }


@pytest.mark.parametrize(
    ("kind", "passes"),
    [
        ("TranscriptionJob", True),
        ("MedicalTranscriptionJob", False),
        ("CallAnalyticsJob", True),
        ("MedicalScribeJob", True),
    ],
)
def test_the_data_access_role_may_be_passed_where_the_kind_takes_one(
    stack: cdk.Stack, pipeline: TranscriptionPipeline, kind: str, passes: bool
) -> None:
    pipeline.add_route("Route", job=a_job(kind))

    role = resolved(stack, pipeline.data_access_role.role_arn)
    assert granted(pipeline, "iam") == ({("iam:PassRole", role, OWN_ROLE_ONLY)} if passes else set())


def test_every_permission_is_there_once_however_many_routes_need_it(
    stack: cdk.Stack, pipeline: TranscriptionPipeline
) -> None:
    for number in range(3):
        pipeline.add_route(f"Route{number}", prefix=f"{number}/", job=a_job("TranscriptionJob", tags={"team": "a"}))

    actions = [
        statement["Action"]
        for policy in Template.from_stack(stack).find_resources("AWS::IAM::Policy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]
    for action in ("StartTranscriptionJob", "GetTranscriptionJob", "TagResource"):
        # Recorder and reconciler look at jobs too.
        assert actions.count(f"transcribe:{action}") == (3 if action.startswith("Get") else 1)
    assert actions.count("iam:PassRole") == 1


def test_a_jobs_own_key_may_be_used_and_named_by_starter_and_role(
    stack: cdk.Stack, pipeline: TranscriptionPipeline
) -> None:
    key = kms.Key(stack, "Key")

    pipeline.add_route("Route", job=a_job("TranscriptionJob", output_encryption_key=key))

    arn = f"<{logical_id(key)}.Arn>"
    template = Template.from_stack(stack)
    for role in (pipeline.starter.role, pipeline.data_access_role):
        assert role is not None
        assert {action for action, target, _ in permissions(template, role) if target == arn} == {
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey*",
            "kms:ReEncrypt*",
        }
    (start,) = (one for one in granted(pipeline, "transcribe") if one[0] == "transcribe:StartTranscriptionJob")
    assert json.loads(start[2])["StringEquals"]["transcribe:OutputEncryptionKMSKeyId"] == arn


def test_the_starter_may_set_the_tags_of_its_jobs_and_no_other(pipeline: TranscriptionPipeline) -> None:
    pipeline.add_route("Route", job=a_job("TranscriptionJob", tags={"team": "a", "cost-centre": "1"}))

    (statement,) = (one for one in granted(pipeline, "transcribe") if one[0] == "transcribe:TagResource")
    assert statement[1] == "*"
    assert json.loads(statement[2]) == {"ForAllValues:StringEquals": {"aws:TagKeys": "cost-centre,team"}}


def test_the_starter_may_read_tags_of_objects_only_for_jobs_that_need_them(
    stack: cdk.Stack, pipeline: TranscriptionPipeline
) -> None:
    pipeline.add_route("Plain", prefix="plain/", job=a_job("TranscriptionJob"))
    before = granted(pipeline, "s3")
    other = TranscriptionPipeline(cdk.Stack(cdk.App(), "Tags"), "Calls")

    other.add_route("Tags", job=TranscriptionJob(language_code=ObjectValue.from_tag("lang", choices=["en-US"])))

    objects = f"<{logical_id(other.storage.media_bucket)}.Arn>/*"
    assert granted(other, "s3") - before == {
        ("s3:GetObjectTagging", objects, ANYWHERE),
        ("s3:GetObjectVersionTagging", objects, ANYWHERE),
    }


# Completions


@pytest.mark.parametrize(
    ("kind", "detail_type", "name_field"),
    [
        ("TranscriptionJob", "Transcribe Job State Change", "TranscriptionJobName"),
        ("CallAnalyticsJob", "Call Analytics Job State Change", "JobName"),
    ],
)
def test_the_ledger_records_how_jobs_of_a_routed_kind_ended(
    stack: cdk.Stack, pipeline: TranscriptionPipeline, kind: str, detail_type: str, name_field: str
) -> None:
    for number in range(2):
        pipeline.add_route(f"Route{number}", prefix=f"{number}/", job=a_job(kind))

    template = Template.from_stack(stack)
    patterns = event_patterns(template)
    assert [pattern for pattern in patterns if pattern["source"] == ["aws.transcribe"]] == [
        {
            "source": ["aws.transcribe"],
            "detail-type": [detail_type],
            "detail": {name_field: [{"prefix": f"{pipeline.job_name_prefix}-"}]},
        }
    ]
    assert pipeline.ledger.recorder.role is not None
    looks = {one[0] for one in permissions(template, pipeline.ledger.recorder.role) if "transcribe" in one[0]}
    assert looks == {f"transcribe:Get{kind}"}


@pytest.mark.parametrize("kind", ["MedicalTranscriptionJob", "MedicalScribeJob"])
def test_no_rule_waits_for_events_that_the_service_does_not_send(
    stack: cdk.Stack, pipeline: TranscriptionPipeline, kind: str
) -> None:
    pipeline.add_route("Route", job=a_job(kind))

    sources = [pattern["source"] for pattern in event_patterns(Template.from_stack(stack))]
    assert sources == [["aws.s3", "cdk-transcribe"]]


def event_patterns(template: Template) -> list[dict[str, Any]]:
    """Those of all rules but the reconciler's schedule."""
    rules = (rule["Properties"] for rule in template.find_resources(RULE).values())
    return [rule["EventPattern"] for rule in rules if "EventPattern" in rule]


# Warnings


def test_doubts_about_a_job_are_warnings_on_its_route(stack: cdk.Stack, pipeline: TranscriptionPipeline) -> None:
    class DoubtfulJob(TranscriptionJob):
        @property
        def warnings(self) -> tuple[tuple[str, str], ...]:
            return (("cdk-transcribe:doubtful", "this may not be what you want"),)

    rule = pipeline.add_route("Route", job=DoubtfulJob(language_code="en-US"))

    Annotations.from_stack(stack).has_warning(
        f"/{rule.node.path}", Match.string_like_regexp(r"may not be what you want \[ack: cdk-transcribe:doubtful\]")
    )


def test_an_acknowledged_doubt_is_no_warning(stack: cdk.Stack, pipeline: TranscriptionPipeline) -> None:
    job = a_job("TranscriptionJob", content_redaction=ContentRedaction())

    rule = pipeline.add_route("Route", job=job)
    for warning_id, _ in job.warnings:
        cdk.Annotations.of(rule).acknowledge_warning(warning_id)

    Annotations.from_stack(stack).has_no_warning("*", Match.any_value())
