"""What a custom resource event asks for, in the terms of the service."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .language_model import LANGUAGE_MODEL
from .medical_vocabulary import MEDICAL_VOCABULARY
from .ownership_tags import DIGEST_TAG, OWNER_TAG, digest_of, owner_of
from .resource_kind import ResourceKind
from .vocabulary import VOCABULARY
from .vocabulary_filter import VOCABULARY_FILTER

_KINDS: Mapping[str, ResourceKind] = {
    "Custom::TranscribeVocabulary": VOCABULARY,
    "Custom::TranscribeMedicalVocabulary": MEDICAL_VOCABULARY,
    "Custom::TranscribeVocabularyFilter": VOCABULARY_FILTER,
    "Custom::TranscribeLanguageModel": LANGUAGE_MODEL,
}


@dataclass(frozen=True)
class Wish:
    """One resource as the template wants it to be."""

    kind: ResourceKind
    name: str
    arn: str
    owner: str
    content: Mapping[str, Any]
    object_version: str
    """Changes when the object that the content names is overwritten; the service has no field for it."""
    user_tags: Mapping[str, str]
    adopt_existing: bool
    is_replacement: bool = False
    """Whether another resource serves until this one is there."""
    request_id: str = ""
    is_given_up: Callable[[], bool] = lambda: False
    """Whether nobody waits for the resource any more."""

    @property
    def digest(self) -> str:
        version = {"ObjectVersion": self.object_version} if self.object_version else {}
        return digest_of({**self.content, **version})

    @property
    def tags(self) -> Mapping[str, str]:
        """All tags that the resource carries once it is as wished."""
        return {**self.user_tags, OWNER_TAG: self.owner, DIGEST_TAG: self.digest}

    @property
    def subject(self) -> str:
        """How a message calls the resource."""
        return f"{self.kind.title} {self.name!r}"


def kind_of(event: Mapping[str, Any]) -> ResourceKind:
    """The kind of resource that the event is about; KeyError for a resource type that is not ours."""
    return _KINDS[event["ResourceType"]]


def wish_of(event: Mapping[str, Any], name: str | None = None, is_given_up: Callable[[], bool] = lambda: False) -> Wish:
    """Read the event of a completion check; unless another is given, the name is the one that the event is about."""
    kind = kind_of(event)
    properties = event["ResourceProperties"]
    name = name or _name(event)
    return Wish(
        kind=kind,
        name=name,
        arn=_arn(event["StackId"], kind, name),
        owner=owner_of(event["StackId"], event["LogicalResourceId"]),
        content={field: properties[field] for field in sorted(kind.content_fields & properties.keys())},
        object_version=properties.get("ObjectVersion", ""),
        user_tags={tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])},
        adopt_existing=properties.get("AdoptExisting") == "true",
        is_replacement=event.get("ReplacedPhysicalResourceId", name) != name,
        request_id=event.get("RequestId", ""),
        is_given_up=is_given_up,
    )


def abandoned_name(event: Mapping[str, Any]) -> str | None:
    """The name that an earlier update of this resource was to give it, and that no deletion will ever be sent for.

    CloudFormation does not know the id of an update that it gave up. It rolls back from properties whose name is not
    the present id, and what the update made under that name would stay for ever.
    """
    field = kind_of(event).name_field
    before = event.get("OldResourceProperties", {}).get(field)
    known = (event.get("PhysicalResourceId"), event["ResourceProperties"][field])
    return None if before in known else before


def _name(event: Mapping[str, Any]) -> str:
    """The physical id; but CloudFormation invents one to delete what it gave up before it heard of an id.

    `stack-LogicalId-SUFFIX`, says the README of aws-cdk-lib/custom-resources. What was to be made is in the properties.
    """
    physical_id: str = event["PhysicalResourceId"]
    stack_name, logical_id = event["StackId"].split("/")[1], event["LogicalResourceId"]
    invented = rf"{re.escape(stack_name)}-{re.escape(logical_id)}-[0-9A-Za-z]+"
    if event["RequestType"] == "Delete" and re.fullmatch(invented, physical_id):
        return str(event["ResourceProperties"][kind_of(event).name_field])
    return physical_id


def _arn(stack_id: str, kind: ResourceKind, name: str) -> str:
    _, partition, _, region, account, _ = stack_id.split(":", 5)
    return f"arn:{partition}:transcribe:{region}:{account}:{kind.arn_type}/{name}"
