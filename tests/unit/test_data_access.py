"""Keys, and the role that Transcribe reads a source as: the same for vocabularies and filters."""

from __future__ import annotations

import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from cdk_transcribe import DataAccessRole
from cdk_transcribe._provider import TranscribeProvider

from .kinds import KINDS, WITH_A_KEY, Kind, name_of
from .rendered import ANYWHERE, Permission, condition, logical_id, permissions, properties, resolved, resource

each_kind = pytest.mark.parametrize("kind", WITH_A_KEY, ids=name_of)
every_kind = pytest.mark.parametrize("kind", KINDS, ids=name_of)

USES_OF_A_KEY = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*")
TO_TRANSCRIBE = condition(StringEquals={"iam:PassedToService": "transcribe.amazonaws.com"})


def uses(key: str, where: str = ANYWHERE) -> set[Permission]:
    return {*((action, key, where) for action in USES_OF_A_KEY), ("kms:DescribeKey", key, ANYWHERE)}


def allowed_to_handler(template: Template, stack: cdk.Stack) -> set[Permission]:
    role = TranscribeProvider.get_or_create(stack).is_complete.role
    assert role is not None
    services = ("s3:", "kms:", "iam:")
    return {permission for permission in permissions(template, role) if permission[0].startswith(services)}


@every_kind
def test_without_a_key_there_is_no_role_and_the_handler_reads(stack: cdk.Stack, kind: Kind) -> None:
    words = kind.make(stack, source=kind.from_bucket(stack))

    template = Template.from_stack(stack)
    assert not {"DataAccessRoleArn", "EncryptionConfiguration"} & set(properties(template, words))
    assert allowed_to_handler(template, stack) == {
        ("s3:GetObject", "arn:<AWS::Partition>:s3:::words/words.txt", ANYWHERE)
    }


@each_kind
def test_a_key_comes_with_a_role_that_reads_and_uses_it(context: dict[str, Any], kind: Kind) -> None:
    stack = cdk.Stack(cdk.App(context=context), "Stack")
    key = kms.Key(stack, "Key")

    words = kind.make(stack, source=kind.from_bucket(stack), encryption_key=key)

    template = Template.from_stack(stack)
    assert isinstance(words.data_access_role, DataAccessRole)
    assert words.data_access_role.node.path == "Stack/Words/DataAccessRole"
    rendered = properties(template, words)
    assert rendered["DataAccessRoleArn"] == {"Fn::GetAtt": [logical_id(words.data_access_role), "Arn"]}
    assert rendered["EncryptionConfiguration"] == {"KMSKey": {"Fn::GetAtt": [logical_id(key), "Arn"]}}
    assert permissions(template, words.data_access_role) == {
        ("s3:GetObject", "arn:<AWS::Partition>:s3:::words/words.txt", ANYWHERE),
        *uses(f"<{logical_id(key)}.Arn>"),
    }


@each_kind
def test_the_handler_passes_the_role_to_transcribe_and_neither_reads_nor_uses_the_key(
    stack: cdk.Stack, kind: Kind
) -> None:
    words = kind.make(stack, source=kind.from_bucket(stack), encryption_key=kms.Key(stack, "Key"))

    assert allowed_to_handler(Template.from_stack(stack), stack) == {
        ("iam:PassRole", f"<{logical_id(words.data_access_role)}.Arn>", TO_TRANSCRIBE)
    }


@each_kind
def test_the_role_has_its_policy_before_transcribe_takes_it_on(stack: cdk.Stack, kind: Kind) -> None:
    words = kind.make(stack, encryption_key=kms.Key(stack, "Key"))

    template = Template.from_stack(stack)
    (policy,) = (
        name
        for name, one in template.find_resources("AWS::IAM::Policy").items()
        if {"Ref": logical_id(words.data_access_role)} in one["Properties"]["Roles"]
    )
    assert {policy, logical_id(words.data_access_role)} <= set(resource(template, words)["DependsOn"])


@each_kind
def test_an_encryption_context_is_sent_and_limits_the_use_of_the_key(stack: cdk.Stack, kind: Kind) -> None:
    key = kms.Key(stack, "Key")

    words = kind.make(stack, encryption_key=key, encryption_context={"Team": "calls", "Stage": cdk.Aws.REGION})

    template = Template.from_stack(stack)
    assert properties(template, words)["EncryptionConfiguration"]["KMSEncryptionContext"] == {
        "Team": "calls",
        "Stage": {"Ref": "AWS::Region"},
    }
    bound = condition(
        StringEquals={"kms:EncryptionContext:Team": "calls", "kms:EncryptionContext:Stage": "<AWS::Region>"}
    )
    assert permissions(template, words.data_access_role) == uses(f"<{logical_id(key)}.Arn>", bound)


@each_kind
def test_a_role_of_your_own_is_granted_what_it_needs(stack: cdk.Stack, kind: Kind) -> None:
    key, role = kms.Key(stack, "Key"), DataAccessRole(stack, "Role")

    words = kind.make(stack, source=kind.from_bucket(stack), encryption_key=key, data_access_role=role)

    template = Template.from_stack(stack)
    assert words.data_access_role is role
    template.resource_properties_count_is("AWS::IAM::Role", {"Description": role_description(template, role)}, 1)
    assert permissions(template, role) == {
        ("s3:GetObject", "arn:<AWS::Partition>:s3:::words/words.txt", ANYWHERE),
        *uses(f"<{logical_id(key)}.Arn>"),
    }
    assert allowed_to_handler(template, stack) == {("iam:PassRole", f"<{logical_id(role)}.Arn>", TO_TRANSCRIBE)}


