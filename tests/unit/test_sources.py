from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template
from constructs import Construct

from cdk_transcribe import Term, Vocabulary, VocabularySource, WordSource

from .rendered import ANYWHERE, permissions, properties, resolved

FROM_FILE: list[Any] = [
    pytest.param(VocabularySource.from_file, "VocabularyFileUri", id="vocabulary"),
    pytest.param(WordSource.from_file, "VocabularyFilterFileUri", id="words"),
]
FROM_LIST: list[Any] = [
    pytest.param(VocabularySource.from_phrases, "phrases", "Phrases", id="vocabulary"),
    pytest.param(WordSource.from_words, "words", "Words", id="words"),
]

FROM_BUCKET: list[Any] = [
    pytest.param(VocabularySource.from_bucket, "VocabularyFileUri", id="vocabulary"),
    pytest.param(WordSource.from_bucket, "VocabularyFilterFileUri", id="words"),
]

from_file = pytest.mark.parametrize(("make", "field"), FROM_FILE)
from_list = pytest.mark.parametrize(("make", "argument", "field"), FROM_LIST)
from_bucket = pytest.mark.parametrize(("make", "field"), FROM_BUCKET)

Make = Callable[..., Any]


class _NamesObjectsItsOwnWay(cdk.DefaultStackSynthesizer):
    def add_file_asset(self, **asset: Any) -> cdk.FileAssetLocation:
        return cdk.FileAssetLocation(
            bucket_name="own",
            object_key="own-name.txt",
            http_url="https://s3.us-east-1.amazonaws.com/own/own-name.txt",
            s3_object_url="s3://own/own-name.txt",
        )


def published(app: cdk.App, uri: str) -> bytes:
    """What the CDK CLI would upload to an address."""
    assembly = Path(app.synth().directory)
    files = json.loads((assembly / "Stack.assets.json").read_text())["files"].values()
    key = uri.rpartition("/")[2]
    (source,) = {
        file["source"]["path"]
        for file in files
        for destination in file["destinations"].values()
        if destination["objectKey"] == key
    }
    return Path(assembly, source).read_bytes()


@from_list
def test_inline_entries_keep_their_order_and_repetitions(
    stack: cdk.Stack, make: Make, argument: str, field: str
) -> None:
    assert make(("b", "a", "b")).bind(stack).properties == {field: ["b", "a", "b"]}


@from_list
def test_inline_entries_are_those_of_the_moment_they_were_given(
    stack: cdk.Stack, make: Make, argument: str, field: str
) -> None:
    entries = ["a"]
    source = make(entries)

    entries.append("b")

    assert source.bind(stack).properties == {field: ["a"]}


@from_list
def test_inline_entries_need_nobody_to_read_them(stack: cdk.Stack, make: Make, argument: str, field: str) -> None:
    role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())

    make(["a"]).bind(stack).grant_read(role)

    Template.from_stack(stack).resource_count_is("AWS::IAM::Policy", 0)


@from_list
@pytest.mark.parametrize("empty", [[], ()])
def test_fails_when_there_is_no_entry(make: Make, argument: str, field: str, empty: Any) -> None:
    with pytest.raises(ValueError, match=f"^{argument} is empty: give at least one, or leave the resource out$"):
        make(empty)


@from_list
@pytest.mark.parametrize("entry", ["um", ""])
def test_fails_when_one_string_stands_for_the_list(make: Make, argument: str, field: str, entry: str) -> None:
    with pytest.raises(ValueError, match=f"^{argument} must be a list of strings, got the string '{entry}'$"):
        make(entry)


@from_file
@pytest.mark.parametrize("name", ["terms.tsv", "Wörter für Österreich + 'zwei'.txt", "no suffix"])
def test_a_file_becomes_an_asset_whatever_its_name(
    stack: cdk.Stack, tmp_path: Path, make: Make, field: str, name: str
) -> None:
    file = tmp_path / name
    file.write_text("um\n", encoding="utf-8")

    bound = make(file).bind(stack)

    uri = resolved(stack, bound.properties[field])
    assert re.fullmatch(
        r"s3://cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/transcribe-[0-9a-f]{12}-[0-9a-f]{64}.*", uri
    )


@from_file
def test_a_file_is_taken_as_a_string_too(stack: cdk.Stack, tmp_path: Path, make: Make, field: str) -> None:
    file = tmp_path / "terms.txt"
    file.write_text("um\n")

    assert field in make(str(file)).bind(stack).properties


