"""Which calls fulfil the rules of a category, told from the document of the call."""

import re
from collections.abc import Callable
from typing import Any

from transcribe_local.call_analytics_categories import CallAnalyticsCategory

_Span = tuple[int, int]
_WORD = re.compile(r"[\w']+")


def matched_categories(categories: list[CallAnalyticsCategory], document: dict[str, Any]) -> dict[str, Any]:
    """The document's part about categories: those that match, and where in the call they do."""
    details = {}
    for category in categories:
        found = [_found(rule, document) for rule in category.rules]
        if all(spans is not None for spans in found):
            points = sorted({span for spans in found for span in spans or ()})
            details[category.name] = {
                "PointsOfInterest": [{"BeginOffsetMillis": begin, "EndOffsetMillis": end} for begin, end in points]
            }
    return {"MatchedCategories": list(details), "MatchedDetails": details}


def _found(rule: dict[str, Any], document: dict[str, Any]) -> list[_Span] | None:
    """Where a rule is fulfilled; None where it is not."""
    [(name, rule_filter)] = rule.items()
    begin, end = _time_range(rule_filter, document["ConversationCharacteristics"]["TotalConversationDurationMillis"])
    spans = [
        (instance["BeginOffsetMillis"], instance["EndOffsetMillis"])
        for instance in _FINDERS[name](rule_filter, document)
        if begin <= instance["BeginOffsetMillis"] and instance["EndOffsetMillis"] <= end
    ]
    if rule_filter.get("Negate"):
        return None if spans else []
    return spans or None


def _time_range(rule_filter: dict[str, Any], total: int) -> tuple[float, float]:
    """Milliseconds from the start of the call between which a filter looks."""
    in_percent = rule_filter.get("RelativeTimeRange")
    given = in_percent or rule_filter.get("AbsoluteTimeRange") or {"First": total}
    unit = total / 100 if in_percent else 1.0
    if "First" in given:
        return 0, given["First"] * unit
    if "Last" in given:
        return total - given["Last"] * unit, total
    start, end = ("StartPercentage", "EndPercentage") if in_percent else ("StartTime", "EndTime")
    return given[start] * unit, given[end] * unit


def _phrases(rule_filter: dict[str, Any], document: dict[str, Any]) -> list[dict[str, Any]]:
    wanted = [_words(target) for target in rule_filter["Targets"]]
    return [
        turn
        for turn in _turns(rule_filter, document)
        if any(f" {target} " in f" {_words(turn['Content'])} " for target in wanted)
    ]


def _sentiments(rule_filter: dict[str, Any], document: dict[str, Any]) -> list[dict[str, Any]]:
    return [turn for turn in _turns(rule_filter, document) if turn["Sentiment"] in rule_filter["Sentiments"]]


def _silences(rule_filter: dict[str, Any], document: dict[str, Any]) -> list[dict[str, Any]]:
    return _lasting(rule_filter, document["ConversationCharacteristics"]["NonTalkTime"]["Instances"])


def _interruptions(rule_filter: dict[str, Any], document: dict[str, Any]) -> list[dict[str, Any]]:
    by_role = document["ConversationCharacteristics"]["Interruptions"]["InterruptionsByInterrupter"]
    wanted = rule_filter.get("ParticipantRole")
    return _lasting(rule_filter, [span for role, spans in by_role.items() if wanted in (None, role) for span in spans])


def _turns(rule_filter: dict[str, Any], document: dict[str, Any]) -> list[dict[str, Any]]:
    wanted = rule_filter.get("ParticipantRole")
    return [turn for turn in document["Transcript"] if wanted in (None, turn["ParticipantRole"])]


def _lasting(rule_filter: dict[str, Any], spans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [span for span in spans if span["DurationMillis"] >= rule_filter.get("Threshold", 0)]


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


_FINDERS: dict[str, Callable[[dict[str, Any], dict[str, Any]], list[dict[str, Any]]]] = {
    "TranscriptFilter": _phrases,
    "SentimentFilter": _sentiments,
    "NonTalkTimeFilter": _silences,
    "InterruptionFilter": _interruptions,
}
