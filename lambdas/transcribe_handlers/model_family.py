"""A family of language models: the version that is wished, and all that its training needs to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from .ownership_tags import DIGEST_TAG, OWNER_TAG, digest_of

if TYPE_CHECKING:
    from .wish import Wish

REQUEST_TAG = "cdk-transcribe:request"
"""On the pointer the newest request, on a version the request that it was trained for."""

_CREATION_FIELDS = ("ModelName", "LanguageCode", "BaseModelName", "InputDataConfig", "EncryptionConfiguration")


@dataclass(frozen=True)
class Family:
    """What one request of CloudFormation wants; the watcher's input, and so nothing but what JSON can say."""

    name: str
    request: str
    """The id of CloudFormation's request."""
    owner: str
    arn: str
    """The ARN that a model with the family's own name would have."""
    creation: dict[str, Any]
    """What CreateLanguageModel is called with, the tags apart."""
    user_tags: dict[str, str]
    versions_to_keep: int
    wait_condition_url: str
    """Pre-signed, and so a secret; empty when nobody waits."""
    wait_seconds: int

    @property
    def version(self) -> str:
        """The name of the wished version."""
        return str(self.creation["ModelName"])

    @property
    def subject(self) -> str:
        """How a message calls the wished version."""
        return f"language model {self.version!r}"

    @property
    def encryption(self) -> dict[str, Any]:
        """What UpdateLanguageModel is called with. Without a key the service uses its own, and needs no role."""
        if "EncryptionConfiguration" not in self.creation:
            return {}
        return {
            "EncryptionConfiguration": self.creation["EncryptionConfiguration"],
            "DataAccessRoleArn": self.creation["InputDataConfig"]["DataAccessRoleArn"],
        }

    @property
    def tags(self) -> dict[str, str]:
        """The tags of a version that is trained for this request."""
        return {
            **self.user_tags,
            OWNER_TAG: self.owner,
            DIGEST_TAG: digest_of(self.encryption),
            REQUEST_TAG: self.request,
        }

    @property
    def as_json(self) -> dict[str, Any]:
        """What `Family(**…)` takes again."""
        return asdict(self)


def family_of(wish: Wish) -> Family:
    """The family that a custom resource is."""
    return Family(
        name=wish.name,
        request=wish.request_id,
        owner=wish.owner,
        arn=wish.arn,
        creation={field: wish.content[field] for field in _CREATION_FIELDS if field in wish.content},
        user_tags=dict(wish.user_tags),
        # CloudFormation hands on numbers as text.
        versions_to_keep=int(wish.content["VersionsToKeep"]),
        wait_condition_url=wish.content.get("WaitConditionUrl", ""),
        wait_seconds=int(wish.content.get("WaitSeconds", 0)),
    )


def request_of(tags: Mapping[str, str]) -> str:
    """The request that tags speak of, "" for none."""
    return tags.get(REQUEST_TAG, "")