@from_file
def test_a_relative_path_is_relative_to_the_working_directory(
    stack: cdk.Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Make, field: str
) -> None:
    (tmp_path / "terms.txt").write_text("um\n")
    monkeypatch.chdir(tmp_path)

    assert field in make("terms.txt").bind(stack).properties


@from_file
def test_whoever_reads_a_file_may_read_the_words_of_its_stack_and_no_other_asset(
    stack: cdk.Stack, tmp_path: Path, make: Make, field: str
) -> None:
    file = tmp_path / "terms.txt"
    file.write_text("um\n")
    role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())

    bound = make(file).bind(stack)
    bound.grant_read(role)

    location = resolved(stack, bound.properties[field]).removeprefix("s3://")
    words_of_the_stack = re.sub(r"[0-9a-f]{64}\.txt$", "*", location)
    assert words_of_the_stack.endswith("-*")
    assert permissions(Template.from_stack(stack), role) == {
        ("s3:GetObject", f"arn:<AWS::Partition>:s3:::{words_of_the_stack}", ANYWHERE)
    }


@from_file
def test_files_of_two_stacks_are_told_apart(app: cdk.App, tmp_path: Path, make: Make, field: str) -> None:
    file = tmp_path / "terms.txt"
    file.write_text("um\n")

    readable = {make(file).bind(cdk.Stack(app, id)).readable for id in ("One", "Two")}

    assert len(readable) == 2


@from_file
def test_a_file_of_a_nested_stack_is_published_with_its_parent(tmp_path: Path, make: Make, field: str) -> None:
    file = tmp_path / "terms.txt"
    file.write_bytes(b"um\n")
    app = cdk.App()
    nested = cdk.NestedStack(cdk.Stack(app, "Stack"), "Nested")
    cdk.CfnWaitConditionHandle(nested, "Something")

    uri = resolved(nested, make(file).bind(nested).properties[field])

    assert published(app, uri) == b"um\n"


@from_file
def test_where_the_synthesizer_names_objects_otherwise_that_one_object_is_readable(
    app: cdk.App, tmp_path: Path, make: Make, field: str
) -> None:
    file = tmp_path / "terms.txt"
    file.write_text("um\n")
    stack = cdk.Stack(app, "Stack", synthesizer=_NamesObjectsItsOwnWay())

    assert make(file).bind(stack).readable == "own-name.txt"


@from_file
def test_a_file_is_published_as_it_is(tmp_path: Path, make: Make, field: str) -> None:
    file = tmp_path / "terms.txt"
    file.write_bytes(b"um\n")
    app = cdk.App()
    stack = cdk.Stack(app, "Stack")

    uri = resolved(stack, make(file).bind(stack).properties[field])

    assert published(app, uri) == b"um\n"


@from_file
def test_the_digest_follows_the_content(tmp_path: Path, make: Make, field: str) -> None:
    def digest(content: str) -> str:
        file = tmp_path / "terms.txt"
        file.write_text(content)
        bound: str = make(file).bind(cdk.Stack(cdk.App(), "Stack")).digest
        return bound

    assert digest("um\n") == digest("um\n") != digest("uh\n")


@from_file
def test_fails_when_there_is_no_such_file(tmp_path: Path, make: Make, field: str) -> None:
    missing = tmp_path / "missing.txt"

    with pytest.raises(
        ValueError,
        match=re.escape(
            f"path {str(missing)!r} can't be read: No such file or directory (looked for {str(missing)!r})"
        ),
    ):
        make(missing)


@from_file
def test_fails_with_the_absolute_path_when_a_relative_one_leads_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Make, field: str
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ValueError, match=re.escape(f"(looked for {str(tmp_path / 'terms.txt')!r})")):
        make("terms.txt")


@from_file
def test_fails_when_the_path_is_a_directory(tmp_path: Path, make: Make, field: str) -> None:
    with pytest.raises(ValueError, match=f"path {str(tmp_path)!r} can't be read: Is a directory"):
        make(tmp_path)


@from_file
def test_fails_when_the_file_may_not_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Make, field: str
) -> None:
    file = tmp_path / "secret.txt"
    file.touch()

    def forbidden(path: Path, *arguments: Any, **keywords: Any) -> None:
        # Root, who runs this in a container, may read everything.
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", forbidden)

    with pytest.raises(ValueError, match=f"path {str(file)!r} can't be read: Permission denied"):
        make(file)


# Terms


def digest_of(source: VocabularySource | WordSource) -> str:
    return source.bind(cdk.Stack(cdk.App(), "Stack")).digest


