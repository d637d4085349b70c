"""The content of a vocabulary or a filter: in the request, or in the file that the request names."""

import re
from typing import Any, NamedTuple

from transcribe_local.object_store import InaccessibleObjectError, ObjectLocation, ObjectStore
from transcribe_local.scope import Scope
from transcribe_local.service_error import bad_request, limit_exceeded
from transcribe_local.vocabulary_content import MAX_BYTES

_KEY_ARN = re.compile(r"arn:[^:]+:kms:[^:]+:\d{12}:key/.+")
UNREADABLE = (
    "The S3 URI that you provided can't be accessed. Make sure that you have read permission and try your "
    "request again."
)


class ContentFields(NamedTuple):
    """Which request fields carry the content; `inline` is None where only a file will do."""

    inline: str | None
    file_uri: str


class ResourceContent(NamedTuple):
    """The items of a request or the bytes of a file, as they came."""

    items: list[str] | None
    file: bytes

    @property
    def as_bytes(self) -> bytes:
        return self.file if self.items is None else "\n".join(self.items).encode()


def read_content(fields: ContentFields, scope: Scope, request: dict[str, Any], objects: ObjectStore) -> ResourceContent:
    """Take the content that a request gives or names.

    Raises BadRequestException for none, for both, and for a file that cannot be read; LimitExceededException
    for more than 50 KB.
    """
    items = request.get(fields.inline or "")
    uri = request.get(fields.file_uri)
    if (items is None) == (uri is None):
        raise bad_request(f"Either {fields.inline} or {fields.file_uri} field should be provided.")
    content = ResourceContent(items, b"" if uri is None else _read_file(scope, request, uri, objects))
    if len(content.as_bytes) > MAX_BYTES:
        raise limit_exceeded()
    return content


def access_of(request: dict[str, Any]) -> dict[str, Any]:
    """The role and the key that a resource keeps. Raises BadRequestException for a key that cannot be used."""
    key = request.get("EncryptionConfiguration", {}).get("KMSKey")
    if key and not _KEY_ARN.fullmatch(key):
        raise bad_request("The KMS key that you provided isn't valid. Use the full ARN of the key.")
    if key and "DataAccessRoleArn" not in request:
        raise bad_request("DataAccessRoleArn is missing: EncryptionConfiguration needs a role that may use the key.")
    return {name: request[name] for name in ("DataAccessRoleArn", "EncryptionConfiguration") if name in request}


def _read_file(scope: Scope, request: dict[str, Any], uri: str, objects: ObjectStore) -> bytes:
    try:
        return objects.read(scope, ObjectLocation.from_uri(uri), request.get("DataAccessRoleArn"))
    except InaccessibleObjectError as error:
        raise bad_request(UNREADABLE) from error
