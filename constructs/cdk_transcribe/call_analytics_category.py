"""Call Analytics categories: `AWS::Transcribe::CallAnalyticsCategory`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, cast

import jsii
from aws_cdk import ArnFormat, Duration, Names, RemovalPolicy, Resource, Stack
from aws_cdk import aws_iam as iam
from aws_cdk.aws_transcribe import CfnCallAnalyticsCategory
from aws_cdk.interfaces import aws_transcribe as refs
from botocore import xform_name
from constructs import Construct

from cdk_transcribe._arguments import check_choice, check_flag, check_list
from cdk_transcribe._names import check_name, name_in_arn
from cdk_transcribe._request_validation import refusals
from cdk_transcribe.channel_roles import ParticipantRole

_MAX_NAME_LENGTH = 200


class InputType(Enum):
    """The calls that a category is for."""

    POST_CALL = "POST_CALL"
    """Recordings of calls that are over: jobs."""
    REAL_TIME = "REAL_TIME"
    """Calls that are transcribed while people speak: streams."""


class Sentiment(Enum):
    """How somebody feels about what is said."""

    POSITIVE = "POSITIVE"
    NEGATIVE = "NEGATIVE"
    NEUTRAL = "NEUTRAL"
    MIXED = "MIXED"


@dataclass(frozen=True)
class TimeRange:
    """The part of a call that a rule looks at: `TimeRange.first(Duration.minutes(2))`, `TimeRange.last_percent(10)`.

    Lengths of time have millisecond precision and go up to 4 hours; percentages are whole numbers from 0 to 100.
    """

    _range: Mapping[str, Any]

    @staticmethod
    def between(start: Duration, end: Duration) -> TimeRange:
        """From one time after the start of the call to another.

        Raises:
            ValueError: when it ends before it starts.
        """
        return _absolute(StartTime=_milliseconds(start), EndTime=_milliseconds(end))

    @staticmethod
    def first(length: Duration) -> TimeRange:
        """The beginning of the call, this long."""
        return _absolute(First=_milliseconds(length))

    @staticmethod
    def last(length: Duration) -> TimeRange:
        """The end of the call, this long."""
        return _absolute(Last=_milliseconds(length))

    @staticmethod
    def between_percent(start: int, end: int) -> TimeRange:
        """From one percentage of the call's length to another.

        Raises:
            ValueError: when it ends before it starts.
        """
        return _relative(StartPercentage=start, EndPercentage=end)

    @staticmethod
    def first_percent(percentage: int) -> TimeRange:
        """The beginning of the call, this percentage of its length."""
        return _relative(First=percentage)

    @staticmethod
    def last_percent(percentage: int) -> TimeRange:
        """The end of the call, this percentage of its length."""
        return _relative(Last=percentage)

    def to_request(self) -> Mapping[str, Any]:
        """The API's `AbsoluteTimeRange` or `RelativeTimeRange`."""
        return self._range


@dataclass(frozen=True)
class CategoryRule:
    """A condition on a call: `CategoryRule.transcript_match(["cancel my contract"])`, and three more.

    Every rule can be limited to a part of the call (`time_range`, by default the whole of it), all but one to what one
    participant does (`participant_role`, by default both), and every one can be turned round (`negate`).
    """

    _rule: Mapping[str, Any]

    @staticmethod
    def transcript_match(
        phrases: Sequence[str],
        *,
        participant_role: ParticipantRole | None = None,
        time_range: TimeRange | None = None,
        negate: bool = False,
    ) -> CategoryRule:
        """Somebody says one of these phrases, word for word (`TranscriptFilter`).

        Args:
            phrases: what is said, each 1 to 2000 characters.
            participant_role: who says it. By default either.
            time_range: when it is said. By default at any time.
            negate: met when none of it is said instead.
        """
        targets = {"TranscriptFilterType": "EXACT", "Targets": list(check_list("phrases", phrases))}
        return _rule("TranscriptFilter", targets, participant_role, time_range, negate=negate)

    @staticmethod
    def sentiment(
        sentiment: Sentiment,
        *,
        participant_role: ParticipantRole | None = None,
        time_range: TimeRange | None = None,
        negate: bool = False,
    ) -> CategoryRule:
        """Somebody feels like this (`SentimentFilter`).

        Args:
            sentiment: how.
            participant_role: who feels so. By default either.
            time_range: when. By default at any time.
            negate: met when nobody does instead.
        """
        check_choice("sentiment", sentiment, Sentiment)
        return _rule("SentimentFilter", {"Sentiments": [sentiment.value]}, participant_role, time_range, negate=negate)

    @staticmethod
    def interruption(
        *,
        threshold: Duration | None = None,
        participant_role: ParticipantRole | None = None,
        time_range: TimeRange | None = None,
        negate: bool = False,
    ) -> CategoryRule:
        """Somebody interrupts the other (`InterruptionFilter`).

        Args:
            threshold: for at least this long, up to 4 hours. By default for any time.
            participant_role: who interrupts. By default either.
            time_range: when. By default at any time.
            negate: met when nobody interrupts instead.
        """
        settings = {"Threshold": _milliseconds(threshold)}
        return _rule("InterruptionFilter", settings, participant_role, time_range, negate=negate)

    @staticmethod
    def non_talk_time(
        *, threshold: Duration | None = None, time_range: TimeRange | None = None, negate: bool = False
    ) -> CategoryRule:
        """Nobody says anything (`NonTalkTimeFilter`).

        Args:
            threshold: for at least this long, up to 4 hours. By default for any time.
            time_range: when. By default at any time.
            negate: met when there is no such silence instead.
        """
        settings = {"Threshold": _milliseconds(threshold)}
        return _rule("NonTalkTimeFilter", settings, None, time_range, negate=negate)

    def to_request(self) -> Mapping[str, Any]:
        """The API's `Rule`."""
        return self._rule


