"""The handler's role in a stack with as many resources as an account may have of a kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from cdk_transcribe import BaseModel, DataAccessRole, LanguageModel, TrainingData, Vocabulary, VocabularySource
from cdk_transcribe._provider import TranscribeProvider

from .rendered import as_list, logical_id, text

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html; white space does not count.
INLINE_CHARACTERS = 10_240
MANAGED_CHARACTERS = 6_144
MANAGED_POLICIES = 10

# As long as they get: a role's name has 64 characters, a Region's up to 16.
LONGEST = {
    "<AWS::Partition>": "aws-us-gov",
    "<AWS::Region>": "ap-southeast-1000",
    "<AWS::AccountId>": "111122223333",
    "<AWS::StackId>": "arn:aws:cloudformation:ap-southeast-1000:111122223333:stack/" + "S" * 128 + "/" + "0" * 36,
}
LONGEST_ROLE_ARN = "arn:aws-us-gov:iam::111122223333:role/" + "R" * 64


def deployed(document: dict[str, Any]) -> int:
    """The characters of a policy once every reference is a value."""

    def value(part: Any) -> str:
        rendered = text(part)
        for reference, longest in LONGEST.items():
            rendered = rendered.replace(reference, longest)
        return LONGEST_ROLE_ARN if "Role" in rendered and rendered.startswith("<") else rendered

    statements = [
        {**one, "Resource": [value(target) for target in as_list(one["Resource"])]} for one in document["Statement"]
    ]
    return len(json.dumps({**document, "Statement": statements}, separators=(",", ":")))


def sizes(stack: cdk.Stack) -> tuple[int, list[int]]:
    """All inline policies of the handler's role together, and each managed one."""
    template = Template.from_stack(stack)
    role = TranscribeProvider.get_or_create(stack).is_complete.role
    assert role is not None
    attached = {"Ref": logical_id(role)}

    def documents(policy_type: str) -> list[dict[str, Any]]:
        policies = template.find_resources(policy_type).values()
        return [one["Properties"]["PolicyDocument"] for one in policies if attached in one["Properties"]["Roles"]]

    return sum(map(deployed, documents("AWS::IAM::Policy"))), [*map(deployed, documents("AWS::IAM::ManagedPolicy"))]


def files(stack: cdk.Stack, directory: Path) -> Callable[[int], dict[str, Any]]:
    def one(number: int) -> dict[str, Any]:
        file = directory / f"{number}.tsv"
        file.write_text(f"Phrase\tSoundsLike\tIPA\tDisplayAs\nterm\t\t\t{number}\n")
        return {"source": VocabularySource.from_file(file)}

    return one


def objects(stack: cdk.Stack, directory: Path) -> Callable[[int], dict[str, Any]]:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "b" * 63)
    return lambda number: {"source": VocabularySource.from_bucket(bucket, f"{'k' * 60}/{number}.tsv")}


def keys(stack: cdk.Stack, directory: Path) -> Callable[[int], dict[str, Any]]:
    key = kms.Key(stack, "Key")
    return lambda number: {"source": VocabularySource.from_phrases(["a"]), "encryption_key": key}


def shared_role(stack: cdk.Stack, directory: Path) -> Callable[[int], dict[str, Any]]:
    role, from_file = DataAccessRole(stack, "Role"), files(stack, directory)
    return lambda number: {**from_file(number), "data_access_role": role}


def vocabularies(stack: cdk.Stack, count: int, arguments: Callable[[int], dict[str, Any]]) -> None:
    for number in range(count):
        Vocabulary(stack, f"Terms{number}", language_code="en-US", **arguments(number))


def ten_models(stack: cdk.Stack) -> None:
    texts = TrainingData.from_bucket(s3.Bucket.from_bucket_name(stack, "Corpus", "c" * 63), f"{'k' * 60}/")
    for number in range(10):
        LanguageModel(
            stack,
            f"{'M' * 40}{number}",
            language_code="en-US",
            base_model=BaseModel.WIDE_BAND,
            training_data=texts,
        )


@pytest.mark.parametrize("make", [files, objects, keys])
def test_ten_language_models_beside_a_hundred_vocabularies_stay_within_the_limits(tmp_path: Path, make: Any) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    vocabularies(stack, 100, make(stack, tmp_path))
    ten_models(stack)

    inline, managed = sizes(stack)

    assert inline <= INLINE_CHARACTERS
    assert len(managed) <= MANAGED_POLICIES
    assert max(managed, default=0) <= MANAGED_CHARACTERS


@pytest.mark.parametrize("make", [files, objects, keys])
def test_a_hundred_vocabularies_stay_within_the_limits(context: dict[str, Any], tmp_path: Path, make: Any) -> None:
    stack = cdk.Stack(cdk.App(context=context), "Stack")
    vocabularies(stack, 100, make(stack, tmp_path))

    inline, managed = sizes(stack)

    assert inline <= INLINE_CHARACTERS
    assert len(managed) <= MANAGED_POLICIES
    assert max(managed, default=0) <= MANAGED_CHARACTERS


@pytest.mark.parametrize("make", [files, shared_role])
def test_one_more_file_needs_no_more_permissions(tmp_path: Path, make: Any) -> None:
    def policies(count: int) -> dict[str, Any]:
        stack = cdk.Stack(cdk.App(), "Stack")
        vocabularies(stack, count, make(stack, tmp_path))
        return dict(Template.from_stack(stack).find_resources("AWS::IAM::Policy"))

    assert policies(1) == policies(3)


def test_new_content_changes_no_policy(tmp_path: Path) -> None:
    # IAM takes a while to spread a change, and the handler reads the new content at once.
    def policies(content: str) -> dict[str, Any]:
        file = tmp_path / "terms.tsv"
        file.write_text(f"Phrase\tSoundsLike\tIPA\tDisplayAs\n{content}\t\t\t\n")
        stack = cdk.Stack(cdk.App(), "Stack")
        Vocabulary(stack, "Terms", language_code="en-US", source=VocabularySource.from_file(file))
        return dict(Template.from_stack(stack).find_resources("AWS::IAM::Policy"))

    assert policies("one") == policies("two")


def test_whatever_the_role_may_do_is_in_place_before_a_resource_needs_it(stack: cdk.Stack, tmp_path: Path) -> None:
    vocabularies(stack, 100, objects(stack, tmp_path))

    template = Template.from_stack(stack)
    provider = TranscribeProvider.get_or_create(stack)
    function = template.to_json()["Resources"][logical_id(provider.is_complete)]
    assert template.find_resources("AWS::IAM::ManagedPolicy")
    assert set(template.find_resources("AWS::IAM::ManagedPolicy")) <= set(function["DependsOn"])
