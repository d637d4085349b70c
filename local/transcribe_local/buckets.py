"""Buckets of a local AWS, emptied so that their stack can go."""

from __future__ import annotations

from transcribe_local.local_aws import LocalAws


def empty_bucket(aws: LocalAws, name: str) -> None:
    """Delete every version of every object of the bucket `name`, and every delete marker."""
    s3 = aws.client("s3")
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        versions = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in found]
        if versions:
            s3.delete_objects(Bucket=name, Delete={"Objects": versions})
