"""Tags of every kind of resource, kept by ARN."""

from collections.abc import Callable
from typing import Any

from transcribe_local.scope import Scope
from transcribe_local.service_error import ServiceError, bad_request

_MAX_TAGS = 50


class Tags:
    """TagResource, UntagResource and ListTagsForResource over the resources that exist."""

    def __init__(self, exists: Callable[[str], bool]) -> None:
        self._exists = exists
        self._by_arn: dict[str, dict[str, str]] = {}

    def operations(self) -> dict[str, Callable[[Scope, dict[str, Any]], dict[str, Any]]]:
        return {
            "TagResource": self._tag,
            "UntagResource": self._untag,
            "ListTagsForResource": self._list,
        }

    def put(self, arn: str, tags: list[dict[str, str]]) -> None:
        """Add tags, replacing those with the same keys.

        Raises BadRequestException for reserved keys or over 50 tags.
        """
        if any(tag["Key"].lower().startswith("aws:") for tag in tags):
            raise bad_request(
                "Tag keys that begin with 'aws:' are reserved. Change the key and try your request again."
            )
        merged = {**self.of(arn), **{tag["Key"]: tag["Value"] for tag in tags}}
        if len(merged) > _MAX_TAGS:
            raise bad_request(f"A resource can have at most {_MAX_TAGS} tags.")
        self._by_arn[arn] = merged

    def of(self, arn: str) -> dict[str, str]:
        return dict(self._by_arn.get(arn, {}))

    def drop(self, arn: str) -> None:
        self._by_arn.pop(arn, None)

    def _tag(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        self.put(self._existing(request), request["Tags"])
        return {}

    def _untag(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        arn = self._existing(request)
        self._by_arn[arn] = {key: value for key, value in self.of(arn).items() if key not in request["TagKeys"]}
        return {}

    def _list(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        arn = self._existing(request)
        return {"ResourceArn": arn, "Tags": as_tag_list(self.of(arn))}

    def _existing(self, request: dict[str, Any]) -> str:
        arn: str = request["ResourceArn"]
        if not self._exists(arn):
            raise ServiceError(
                "NotFoundException",
                "The requested resource couldn't be found. Check the ARN and try your request again.",
            )
        return arn


def as_tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
