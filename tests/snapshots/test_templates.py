"""The templates as they were: `pytest tests/snapshots --snapshot-update` accepts a change, review shows it."""

from __future__ import annotations

import re
import runpy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

import cdk_transcribe as transcribe
from cdk_transcribe import _functions

_ASSET_HASH = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


@pytest.fixture
def snapshot_json(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(JSONSnapshotExtension)


@pytest.fixture
def handlers(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the handlers that a test may change."""
    copy = tmp_path / "lambdas"
    shutil.copytree(repository / "lambdas", copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(_functions, "handlers_directory", lambda: copy)
    return copy


def mask(value: Any) -> Any:
    """Asset hashes replaced: they move with every edit of a handler, and say nothing to a reader."""
    if isinstance(value, str):
        return _ASSET_HASH.sub("<asset>", value)
    if isinstance(value, list):
        return [mask(item) for item in value]
    if isinstance(value, dict):
        return {mask(key): mask(item) for key, item in value.items()}
    return value


def storage(stack: cdk.Stack) -> object:
    return transcribe.TranscribeStorage(stack, "Storage")


def data_access_role(stack: cdk.Stack) -> object:
    return transcribe.DataAccessRole(stack, "Role")


def vocabulary(stack: cdk.Stack) -> object:
    source = transcribe.VocabularySource.from_phrases(["Los-Angeles"])
    return transcribe.Vocabulary(stack, "Terms", language_code="en-US", source=source)


def medical_vocabulary(stack: cdk.Stack) -> object:
    source = transcribe.VocabularySource.from_terms([transcribe.Term("metoprolol")])
    return transcribe.MedicalVocabulary(stack, "Drugs", source=source)


def encrypted_vocabulary(stack: cdk.Stack) -> object:
    source = transcribe.VocabularySource.from_terms([transcribe.Term("Los-Angeles")])
    key = kms.Key(stack, "Key")
    return transcribe.Vocabulary(stack, "Terms", language_code="en-US", source=source, encryption_key=key)


def vocabulary_filter(stack: cdk.Stack) -> object:
    source = transcribe.WordSource.from_words(["um"])
    return transcribe.VocabularyFilter(stack, "Filler", language_code="en-US", source=source)


def call_analytics_category(stack: cdk.Stack) -> object:
    rules = [transcribe.CategoryRule.transcript_match(["cancel my contract"])]
    return transcribe.CallAnalyticsCategory(stack, "Leaving", rules=rules)


def language_model(stack: cdk.Stack) -> object:
    bucket = s3.Bucket.from_bucket_name(stack, "Corpus", "corpus")
    return transcribe.LanguageModel(
        stack,
        "Model",
        language_code="en-US",
        base_model=transcribe.BaseModel.WIDE_BAND,
        training_data=transcribe.TrainingData.from_bucket(bucket, "texts/"),
        wait_for_training=cdk.Duration.hours(10),
    )


def ledger(stack: cdk.Stack) -> object:
    return transcribe.JobLedger(stack, "Ledger", encryption_key=kms.Key(stack, "Key"))


def pipeline(stack: cdk.Stack) -> object:
    pipeline = transcribe.TranscriptionPipeline(stack, "Calls")
    return pipeline.add_route("English", job=transcribe.TranscriptionJob(language_code="en-US"))


def backfill(stack: cdk.Stack) -> object:
    pipeline = transcribe.TranscriptionPipeline(stack, "Calls")
    pipeline.add_route("English", job=transcribe.TranscriptionJob(language_code="en-US"))
    return pipeline.add_backfill()


@pytest.mark.parametrize(
    "construct",
    [
        storage,
        data_access_role,
        vocabulary,
        encrypted_vocabulary,
        medical_vocabulary,
        vocabulary_filter,
        call_analytics_category,
        language_model,
        ledger,
        pipeline,
        backfill,
    ],
    ids=lambda make: make.__name__,
)
def test_a_construct_at_its_defaults(
    stack: cdk.Stack, snapshot_json: SnapshotAssertion, construct: Callable[[cdk.Stack], object]
) -> None:
    construct(stack)

    assert mask(Template.from_stack(stack).to_json()) == snapshot_json


def example_template(repository: Path, flags: dict[str, Any]) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(repository)
        example = cast("type[cdk.Stack]", runpy.run_path("app.py")["SpeechToText"])
        return cast(dict[str, Any], Template.from_stack(example(cdk.App(context=flags), "SpeechToText")).to_json())


def test_the_example_app(repository: Path, recommended_flags: dict[str, Any], snapshot_json: SnapshotAssertion) -> None:
    assert mask(example_template(repository, recommended_flags)) == snapshot_json


def test_an_edit_of_a_handler_moves_no_snapshot(handlers: Path) -> None:
    def template() -> Any:
        stack = cdk.Stack(cdk.App(), "Stack")
        pipeline(stack)
        vocabulary(stack)
        return Template.from_stack(stack).to_json()

    before = template()
    with (handlers / "transcribe_handlers" / "job_starter.py").open("a") as source:
        source.write("# edited\n")
    after = template()

    assert before != after
    assert mask(before) == mask(after)
