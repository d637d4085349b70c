"""Templates in a form that can be compared exactly, whatever feature flags an app has set."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template
from constructs import Construct, IConstruct

Permission = tuple[str, str, str]
"""An action, a resource, and the condition as JSON ("" for none)."""

ANYWHERE = ""


def text(value: Any) -> str:
    """A resolved value as one string, references written as `<LogicalId>` and `<LogicalId.Attribute>`."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ",".join(map(text, value))
    if "Ref" in value:
        return f"<{value['Ref']}>"
    if "Fn::GetAtt" in value:
        return f"<{'.'.join(value['Fn::GetAtt'])}>"
    if "Fn::Sub" in value:
        return cast(str, value["Fn::Sub"]).replace("${", "<").replace("}", ">")
    separator, parts = value["Fn::Join"]
    return cast(str, separator).join(text(part) for part in parts)


def resolved(scope: Construct, value: Any) -> str:
    """`text` of a value that may hold tokens."""
    return text(cdk.Stack.of(scope).resolve(value))


def logical_id(construct: IConstruct) -> str:
    """The logical id of a construct's main resource."""
    return cast(str, cdk.Stack.of(construct).resolve(_element(construct).logical_id))


def properties(template: Template, construct: IConstruct) -> dict[str, Any]:
    """The properties of a construct's main resource."""
    return cast(dict[str, Any], resource(template, construct).get("Properties", {}))


def resource(template: Template, construct: IConstruct) -> dict[str, Any]:
    """A construct's main resource."""
    return cast(dict[str, Any], _resources(template)[logical_id(construct)])


def condition(**operators: dict[str, str]) -> str:
    """A condition as it stands in a `Permission`."""
    return json.dumps(operators, sort_keys=True)


def permissions(template: Template, role: iam.IRole) -> set[Permission]:
    """All that the policies of a role allow."""
    attached = (
        policy["Properties"]
        for policy in _resources(template).values()
        if policy["Type"] == "AWS::IAM::Policy" and {"Ref": logical_id(role)} in policy["Properties"]["Roles"]
    )
    return {
        permission
        for policy in attached
        for statement in policy["PolicyDocument"]["Statement"]
        for permission in _allowed(statement)
    }


def service_permissions(document: dict[str, Any], service: str) -> set[Permission]:
    """All that a resource policy allows a service."""
    return {
        permission
        for statement in document["Statement"]
        if statement.get("Principal") == {"Service": service}
        for permission in _allowed(statement)
    }


def key_policy(template: Template, key: kms.IKey) -> dict[str, Any]:
    """The resource policy of a key."""
    return cast(dict[str, Any], properties(template, key)["KeyPolicy"])


def policy_of(template: Template, policy_type: str, construct: IConstruct) -> dict[str, Any]:
    """The policy document of the bucket or queue policy that belongs to a bucket or queue."""
    owner = {"Ref": logical_id(construct)}
    (policy,) = (
        policy["Properties"]
        for policy in _resources(template).values()
        if policy["Type"] == policy_type
        and (policy["Properties"].get("Bucket") == owner or owner in policy["Properties"].get("Queues", []))
    )
    return cast(dict[str, Any], policy["PolicyDocument"])


def statements(template: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of every policy in a template, with the logical id of the resource that holds it."""
    for name, resource in template["Resources"].items():
        for field in ("PolicyDocument", "KeyPolicy", "AssumeRolePolicyDocument"):
            document = resource.get("Properties", {}).get(field, {})
            for statement in document.get("Statement", []):
                yield name, statement


def as_list(value: Any) -> list[Any]:
    """One thing or several, always as a list."""
    return value if isinstance(value, list) else [value]


@lru_cache(maxsize=32)
def _resources(template: Template) -> dict[str, Any]:
    # The whole template comes over from CDK's process with each call.
    return cast(dict[str, Any], template.to_json()["Resources"])


def _element(construct: IConstruct) -> cdk.CfnElement:
    if cdk.CfnElement.is_cfn_element(construct):
        return cast(cdk.CfnElement, construct)
    child = construct.node.default_child
    assert child is not None, f"{construct.node.path} has no main resource"
    return _element(child)


def _allowed(statement: dict[str, Any]) -> Iterator[Permission]:
    assert statement["Effect"] == "Allow"
    assert not {"NotAction", "NotResource", "NotPrincipal"} & set(statement)
    conditions = {
        operator: {key: text(value) for key, value in entries.items()}
        for operator, entries in statement.get("Condition", {}).items()
    }
    for action in as_list(statement["Action"]):
        for target in as_list(statement["Resource"]):
            yield action, text(target), condition(**conditions) if conditions else ANYWHERE
