"""Tags, taking over and staying behind: the same for every kind."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from .kinds import KINDS, Kind, name_of
from .rendered import properties, resource

each_kind = pytest.mark.parametrize("kind", KINDS, ids=name_of)


@each_kind
def test_tags_of_the_app_the_stack_and_the_resource_reach_it(app: cdk.App, stack: cdk.Stack, kind: Kind) -> None:
    words, other = kind.make(stack), kind.make(stack, "Other")

    cdk.Tags.of(app).add("Owner", "language-team")
    cdk.Tags.of(stack).add("Stage", cdk.Aws.REGION)
    cdk.Tags.of(words).add("Owner", "somebody else")
    cdk.Tags.of(other).remove("Stage")

    template = Template.from_stack(stack)
    assert properties(template, words)["Tags"] == [
        {"Key": "Owner", "Value": "somebody else"},
        {"Key": "Stage", "Value": {"Ref": "AWS::Region"}},
    ]
    assert properties(template, other)["Tags"] == [{"Key": "Owner", "Value": "language-team"}]


@each_kind
def test_tags_can_be_kept_to_one_kind(stack: cdk.Stack, kind: Kind) -> None:
    made = {one.noun: one.make(stack, one.noun) for one in KINDS}

    cdk.Tags.of(stack).add("Kind", "this", include_resource_types=[kind.resource_type])

    template = Template.from_stack(stack)
    assert [noun for noun, one in made.items() if "Tags" in properties(template, one)] == [kind.noun]


@each_kind
def test_without_tags_there_is_no_property(stack: cdk.Stack, kind: Kind) -> None:
    words = kind.make(stack)

    assert "Tags" not in properties(Template.from_stack(stack), words)


@each_kind
def test_tags_are_no_part_of_the_name(kind: Kind) -> None:
    plain, tagged = (cdk.Stack(cdk.App(), "Stack") for _ in range(2))
    words = [kind.make(plain), kind.make(tagged)]
    cdk.Tags.of(tagged).add("Owner", "language-team")

    templates = [Template.from_stack(stack) for stack in (plain, tagged)]

    rendered = [properties(template, one) for template, one in zip(templates, words, strict=True)]
    (name,) = (field for field in rendered[0] if field.endswith("Name"))
    assert rendered[0][name] == rendered[1][name]


@each_kind
@pytest.mark.parametrize("adopts", [True, False])
def test_takes_over_what_exists_only_when_told_to(stack: cdk.Stack, kind: Kind, adopts: bool) -> None:
    words = kind.make(stack, adopt_existing=adopts)

    assert properties(Template.from_stack(stack), words).get("AdoptExisting") == ("true" if adopts else None)


@each_kind
def test_stays_behind_when_told_to(stack: cdk.Stack, kind: Kind) -> None:
    words = kind.make(stack, removal_policy=cdk.RemovalPolicy.RETAIN)

    rendered = resource(Template.from_stack(stack), words)
    assert (rendered["DeletionPolicy"], rendered["UpdateReplacePolicy"]) == ("Retain", "Retain")
