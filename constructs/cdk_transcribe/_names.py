"""Physical names: given ones checked, generated ones made, ARNs made from them and taken apart."""

from __future__ import annotations

import hashlib
import re
from typing import cast

from aws_cdk import Arn, ArnFormat, Names, Stack, Token
from constructs import Construct

from cdk_transcribe._resource_kinds import ResourceKind

_MAX_LENGTH = 200
_DIGEST_LENGTH = 10
_NAME = re.compile(r"[0-9a-zA-Z._-]{1,200}")


def check_name(argument: str, name: str) -> str:
    """`name`, when the service would take it (botocore's model: 1 to 200 of `0-9a-zA-Z._-`).

    Raises:
        ValueError: when it would not. Tokens pass.
    """
    if Token.is_unresolved(name) or _NAME.fullmatch(name):
        return name
    raise ValueError(
        f"{argument} {name!r} is not a name that Transcribe takes: use 1 to {_MAX_LENGTH} letters (a-z, A-Z), "
        "digits, full stops, hyphens and underscores"
    )


def content_name(scope: Construct, digest: str) -> str:
    """A name for `scope` that changes with `digest`, so that new content is a new resource."""
    return f"{family_name(scope)}-{digest[:_DIGEST_LENGTH]}"


def family_name(scope: Construct) -> str:
    """What the names that `content_name` makes for `scope` have in common, whatever their content."""
    return Names.unique_resource_name(
        scope, max_length=_MAX_LENGTH - _DIGEST_LENGTH - 1, separator="-", allowed_special_characters="-_."
    )


def arn_of_name(scope: Construct, kind: ResourceKind, name: str) -> str:
    """The ARN of a resource that somebody else made in the account and Region of `scope`."""
    return kind.arn(Stack.of(scope), name)


def name_in_arn(arn: str) -> str:
    """The name at the end of the ARN of a Transcribe resource."""
    return cast(str, Arn.split(arn, ArnFormat.SLASH_RESOURCE_NAME).resource_name)


def job_name_prefix(scope: Construct) -> str:
    """What the names of a pipeline's jobs start with: readable, and told apart from every other pipeline's."""
    stack_name = Stack.of(scope).stack_name
    deployment = "" if Token.is_unresolved(stack_name) else stack_name
    digest = hashlib.sha256(f"{deployment}\n{scope.node.path}".encode()).hexdigest()
    readable = re.sub(r"[^0-9a-zA-Z]+", "-", scope.node.id).strip("-")[:40]
    return f"{readable}-{digest[:8]}"