class CallAnalyticsCategoryGrants:
    """What can be granted on a category: `CallAnalyticsCategory.grants`, or `from_category` for any other.

    A job applies every category of its account, and needs no permission on any.
    """

    def __init__(self, category: refs.ICallAnalyticsCategoryRef) -> None:
        self._category = category

    @staticmethod
    def from_category(category: refs.ICallAnalyticsCategoryRef) -> CallAnalyticsCategoryGrants:
        """Grants on a category of this library, an imported one, or CDK's own `CfnCallAnalyticsCategory`."""
        return CallAnalyticsCategoryGrants(category)

    def read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Lets `grantee` ask for the category and its rules."""
        arn = self._category.call_analytics_category_ref.call_analytics_category_arn
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=["transcribe:GetCallAnalyticsCategory"], resource_arns=[arn]
        )


@jsii.implements(refs.ICallAnalyticsCategoryRef)
class ICallAnalyticsCategory(Resource):
    """A Call Analytics category, made in this app or elsewhere."""

    @property
    def call_analytics_category_name(self) -> str:
        """The physical name, which is what calls are labelled with."""
        raise NotImplementedError

    @property
    def call_analytics_category_arn(self) -> str:
        """The ARN."""
        raise NotImplementedError

    @property
    def call_analytics_category_ref(self) -> refs.CallAnalyticsCategoryReference:
        """What CDK's own APIs take for a category."""
        return refs.CallAnalyticsCategoryReference(call_analytics_category_arn=self.call_analytics_category_arn)

    @property
    def grants(self) -> CallAnalyticsCategoryGrants:
        """What can be granted on the category."""
        return CallAnalyticsCategoryGrants.from_category(self)


