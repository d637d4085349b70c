"""What exists already, and what can be granted on it: the same for every kind."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from .kinds import KINDS, Kind, name_of
from .rendered import ANYWHERE, logical_id, permissions, resolved

each_kind = pytest.mark.parametrize("kind", KINDS, ids=name_of)


def by_name(kind: Kind, stack: cdk.Stack, name: str = "terms.v2", **arguments: Any) -> Any:
    return getattr(kind.construct, f"from_{kind.prefix}_name")(stack, "Imported", name, **arguments)


def by_arn(kind: Kind, stack: cdk.Stack, arn: str, **arguments: Any) -> Any:
    return getattr(kind.construct, f"from_{kind.prefix}_arn")(stack, "Imported", arn, **arguments)


@each_kind
def test_an_import_by_name_is_in_this_account_and_region(stack: cdk.Stack, kind: Kind) -> None:
    imported = by_name(kind, stack)

    assert isinstance(imported, kind.interface)
    assert kind.get(imported, "name") == "terms.v2"
    assert resolved(stack, kind.get(imported, "arn")) == (
        f"arn:<AWS::Partition>:transcribe:<AWS::Region>:<AWS::AccountId>:{kind.arn_type}/terms.v2"
    )


@each_kind
def test_an_import_by_arn_is_where_the_arn_says(stack: cdk.Stack, kind: Kind) -> None:
    arn = f"arn:aws-cn:transcribe:cn-north-1:111122223333:{kind.arn_type}/terms.v2"

    imported = by_arn(kind, stack, arn)

    assert (kind.get(imported, "name"), kind.get(imported, "arn")) == ("terms.v2", arn)
    assert (imported.env.account, imported.env.region) == ("111122223333", "cn-north-1")


@each_kind
def test_an_import_takes_what_is_known_at_deployment_only(stack: cdk.Stack, kind: Kind) -> None:
    parameter = cdk.CfnParameter(stack, "Given").value_as_string

    named = by_name(kind, stack, parameter)
    found = by_arn(kind, cdk.Stack(cdk.App(), "Other"), parameter)

    assert kind.get(named, "name") == parameter
    assert kind.get(found, "arn") == parameter
    assert cdk.Token.is_unresolved(kind.get(found, "name"))


@each_kind
def test_an_import_makes_nothing(stack: cdk.Stack, kind: Kind) -> None:
    by_name(kind, stack)

    assert "Resources" not in Template.from_stack(stack).to_json()


@each_kind
def test_an_import_knows_its_language_only_when_told(kind: Kind) -> None:
    stacks = [cdk.Stack(cdk.App(), "Stack") for _ in range(2)]

    assert by_name(kind, stacks[0]).language_code is None
    assert by_name(kind, stacks[1], language_code="de-DE").language_code == "de-DE"


@each_kind
def test_cdk_takes_an_import_and_one_of_this_app_where_it_takes_the_kind(stack: cdk.Stack, kind: Kind) -> None:
    imported, made = by_name(kind, stack), kind.make(stack)

    assert kind.arn_for(imported) == kind.get(imported, "arn")
    assert stack.resolve(kind.arn_for(made)) == {"Fn::GetAtt": [logical_id(made), "Arn"]}


@each_kind
@pytest.mark.parametrize("attribute", ["Name", "Arn", "State"])
def test_attributes_are_those_of_a_resource_that_is_finished(stack: cdk.Stack, kind: Kind, attribute: str) -> None:
    made = kind.make(stack)

    assert stack.resolve(kind.get(made, attribute.lower())) == {"Fn::GetAtt": [logical_id(made), attribute]}


@each_kind
def test_reading_is_getting_that_one_resource(stack: cdk.Stack, kind: Kind) -> None:
    made = kind.make(stack)
    reader = iam.Role(stack, "Reader", assumed_by=iam.AccountRootPrincipal())

    grant = made.grants.read(reader)

    assert grant.success
    assert permissions(Template.from_stack(stack), reader) == {
        (kind.actions("Get")[0], f"<{logical_id(made)}.Arn>", ANYWHERE)
    }


@each_kind
@pytest.mark.parametrize("origin", ["imported", "raw"])
def test_managing_is_getting_changing_and_deleting_and_nothing_more(stack: cdk.Stack, kind: Kind, origin: str) -> None:
    resource = by_name(kind, stack) if origin == "imported" else kind.raw(stack)
    manager = iam.Role(stack, "Manager", assumed_by=iam.AccountRootPrincipal())

    kind.grants(resource).manage(manager)

    # CloudFormation's reference to a native one is its ARN.
    arn = resolved(stack, kind.get(resource, "arn") if origin == "imported" else resource.ref)
    assert permissions(Template.from_stack(stack), manager) == {
        (action, arn, ANYWHERE) for action in kind.actions("Get", "Update", "Delete")
    }
