"""AWS::Transcribe::CallAnalyticsCategory for ministack's CloudFormation."""

from collections.abc import Callable
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services.cloudformation import provisioners

from transcribe_local.scope import Scope
from transcribe_local.service_error import ServiceError

_TYPE = "AWS::Transcribe::CallAnalyticsCategory"
_ARN_TYPE = "analytics-category"

Call = Callable[[str, dict[str, Any], Scope], dict[str, Any]]


def provision_categories(call: Call) -> None:
    """Have stacks make, change and delete categories with `call`, the service's operations.

    `Ref` is the ARN, as the type's primary identifier is; another name or input type replaces the category.
    """
    provisioner = CategoryProvisioner(call)
    provisioners._REPLACING_PROPERTIES[_TYPE] = ("CategoryName", "InputType")
    provisioners._RESOURCE_HANDLERS[_TYPE] = {
        "create": provisioner.create,
        "update": provisioner.update,
        "delete": provisioner.delete,
    }


class CategoryProvisioner:
    """What CloudFormation does with the resource; the service's refusals fail the resource with their sentence."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def create(self, logical_id: str, properties: dict[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
        return self._settled(self._perform("CreateCallAnalyticsCategory", properties))

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str
    ) -> tuple[str, dict[str, Any]]:
        without_tags = {name: value for name, value in new.items() if name != "Tags"}
        settled = self._settled(self._perform("UpdateCallAnalyticsCategory", without_tags))
        gone = {tag["Key"] for tag in old.get("Tags", [])} - {tag["Key"] for tag in new.get("Tags", [])}
        if gone:
            self._perform("UntagResource", {"ResourceArn": physical_id, "TagKeys": sorted(gone)})
        if new.get("Tags"):
            self._perform("TagResource", {"ResourceArn": physical_id, "Tags": new["Tags"]})
        return settled

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        try:
            self._call("DeleteCallAnalyticsCategory", {"CategoryName": physical_id.rpartition("/")[2]}, _scope())
        except ServiceError as error:
            if "couldn't be found" not in error.message:
                raise ValueError(str(error)) from error

    def _perform(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        try:
            return self._call(operation, request, _scope())
        except ServiceError as error:
            raise ValueError(str(error)) from error

    def _settled(self, answer: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        category = answer["CategoryProperties"]
        arn = _scope().arn(_ARN_TYPE, category["CategoryName"])
        return arn, {"Arn": arn, **{name: str(category[name]) for name in ("CreateTime", "LastUpdateTime")}}


def _scope() -> Scope:
    return Scope(get_account_id(), get_region())
