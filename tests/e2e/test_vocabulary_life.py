"""Vocabularies, medical ones and filters with a key, tags and names of their own, from deployment to destruction."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from transcribe_local.cdk_app import CdkApp, CdkCommandError
from transcribe_local.inventory import inventory
from transcribe_local.local_aws import LocalAws

from .deployment import HEADER, REPOSITORY

pytestmark = pytest.mark.e2e

APP = """
import json, pathlib
import aws_cdk as cdk
import cdk_transcribe as transcribe

wish = json.loads(pathlib.Path("wish.json").read_text())
app = cdk.App()
stack = cdk.Stack(app, "Words")
key = cdk.aws_kms.Key(stack, "Key", removal_policy=cdk.RemovalPolicy.DESTROY)
names = transcribe.Vocabulary(
    stack, "Names", language_code="en-US", vocabulary_name=wish["name"],
    source=transcribe.VocabularySource.from_terms([transcribe.Term(phrase) for phrase in wish["phrases"]]),
    encryption_key=key if wish["encrypted"] else None,
)
transcribe.MedicalVocabulary(
    stack, "Drugs", language_code="en-US", source=transcribe.VocabularySource.from_file("drugs.tsv")
)
if wish["filtered"]:
    transcribe.VocabularyFilter(
        stack, "Filler", language_code="en-US", source=transcribe.WordSource.from_words(["um"]), encryption_key=key
    )
for tag, value in wish["tags"].items():
    cdk.Tags.of(names).add(tag, value)
app.synth()
"""
WISH: dict[str, Any] = {
    "name": "house-names",
    "phrases": ["Tellson"],
    "encrypted": True,
    "tags": {"team": "bank"},
    "filtered": True,
}


class Words:
    """The stack, deployed again and again with another wish."""

    def __init__(self, aws: LocalAws, directory: Path) -> None:
        self._aws = aws
        self._directory = directory
        shutil.copy(REPOSITORY / "cdk.json", directory)
        (directory / "app.py").write_text(APP)
        (directory / "drugs.tsv").write_text(f"{HEADER}Cyclosporine\t\t\t\n")

    def deploy(self, **changes: Any) -> None:
        self._run("deploy", changes)

    def destroy(self) -> None:
        self._run("destroy", {})

    def resources(self) -> dict[str, dict[str, Any]]:
        """What Transcribe holds, by kind."""
        return {resource["Kind"]: resource for resource in self._aws.resources() if "job/" not in resource["Arn"]}

    def _run(self, command: str, changes: dict[str, Any]) -> None:
        (self._directory / "wish.json").write_text(json.dumps({**WISH, **changes}))
        with CdkApp(self._aws, self._directory, log_path=self._directory / "cdk.log") as app:
            app.synth()
            getattr(app, command)()


@pytest.fixture(scope="module")
def words(account: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Words]:
    before = inventory(account)
    stack = Words(account, tmp_path_factory.mktemp("words"))
    stack.deploy()
    yield stack
    stack.destroy()
    assert inventory(account) == before


def vocabulary_names(account: LocalAws) -> set[str]:
    return {found["VocabularyName"] for found in account.resources() if found["Kind"] == "Vocabulary"}


def own_tags(resource: dict[str, Any]) -> dict[str, str]:
    return {key: value for key, value in resource["Tags"].items() if not key.startswith("cdk-transcribe:")}


def test_a_vocabulary_changes_in_place_in_all_that_it_has_and_goes_with_its_stack(words: Words) -> None:
    first = words.resources()
    vocabulary = first["Vocabulary"]
    assert vocabulary["VocabularyState"] == "READY"
    assert own_tags(vocabulary) == {"team": "bank"}
    key = vocabulary["EncryptionConfiguration"]["KMSKey"]
    assert key == first["VocabularyFilter"]["EncryptionConfiguration"]["KMSKey"]
    assert first["MedicalVocabulary"]["VocabularyState"] == "READY"

    words.deploy(phrases=["Tellson", "Cruncher"], encrypted=False, tags={})

    changed = words.resources()["Vocabulary"]
    assert changed["Arn"] == vocabulary["Arn"]
    assert changed["ContentSha256"] != vocabulary["ContentSha256"]
    assert "EncryptionConfiguration" not in changed
    assert own_tags(changed) == {}

    words.deploy(name="street-names")

    renamed = words.resources()["Vocabulary"]
    assert renamed["VocabularyName"] == "street-names"
    assert renamed["EncryptionConfiguration"]["KMSKey"] == key


def test_the_last_one_of_its_kind_is_deleted_when_it_leaves_a_stack_that_stays(words: Words) -> None:
    words.deploy(filtered=False)

    assert set(words.resources()) == {"Vocabulary", "MedicalVocabulary"}


def test_a_name_that_somebody_else_has_is_refused_and_theirs_left_alone(words: Words, account: LocalAws) -> None:
    before = vocabulary_names(account)
    transcribe = account.client("transcribe")
    transcribe.create_vocabulary(VocabularyName="theirs", LanguageCode="en-US", Phrases=["Manette"])

    with pytest.raises(CdkCommandError, match=r"theirs.*exists already and is not owned.*adopt_existing=True"):
        words.deploy(name="theirs")

    assert vocabulary_names(account) == before | {"theirs"}
    [theirs] = [found for found in account.resources() if found.get("VocabularyName") == "theirs"]
    assert theirs["Tags"] == {}
    transcribe.delete_vocabulary(VocabularyName="theirs")
