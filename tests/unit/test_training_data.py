from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Annotations, Match, Template

from cdk_transcribe import BaseModel, DataAccessRole, LanguageModel, TrainingData

from .rendered import ANYWHERE, permissions, properties, resolved

ENOUGH = "It was the best of times.\n" * 2000
ASSETS = "cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A directory with enough good text to train with."""
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus/a.txt").write_text(ENOUGH)
    return tmp_path / "corpus"


def model_of(scope: cdk.Stack, data: TrainingData, id: str = "Model", **arguments: Any) -> LanguageModel:
    defaults = {"language_code": "en-US", "base_model": BaseModel.WIDE_BAND}
    return LanguageModel(scope, id, training_data=data, **{**defaults, **arguments})


def input_of(model: LanguageModel) -> dict[str, str]:
    """The resolved input of the training."""
    template = Template.from_stack(cdk.Stack.of(model))
    data = properties(template, model)["InputDataConfig"]
    return {field: resolved(model, value) for field, value in data.items()}


def uploads(app: cdk.App) -> dict[str, bytes]:
    """What the CDK CLI would upload of training data, by key."""
    assembly = Path(app.synth().directory)
    files = json.loads((assembly / "Stack.assets.json").read_text())["files"].values()
    return {
        destination["objectKey"]: (assembly / file["source"]["path"]).read_bytes()
        for file in files
        for destination in file["destinations"].values()
        if destination["objectKey"].startswith("transcribe-")
    }


def test_a_directory_is_uploaded_under_a_prefix_of_its_own_that_ends_in_a_slash(app: cdk.App, corpus: Path) -> None:
    stack = cdk.Stack(app, "Stack")
    (corpus / "deep").mkdir()
    (corpus / "deep/b.txt").write_text("It was the worst of times.")

    uri = input_of(model_of(stack, TrainingData.from_directory(corpus)))["S3Uri"]

    assert uri.startswith(f"s3://{ASSETS}/transcribe-")
    assert uri.endswith("/")
    ((key, content),) = uploads(app).items()
    assert f"s3://{ASSETS}/{key}".startswith(uri)
    assert content.decode() == f"{ENOUGH}It was the worst of times.\n"


def test_tuning_data_are_kept_apart_from_training_data(app: cdk.App, corpus: Path, tmp_path: Path) -> None:
    stack = cdk.Stack(app, "Stack")
    (tmp_path / "tuning").mkdir()
    (tmp_path / "tuning/a.txt").write_text("Recalled to life.\n")

    data = TrainingData.from_directory(corpus)
    model = model_of(stack, data, tuning_data=TrainingData.from_directory(tmp_path / "tuning"))

    given = input_of(model)
    assert not given["S3Uri"].startswith(given["TuningDataS3Uri"])
    assert not given["TuningDataS3Uri"].startswith(given["S3Uri"])
    assert len(uploads(app)) == 2


def test_the_same_text_for_two_models_is_uploaded_once(app: cdk.App, corpus: Path) -> None:
    stack = cdk.Stack(app, "Stack")
    data = TrainingData.from_directory(corpus)

    first = model_of(stack, data, "First")
    second = model_of(stack, TrainingData.from_directory(corpus), "Second")

    assert input_of(first)["S3Uri"] == input_of(second)["S3Uri"]
    assert len(uploads(app)) == 1


def test_texts_inside_a_stage_are_found_by_the_cli(app: cdk.App, corpus: Path) -> None:
    stage = cdk.Stage(app, "Live")
    model_of(cdk.Stack(stage, "Stack"), TrainingData.from_directory(corpus))

    directory = Path(app.synth().get_nested_assembly("assembly-Live").directory)
    (manifest,) = directory.glob("*.assets.json")
    files = json.loads(manifest.read_text())["files"]
    (upload,) = [file for name, file in files.items() if name.startswith("transcribe-")]
    assert (directory / upload["source"]["path"]).read_text() == ENOUGH


def test_the_role_may_list_the_bucket_and_read_training_data_of_its_stack_and_no_more(
    stack: cdk.Stack, corpus: Path
) -> None:
    model = model_of(stack, TrainingData.from_directory(corpus))

    prefix = input_of(model)["S3Uri"].removeprefix(f"s3://{ASSETS}/").partition("training-")[0]
    assert permissions(Template.from_stack(stack), model.data_access_role) == {
        ("s3:ListBucket", f"arn:<AWS::Partition>:s3:::{ASSETS}", ANYWHERE),
        ("s3:GetObject", f"arn:<AWS::Partition>:s3:::{ASSETS}/{prefix}training-*", ANYWHERE),
    }


