"""The versions of a family, as Transcribe has them: each a model whose name is the family's and a digest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from . import ownership_tags
from .model_family import REQUEST_TAG, Family, request_of
from .ownership_tags import DIGEST_TAG, OWNER_TAG, digest_of
from .resource_kind import transcribe
from .service_errors import is_missing

IN_PROGRESS = "IN_PROGRESS"
COMPLETED = "COMPLETED"
FAILED = "FAILED"

REPORTED_TAG = "cdk-transcribe:reported"
"""The request for which the end of a version's training has been told."""


@dataclass(frozen=True)
class Version:
    """One model of a family, ours or not."""

    name: str
    arn: str
    status: str
    failure_reason: str
    created_at: float
    tags: Mapping[str, str]

    @property
    def owner(self) -> str | None:
        return self.tags.get(OWNER_TAG)

    @property
    def trained_for(self) -> str:
        """The request that it was trained for."""
        return request_of(self.tags)

    @property
    def is_reported(self) -> bool:
        """Whether the end of this training has been told."""
        return self.tags.get(REPORTED_TAG) == self.trained_for

    @property
    def is_being_reencrypted(self) -> bool:
        """Whether it can be used, although the service may call a model IN_PROGRESS while its key changes."""
        return self.status == IN_PROGRESS and self.is_reported

    @property
    def is_trained(self) -> bool:
        """Whether its training has ended well."""
        return self.status == COMPLETED or self.is_being_reencrypted


def versions_of(family_name: str, family_arn: str) -> list[Version]:
    """One call, and one for each model: every model that has a name of the family."""
    pattern = rf"{re.escape(family_name)}-[0-9a-f]{{10}}"
    return [version for model in _models(family_name) if (version := _version(model, family_arn, pattern))]


def create(family: Family) -> None:
    """One call: begin the training of the wished version."""
    tags = [{"Key": key, "Value": value} for key, value in family.tags.items()]
    transcribe.create_language_model(**family.creation, Tags=tags)


def delete(version: Version) -> None:
    """One call; what is gone already is deleted too."""
    try:
        transcribe.delete_language_model(ModelName=version.name)
    except ClientError as error:
        if not is_missing(error):
            raise


def use_key_and_tags(family: Family, version: Version) -> bool:
    """No call when all is well, up to five when the key and the tags of a trained version are out of date.

    Answers whether the version is now being re-encrypted.
    """
    digest = digest_of(family.encryption)
    is_outdated = version.tags.get(DIGEST_TAG) != digest
    if is_outdated:
        # As with vocabularies: the digest speaks of an update only when that has been accepted.
        ownership_tags.write(version.arn, {DIGEST_TAG: "updating"})
        transcribe.update_language_model(ModelName=version.name, **family.encryption)
        ownership_tags.write(version.arn, {DIGEST_TAG: digest})
    _reconcile(family, version, version.trained_for, digest)
    return is_outdated


def train_for(family: Family, version: Version) -> None:
    """Two calls at most: a version in training is from now on the business of this request."""
    _reconcile(family, version, family.request, version.tags.get(DIGEST_TAG, ""))


def note_report(version: Version) -> None:
    """One call: the end of this training has been told."""
    ownership_tags.write(version.arn, {REPORTED_TAG: version.trained_for})


def _reconcile(family: Family, version: Version, request: str, digest: str) -> None:
    reported = {tag: value for tag, value in version.tags.items() if tag == REPORTED_TAG}
    wished = {**family.tags, **reported, DIGEST_TAG: digest, REQUEST_TAG: request}
    ownership_tags.reconcile(version.arn, {**version.tags, DIGEST_TAG: digest}, wished)


def _models(family_name: str) -> Iterator[Mapping[str, Any]]:
    page: Mapping[str, Any] = {"NextToken": None}
    while "NextToken" in page:
        token = {"NextToken": page["NextToken"]} if page["NextToken"] else {}
        page = transcribe.list_language_models(NameContains=family_name, MaxResults=100, **token)
        yield from page.get("Models", [])


def _version(model: Mapping[str, Any], family_arn: str, pattern: str) -> Version | None:
    name = model["ModelName"]
    # The service's filter takes other cases and other endings too.
    if not re.fullmatch(pattern, name):
        return None
    arn = f"{family_arn.rpartition('/')[0]}/{name}"
    try:
        tags = ownership_tags.read(arn)
    except ClientError as error:
        if is_missing(error):
            return None
        raise
    return Version(
        name=name,
        arn=arn,
        status=model["ModelStatus"],
        failure_reason=model.get("FailureReason", "Transcribe gave no reason"),
        created_at=model["CreateTime"].timestamp(),
        tags=tags,
    )
