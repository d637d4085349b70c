from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import aws_cdk as cdk
import pytest
from aws_cdk import aws_transcribe as l1
from aws_cdk.assertions import Match, Template
from aws_cdk.interfaces import aws_transcribe as refs

from cdk_transcribe import VocabularyFilter, WordSource

from .rendered import logical_id, properties, resolved, resource

FILTER = "Custom::TranscribeVocabularyFilter"
INLINE = WordSource.from_words(["um", "uh"])


def filter_in(
    scope: cdk.Stack,
    id: str = "Filler",
    *,
    language_code: str = "en-US",
    source: WordSource = INLINE,
    **arguments: Any,
) -> VocabularyFilter:
    return VocabularyFilter(scope, id, language_code=language_code, source=source, **arguments)


@cache
def usual_name() -> str:
    return physical_name()


def physical_name(*, construct_id: str = "Filler", stack_id: str = "Stack", **arguments: Any) -> str:
    """The name that a deployment of its own would give."""
    stack = cdk.Stack(cdk.App(), stack_id)
    filter_in(stack, construct_id, **arguments)
    (rendered,) = Template.from_stack(stack).find_resources(FILTER).values()
    name: str = rendered["Properties"]["VocabularyFilterName"]
    return name


def test_inline_words_render_the_fields_of_the_api_and_no_others(context: dict[str, Any]) -> None:
    stack = cdk.Stack(cdk.App(context=context), "Stack")

    filler = filter_in(stack)

    assert properties(Template.from_stack(stack), filler) == {
        "ServiceToken": ANY,
        "VocabularyFilterName": ANY,
        "LanguageCode": "en-US",
        "Words": ["um", "uh"],
    }