def test_hidden_files_are_left_out(app: cdk.App, corpus: Path) -> None:
    (corpus / ".DS_Store").write_bytes(b"\0\0\0\1")
    (corpus / ".git").mkdir()
    (corpus / ".git/index").write_bytes(b"DIRC\0")

    model_of(cdk.Stack(app, "Stack"), TrainingData.from_directory(corpus))

    assert list(uploads(app).values()) == [ENOUGH.encode()]


def test_a_byte_order_mark_is_left_out(app: cdk.App, corpus: Path) -> None:
    (corpus / "a.txt").write_bytes(b"\xef\xbb\xbf" + ENOUGH.encode())

    model_of(cdk.Stack(app, "Stack"), TrainingData.from_directory(corpus))

    assert list(uploads(app).values()) == [ENOUGH.encode()]


@pytest.mark.parametrize(
    ("content", "finding"),
    [
        ("café\n".encode("latin-1"), r"bad.txt:1:4: error: .* is not UTF-8: .*\[training-encoding\]"),
        (
            b"fine\nbut <b>bold</b>\n",
            r'bad.txt:2:5: error: "<b>" is markup, and training data is plain text: remove it \[training-markup\]',
        ),
        ("word".encode("utf-16"), r"bad.txt:1:1: error: .*\[training-encoding\]"),
        (b"a\0b\n", r"bad.txt:1:1: error: a zero byte: .*\[training-encoding\]"),
    ],
    ids=["Latin-1", "markup", "UTF-16", "binary"],
)
def test_a_text_that_transcribe_would_refuse_fails_the_synthesis_with_its_place(
    stack: cdk.Stack, corpus: Path, content: bytes, finding: str
) -> None:
    (corpus / "bad.txt").write_bytes(content)

    with pytest.raises(ValueError, match=finding):
        model_of(stack, TrainingData.from_directory(corpus))


@pytest.mark.parametrize("content", ["3 < 5 and 7 > 5\n", "<3\n", "a <- b\n", "I said <\n"])
def test_signs_that_are_no_markup_pass(stack: cdk.Stack, corpus: Path, content: str) -> None:
    (corpus / "b.txt").write_text(content)

    model_of(stack, TrainingData.from_directory(corpus))


def test_no_more_findings_are_listed_than_anybody_reads(stack: cdk.Stack, corpus: Path) -> None:
    (corpus / "bad.txt").write_text("<p>\n" * 10_000)

    with pytest.raises(ValueError, match="training-markup") as refused:
        model_of(stack, TrainingData.from_directory(corpus))

    assert str(refused.value).count("training-markup") == 20


@pytest.mark.parametrize(
    ("argument", "limit"), [("training_data", "_MOST_TRAINING_BYTES"), ("tuning_data", "_MOST_TUNING_BYTES")]
)
def test_more_than_the_service_takes_fails_the_synthesis(
    stack: cdk.Stack, corpus: Path, monkeypatch: pytest.MonkeyPatch, argument: str, limit: str
) -> None:
    monkeypatch.setattr(f"cdk_transcribe.language_model.{limit}", 51_999)

    with pytest.raises(ValueError, match=rf"{argument}:1:1: error: 52,000 bytes are too many.*51,999 at most"):
        model_of(stack, TrainingData.from_directory(corpus), tuning_data=TrainingData.from_directory(corpus))


def test_the_limits_are_those_of_the_service() -> None:
    from cdk_transcribe import language_model

    assert language_model._MOST_TRAINING_BYTES == 2 * 1024**3
    assert language_model._MOST_TUNING_BYTES == 200 * 1024**2


def test_few_words_are_a_warning_that_can_be_acknowledged(stack: cdk.Stack, corpus: Path) -> None:
    (corpus / "a.txt").write_text("It was the best of times.\n")

    model = model_of(stack, TrainingData.from_directory(corpus))

    (warning,) = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("6 words are few"))
    assert "cdk-transcribe:training-few-words" in str(warning.entry.data)
    cdk.Annotations.of(model).acknowledge_warning("cdk-transcribe:training-few-words")
    Annotations.from_stack(stack).has_no_warning("*", Match.any_value())


def test_few_words_of_tuning_data_are_a_matter_of_course(stack: cdk.Stack, corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "tuning").mkdir()
    (tmp_path / "tuning/a.txt").write_text("Recalled to life.\n")

    data = TrainingData.from_directory(corpus)
    model_of(stack, data, tuning_data=TrainingData.from_directory(tmp_path / "tuning"))

    Annotations.from_stack(stack).has_no_warning("*", Match.any_value())


