from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_transcribe as l1
from aws_cdk.assertions import Template

from cdk_transcribe import (
    CallAnalyticsCategory,
    CallAnalyticsCategoryGrants,
    CategoryRule,
    InputType,
    ParticipantRole,
    Sentiment,
    TimeRange,
)

from .api_model import assert_accepted
from .rendered import logical_id, permissions, properties, resource

AGENT, CUSTOMER = ParticipantRole.AGENT, ParticipantRole.CUSTOMER
seconds = cdk.Duration.seconds


def any_value(value: Any) -> Any:
    """A value that the type checker would refuse."""
    return value


def rendered_rules(stack: cdk.Stack, *rules: CategoryRule) -> Any:
    category = CallAnalyticsCategory(stack, "Category", rules=rules)
    return properties(Template.from_stack(stack), category)["Rules"]


def test_a_category_is_for_calls_that_are_over_and_goes_with_its_stack(stack: cdk.Stack) -> None:
    category = CallAnalyticsCategory(stack, "Silence", rules=[CategoryRule.non_talk_time()])

    template = Template.from_stack(stack)

    assert resource(template, category) == {
        "Type": "AWS::Transcribe::CallAnalyticsCategory",
        "Properties": {
            "CategoryName": category.call_analytics_category_name,
            "InputType": "POST_CALL",
            "Rules": [{"NonTalkTimeFilter": {"Negate": False}}],
        },
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
    }


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (
            CategoryRule.transcript_match(
                ["cancel", "leave you"],
                participant_role=CUSTOMER,
                time_range=TimeRange.first(cdk.Duration.minutes(2)),
                negate=True,
            ),
            {
                "TranscriptFilter": {
                    "TranscriptFilterType": "EXACT",
                    "Targets": ["cancel", "leave you"],
                    "ParticipantRole": "CUSTOMER",
                    "AbsoluteTimeRange": {"First": 120000},
                    "Negate": True,
                }
            },
        ),
        (
            CategoryRule.sentiment(
                Sentiment.NEGATIVE, participant_role=CUSTOMER, time_range=TimeRange.last_percent(20), negate=True
            ),
            {
                "SentimentFilter": {
                    "Sentiments": ["NEGATIVE"],
                    "ParticipantRole": "CUSTOMER",
                    "RelativeTimeRange": {"Last": 20},
                    "Negate": True,
                }
            },
        ),
        (
            CategoryRule.interruption(
                threshold=cdk.Duration.millis(1500),
                participant_role=AGENT,
                time_range=TimeRange.between(seconds(0), seconds(30)),
                negate=True,
            ),
            {
                "InterruptionFilter": {
                    "Threshold": 1500,
                    "ParticipantRole": "AGENT",
                    "AbsoluteTimeRange": {"StartTime": 0, "EndTime": 30000},
                    "Negate": True,
                }
            },
        ),
        (
            CategoryRule.non_talk_time(
                threshold=cdk.Duration.hours(4), time_range=TimeRange.between_percent(0, 100), negate=True
            ),
            {
                "NonTalkTimeFilter": {
                    "Threshold": 14400000,
                    "RelativeTimeRange": {"StartPercentage": 0, "EndPercentage": 100},
                    "Negate": True,
                }
            },
        ),
        (
            CategoryRule.non_talk_time(time_range=TimeRange.last(seconds(20))),
            {"NonTalkTimeFilter": {"AbsoluteTimeRange": {"Last": 20000}, "Negate": False}},
        ),
        (
            CategoryRule.sentiment(Sentiment.MIXED, time_range=TimeRange.first_percent(5)),
            {"SentimentFilter": {"Sentiments": ["MIXED"], "RelativeTimeRange": {"First": 5}, "Negate": False}},
        ),
        (CategoryRule.interruption(), {"InterruptionFilter": {"Negate": False}}),
    ],
)
def test_a_rule_is_what_the_api_takes(stack: cdk.Stack, rule: CategoryRule, expected: dict[str, Any]) -> None:
    assert rendered_rules(stack, rule) == [expected]
    assert_accepted("CreateCallAnalyticsCategory", {"CategoryName": "category", "Rules": [dict(rule.to_request())]})


