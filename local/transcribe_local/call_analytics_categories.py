"""Call Analytics categories: sets of rules that calls are held against. They have no state."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from transcribe_local.clock import Clock
from transcribe_local.listing import page
from transcribe_local.scope import Scope
from transcribe_local.service_error import bad_request, conflict, limit_exceeded
from transcribe_local.settings import Settings
from transcribe_local.tags import Tags, as_tag_list

_ARN_TYPE = "analytics-category"
_POST_CALL = "POST_CALL"
_RANGES = ("AbsoluteTimeRange", "RelativeTimeRange")
_RANGE_FORMS = (
    {"StartTime", "EndTime"},
    {"StartPercentage", "EndPercentage"},
    {"First"},
    {"Last"},
)


@dataclass(frozen=True)
class CallAnalyticsCategory:
    """A name for calls that fulfil all of the rules; an update puts another in its place."""

    name: str
    rules: list[dict[str, Any]]
    input_type: str
    created_at: float
    updated_at: float


class CallAnalyticsCategories:
    """Create, Get, Update, Delete and List for categories."""

    def __init__(self, *, tags: Tags, settings: Settings, clock: Clock) -> None:
        self._tags = tags
        self._settings = settings
        self._clock = clock
        self._stored: dict[Scope, dict[str, CallAnalyticsCategory]] = {}

    def operations(self) -> dict[str, Callable[[Scope, dict[str, Any]], dict[str, Any]]]:
        return {
            "CreateCallAnalyticsCategory": self._create,
            "GetCallAnalyticsCategory": self._get,
            "UpdateCallAnalyticsCategory": self._update,
            "DeleteCallAnalyticsCategory": self._delete,
            "ListCallAnalyticsCategories": self._list,
        }

    def owns(self, arn: str) -> bool:
        return any(arn == scope.arn(_ARN_TYPE, stored.name) for scope, stored in self._all())

    def snapshot(self) -> list[dict[str, Any]]:
        """Every category with its tags, for a test to look at."""
        return [
            {
                **self._properties(scope, stored),
                "Kind": "CallAnalyticsCategory",
                "Arn": (arn := scope.arn(_ARN_TYPE, stored.name)),
                "Tags": self._tags.of(arn),
            }
            for scope, stored in self._all()
        ]

    def for_jobs(self, scope: Scope, started_at: float) -> list[CallAnalyticsCategory]:
        """Those that a job is held against: for calls that are over, and made before the job."""
        return [
            stored
            for stored in self._in(scope).values()
            if stored.input_type == _POST_CALL and stored.created_at <= started_at
        ]

    def _create(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        name = request["CategoryName"]
        if name in self._in(scope):
            raise conflict("The requested category name already exists. Use a different category name.")
        if len(self._in(scope)) >= self._settings.max_call_analytics_categories:
            raise limit_exceeded("You've reached the limit on the number of categories in your account.")
        _check(request["Rules"])
        self._tags.put(scope.arn(_ARN_TYPE, name), request.get("Tags", []))
        now = self._clock.epoch_seconds()
        created = CallAnalyticsCategory(name, request["Rules"], request.get("InputType", _POST_CALL), now, now)
        return self._store(scope, created)

    def _get(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        return {"CategoryProperties": self._properties(scope, self._existing(scope, request))}

    def _update(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        present = self._existing(scope, request)
        if request.get("InputType", present.input_type) != present.input_type:
            raise bad_request("The input type of a category can't be changed. Create a category instead.")
        _check(request["Rules"])
        return self._store(scope, replace(present, rules=request["Rules"], updated_at=self._clock.epoch_seconds()))

    def _delete(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        stored = self._existing(scope, request)
        del self._in(scope)[stored.name]
        self._tags.drop(scope.arn(_ARN_TYPE, stored.name))
        return {}

    def _list(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        found = ((name, self._properties(scope, stored)) for name, stored in self._in(scope).items())
        return page(found, request, "Categories")

    def _store(self, scope: Scope, stored: CallAnalyticsCategory) -> dict[str, Any]:
        self._in(scope)[stored.name] = stored
        return {"CategoryProperties": self._properties(scope, stored)}

    def _properties(self, scope: Scope, stored: CallAnalyticsCategory) -> dict[str, Any]:
        tags = as_tag_list(self._tags.of(scope.arn(_ARN_TYPE, stored.name)))
        return {
            "CategoryName": stored.name,
            "Rules": stored.rules,
            "CreateTime": stored.created_at,
            "LastUpdateTime": stored.updated_at,
            "InputType": stored.input_type,
            **({"Tags": tags} if tags else {}),
        }

    def _existing(self, scope: Scope, request: dict[str, Any]) -> CallAnalyticsCategory:
        found = self._in(scope).get(request["CategoryName"])
        if found is None:
            raise bad_request(
                "The requested category couldn't be found. Check the category name and try your request again."
            )
        return found

    def _in(self, scope: Scope) -> dict[str, CallAnalyticsCategory]:
        return self._stored.setdefault(scope, {})

    def _all(self) -> Iterator[tuple[Scope, CallAnalyticsCategory]]:
        return ((scope, stored) for scope, categories in self._stored.items() for stored in categories.values())


def _check(rules: list[dict[str, Any]]) -> None:
    for rule in rules:
        if len(rule) != 1:
            raise bad_request("Each rule must have exactly one filter.")
        [rule_filter] = rule.values()
        ranges = [rule_filter[name] for name in _RANGES if name in rule_filter]
        if len(ranges) > 1:
            raise bad_request("A filter can have either an AbsoluteTimeRange or a RelativeTimeRange.")
        if any(set(given) not in _RANGE_FORMS for given in ranges):
            raise bad_request("A time range must have both a start and an end, or First, or Last.")
