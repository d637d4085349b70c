"""The names that follow from a media object: its job's and its transcript's."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata

_LONGEST_JOB_NAME = 200
_LONGEST_OUTPUT_KEY = 1024
_LONGEST_SLUG = 80
_SUFFIX = ".json"
# One digit, which the longest name leaves room for.
MOST_RETRIES = 9

_LOOKS_LIKE_A_DIGEST = re.compile(r"-[0-9a-f]{20}$")


def job_name(name_prefix: str, bucket: str, key: str, version: str, route: str) -> str:
    """`<prefix>-<slug>-<digest>`: the same for every delivery of one version of an object over one route.

    The prefix has to leave room: 175 characters at most.
    """
    digest = _digest(bucket, key, version, route)
    room = max(0, _LONGEST_JOB_NAME - len(f"-r{MOST_RETRIES}") - len(name_prefix) - len(digest) - 2)
    return "-".join(part for part in (name_prefix, _slug(key, min(room, _LONGEST_SLUG)), digest) if part)


def retry_name(first_name: str, retry: int) -> str:
    """What the job is called that is started in place of one that failed, by its number from 1 to 9; 0 is the first."""
    return f"{first_name}-r{retry}" if retry else first_name


def output_key(output_prefix: str, key: str) -> str:
    """The media key as a legal OutputKey that ends in .json; two media keys never share one.

    A key that had to be changed, or that could pass for a changed one, carries a digest of the raw key. The
    prefix has to be legal already.
    """
    legal = "/".join(_legal_segment(segment) for segment in key.split("/"))
    whole = f"{output_prefix}{legal}{_SUFFIX}"
    if legal == key and len(whole) <= _LONGEST_OUTPUT_KEY and not _LOOKS_LIKE_A_DIGEST.search(key):
        return whole
    ending = f"-{_digest(key)}{_SUFFIX}"
    return f"{output_prefix}{legal}"[: _LONGEST_OUTPUT_KEY - len(ending)] + ending


def _slug(key: str, longest: int) -> str:
    stem = key.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    readable = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    return re.sub(r"[^0-9a-zA-Z._]+", "-", readable)[:longest].strip("-.")


def _legal_segment(segment: str) -> str:
    # Empty and dot segments are legal characters, but clients that tidy up paths ask for another object.
    return "_" if segment in ("", ".", "..") else re.sub(r"[^a-zA-Z0-9_.!*'()-]", "_", segment)


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:20]