@pytest.mark.parametrize("count", [1, 20])
def test_a_category_has_up_to_20_rules(stack: cdk.Stack, count: int) -> None:
    assert len(rendered_rules(stack, *[CategoryRule.interruption()] * count)) == count


def test_a_generated_name_changes_with_the_input_type(stack: cdk.Stack) -> None:
    rules = [CategoryRule.interruption()]
    after = cdk.Stack(cdk.App(), "Stack")

    names = [
        CallAnalyticsCategory(stack, "Rude", rules=rules).call_analytics_category_name,
        CallAnalyticsCategory(after, "Rude", rules=rules, input_type=InputType.REAL_TIME).call_analytics_category_name,
    ]

    assert [name.removeprefix("Stack-Rude-")[8:] for name in names] == ["-post-call", "-real-time"]


def test_a_long_path_makes_a_name_that_is_not_too_long(app: cdk.App) -> None:
    stack = cdk.Stack(app, "S" * 100)

    category = CallAnalyticsCategory(stack, "C" * 200, rules=[CategoryRule.interruption()])

    assert len(category.call_analytics_category_name) <= 200


def test_a_name_of_your_own_is_taken_as_it_is(stack: cdk.Stack) -> None:
    category = CallAnalyticsCategory(
        stack, "Rude", rules=[CategoryRule.interruption()], call_analytics_category_name="rude"
    )

    assert properties(Template.from_stack(stack), category)["CategoryName"] == "rude"


def test_tags_reach_the_category(stack: cdk.Stack) -> None:
    category = CallAnalyticsCategory(stack, "Rude", rules=[CategoryRule.interruption()])
    cdk.Tags.of(stack).add("team", "support")

    assert properties(Template.from_stack(stack), category)["Tags"] == [{"Key": "team", "Value": "support"}]


def test_a_category_can_be_retained(stack: cdk.Stack) -> None:
    category = CallAnalyticsCategory(
        stack, "Rude", rules=[CategoryRule.interruption()], removal_policy=cdk.RemovalPolicy.RETAIN
    )

    assert resource(Template.from_stack(stack), category)["DeletionPolicy"] == "Retain"


def test_the_arn_is_that_of_the_resource(stack: cdk.Stack) -> None:
    category = CallAnalyticsCategory(stack, "Rude", rules=[CategoryRule.interruption()])

    expected = {"Fn::GetAtt": [logical_id(category), "Arn"]}
    assert stack.resolve(category.call_analytics_category_arn) == expected
    assert stack.resolve(l1.CfnCallAnalyticsCategory.arn_for_call_analytics_category(category)) == expected


def test_an_import_by_name_has_the_arn_of_this_account_and_region(stack: cdk.Stack) -> None:
    category = CallAnalyticsCategory.from_call_analytics_category_name(stack, "Rude", "rude")

    assert category.call_analytics_category_name == "rude"
    assert stack.resolve(category.call_analytics_category_arn) == {
        "Fn::Join": [
            "",
            [
                "arn:",
                {"Ref": "AWS::Partition"},
                ":transcribe:",
                {"Ref": "AWS::Region"},
                ":",
                {"Ref": "AWS::AccountId"},
                ":analytics-category/rude",
            ],
        ]
    }


def test_an_import_by_arn_keeps_it(stack: cdk.Stack) -> None:
    arn = "arn:aws:transcribe:eu-west-2:111122223333:analytics-category/rude"

    category = CallAnalyticsCategory.from_call_analytics_category_arn(stack, "Rude", arn)

    assert category.call_analytics_category_name == "rude"
    assert category.call_analytics_category_ref.call_analytics_category_arn == arn
    assert category.env.region == "eu-west-2"


@pytest.mark.parametrize("raw", [False, True], ids=["ours", "raw"])
def test_reading_a_category_is_granted_on_it_alone(stack: cdk.Stack, raw: bool) -> None:
    role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())
    rule = l1.CfnCallAnalyticsCategory.RuleProperty(
        interruption_filter=l1.CfnCallAnalyticsCategory.InterruptionFilterProperty(negate=False)
    )
    category: Any = (
        l1.CfnCallAnalyticsCategory(stack, "Raw", category_name="raw", rules=[rule])
        if raw
        else CallAnalyticsCategory(stack, "Rude", rules=[CategoryRule.interruption()])
    )

    CallAnalyticsCategoryGrants.from_category(category).read(role)

    arn = "<Raw>" if raw else f"<{logical_id(category)}.Arn>"
    assert {(action, target) for action, target, _ in permissions(Template.from_stack(stack), role)} == {
        ("transcribe:GetCallAnalyticsCategory", arn)
    }


