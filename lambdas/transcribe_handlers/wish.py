"""What a custom resource event asks for, in the terms of the service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .medical_vocabulary import MEDICAL_VOCABULARY
from .ownership_tags import DIGEST_TAG, OWNER_TAG, digest_of, owner_of
from .resource_kind import ResourceKind
from .vocabulary import VOCABULARY
from .vocabulary_filter import VOCABULARY_FILTER

_KINDS: Mapping[str, ResourceKind] = {
    "Custom::TranscribeVocabulary": VOCABULARY,
    "Custom::TranscribeMedicalVocabulary": MEDICAL_VOCABULARY,
    "Custom::TranscribeVocabularyFilter": VOCABULARY_FILTER,
}


@dataclass(frozen=True)
class Wish:
    """One resource as the template wants it to be."""

    kind: ResourceKind
    name: str
    arn: str
    owner: str
    content: Mapping[str, Any]
    user_tags: Mapping[str, str]
    adopt_existing: bool

    @property
    def digest(self) -> str:
        return digest_of(self.content)

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


def wish_of(event: Mapping[str, Any]) -> Wish:
    """Read the event of a completion check; its physical id is the resource's name."""
    kind = kind_of(event)
    properties = event["ResourceProperties"]
    name = event["PhysicalResourceId"]
    return Wish(
        kind=kind,
        name=name,
        arn=_arn(event["StackId"], kind, name),
        owner=owner_of(event["StackId"], event["LogicalResourceId"]),
        content={field: properties[field] for field in sorted(kind.content_fields & properties.keys())},
        user_tags={tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])},
        adopt_existing=properties.get("AdoptExisting") == "true",
    )


def _arn(stack_id: str, kind: ResourceKind, name: str) -> str:
    _, partition, _, region, account, _ = stack_id.split(":", 5)
    return f"arn:{partition}:transcribe:{region}:{account}:{kind.arn_type}/{name}"