def test_terms_are_published_as_a_table() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Stack")
    source = VocabularySource.from_terms([Term("C.D.K.", display_as="CDK"), Term("Los-Angeles")])

    bound = source.bind(stack)

    assert list(bound.properties) == ["VocabularyFileUri"]
    uri = resolved(stack, bound.properties["VocabularyFileUri"])
    assert uri.endswith(".txt")
    assert published(app, uri) == (b"Phrase\tSoundsLike\tIPA\tDisplayAs\nC.D.K.\t\t\tCDK\nLos-Angeles\t\t\t\n")


def test_terms_are_published_where_assets_are_not_staged() -> None:
    app = cdk.App(context={"aws:cdk:disable-asset-staging": True})
    stack = cdk.Stack(app, "Stack")

    uri = resolved(stack, VocabularySource.from_terms([Term("a")]).bind(stack).properties["VocabularyFileUri"])

    assert published(app, uri).endswith(b"\na\t\t\t\n")


def test_the_digest_of_terms_follows_their_content() -> None:
    digests = [
        digest_of(VocabularySource.from_terms(terms))
        for terms in ([Term("a")], (Term("a"),), [Term("a", display_as="A")], [Term("a"), Term("b")])
    ]

    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_the_key_of_terms_is_that_of_a_file_with_the_same_content(tmp_path: Path, stack: cdk.Stack) -> None:
    file = tmp_path / "terms.txt"
    file.write_text("Phrase\tSoundsLike\tIPA\tDisplayAs\na\t\t\t\n")
    sources = [VocabularySource.from_terms([Term("a")]), VocabularySource.from_file(file)]

    uris = {
        resolved(stack, source.bind(Construct(stack, f"Scope{number}")).properties["VocabularyFileUri"])
        for number, source in enumerate(sources)
    }

    assert len(uris) == 1


def test_the_key_of_terms_changes_when_and_only_when_they_do() -> None:
    def key(display_as: str, beside: int = 0) -> str:
        stack = cdk.Stack(cdk.App(), "Stack")
        for number in range(beside):
            VocabularySource.from_terms([Term("beside")]).bind(Construct(stack, f"Beside{number}"))
        source = VocabularySource.from_terms([Term("a", display_as=display_as)])
        return resolved(stack, source.bind(stack).properties["VocabularyFileUri"])

    assert key("A") == key("A") == key("A", beside=3) != key("B")


def test_fails_when_there_is_no_term() -> None:
    with pytest.raises(ValueError, match=r"^terms is empty: give at least one, or leave the resource out$"):
        VocabularySource.from_terms([])


def test_fails_when_a_term_is_known_at_deployment_only() -> None:
    with pytest.raises(ValueError, match=r"^a file can't hold values that are known at deployment only, got Term\("):
        VocabularySource.from_terms([Term("a"), Term("b", display_as=cdk.Aws.REGION)])


# Objects in buckets


@from_bucket
def test_an_object_is_named_by_its_uri(stack: cdk.Stack, make: Make, field: str) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "words")

    assert make(bucket, "de/terms.tsv").bind(stack).properties == {field: "s3://words/de/terms.tsv"}


@from_bucket
def test_tokens_pass_as_bucket_key_and_version(stack: cdk.Stack, make: Make, field: str) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    key, version = cdk.CfnParameter(stack, "Key").value_as_string, cdk.CfnParameter(stack, "Version").value_as_string

    bound = make(bucket, key, object_version=version).bind(stack)

    assert resolved(stack, bound.properties[field]) == "s3://<Bucket83908E77>/<Key>"
    assert resolved(stack, bound.properties["ObjectVersion"]) == "<Version>"


@from_bucket
def test_the_digest_of_an_object_follows_where_it_is_and_its_version(make: Make, field: str) -> None:
    def digest(bucket: str = "words", key: str = "a", version: str | None = None) -> str:
        stack = cdk.Stack(cdk.App(), "Stack")
        source = make(s3.Bucket.from_bucket_name(stack, "Bucket", bucket), key, object_version=version)
        return digest_of(source)

    assert digest() == digest()
    assert len({digest(), digest(bucket="other"), digest(key="b"), digest(version="1"), digest(version="2")}) == 5


@from_bucket
def test_the_digest_of_a_bucket_of_this_app_is_the_same_in_every_synthesis(make: Make, field: str) -> None:
    def digest(beside: int) -> Any:
        stack = cdk.Stack(cdk.App(), "Stack")
        for number in range(beside):
            s3.Bucket(stack, f"Beside{number}")
        return make(s3.Bucket(stack, "Bucket"), "a").bind(stack).digest

    assert digest(0) == digest(3)