def test_a_local_file_renders_the_uri_of_its_asset(stack: cdk.Stack, tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("uh\n")

    filler = filter_in(stack, source=WordSource.from_file(file))

    rendered = properties(Template.from_stack(stack), filler)
    assert "Words" not in rendered
    assert resolved(stack, rendered["VocabularyFilterFileUri"]).startswith(
        "s3://cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/"
    )


def test_the_generated_name_is_readable_and_within_the_services_alphabet() -> None:
    assert re.fullmatch(r"Calls-Filler-[0-9A-F]{8}-[0-9a-f]{10}", physical_name(stack_id="Calls"))


def test_the_generated_name_is_the_same_in_every_synthesis() -> None:
    assert physical_name() == usual_name()


@pytest.mark.parametrize(
    "change",
    [
        {"language_code": "en-GB"},
        {"source": WordSource.from_words(["um"])},
        {"source": WordSource.from_words(["uh", "um"])},
        {"source": WordSource.from_words(["umuh"])},
        {"construct_id": "Other"},
        {"stack_id": "Other"},
    ],
    ids=["language", "fewer words", "order", "joined", "construct", "stack"],
)
def test_the_generated_name_changes_with(change: dict[str, Any]) -> None:
    assert physical_name(**change) != usual_name()


def test_the_generated_name_does_not_change_with_anything_but_the_content() -> None:
    assert physical_name(removal_policy=cdk.RemovalPolicy.RETAIN) == usual_name()


def test_the_generated_name_does_not_change_with_other_resources_beside_it() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    filter_in(stack, "Another", source=WordSource.from_words(["uh"]))
    filler = filter_in(stack)

    assert properties(Template.from_stack(stack), filler)["VocabularyFilterName"] == usual_name()


def test_the_generated_name_changes_when_the_file_does(tmp_path: Path) -> None:
    def name_for(content: str) -> str:
        file = tmp_path / "words.txt"
        file.write_text(content)
        return physical_name(source=WordSource.from_file(file))

    first, again, changed = name_for("um\n"), name_for("um\n"), name_for("uh\n")

    assert first == again != changed


def test_the_generated_name_does_not_change_when_the_file_only_moves(tmp_path: Path) -> None:
    names = set()
    for folder in ("here", "there"):
        file = tmp_path / folder / "words.txt"
        file.parent.mkdir()
        file.write_text("um\n")
        names.add(physical_name(source=WordSource.from_file(file)))

    assert len(names) == 1


def test_the_generated_name_stays_within_200_characters_however_deep_the_construct() -> None:
    name = physical_name(stack_id="S" * 120, construct_id="T" * 200)

    assert re.fullmatch(r"[0-9a-zA-Z._-]{1,200}", name)


def test_generated_names_of_deep_constructs_still_differ() -> None:
    names = {physical_name(stack_id="S" * 120, construct_id="T" * 200 + end) for end in "ab"}

    assert len(names) == 2


@pytest.mark.parametrize("name", ["A.b_c-9", "x" * 200])
def test_a_name_of_your_own_is_kept_whatever_the_content(name: str) -> None:
    one = physical_name(vocabulary_filter_name=name)
    other = physical_name(vocabulary_filter_name=name, source=WordSource.from_words(["um"]))

    assert one == other == name


@pytest.mark.parametrize("name", ["", "two words", "über", "a/b", "a:b", "x" * 201, "line\n"])
def test_fails_when_the_name_is_none_that_transcribe_takes(shared_stack: cdk.Stack, name: str) -> None:
    with pytest.raises(
        ValueError,
        match=re.escape(
            f"vocabulary_filter_name {name!r} is not a name that Transcribe takes: use 1 to 200 letters (a-z, A-Z), "
            "digits, full stops, hyphens and underscores"
        ),
    ):
        filter_in(shared_stack, f"Filler{len(shared_stack.node.children)}", vocabulary_filter_name=name)


def test_a_token_passes_as_name_and_language(stack: cdk.Stack) -> None:
    name, language = cdk.CfnParameter(stack, "Name"), cdk.CfnParameter(stack, "Language")

    filler = filter_in(stack, vocabulary_filter_name=name.value_as_string, language_code=language.value_as_string)

    rendered = properties(Template.from_stack(stack), filler)
    assert (rendered["VocabularyFilterName"], rendered["LanguageCode"]) == ({"Ref": "Name"}, {"Ref": "Language"})


@pytest.mark.parametrize("attribute", ["Name", "Arn"])
def test_its_name_and_arn_are_those_of_a_resource_that_is_finished(shared_stack: cdk.Stack, attribute: str) -> None:
    filler = filter_in(shared_stack, f"Finished{attribute}")

    value = filler.vocabulary_filter_name if attribute == "Name" else filler.vocabulary_filter_arn

    assert shared_stack.resolve(value) == {"Fn::GetAtt": [logical_id(filler), attribute]}


def test_knows_its_language(shared_stack: cdk.Stack) -> None:
    assert filter_in(shared_stack, "Language", language_code="de-DE").language_code == "de-DE"


def test_its_main_resource_is_its_default_child(shared_stack: cdk.Stack) -> None:
    filler = filter_in(shared_stack, "DefaultChild")

    assert filler.node.default_child is filler.node.find_child("Resource")


def test_goes_with_its_stack_by_default(stack: cdk.Stack) -> None:
    filler = filter_in(stack)

    rendered = resource(Template.from_stack(stack), filler)
    assert (rendered["DeletionPolicy"], rendered["UpdateReplacePolicy"]) == ("Delete", "Delete")


def test_stays_when_told_to(stack: cdk.Stack) -> None:
    filler = filter_in(stack, removal_policy=cdk.RemovalPolicy.RETAIN)

    rendered = resource(Template.from_stack(stack), filler)
    assert (rendered["DeletionPolicy"], rendered["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_cdk_takes_it_where_it_takes_a_vocabulary_filter(shared_stack: cdk.Stack) -> None:
    filler = filter_in(shared_stack, "ForCdk")

    arn = l1.CfnVocabularyFilter.arn_for_vocabulary_filter(filler)

    assert shared_stack.resolve(arn) == {"Fn::GetAtt": [logical_id(filler), "Arn"]}


def test_its_reference_holds_its_arn(shared_stack: cdk.Stack) -> None:
    filler = filter_in(shared_stack, "Reference")

    reference: refs.VocabularyFilterReference = filler.vocabulary_filter_ref

    assert reference.vocabulary_filter_arn == filler.vocabulary_filter_arn


def test_makes_no_output_and_no_physical_name_of_anything_else(stack: cdk.Stack) -> None:
    filter_in(stack)

    template = Template.from_stack(stack)
    assert template.find_outputs("*") == {}
    template.all_resources_properties("AWS::Lambda::Function", {"FunctionName": Match.absent()})
    template.all_resources_properties("AWS::IAM::Role", {"RoleName": Match.absent()})
