from __future__ import annotations

from functools import cache
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match, Template

from cdk_transcribe import Vocabulary, VocabularyFilter, VocabularySource, WordSource
from cdk_transcribe._provider import TranscribeProvider

from .rendered import ANYWHERE, as_list, logical_id, permissions, properties, resolved, resource, text

ACCOUNT = "arn:<AWS::Partition>:transcribe:<AWS::Region>:<AWS::AccountId>"
WHATEVER_THE_KIND = {
    *((f"transcribe:{action}", "*", ANYWHERE) for action in ("TagResource", "UntagResource", "ListTagsForResource")),
    ("cloudformation:DescribeStackEvents", "<AWS::StackId>", ANYWHERE),
}


def vocabulary(scope: cdk.Stack, id: str = "Terms") -> Vocabulary:
    return Vocabulary(scope, id, language_code="en-US", source=VocabularySource.from_phrases(["a"]))


def vocabulary_filter(scope: cdk.Stack, id: str = "Filler") -> VocabularyFilter:
    return VocabularyFilter(scope, id, language_code="en-US", source=WordSource.from_words(["um"]))


class BothKinds:
    """A stack with one vocabulary and one filter."""

    def __init__(self, context: dict[str, Any]) -> None:
        stack = cdk.Stack(cdk.App(context=context), "Stack")
        self.resources = [vocabulary(stack), vocabulary_filter(stack)]
        self.provider = TranscribeProvider.get_or_create(stack)
        self.template = Template.from_stack(stack)

    def allowed(self, function: lambda_.Function) -> set[tuple[str, str, str]]:
        assert function.role is not None
        return permissions(self.template, function.role)


@pytest.fixture(scope="module")
def both(context: dict[str, Any]) -> BothKinds:
    return BothKinds(context)


@cache
def count_of_resources(vocabularies: int) -> int:
    stack = cdk.Stack(cdk.App(), "Stack")
    for number in range(vocabularies):
        vocabulary(stack, f"Terms{number}")
    return len(Template.from_stack(stack).to_json()["Resources"])


def test_ten_vocabularies_cost_nine_resources_more_than_one() -> None:
    assert count_of_resources(10) == count_of_resources(1) + 9


def test_every_kind_shares_the_provider_of_its_stack(both: BothKinds) -> None:
    tokens = {text(properties(both.template, one)["ServiceToken"]) for one in both.resources}

    assert len(tokens) == 1


def test_each_stack_has_a_provider_of_its_own(app: cdk.App) -> None:
    stacks = [cdk.Stack(app, id) for id in ("One", "Two")]
    for stack in stacks:
        vocabulary(stack)

    for stack in stacks:
        Template.from_stack(stack).resource_count_is("AWS::StepFunctions::StateMachine", 1)


def test_a_nested_stack_has_a_provider_of_its_own(stack: cdk.Stack) -> None:
    nested = cdk.NestedStack(stack, "Nested")
    vocabulary(stack)
    vocabulary(nested)

    Template.from_stack(nested).resource_count_is("AWS::StepFunctions::StateMachine", 1)


def test_the_function_that_answers_with_the_name_may_log_and_nothing_more(both: BothKinds) -> None:
    logs = f"<{logical_id(both.provider.on_event.log_group)}.Arn>"

    assert both.allowed(both.provider.on_event) == {
        ("logs:CreateLogStream", logs, ANYWHERE),
        ("logs:PutLogEvents", logs, ANYWHERE),
    }


def test_the_function_that_converges_may_manage_the_kinds_in_the_stack_and_nothing_more(both: BothKinds) -> None:
    logs = f"<{logical_id(both.provider.is_complete.log_group)}.Arn>"

    assert both.allowed(both.provider.is_complete) == WHATEVER_THE_KIND | {
        ("logs:CreateLogStream", logs, ANYWHERE),
        ("logs:PutLogEvents", logs, ANYWHERE),
        ("transcribe:CreateVocabulary", "*", ANYWHERE),
        ("transcribe:GetVocabulary", f"{ACCOUNT}:vocabulary/*", ANYWHERE),
        ("transcribe:UpdateVocabulary", f"{ACCOUNT}:vocabulary/*", ANYWHERE),
        ("transcribe:DeleteVocabulary", f"{ACCOUNT}:vocabulary/*", ANYWHERE),
        ("transcribe:CreateVocabularyFilter", "*", ANYWHERE),
        ("transcribe:GetVocabularyFilter", f"{ACCOUNT}:vocabulary-filter/*", ANYWHERE),
        ("transcribe:UpdateVocabularyFilter", f"{ACCOUNT}:vocabulary-filter/*", ANYWHERE),
        ("transcribe:DeleteVocabularyFilter", f"{ACCOUNT}:vocabulary-filter/*", ANYWHERE),
    }


