"""How large the content of a vocabulary or filter is.

LimitExceededException has one sentence for "too many requests" and "input too long"; only the size can tell them apart.

Permission: s3:GetObject on the file, where the function has it. Without it the size is not known.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

# https://docs.aws.amazon.com/transcribe/latest/dg/limits-guidelines.html
LARGEST_BYTES = 50 * 1024


def is_too_large(content: Mapping[str, Any]) -> bool:
    """One call of S3 for a file, none for words: true when it is certain that the service will never take it."""
    words = content.get("Phrases") or content.get("Words")
    if words is not None:
        return len("\n".join(words).encode()) > LARGEST_BYTES
    uri = content.get("VocabularyFileUri") or content.get("VocabularyFilterFileUri") or ""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        return int(client().head_object(Bucket=bucket, Key=key)["ContentLength"]) > LARGEST_BYTES
    except (ClientError, BotoCoreError):
        return False


@functools.cache
def client() -> Any:
    """Made when first needed, which is hardly ever."""
    return boto3.client("s3")
