"""The tags on a resource: who owns it, what content it was made from, and what the user asked for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from .resource_kind import transcribe

OWNER_TAG = "cdk-transcribe:owner"
DIGEST_TAG = "cdk-transcribe:digest"

_RESERVED_PREFIX = "aws:"


def owner_of(stack_id: str, logical_id: str) -> str:
    """`stack/logical id/digest`: the digest keeps apart what shortening, or a stack's next life, merges."""
    stack_name = stack_id.split("/")[1]
    digest = hashlib.sha256(f"{stack_id}/{logical_id}".encode()).hexdigest()[:24]
    return f"{stack_name[:128]}/{logical_id[:102]}/{digest}"


def digest_of(content: Mapping[str, Any]) -> str:
    """A fingerprint of the content, the same for the same content in any order of fields."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


def read(arn: str) -> dict[str, str]:
    """One call: the tags that the resource carries."""
    answer = transcribe.list_tags_for_resource(ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for tag in answer.get("Tags", [])}


def write(arn: str, tags: Mapping[str, str]) -> None:
    """One call: add these tags, or change their values."""
    transcribe.tag_resource(ResourceArn=arn, Tags=[{"Key": key, "Value": tags[key]} for key in tags])


def differ(present: Mapping[str, str], wished: Mapping[str, str]) -> bool:
    """Whether there is something to reconcile; tags that AWS itself set don't count."""
    return bool(_changed(present, wished) or _surplus(present, wished))


def reconcile(arn: str, present: Mapping[str, str], wished: Mapping[str, str]) -> None:
    """Two calls at most, none when all is well."""
    changed, surplus = _changed(present, wished), _surplus(present, wished)
    if changed:
        write(arn, changed)
    if surplus:
        transcribe.untag_resource(ResourceArn=arn, TagKeys=surplus)


def _changed(present: Mapping[str, str], wished: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in wished.items() if present.get(key) != value}


def _surplus(present: Mapping[str, str], wished: Mapping[str, str]) -> list[str]:
    return [key for key in present if key not in wished and not key.startswith(_RESERVED_PREFIX)]