@from_bucket
def test_whoever_reads_an_object_may_read_that_one_with_the_key_of_its_bucket(
    stack: cdk.Stack, make: Make, field: str
) -> None:
    key = kms.Key(stack, "Key")
    bucket = s3.Bucket(stack, "Bucket", encryption_key=key)
    role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())

    make(bucket, "a/b").bind(stack).grant_read(role)

    assert permissions(Template.from_stack(stack), role) == {
        ("s3:GetObject", f"{resolved(stack, bucket.bucket_arn)}/a/b", ANYWHERE),
        ("kms:Decrypt", resolved(stack, key.key_arn), ANYWHERE),
    }


@from_bucket
def test_fails_when_the_key_is_empty(stack: cdk.Stack, make: Make, field: str) -> None:
    with pytest.raises(ValueError, match=r"^key is empty: give the key of the object that holds the words$"):
        make(s3.Bucket.from_bucket_name(stack, "Bucket", "words"), "")


@from_bucket
def test_fails_when_the_bucket_is_in_another_region(app: cdk.App, make: Make, field: str) -> None:
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="111122223333", region="eu-west-1"))
    bucket = s3.Bucket.from_bucket_attributes(stack, "Bucket", bucket_name="words", region="us-east-1")

    with pytest.raises(
        ValueError,
        match=r"^bucket 'Stack/Bucket' is in us-east-1 and 'Stack' in eu-west-1: Transcribe reads only from buckets of "
        r"its own Region; use a copy there$",
    ):
        make(bucket, "a").bind(stack)


@from_bucket
def test_a_bucket_of_an_unknown_region_passes(stack: cdk.Stack, make: Make, field: str) -> None:
    bucket = s3.Bucket.from_bucket_attributes(stack, "Bucket", bucket_name="words", region="us-east-1")

    assert field in make(bucket, "a").bind(stack).properties


def test_an_overwritten_object_is_a_new_vocabulary_when_its_version_is_given() -> None:
    def rendered(version: str) -> dict[str, Any]:
        stack = cdk.Stack(cdk.App(), "Stack")
        bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "words")
        source = VocabularySource.from_bucket(bucket, "terms.tsv", object_version=version)
        terms = Vocabulary(stack, "Terms", language_code="en-US", source=source)
        return properties(Template.from_stack(stack), terms)

    first, second = rendered("1"), rendered("2")

    assert first["VocabularyFileUri"] == second["VocabularyFileUri"]
    assert first["VocabularyName"] != second["VocabularyName"]
    assert (first["ObjectVersion"], second["ObjectVersion"]) == ("1", "2")


# What the linter is asked


def test_a_list_is_not_checked_where_it_is_known_at_deployment_only() -> None:
    source = VocabularySource.from_phrases(["bad phrase", cdk.Aws.REGION, "7"])

    assert [(finding.line, finding.id) for finding in source.lint("en-US")] == [
        (1, "phrase-has-space"),
        (3, "phrase-has-digit"),
    ]


def test_a_language_that_is_known_at_deployment_only_leaves_the_rules_of_all_languages(stack: cdk.Stack) -> None:
    language = cdk.CfnParameter(stack, "Language").value_as_string
    source = VocabularySource.from_phrases(["Москва", "ночь 7"])

    assert {finding.id for finding in source.lint(language)} == {"phrase-has-space", "phrase-has-digit"}


def test_a_file_is_called_what_it_was_called_when_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "terms.tsv").write_text("Phrase\tSoundsLike\tIPA\tDisplayAs\n7\t\t\t\n")
    monkeypatch.chdir(tmp_path)

    (finding,) = VocabularySource.from_file("terms.tsv").lint("en-US")

    assert str(finding).startswith("terms.tsv:2:1: error: ")


def test_terms_are_told_apart_by_their_position() -> None:
    (finding,) = VocabularySource.from_terms([Term("a"), Term("b-7")]).lint("en-US")

    assert str(finding).startswith("terms:2:3: error: ")


def test_medical_terms_follow_medical_rules() -> None:
    terms = VocabularySource.from_terms([Term("a", sounds_like="ah", ipa="ə")])

    assert "two-pronunciations" in {finding.id for finding in terms.lint("en-US", medical=True)}
    assert "two-pronunciations" not in {finding.id for finding in terms.lint("en-US")}


@from_bucket
def test_of_an_object_only_the_language_is_known(stack: cdk.Stack, make: Make, field: str) -> None:
    source = make(s3.Bucket.from_bucket_name(stack, "Bucket", "words"), "a")

    assert source.lint("ne-NP") == []
    assert [finding.id for finding in source.lint("en")] == ["language-unknown"]
