"""What holds for medical vocabularies alone. What every kind has in common is tested for all kinds at once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from cdk_transcribe import MedicalVocabulary, Term, Vocabulary, VocabularySource
from cdk_transcribe._provider import TranscribeProvider

from .rendered import ANYWHERE, permissions, properties, resolved

TERMS = VocabularySource.from_terms([Term("metoprolol"), Term("E.K.G.", display_as="EKG")])


def test_renders_the_fields_of_the_api_and_no_others(context: dict[str, Any]) -> None:
    stack = cdk.Stack(cdk.App(context=context), "Stack")

    drugs = MedicalVocabulary(stack, "Drugs", source=TERMS)

    assert properties(Template.from_stack(stack), drugs) == {
        "ServiceToken": ANY,
        "VocabularyName": ANY,
        "LanguageCode": "en-US",
        "VocabularyFileUri": ANY,
    }


def test_the_generated_name_follows_the_content() -> None:
    def name(*terms: str) -> str:
        stack = cdk.Stack(cdk.App(), "Calls")
        source = VocabularySource.from_terms([Term(term) for term in terms])
        drugs = MedicalVocabulary(stack, "Drugs", source=source)
        rendered: str = properties(Template.from_stack(stack), drugs)["VocabularyName"]
        return rendered

    assert re.fullmatch(r"Calls-Drugs-[0-9A-F]{8}-[0-9a-f]{10}", name("metoprolol"))
    assert name("metoprolol") == name("metoprolol") != name("atenolol")


def test_a_name_of_your_own_is_kept(stack: cdk.Stack) -> None:
    drugs = MedicalVocabulary(stack, "Drugs", source=TERMS, medical_vocabulary_name="drugs.v1")

    assert properties(Template.from_stack(stack), drugs)["VocabularyName"] == "drugs.v1"


def test_fails_when_the_name_is_none_that_transcribe_takes(shared_stack: cdk.Stack) -> None:
    with pytest.raises(ValueError, match=r"^medical_vocabulary_name 'two words' is not a name that Transcribe takes: "):
        MedicalVocabulary(shared_stack, "BadName", source=TERMS, medical_vocabulary_name="two words")


def test_speaks_the_one_language_there_is(stack: cdk.Stack) -> None:
    assert MedicalVocabulary(stack, "Drugs", source=TERMS).language_code == "en-US"


def test_a_language_that_is_known_at_deployment_only_passes(stack: cdk.Stack) -> None:
    language = cdk.CfnParameter(stack, "Language").value_as_string

    drugs = MedicalVocabulary(stack, "Drugs", source=TERMS, language_code=language)

    assert properties(Template.from_stack(stack), drugs)["LanguageCode"] == {"Ref": "Language"}


@pytest.mark.parametrize("language", ["en-GB", "de-DE", "xx"])
def test_fails_in_another_language(shared_stack: cdk.Stack, language: str) -> None:
    with pytest.raises(ValueError, match=f"^language_code='{language}' has no medical vocabularies: use en-US$"):
        MedicalVocabulary(shared_stack, f"Drugs{language}", source=TERMS, language_code=language)


def test_fails_when_the_phrases_are_given_inline(shared_stack: cdk.Stack) -> None:
    with pytest.raises(
        ValueError,
        match=r"^source of 'Stack/Inline' is given inline, and medical vocabularies take a file only: use "
        r"VocabularySource\.from_terms, from_file or from_bucket$",
    ):
        MedicalVocabulary(shared_stack, "Inline", source=VocabularySource.from_phrases(["metoprolol"]))


def test_fails_when_the_file_ends_its_lines_as_only_standard_ones_may(shared_stack: cdk.Stack, tmp_path: Path) -> None:
    file = tmp_path / "drugs.tsv"
    file.write_bytes(b"Phrase\tSoundsLike\tIPA\tDisplayAs\r\nmetoprolol\t\t\t\r\n")

    with pytest.raises(ValueError, match=r"line-end-crlf"):
        MedicalVocabulary(shared_stack, "Crlf", source=VocabularySource.from_file(file))


def test_the_handler_manages_medical_vocabularies_and_reads_their_files(stack: cdk.Stack) -> None:
    drugs = MedicalVocabulary(stack, "Drugs", source=TERMS)

    template = Template.from_stack(stack)
    role = TranscribeProvider.get_or_create(stack).is_complete.role
    assert role is not None
    every = "arn:<AWS::Partition>:transcribe:<AWS::Region>:<AWS::AccountId>:medical-vocabulary/*"
    uri = resolved(stack, properties(template, drugs)["VocabularyFileUri"])
    files = re.sub(r"[0-9a-f]{64}\.txt$", "*", uri.removeprefix("s3://"))
    assert {one for one in permissions(template, role) if "Vocabulary" in one[0] or one[0].startswith("s3:")} == {
        ("transcribe:CreateMedicalVocabulary", "*", ANYWHERE),
        ("transcribe:GetMedicalVocabulary", every, ANYWHERE),
        ("transcribe:UpdateMedicalVocabulary", every, ANYWHERE),
        ("transcribe:DeleteMedicalVocabulary", every, ANYWHERE),
        ("s3:GetObject", f"arn:<AWS::Partition>:s3:::{files}", ANYWHERE),
    }


def test_the_same_terms_serve_a_standard_vocabulary_too(stack: cdk.Stack) -> None:
    drugs = MedicalVocabulary(stack, "Drugs", source=TERMS)
    terms = Vocabulary(stack, "Terms", language_code="en-US", source=TERMS)

    template = Template.from_stack(stack)
    uris = {resolved(stack, properties(template, one)["VocabularyFileUri"]) for one in (drugs, terms)}
    assert len(uris) == 1