def test_a_directory_without_words_fails_the_synthesis(stack: cdk.Stack, corpus: Path) -> None:
    (corpus / "a.txt").write_text("\n\n")

    with pytest.raises(ValueError, match="training-empty"):
        model_of(stack, TrainingData.from_directory(corpus))


def test_a_directory_that_is_not_there_is_named_as_it_was_typed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"path 'no/such' is no directory \(looked for '/.*no/such'\)"):
        TrainingData.from_directory("no/such")
    with pytest.raises(ValueError, match="holds no files to train with"):
        TrainingData.from_directory(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_cannot_be_read_is_named(corpus: Path) -> None:
    (corpus / "a.txt").chmod(0)

    with pytest.raises(ValueError, match=r"files that can't be read: .*a\.txt"):
        TrainingData.from_directory(corpus)


def test_a_prefix_of_a_bucket_is_read_as_it_is(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key")
    bucket = s3.Bucket(stack, "Corpus", encryption_key=key)
    role = DataAccessRole(stack, "Role")

    model = model_of(stack, TrainingData.from_bucket(bucket, "calls/2026/"), data_access_role=role)

    assert input_of(model)["S3Uri"] == f"s3://{resolved(stack, bucket.bucket_name)}/calls/2026/"
    bucket_arn, key_arn = resolved(stack, bucket.bucket_arn), resolved(stack, key.key_arn)
    assert permissions(Template.from_stack(stack), role) == {
        ("s3:ListBucket", bucket_arn, ANYWHERE),
        ("s3:GetObject", f"{bucket_arn}/calls/2026/*", ANYWHERE),
        ("kms:Decrypt", key_arn, ANYWHERE),
    }


def test_training_and_tuning_data_in_two_buckets_are_both_let_in(stack: cdk.Stack) -> None:
    texts = s3.Bucket.from_bucket_name(stack, "Texts", "texts")
    transcripts = s3.Bucket.from_bucket_name(stack, "Transcripts", "transcripts")

    model = model_of(
        stack, TrainingData.from_bucket(texts, "a/"), tuning_data=TrainingData.from_bucket(transcripts, "b/")
    )

    allowed = {resource for _, resource, _ in permissions(Template.from_stack(stack), model.data_access_role)}
    assert allowed == {
        "arn:<AWS::Partition>:s3:::texts",
        "arn:<AWS::Partition>:s3:::texts/a/*",
        "arn:<AWS::Partition>:s3:::transcripts",
        "arn:<AWS::Partition>:s3:::transcripts/b/*",
    }


@pytest.mark.parametrize("prefix", ["clm", "clm/training", "", "/"])
def test_a_prefix_that_would_match_more_than_a_folder_is_refused(stack: cdk.Stack, prefix: str) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Corpus", "corpus")

    with pytest.raises(ValueError, match=r"must end in '/'"):
        TrainingData.from_bucket(bucket, prefix)


@pytest.mark.parametrize(("training", "tuning"), [("a/", "a/"), ("a/", "a/b/"), ("a/b/", "a/")])
def test_training_data_that_hold_tuning_data_are_refused(stack: cdk.Stack, training: str, tuning: str) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Corpus", "corpus")

    with pytest.raises(ValueError, match="training_data and tuning_data overlap"):
        model_of(
            stack,
            TrainingData.from_bucket(bucket, training),
            tuning_data=TrainingData.from_bucket(bucket, tuning),
        )


def test_a_bucket_in_another_region_is_refused(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    bucket = s3.Bucket.from_bucket_attributes(stack, "Corpus", bucket_name="corpus", region="us-east-1")

    with pytest.raises(ValueError, match="Transcribe reads only from buckets of its own Region"):
        model_of(stack, TrainingData.from_bucket(bucket, "a/"))


def test_a_synthesizer_of_ones_own_may_name_the_object_otherwise(corpus: Path) -> None:
    class NamesObjectsItsOwnWay(cdk.DefaultStackSynthesizer):
        def add_file_asset(self, **asset: Any) -> cdk.FileAssetLocation:
            return cdk.FileAssetLocation(
                bucket_name="own",
                object_key="own-name.txt",
                http_url="https://s3.us-east-1.amazonaws.com/own/own-name.txt",
                s3_object_url="s3://own/own-name.txt",
            )

    stack = cdk.Stack(cdk.App(), "Stack", synthesizer=NamesObjectsItsOwnWay())

    assert TrainingData.from_directory(corpus).bind(stack, "training").uri == "s3://own/own-name.txt"