def role_description(template: Template, role: iam.IRole) -> Any:
    return properties(template, role)["Description"]


@each_kind
def test_a_role_without_a_key_reads_in_place_of_the_handler(stack: cdk.Stack, kind: Kind) -> None:
    role = DataAccessRole(stack, "Role")

    words = kind.make(stack, source=kind.from_bucket(stack), data_access_role=role)

    template = Template.from_stack(stack)
    rendered = properties(template, words)
    assert (rendered["DataAccessRoleArn"], "EncryptionConfiguration" in rendered) == (
        {"Fn::GetAtt": [logical_id(role), "Arn"]},
        False,
    )
    assert permissions(template, role) == {("s3:GetObject", "arn:<AWS::Partition>:s3:::words/words.txt", ANYWHERE)}
    assert allowed_to_handler(template, stack) == {("iam:PassRole", f"<{logical_id(role)}.Arn>", TO_TRANSCRIBE)}


@each_kind
def test_a_role_from_elsewhere_is_passed_by_its_arn(stack: cdk.Stack, kind: Kind) -> None:
    role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/reader", mutable=False)

    words = kind.make(stack, data_access_role=role)

    template = Template.from_stack(stack)
    assert properties(template, words)["DataAccessRoleArn"] == "arn:aws:iam::111122223333:role/reader"
    assert allowed_to_handler(template, stack) == {
        ("iam:PassRole", "arn:aws:iam::111122223333:role/reader", TO_TRANSCRIBE)
    }


@every_kind
def test_whoever_reads_an_encrypted_bucket_may_use_its_key(stack: cdk.Stack, kind: Kind) -> None:
    key = kms.Key(stack, "BucketKey")
    bucket = s3.Bucket(stack, "Bucket", encryption_key=key)

    kind.make(stack, source=kind.source.from_bucket(bucket, "words.txt"))

    assert allowed_to_handler(Template.from_stack(stack), stack) == {
        ("s3:GetObject", f"{resolved(stack, bucket.bucket_arn)}/words.txt", ANYWHERE),
        ("kms:Decrypt", resolved(stack, key.key_arn), ANYWHERE),
    }


@each_kind
def test_a_change_of_key_or_role_keeps_the_name(kind: Kind) -> None:
    def name(**arguments: Any) -> Any:
        stack = cdk.Stack(cdk.App(), "Stack")
        words = kind.make(stack, **{option: make(stack) for option, make in arguments.items()})
        return next(
            value for field, value in properties(Template.from_stack(stack), words).items() if field.endswith("Name")
        )

    def key(stack: cdk.Stack) -> kms.IKey:
        return kms.Key(stack, "Key")

    assert (
        name()
        == name(encryption_key=key)
        == name(encryption_key=key, encryption_context=lambda stack: {"Team": "calls"})
        == name(data_access_role=lambda stack: DataAccessRole(stack, "Role"))
    )


@each_kind
def test_fails_when_there_is_a_context_and_no_key(shared_stack: cdk.Stack, kind: Kind) -> None:
    with pytest.raises(ValueError, match=r"^encryption_context needs an encryption_key: "):
        kind.make(shared_stack, f"NoKey{kind.noun}", encryption_context={"Team": "calls"})


@pytest.mark.parametrize(
    ("context", "sentence"),
    [
        ({}, "encryption_context has 0 pairs: give 1 to 10, or leave it out"),
        ({str(n): "x" for n in range(11)}, "encryption_context has 11 pairs: give 1 to 10, or leave it out"),
        ({"": "x"}, "encryption_context holds '' (0 characters): keys and values are 1 to 2000 printable ASCII"),
        ({"x": ""}, "encryption_context holds '' (0 characters): "),
        ({"x": "tab\t"}, "encryption_context holds 'tab\\t' (4 characters): "),
        ({"grün": "x"}, "encryption_context holds 'grün' (4 characters): "),
        ({"x": "a" * 2001}, f"encryption_context holds '{'a' * 60}…' (2001 characters): "),
    ],
)
def test_fails_when_kms_would_not_take_the_context(
    shared_stack: cdk.Stack, context: dict[str, str], sentence: str
) -> None:
    key = kms.Key.from_key_arn(
        shared_stack, f"Key{len(shared_stack.node.children)}", "arn:aws:kms:us-east-1:111122223333:key/a"
    )

    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        WITH_A_KEY[0].make(
            shared_stack, f"Words{len(shared_stack.node.children)}", encryption_key=key, encryption_context=context
        )


def test_ten_pairs_of_two_thousand_characters_are_taken(stack: cdk.Stack) -> None:
    longest = {f"{n}{'k' * 1999}": "~" * 2000 for n in range(10)}

    words = WITH_A_KEY[0].make(stack, encryption_key=kms.Key(stack, "Key"), encryption_context=longest)

    rendered = properties(Template.from_stack(stack), words)
    assert rendered["EncryptionConfiguration"]["KMSEncryptionContext"] == longest


def test_fails_when_the_key_is_an_alias(shared_stack: cdk.Stack) -> None:
    alias = kms.Alias.from_alias_name(shared_stack, "Alias", "alias/words")

    with pytest.raises(ValueError, match=r"^encryption_key 'Stack/Alias' is an alias, and Transcribe takes the ARN"):
        WITH_A_KEY[0].make(shared_stack, "UnderAlias", encryption_key=alias)
