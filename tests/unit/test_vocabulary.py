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

from cdk_transcribe import Vocabulary, VocabularySource

from .rendered import logical_id, properties, resolved, resource

VOCABULARY = "Custom::TranscribeVocabulary"
INLINE = VocabularySource.from_phrases(["Los-Angeles", "C.L.I."])


def vocabulary_in(
    scope: cdk.Stack,
    id: str = "Terms",
    *,
    language_code: str = "en-US",
    source: VocabularySource = INLINE,
    **arguments: Any,
) -> Vocabulary:
    return Vocabulary(scope, id, language_code=language_code, source=source, **arguments)


@cache
def usual_name() -> str:
    return physical_name()


def physical_name(*, construct_id: str = "Terms", stack_id: str = "Stack", **arguments: Any) -> str:
    """The name that a deployment of its own would give."""
    stack = cdk.Stack(cdk.App(), stack_id)
    vocabulary_in(stack, construct_id, **arguments)
    (rendered,) = Template.from_stack(stack).find_resources(VOCABULARY).values()
    name: str = rendered["Properties"]["VocabularyName"]
    return name


def test_inline_phrases_render_the_fields_of_the_api_and_no_others(context: dict[str, Any]) -> None:
    stack = cdk.Stack(cdk.App(context=context), "Stack")

    terms = vocabulary_in(stack)

    assert properties(Template.from_stack(stack), terms) == {
        "ServiceToken": ANY,
        "VocabularyName": ANY,
        "LanguageCode": "en-US",
        "Phrases": ["Los-Angeles", "C.L.I."],
    }


def test_a_local_file_renders_the_uri_of_its_asset(stack: cdk.Stack, tmp_path: Path) -> None:
    file = tmp_path / "terms.tsv"
    file.write_text("C.L.I.\n")

    terms = vocabulary_in(stack, source=VocabularySource.from_file(file))

    rendered = properties(Template.from_stack(stack), terms)
    assert "Phrases" not in rendered
    assert resolved(stack, rendered["VocabularyFileUri"]).startswith(
        "s3://cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/"
    )


def test_the_generated_name_is_readable_and_within_the_services_alphabet() -> None:
    assert re.fullmatch(r"Calls-Terms-[0-9A-F]{8}-[0-9a-f]{10}", physical_name(stack_id="Calls"))


def test_the_generated_name_is_the_same_in_every_synthesis() -> None:
    assert physical_name() == usual_name()


@pytest.mark.parametrize(
    "change",
    [
        {"language_code": "en-GB"},
        {"source": VocabularySource.from_phrases(["Los-Angeles"])},
        {"source": VocabularySource.from_phrases(["C.L.I.", "Los-Angeles"])},
        {"source": VocabularySource.from_phrases(["Los-Angeles-C.L.I."])},
        {"construct_id": "Other"},
        {"stack_id": "Other"},
    ],
    ids=["language", "fewer phrases", "order", "joined", "construct", "stack"],
)
def test_the_generated_name_changes_with(change: dict[str, Any]) -> None:
    assert physical_name(**change) != usual_name()


def test_the_generated_name_does_not_change_with_anything_but_the_content() -> None:
    assert physical_name(removal_policy=cdk.RemovalPolicy.RETAIN) == usual_name()


def test_the_generated_name_does_not_change_with_other_resources_beside_it() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    vocabulary_in(stack, "Another", source=VocabularySource.from_phrases(["C.L.I."]))
    terms = vocabulary_in(stack)

    assert properties(Template.from_stack(stack), terms)["VocabularyName"] == usual_name()


def test_the_generated_name_changes_when_the_file_does(tmp_path: Path) -> None:
    def name_for(content: str) -> str:
        file = tmp_path / "terms.tsv"
        file.write_text(content)
        return physical_name(source=VocabularySource.from_file(file))

    first, again, changed = name_for("Los-Angeles\n"), name_for("Los-Angeles\n"), name_for("C.L.I.\n")

    assert first == again != changed


def test_the_generated_name_does_not_change_when_the_file_only_moves(tmp_path: Path) -> None:
    names = set()
    for folder in ("here", "there"):
        file = tmp_path / folder / "terms.tsv"
        file.parent.mkdir()
        file.write_text("Los-Angeles\n")
        names.add(physical_name(source=VocabularySource.from_file(file)))

    assert len(names) == 1


