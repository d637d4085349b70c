"""Objects in S3 as Transcribe meets them: addressed by URI, readable or not."""

import re
from typing import NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

from transcribe_local.scope import Scope

_VIRTUAL_HOST = re.compile(r"(?P<bucket>.+)\.s3[.-].*")


class InaccessibleObjectError(Exception):
    """The object or its bucket is not there, or may not be used."""


class ObjectLocation(NamedTuple):
    """A bucket and a key."""

    bucket: str
    key: str

    @classmethod
    def from_uri(cls, uri: str) -> "ObjectLocation":
        """Read `s3://bucket/key` or either style of https address; raises when it names no object."""
        location = _from_s3_uri(uri) if uri.startswith("s3://") else _from_https_uri(uri)
        if not (location.bucket and location.key):
            raise InaccessibleObjectError(uri)
        return location

    def https_uri(self, region: str) -> str:
        """The path-style address that Transcribe reports for an object."""
        return f"https://s3.{region}.amazonaws.com/{self.bucket}/{self.key}"


def _from_s3_uri(uri: str) -> ObjectLocation:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return ObjectLocation(bucket, key)


def _from_https_uri(uri: str) -> ObjectLocation:
    parts = urlsplit(uri)
    path = unquote(parts.path.removeprefix("/"))
    in_host = _VIRTUAL_HOST.fullmatch(parts.hostname or "")
    if in_host:
        return ObjectLocation(in_host["bucket"], path)
    bucket, _, key = path.partition("/")
    return ObjectLocation(bucket, key)


class ObjectStore(Protocol):
    """S3 as far as Transcribe needs it. Every method raises InaccessibleObjectError when S3 refuses.

    `role_arn` is the role whose permissions count, instead of the caller's.
    """

    def read(self, scope: Scope, location: ObjectLocation, role_arn: str | None = None) -> bytes: ...

    def objects_under(self, scope: Scope, prefix: ObjectLocation, role_arn: str | None = None) -> list[ObjectLocation]:
        """Every object of the bucket whose key starts with that of `prefix`, in their order."""
        ...

    def check_readable(self, scope: Scope, location: ObjectLocation, role_arn: str | None = None) -> None: ...

    def write(
        self,
        scope: Scope,
        location: ObjectLocation,
        body: bytes,
        content_type: str,
        *,
        kms_key_id: str | None = None,
        role_arn: str | None = None,
    ) -> None: ...

    def service_bucket(self, scope: Scope) -> str:
        """The bucket of the service itself, for jobs that name no output bucket."""
        ...

    def fetch_uri(self, location: ObjectLocation) -> str:
        """An address from which anybody can read an object of the service bucket."""
        ...
