from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from cdk_transcribe import VocabularySource, WordSource

from .rendered import ANYWHERE, permissions, resolved

FROM_FILE: list[Any] = [
    pytest.param(VocabularySource.from_file, "VocabularyFileUri", id="vocabulary"),
    pytest.param(WordSource.from_file, "VocabularyFilterFileUri", id="words"),
]
FROM_LIST: list[Any] = [
    pytest.param(VocabularySource.from_phrases, "phrases", "Phrases", id="vocabulary"),
    pytest.param(WordSource.from_words, "words", "Words", id="words"),
]

from_file = pytest.mark.parametrize(("make", "field"), FROM_FILE)
from_list = pytest.mark.parametrize(("make", "argument", "field"), FROM_LIST)

Make = Callable[[Any], Any]


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
    assert re.fullmatch(r"s3://cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/[0-9a-f]{64}.*", uri)


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
def test_whoever_reads_a_file_may_read_that_object_and_no_other(
    stack: cdk.Stack, tmp_path: Path, make: Make, field: str
) -> None:
    file = tmp_path / "terms.txt"
    file.write_text("um\n")
    role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())

    bound = make(file).bind(stack)
    bound.grant_read(role)

    location = resolved(stack, bound.properties[field]).removeprefix("s3://")
    assert permissions(Template.from_stack(stack), role) == {
        ("s3:GetObject", f"arn:<AWS::Partition>:s3:::{location}", ANYWHERE)
    }


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
