"""What constructs do with the linter's findings: the same for every kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Annotations, Match

from cdk_transcribe import MedicalVocabulary, Term, Vocabulary, VocabularyFilter, VocabularySource, WordSource

HEADER = "Phrase\tSoundsLike\tIPA\tDisplayAs\n"


def warnings(stack: cdk.Stack) -> dict[str, str]:
    """The messages by the path of their construct and their id."""
    found = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    pairs = {}
    for one in found:
        message, _, acknowledge = str(one.entry.data).rpartition(" [ack: ")
        pairs[f"{one.id} {acknowledge.rstrip(']')}"] = message
    return pairs


def test_everything_that_is_wrong_is_said_at_once(shared_stack: cdk.Stack, tmp_path: Path) -> None:
    file = tmp_path / "terms.tsv"
    file.write_text(f"{HEADER}C-3\t\t\t\nLos Angeles\t\t\tLA\nfine\t\t\t\nfine\t\t\t\n")

    with pytest.raises(ValueError, match="would be refused") as caught:
        Vocabulary(shared_stack, "Wrong", language_code="en-US", source=VocabularySource.from_file(file))

    first, *listed = str(caught.value).splitlines()
    assert first == "the source of 'Stack/Wrong' would be refused by Transcribe:"
    assert [line.split(": ")[:2] for line in listed] == [
        [f"{file}:2:3", "error"],
        [f"{file}:3:4", "error"],
        [f"{file}:5:1", "warning"],
    ]
    assert all(line.endswith("]") for line in listed)


@pytest.mark.parametrize(
    "make",
    [
        lambda stack, id: Vocabulary(
            stack, id, language_code="en-US", source=VocabularySource.from_phrases(["two words"])
        ),
        lambda stack, id: Vocabulary(
            stack, id, language_code="en-US", source=VocabularySource.from_terms([Term("two words")])
        ),
        lambda stack, id: MedicalVocabulary(stack, id, source=VocabularySource.from_terms([Term("two words")])),
        lambda stack, id: MedicalVocabulary(stack, id, source=VocabularySource.from_terms([Term("a", ipa="nonsense")])),
        lambda stack, id: VocabularyFilter(stack, id, language_code="en-US", source=WordSource.from_words(["ночь"])),
    ],
    ids=["phrases", "terms", "medical terms", "medical phonemes", "words"],
)
def test_fails_when_transcribe_would_refuse(shared_stack: cdk.Stack, make: Any) -> None:
    with pytest.raises(ValueError, match=r"would be refused by Transcribe:\n\w+:1:\d+: error: "):
        make(shared_stack, f"Refused{len(shared_stack.node.children)}")


def test_what_is_doubtful_is_one_warning_for_each_rule(stack: cdk.Stack) -> None:
    words = WordSource.from_words(["two words", "three more words", "um", "UM"])

    VocabularyFilter(stack, "Filler", language_code="en-US", source=words)

    found = warnings(stack)
    assert set(found) == {
        "/Stack/Filler cdk-transcribe:word-has-space",
        "/Stack/Filler cdk-transcribe:word-duplicate",
    }
    assert [line.split(": ")[0] for line in found["/Stack/Filler cdk-transcribe:word-has-space"].splitlines()] == [
        "words:1:4",
        "words:2:6",
    ]


def test_a_warning_can_be_acknowledged_on_the_resource_and_above_it(stack: cdk.Stack) -> None:
    doubtful = WordSource.from_words(["two words"])
    filler = VocabularyFilter(stack, "Filler", language_code="en-US", source=doubtful)
    cdk.Annotations.of(filler).acknowledge_warning("cdk-transcribe:word-has-space")
    cdk.Annotations.of(stack).acknowledge_warning("cdk-transcribe:language-unchecked")
    VocabularyFilter(stack, "Later", language_code="ne-NP", source=WordSource.from_words(["um"]))

    assert warnings(stack) == {}


def test_a_warning_reaches_whoever_deploys(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    stack = cdk.Stack(app, "Stack")
    Vocabulary(stack, "Terms", language_code="xx-XX", source=VocabularySource.from_phrases(["a"]))

    app.synth()

    metadata = "".join(file.read_text() for file in tmp_path.glob("*.json") if "template" not in file.name)
    assert "cdk-transcribe:language-unknown" in metadata
    assert "xx-XX" in json.dumps(warnings(stack))


def test_what_is_fine_has_no_warning(stack: cdk.Stack, tmp_path: Path) -> None:
    file = tmp_path / "terms.tsv"
    file.write_text(f"{HEADER}Los-Angeles\t\t\tLos Angeles\n")

    Vocabulary(stack, "Terms", language_code="en-US", source=VocabularySource.from_file(file))
    MedicalVocabulary(stack, "Medical", source=VocabularySource.from_file(file))
    VocabularyFilter(stack, "Filler", language_code="de-DE", source=WordSource.from_words(["äh"]))

    assert warnings(stack) == {}
