"""The key of a resource, and the role that Transcribe takes on to read its source and to use that key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from aws_cdk import CustomResource, Token
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from cdk_transcribe._provider import TranscribeProvider
from cdk_transcribe.data_access_role import DataAccessRole
from cdk_transcribe.sources import BoundSource

# KMSEncryptionContextMap in botocore's model
_MAX_PAIRS = 10
_PRINTABLE = re.compile(r"[\x20-\x7e]{1,2000}")


class DataAccess:
    """Who reads a source, and with which key Transcribe encrypts what it makes of it.

    Transcribe reads the source as the data access role, or without one as whoever calls it. A customer-managed key
    is used by the role alone, never by the caller: "this role must also have permissions to access the specified KMS
    key" is all that botocore's model of `DataAccessRoleArn` asks for (transcribe-facts, section 8). So the caller,
    the handler, gets the right to pass the role and none on the key.
    """

    def __init__(
        self,
        scope: Construct,
        source: BoundSource,
        provider: TranscribeProvider,
        *,
        encryption_key: kms.IKey | None = None,
        encryption_context: Mapping[str, str] | None = None,
        data_access_role: iam.IRole | None = None,
    ) -> None:
        _check_key(encryption_key, encryption_context)
        self._key = encryption_key
        self._context = dict(encryption_context or {})
        if encryption_key is not None and data_access_role is None:
            data_access_role = DataAccessRole(scope, "DataAccessRole")
        self.role = data_access_role
        if self.role is None:
            provider.allow_reading(source)
            return
        source.grant_read(self.role)
        if encryption_key is not None:
            _grant_key(self.role, encryption_key, self._context)
        provider.allow_passing(self.role)

    @property
    def properties(self) -> dict[str, Any]:
        """The fields of the API that say so."""
        role = {} if self.role is None else {"DataAccessRoleArn": self.role.role_arn}
        if self._key is None:
            return role
        context = {"KMSEncryptionContext": self._context} if self._context else {}
        return {**role, "EncryptionConfiguration": {"KMSKey": self._key.key_arn, **context}}

    def comes_before(self, resource: CustomResource) -> None:
        """Has the role's policies in place before Transcribe takes it on."""
        if self.role is not None:
            resource.node.add_dependency(self.role)


def _grant_key(role: iam.IRole, key: kms.IKey, context: Mapping[str, str]) -> None:
    # What a role needs for vocabularies is documented nowhere. These are the actions of the guide's examples for
    # transcripts (transcribe-facts, section 8); Transcribe's clients read an encrypted vocabulary with the AWS
    # Encryption SDK, which asks for GenerateDataKey to write and Decrypt to read.
    iam.Grant.add_to_principal(
        grantee=role,
        actions=["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"],
        resource_arns=[key.key_arn],
        conditions={"StringEquals": {f"kms:EncryptionContext:{name}": value for name, value in context.items()}}
        if context
        else None,
    )
    # Describing a key knows no encryption context.
    iam.Grant.add_to_principal(grantee=role, actions=["kms:DescribeKey"], resource_arns=[key.key_arn])


def _check_key(key: kms.IKey | None, context: Mapping[str, str] | None) -> None:
    if key is not None and ":alias/" in key.key_arn:
        raise ValueError(
            f"encryption_key {key.node.path!r} is an alias, and Transcribe takes the ARN of a key only: hand in the key"
        )
    if context is None:
        return
    if key is None:
        raise ValueError("encryption_context needs an encryption_key: without one there is nothing to bind to it")
    if not 1 <= len(context) <= _MAX_PAIRS:
        raise ValueError(f"encryption_context has {len(context)} pairs: give 1 to {_MAX_PAIRS}, or leave it out")
    for text in (*context.keys(), *context.values()):
        if not Token.is_unresolved(text) and not _PRINTABLE.fullmatch(text):
            shown = text if len(text) <= 60 else f"{text[:60]}…"
            raise ValueError(
                f"encryption_context holds {shown!r} ({len(text)} characters): keys and values are 1 to 2000 printable "
                "ASCII characters"
            )
