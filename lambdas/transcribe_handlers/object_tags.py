"""The tags of a media object.

Permissions: s3:GetObjectTagging and, in a versioned bucket, s3:GetObjectVersionTagging.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import boto3


def tags_of(bucket: str, key: str, version_id: str | None) -> Mapping[str, str]:
    """The tags of that very version, whatever came later; of the object where the bucket keeps no versions."""
    version = {"VersionId": version_id} if version_id else {}
    answer = client().get_object_tagging(Bucket=bucket, Key=key, **version)
    return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}


@functools.cache
def client() -> Any:
    """Made when first needed: most routes look at no tags."""
    return boto3.client("s3")