def test_the_permission_to_delete_a_kind_goes_after_the_last_resource_of_the_kind(both: BothKinds) -> None:
    for one, noun in zip(both.resources, ("Vocabulary", "VocabularyFilter"), strict=True):
        first = resource(both.template, one)["DependsOn"]
        policies = [both.template.to_json()["Resources"][logical_id] for logical_id in first]
        statements = [
            statement for policy in policies for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        ]

        assert f"transcribe:Delete{noun}" in {action for one in statements for action in as_list(one["Action"])}


@pytest.mark.parametrize(("make", "nouns"), [(vocabulary, {"Vocabulary"}), (vocabulary_filter, {"VocabularyFilter"})])
def test_a_kind_that_is_not_in_the_stack_is_not_allowed(stack: cdk.Stack, make: Any, nouns: set[str]) -> None:
    make(stack)
    provider = TranscribeProvider.get_or_create(stack)
    assert provider.is_complete.role is not None

    allowed = permissions(Template.from_stack(stack), provider.is_complete.role)

    created = {action for action, _, _ in allowed if action.startswith("transcribe:Create")}
    assert created == {f"transcribe:Create{noun}" for noun in nouns}


def test_what_a_source_needs_read_is_granted_to_the_function_that_converges(stack: cdk.Stack) -> None:
    provider = TranscribeProvider.get_or_create(stack)
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "words")
    assert provider.is_complete.role is not None

    iam.Grant.add_to_principal(
        grantee=provider, actions=["s3:GetObject"], resource_arns=[bucket.arn_for_objects("terms.tsv")]
    )

    allowed = permissions(Template.from_stack(stack), provider.is_complete.role)
    assert ("s3:GetObject", "arn:<AWS::Partition>:s3:::words/terms.tsv", ANYWHERE) in allowed


def test_the_functions_run_their_handlers_within_their_time(both: BothKinds) -> None:
    handlers = {
        properties(both.template, function)["Handler"]: properties(both.template, function)["Timeout"]
        for function in (both.provider.on_event, both.provider.is_complete)
    }

    assert handlers == {
        "transcribe_handlers.custom_resource.on_event": 30,
        "transcribe_handlers.custom_resource.is_complete": 120,
    }


def test_completion_is_looked_for_every_five_seconds_for_an_hour(both: BothKinds) -> None:
    (machine,) = both.template.find_resources("AWS::StepFunctions::StateMachine").values()

    definition = text(machine["Properties"]["DefinitionString"])

    assert '"IntervalSeconds":5,"MaxAttempts":720,"BackoffRate":1' in definition


def test_the_waiter_logs_nothing_because_its_input_holds_a_secret_url(both: BothKinds) -> None:
    both.template.has_resource_properties("AWS::StepFunctions::StateMachine", {"LoggingConfiguration": Match.absent()})


def test_no_role_has_a_managed_policy_or_a_statement_of_its_own(both: BothKinds) -> None:
    both.template.all_resources_properties(
        "AWS::IAM::Role", {"ManagedPolicyArns": Match.absent(), "Policies": Match.absent()}
    )


def test_every_function_of_the_framework_logs_to_a_group_that_goes_with_the_stack(both: BothKinds) -> None:
    groups = both.template.find_resources("AWS::Logs::LogGroup", {"DeletionPolicy": "Delete"})
    functions = both.template.find_resources("AWS::Lambda::Function").values()

    used = [function["Properties"]["LoggingConfig"]["LogGroup"]["Ref"] for function in functions]

    assert len(used) == 5
    assert set(used) == set(groups)


def test_only_the_framework_may_invoke_the_handlers(both: BothKinds) -> None:
    both.template.resource_count_is("AWS::Lambda::Permission", 0)


def test_a_resource_names_the_framework_as_its_provider(both: BothKinds) -> None:
    terms = both.resources[0]

    assert text(properties(both.template, terms)["ServiceToken"]) == resolved(terms, both.provider.service_token)
