"""Which version of a family serves: an SSM parameter that jobs read.

It is made here and not by the template: CloudFormation would put the template's value back with every change of a tag.

Permissions: ssm:GetParameter, PutParameter, DeleteParameter, AddTagsToResource and ListTagsForResource on
`/cdk-transcribe/language-model/`.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

from .model_family import request_of
from .ownership_tags import OWNER_TAG
from .service_errors import code_of

NONE_YET = "none yet"
"""The value until a first version is trained; no model can be called so."""


@dataclass(frozen=True)
class Pointer:
    """The parameter as it is."""

    version: str
    tags: Mapping[str, str]

    @property
    def owner(self) -> str | None:
        return self.tags.get(OWNER_TAG)

    @property
    def request(self) -> str:
        """The newest request of CloudFormation that concerns the family."""
        return request_of(self.tags)


def pointer_name(family_name: str) -> str:
    """The name of the parameter of a family."""
    return f"/cdk-transcribe/language-model/{family_name}"


def read(family_name: str) -> Pointer | None:
    """Two calls; None when there is no such parameter."""
    name = pointer_name(family_name)
    try:
        value = client().get_parameter(Name=name)["Parameter"]["Value"]
        tags = client().list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
    except ClientError as error:
        if code_of(error) in ("ParameterNotFound", "InvalidResourceId"):
            return None
        raise
    return Pointer(value, {tag["Key"]: tag["Value"] for tag in tags})


def create(family_name: str, tags: Mapping[str, str]) -> None:
    """One call: a parameter that points to no version yet."""
    client().put_parameter(
        Name=pointer_name(family_name),
        Description="The custom language model that serves, kept by cdk-transcribe",
        Type="String",
        Value=NONE_YET,
        Tags=_listed(tags),
    )


def move(family_name: str, version: str) -> None:
    """One call: jobs use this version from now on."""
    client().put_parameter(Name=pointer_name(family_name), Type="String", Value=version, Overwrite=True)


def move_away(family_name: str, pointer: Pointer, version: str) -> None:
    """One call at most: jobs don't use a version that was deleted behind our back and is trained again."""
    if pointer.version == version:
        move(family_name, NONE_YET)


def tag(family_name: str, tags: Mapping[str, str]) -> None:
    """One call: add these tags, or change their values."""
    client().add_tags_to_resource(ResourceType="Parameter", ResourceId=pointer_name(family_name), Tags=_listed(tags))


def delete(family_name: str) -> None:
    """One call; what is gone already is deleted too."""
    try:
        client().delete_parameter(Name=pointer_name(family_name))
    except ClientError as error:
        if code_of(error) != "ParameterNotFound":
            raise


def _listed(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


@functools.cache
def client() -> Any:
    """Made when first needed: most stacks have no language model."""
    return boto3.client("ssm")