def test_a_category_grants_by_itself(stack: cdk.Stack) -> None:
    role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())
    category = CallAnalyticsCategory(stack, "Rude", rules=[CategoryRule.interruption()])

    category.grants.read(role).assert_success()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: [], "rules has 0 entries: Transcribe takes 1 to 20"),
        (lambda: [CategoryRule.interruption()] * 21, "rules has 21 entries: Transcribe takes 1 to 20"),
        (CategoryRule.interruption, "rules=CategoryRule("),
        (
            lambda: [{"InterruptionFilter": {}}],
            "rules: {'InterruptionFilter': {}} is not a CategoryRule: make one with CategoryRule.transcript_match(…)",
        ),
        (lambda: [CategoryRule.transcript_match([])], "phrases has 0 entries: Transcribe takes 1 or more"),
        (
            lambda: [CategoryRule.transcript_match([" "])],
            "phrases=' ' is refused by Transcribe: it takes a text with something besides spaces",
        ),
        (
            lambda: [CategoryRule.transcript_match(["p" * 2001])],
            f"phrases='{'p' * 59}… has 2001 characters: Transcribe ",
        ),
        (lambda: [CategoryRule.transcript_match("cancel")], "phrases='cancel' is not a list: "),
        (
            lambda: [CategoryRule.non_talk_time(threshold=cdk.Duration.hours(5))],
            "threshold=18000000 ms is out of range: Transcribe takes 0 to 14400000 ms",
        ),
        (
            lambda: [CategoryRule.interruption(time_range=TimeRange.first(cdk.Duration.hours(5)))],
            "first=18000000 ms is out of range: Transcribe takes 0 to 14400000 ms",
        ),
        (
            lambda: [CategoryRule.interruption(time_range=TimeRange.last_percent(101))],
            "last=101 % is out of range: Transcribe takes 0 to 100 %",
        ),
        (
            lambda: [CategoryRule.interruption(time_range=TimeRange.between_percent(-1, 5))],
            "start=-1 % is out of range: Transcribe takes 0 to 100 %",
        ),
        (
            lambda: [CategoryRule.interruption(time_range=TimeRange.between_percent(50, 50))],
            "start=50 % is not before end=50 %",
        ),
        (
            lambda: [CategoryRule.interruption(time_range=TimeRange.between(seconds(2), seconds(1)))],
            "start=2000 ms is not before end=1000 ms",
        ),
        (
            lambda: [CategoryRule.sentiment(any_value("NEGATIVE"))],
            "sentiment: 'NEGATIVE' is none of Sentiment.POSITIVE, Sentiment.NEGATIVE, ",
        ),
        (
            lambda: [CategoryRule.interruption(participant_role=any_value("AGENT"))],
            "participant_role: 'AGENT' is none of ParticipantRole.AGENT, ParticipantRole.CUSTOMER",
        ),
        (lambda: [CategoryRule.interruption(negate=any_value("yes"))], "negate='yes' is neither True nor False"),
    ],
)
def test_fails_when_transcribe_would_refuse_a_rule(
    shared_stack: cdk.Stack, make: Callable[[], Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        CallAnalyticsCategory(shared_stack, f"Refused{len(shared_stack.node.children)}", rules=make())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"call_analytics_category_name": "two words"}, "call_analytics_category_name 'two words' is not a name that "),
        ({"input_type": "REAL_TIME"}, "input_type: 'REAL_TIME' is none of InputType.POST_CALL, InputType.REAL_TIME"),
    ],
)
def test_fails_when_transcribe_would_refuse_an_argument(
    shared_stack: cdk.Stack, arguments: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        CallAnalyticsCategory(
            shared_stack,
            f"Refused{len(shared_stack.node.children)}",
            rules=[CategoryRule.interruption()],
            **arguments,
        )