class CallAnalyticsCategory(ICallAnalyticsCategory):
    """A Call Analytics category: a label for calls that meet all of its rules.

    Creates an `AWS::Transcribe::CallAnalyticsCategory`. Every call analytics job of the account and Region that is
    started from then on applies it; transcripts that are there already stay as they are. An account may have 200
    categories.

    CloudFormation knows the type in a part of Transcribe's Regions only. In October 2026 these were ap-northeast-1,
    ap-northeast-2, ap-southeast-2, ca-central-1, eu-central-1, eu-west-2, us-east-1, us-west-2, eusc-de-east-1 and
    isolated ones (resource schemas of cfn-lint); elsewhere the deployment fails with "Unrecognized resource types".

    `Tags.of(…)` reaches the category.

    Args:
        rules: what a call must meet, 1 to 20 rules and every one of them. Changing them changes the category in
            place.
        input_type: the calls that it is for. By default those that are over, which jobs transcribe. Changing it
            replaces a category with a generated name; with a name of your own, change that too, because a name can't
            be taken twice.
        call_analytics_category_name: a physical name, 1 to 200 of `0-9a-zA-Z._-`. By default one is generated from
            the construct's path and the input type. Changing it replaces the category.
        removal_policy: what happens to the category when it leaves the stack. By default it is deleted.

    Raises:
        ValueError: for a name, a rule or a number of rules that Transcribe refuses.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        rules: Sequence[CategoryRule],
        input_type: InputType = InputType.POST_CALL,
        call_analytics_category_name: str | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.DESTROY,
    ) -> None:
        super().__init__(scope, id)
        check_choice("input_type", input_type, InputType)
        self._name = (
            _generated_name(self, input_type)
            if call_analytics_category_name is None
            else check_name("call_analytics_category_name", call_analytics_category_name)
        )
        category_rules = _checked(rules)
        self._resource = CfnCallAnalyticsCategory(
            self,
            "Resource",
            category_name=self._name,
            input_type=input_type.value,
            rules=[_as_property("Rule", rule) for rule in category_rules],
        )
        self._resource.apply_removal_policy(removal_policy)

    @staticmethod
    def from_call_analytics_category_name(
        scope: Construct, id: str, call_analytics_category_name: str
    ) -> ICallAnalyticsCategory:
        """A category of this account and Region that exists already, by its name.

        Args:
            scope: where it is used.
            id: its id there.
            call_analytics_category_name: the physical name.
        """
        arn = Stack.of(scope).format_arn(
            service="transcribe",
            resource="analytics-category",
            resource_name=call_analytics_category_name,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        return _ImportedCallAnalyticsCategory(scope, id, call_analytics_category_name, arn)

    @staticmethod
    def from_call_analytics_category_arn(
        scope: Construct, id: str, call_analytics_category_arn: str
    ) -> ICallAnalyticsCategory:
        """A category that exists already, by its ARN.

        Args:
            scope: where it is used.
            id: its id there.
            call_analytics_category_arn: the ARN.
        """
        name = name_in_arn(call_analytics_category_arn)
        return _ImportedCallAnalyticsCategory(scope, id, name, call_analytics_category_arn)

    @property
    def call_analytics_category_name(self) -> str:
        """The physical name, which is what calls are labelled with."""
        return self._name

    @property
    def call_analytics_category_arn(self) -> str:
        """The ARN."""
        return self._resource.attr_arn


class _ImportedCallAnalyticsCategory(ICallAnalyticsCategory):
    def __init__(self, scope: Construct, id: str, name: str, arn: str) -> None:
        super().__init__(scope, id, environment_from_arn=arn)
        self._name = name
        self._arn = arn

    @property
    def call_analytics_category_name(self) -> str:
        return self._name

    @property
    def call_analytics_category_arn(self) -> str:
        return self._arn


def _generated_name(scope: Construct, input_type: InputType) -> str:
    # Transcribe changes no category's input type: the new one needs a name beside the old one's.
    ending = input_type.value.lower().replace("_", "-")
    stem = Names.unique_resource_name(
        scope, max_length=_MAX_NAME_LENGTH - len(ending) - 1, separator="-", allowed_special_characters="-_."
    )
    return f"{stem}-{ending}"


def _checked(rules: Sequence[CategoryRule]) -> list[Mapping[str, Any]]:
    for rule in check_list("rules", rules):
        if not isinstance(rule, CategoryRule):
            raise ValueError(f"rules: {rule!r} is not a CategoryRule: make one with CategoryRule.transcript_match(…)")
    request = {"Rules": [rule.to_request() for rule in rules]}
    refused = list(refusals("CreateCallAnalyticsCategory", request))
    if refused:
        raise ValueError("\n".join(refused))
    return request["Rules"]


def _as_property(name: str, fields: Mapping[str, Any]) -> Any:
    """A structure of the API as CloudFormation's: both have the same names."""
    arguments = {
        xform_name(field): _as_property(field, value) if isinstance(value, Mapping) else value
        for field, value in fields.items()
    }
    return getattr(CfnCallAnalyticsCategory, f"{name}Property")(**arguments)


def _rule(
    filter_name: str,
    settings: Mapping[str, Any],
    participant_role: ParticipantRole | None,
    time_range: TimeRange | None,
    *,
    negate: bool,
) -> CategoryRule:
    check_choice("participant_role", participant_role, ParticipantRole)
    check_flag("negate", negate)
    parts = {
        **settings,
        "ParticipantRole": participant_role.value if participant_role else None,
        **(time_range.to_request() if time_range else {}),
        # Said in any case: a filter must have something in it.
        "Negate": negate,
    }
    return CategoryRule({filter_name: {name: part for name, part in parts.items() if part is not None}})


def _absolute(**bounds: int | None) -> TimeRange:
    _check_order(bounds.get("StartTime"), bounds.get("EndTime"), unit=" ms")
    return TimeRange({"AbsoluteTimeRange": bounds})


def _relative(**bounds: int) -> TimeRange:
    _check_order(bounds.get("StartPercentage"), bounds.get("EndPercentage"), unit=" %")
    return TimeRange({"RelativeTimeRange": bounds})


def _check_order(start: int | None, end: int | None, *, unit: str) -> None:
    if start is not None and end is not None and not start < end:
        raise ValueError(f"start={start}{unit} is not before end={end}{unit}")


def _milliseconds(duration: Duration | None) -> int | None:
    return None if duration is None else int(cast(float, duration.to_milliseconds()))