def test_the_generated_name_stays_within_200_characters_however_deep_the_construct() -> None:
    name = physical_name(stack_id="S" * 120, construct_id="T" * 200)

    assert re.fullmatch(r"[0-9a-zA-Z._-]{1,200}", name)


def test_generated_names_of_deep_constructs_still_differ() -> None:
    names = {physical_name(stack_id="S" * 120, construct_id="T" * 200 + end) for end in "ab"}

    assert len(names) == 2


@pytest.mark.parametrize("name", ["A.b_c-9", "x" * 200])
def test_a_name_of_your_own_is_kept_whatever_the_content(name: str) -> None:
    one = physical_name(vocabulary_name=name)
    other = physical_name(vocabulary_name=name, source=VocabularySource.from_phrases(["Los-Angeles"]))

    assert one == other == name


@pytest.mark.parametrize("name", ["", "two words", "über", "a/b", "a:b", "x" * 201, "line\n"])
def test_fails_when_the_name_is_none_that_transcribe_takes(shared_stack: cdk.Stack, name: str) -> None:
    with pytest.raises(
        ValueError,
        match=re.escape(
            f"vocabulary_name {name!r} is not a name that Transcribe takes: use 1 to 200 letters (a-z, A-Z), "
            "digits, full stops, hyphens and underscores"
        ),
    ):
        vocabulary_in(shared_stack, f"Terms{len(shared_stack.node.children)}", vocabulary_name=name)


def test_a_token_passes_as_name_and_language(stack: cdk.Stack) -> None:
    name, language = cdk.CfnParameter(stack, "Name"), cdk.CfnParameter(stack, "Language")

    terms = vocabulary_in(stack, vocabulary_name=name.value_as_string, language_code=language.value_as_string)

    rendered = properties(Template.from_stack(stack), terms)
    assert (rendered["VocabularyName"], rendered["LanguageCode"]) == ({"Ref": "Name"}, {"Ref": "Language"})


@pytest.mark.parametrize("attribute", ["Name", "Arn"])
def test_its_name_and_arn_are_those_of_a_resource_that_is_finished(shared_stack: cdk.Stack, attribute: str) -> None:
    terms = vocabulary_in(shared_stack, f"Finished{attribute}")

    value = terms.vocabulary_name if attribute == "Name" else terms.vocabulary_arn

    assert shared_stack.resolve(value) == {"Fn::GetAtt": [logical_id(terms), attribute]}


def test_knows_its_language(shared_stack: cdk.Stack) -> None:
    assert vocabulary_in(shared_stack, "Language", language_code="de-DE").language_code == "de-DE"


def test_its_main_resource_is_its_default_child(shared_stack: cdk.Stack) -> None:
    terms = vocabulary_in(shared_stack, "DefaultChild")

    assert terms.node.default_child is terms.node.find_child("Resource")


def test_goes_with_its_stack_by_default(stack: cdk.Stack) -> None:
    terms = vocabulary_in(stack)

    rendered = resource(Template.from_stack(stack), terms)
    assert (rendered["DeletionPolicy"], rendered["UpdateReplacePolicy"]) == ("Delete", "Delete")


def test_stays_when_told_to(stack: cdk.Stack) -> None:
    terms = vocabulary_in(stack, removal_policy=cdk.RemovalPolicy.RETAIN)

    rendered = resource(Template.from_stack(stack), terms)
    assert (rendered["DeletionPolicy"], rendered["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_cdk_takes_it_where_it_takes_a_vocabulary(shared_stack: cdk.Stack) -> None:
    terms = vocabulary_in(shared_stack, "ForCdk")

    arn = l1.CfnVocabulary.arn_for_vocabulary(terms)

    assert shared_stack.resolve(arn) == {"Fn::GetAtt": [logical_id(terms), "Arn"]}


def test_its_reference_holds_its_arn(shared_stack: cdk.Stack) -> None:
    terms = vocabulary_in(shared_stack, "Reference")

    reference: refs.VocabularyReference = terms.vocabulary_ref

    assert reference.vocabulary_arn == terms.vocabulary_arn


def test_makes_no_output_and_no_physical_name_of_anything_else(stack: cdk.Stack) -> None:
    vocabulary_in(stack)

    template = Template.from_stack(stack)
    assert template.find_outputs("*") == {}
    template.all_resources_properties("AWS::Lambda::Function", {"FunctionName": Match.absent()})
    template.all_resources_properties("AWS::IAM::Role", {"RoleName": Match.absent()})
