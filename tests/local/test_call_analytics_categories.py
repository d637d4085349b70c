"""Call Analytics categories: made, changed, matched, and brought by a stack."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from transcribe_local import LocalAws
from transcribe_local.transcribe_server import TranscribeServer

from .job_kinds import CALL_ANALYTICS


def said(*targets: str, **filter_fields: Any) -> dict[str, Any]:
    return {"TranscriptFilter": {"TranscriptFilterType": "EXACT", "Targets": list(targets), **filter_fields}}


def create(transcribe: Any, name: str, *rules: dict[str, Any], **fields: Any) -> Any:
    return transcribe.create_call_analytics_category(CategoryName=name, Rules=list(rules), **fields)


def test_a_category_is_made_changed_listed_and_deleted(server: TranscribeServer, transcribe: Any) -> None:
    tags = [{"Key": "team", "Value": "a"}]
    created = create(transcribe, "greeting", said("hello"), Tags=tags)["CategoryProperties"]
    assert (created["InputType"], created["Tags"]) == ("POST_CALL", tags)
    server.clock.advance(60)  # type: ignore[attr-defined]

    transcribe.update_call_analytics_category(CategoryName="greeting", Rules=[said("hi"), said("there")])

    found = transcribe.get_call_analytics_category(CategoryName="greeting")["CategoryProperties"]
    assert found["Rules"] == [said("hi"), said("there")]
    assert (found["CreateTime"], found["Tags"]) == (created["CreateTime"], tags)
    assert (found["LastUpdateTime"] - found["CreateTime"]).seconds == 60
    assert transcribe.list_call_analytics_categories()["Categories"] == [found]
    arn = "arn:aws:transcribe:eu-central-1:000000000000:analytics-category/greeting"
    assert transcribe.list_tags_for_resource(ResourceArn=arn)["Tags"] == tags
    transcribe.delete_call_analytics_category(CategoryName="greeting")
    assert transcribe.list_call_analytics_categories()["Categories"] == []


def test_what_the_service_would_refuse_is_refused(server: TranscribeServer, transcribe: Any) -> None:
    create(transcribe, "taken", said("hello"))
    with pytest.raises(ClientError, match=r"ConflictException.*The requested category name already exists"):
        create(transcribe, "taken", said("hello"))
    for operation in (transcribe.get_call_analytics_category, transcribe.delete_call_analytics_category):
        with pytest.raises(ClientError, match=r"BadRequestException.*The requested category couldn't be found"):
            operation(CategoryName="none")
    with pytest.raises(ClientError, match="input type of a category can't be changed"):
        transcribe.update_call_analytics_category(CategoryName="taken", Rules=[said("hi")], InputType="REAL_TIME")
    server.service.settings.change({"max_call_analytics_categories": 1})
    with pytest.raises(ClientError, match="LimitExceededException"):
        create(transcribe, "one-more", said("hello"))


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ([], "Member must have length greater than or equal to 1"),
        ([said("hello")] * 21, "Member must have length less than or equal to 20"),
        ([{**said("hello"), "NonTalkTimeFilter": {}}], "exactly one filter"),
        ([{}], "exactly one filter"),
        (
            [said("hello", AbsoluteTimeRange={"First": 1}, RelativeTimeRange={"First": 1})],
            "can have either",
        ),
        ([said("hello", AbsoluteTimeRange={"StartTime": 1})], "both a start and an end"),
        ([said("hello", RelativeTimeRange={"First": 1, "Last": 1})], "both a start and an end"),
        ([said("hello", RelativeTimeRange={"First": 101})], "less than or equal to 100"),
    ],
)
def test_rules_that_make_no_sense_are_refused(transcribe: Any, rules: Any, sentence: str) -> None:
    with pytest.raises(ClientError, match=f"BadRequestException.*{sentence}"):
        create(transcribe, "category", *rules)


# The agent says from 0 to 2 s "This transcript is synthetic.", the customer from 2.5 to 4.5 s of 5 s "Nobody has
# listened to the media."
@pytest.mark.parametrize(
    "rules",
    [
        [said("transcript IS")],
        [said("something else", "nobody")],
        [said("this"), said("media")],
        [said("nobody", ParticipantRole="CUSTOMER")],
        [said("nobody", ParticipantRole="AGENT", Negate=True)],
        [said("this", AbsoluteTimeRange={"First": 2000})],
        [said("nobody", AbsoluteTimeRange={"StartTime": 2500, "EndTime": 5000})],
        [said("nobody", RelativeTimeRange={"Last": 50})],
        [{"SentimentFilter": {"Sentiments": ["NEUTRAL"]}}],
        [{"NonTalkTimeFilter": {"Threshold": 1000, "Negate": True}}],
        [{"InterruptionFilter": {"Negate": True}}],
    ],
)
def test_a_category_matches_the_call(transcribe: Any, document: Any, rules: list[dict[str, Any]]) -> None:
    create(transcribe, "category", *rules)

    assert matches(transcribe, document)["MatchedCategories"] == ["category"]


@pytest.mark.parametrize(
    "rules",
    [
        [said("script")],
        [said("synthetic nobody")],
        [said("this"), said("goodbye")],
        [said("nobody", ParticipantRole="AGENT")],
        [said("nobody", Negate=True)],
        [said("nobody", AbsoluteTimeRange={"First": 2000})],
        [said("this", RelativeTimeRange={"StartPercentage": 50, "EndPercentage": 100})],
        [{"SentimentFilter": {"Sentiments": ["POSITIVE"]}}],
        [{"NonTalkTimeFilter": {"Threshold": 1000}}],
        [{"InterruptionFilter": {"ParticipantRole": "AGENT"}}],
    ],
)
def test_a_category_does_not_match_the_call(transcribe: Any, document: Any, rules: list[dict[str, Any]]) -> None:
    create(transcribe, "category", *rules)

    assert matches(transcribe, document) == {"MatchedCategories": [], "MatchedDetails": {}}


def test_the_details_say_where_it_matches(transcribe: Any, document: Any) -> None:
    create(transcribe, "category", said("nobody"))

    points = matches(transcribe, document)["MatchedDetails"]["category"]["PointsOfInterest"]
    assert points == [{"BeginOffsetMillis": 2500, "EndOffsetMillis": 4500}]


def test_categories_for_live_calls_and_those_made_later_do_not_count(
    server: TranscribeServer, transcribe: Any, document: Any
) -> None:
    create(transcribe, "live", said("this"), InputType="REAL_TIME")
    server.service.settings.change({"max_concurrent_call_analytics_jobs": 0})
    role = "arn:aws:iam::000000000000:role/reader"
    CALL_ANALYTICS.start(transcribe, "early", DataAccessRoleArn=role)
    server.clock.advance(1)  # type: ignore[attr-defined]
    create(transcribe, "late", said("this"))
    server.service.settings.change({"max_concurrent_call_analytics_jobs": 10})
    CALL_ANALYTICS.start(transcribe, "late", DataAccessRoleArn=role)

    found = {}
    for name in ("early", "late"):
        CALL_ANALYTICS.finished(transcribe, name)
        found[name] = document(f"analytics/{name}.json")["Categories"]["MatchedCategories"]
    assert found == {"early": [], "late": ["late"]}


def matches(transcribe: Any, document: Any) -> Any:
    CALL_ANALYTICS.start(transcribe)
    CALL_ANALYTICS.finished(transcribe)
    return document("analytics/job.json")["Categories"]


TEMPLATE = {
    "Resources": {
        "Greeting": {
            "Type": "AWS::Transcribe::CallAnalyticsCategory",
            "Properties": {
                "CategoryName": "greeting",
                "Rules": [said("hello")],
                "Tags": [{"Key": "team", "Value": "a"}],
            },
        }
    },
    "Outputs": {
        "Ref": {"Value": {"Ref": "Greeting"}},
        "Arn": {"Value": {"Fn::GetAtt": ["Greeting", "Arn"]}},
    },
}


def test_a_stack_makes_changes_renames_and_deletes_a_category(local_aws: LocalAws) -> None:
    local_aws.reset_transcribe()
    transcribe, stacks = local_aws.client("transcribe"), local_aws.client("cloudformation")

    stacks.create_stack(StackName="categories", TemplateBody=json.dumps(TEMPLATE))
    arn = f"arn:aws:transcribe:{local_aws.region}:{local_aws.account_id}:analytics-category/greeting"
    assert deployed(local_aws) == {"Ref": arn, "Arn": arn}
    assert transcribe.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "a"}]

    update(local_aws, Rules=[said("hi")], Tags=[{"Key": "unit", "Value": "b"}])
    found = transcribe.get_call_analytics_category(CategoryName="greeting")["CategoryProperties"]
    assert (found["Rules"], found["Tags"]) == ([said("hi")], [{"Key": "unit", "Value": "b"}])

    update(local_aws, CategoryName="welcome")
    assert deployed(local_aws)["Ref"].endswith(":analytics-category/welcome")
    assert names(transcribe) == ["welcome"]

    stacks.delete_stack(StackName="categories")
    stacks.get_waiter("stack_delete_complete").wait(StackName="categories", WaiterConfig={"Delay": 1})
    assert names(transcribe) == []


def test_a_stack_fails_with_the_services_reason(local_aws: LocalAws) -> None:
    local_aws.reset_transcribe()
    create(local_aws.client("transcribe"), "greeting", said("somebody else's"))
    stacks = local_aws.client("cloudformation")

    stacks.create_stack(StackName="conflict", TemplateBody=json.dumps(TEMPLATE))

    while (status := status_of(local_aws, "conflict")).endswith("IN_PROGRESS"):
        time.sleep(0.02)
    assert status == "ROLLBACK_COMPLETE"
    events = stacks.describe_stack_events(StackName="conflict")["StackEvents"]
    assert any(
        "The requested category name already exists" in event.get("ResourceStatusReason", "") for event in events
    )
    assert names(local_aws.client("transcribe")) == ["greeting"]


def update(aws: LocalAws, **properties: Any) -> None:
    template = json.loads(json.dumps(TEMPLATE))
    template["Resources"]["Greeting"]["Properties"].update(properties)
    aws.client("cloudformation").update_stack(StackName="categories", TemplateBody=json.dumps(template))
    deployed(aws)


def deployed(aws: LocalAws) -> dict[str, str]:
    while (status := status_of(aws, "categories")).endswith("IN_PROGRESS"):
        time.sleep(0.02)
    assert status in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
    [stack] = aws.client("cloudformation").describe_stacks(StackName="categories")["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def status_of(aws: LocalAws, name: str) -> str:
    [stack] = aws.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    return str(stack["StackStatus"])


def names(transcribe: Any) -> list[str]:
    return [category["CategoryName"] for category in transcribe.list_call_analytics_categories()["Categories"]]
