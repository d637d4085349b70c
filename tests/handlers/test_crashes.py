"""A handler that dies between any two calls leaves nothing that the next request could not put right."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from transcribe_local import LocalAws

CALLS = range(1, 7)


class CrashError(BaseException):
    """What a timeout or a lack of memory is to a handler: no `except` of its own sees it."""


@contextmanager
def crash_after(client: Any, call: int) -> Iterator[None]:
    """Let that many calls of the client take effect, then die."""
    seen = 0

    def count(**_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == call:
            raise CrashError

    client.meta.events.register("after-call", count)
    try:
        yield
    finally:
        client.meta.events.unregister("after-call", count)


def words(kind: str, *content: str) -> dict[str, Any]:
    name, field = {
        "Vocabulary": ("VocabularyName", "Phrases"),
        "VocabularyFilter": ("VocabularyFilterName", "Words"),
    }[kind]
    return {name: "terms", "LanguageCode": "en-US", field: list(content), "Tags": [{"Key": "Of", "Value": content[0]}]}


@pytest.fixture
def transcribe(handlers: Any) -> Any:
    return handlers.resource_kind.transcribe


@pytest.mark.parametrize("kind", ["Vocabulary", "VocabularyFilter"])
@pytest.mark.parametrize("call", CALLS)
def test_crash_in_an_update_and_rollback_gives_the_previous_resource_back(
    *, template: Any, transcribe: Any, resources: Any, aws: LocalAws, kind: str, call: int
) -> None:
    resource = template(kind)
    resource.create(**words(kind, "old"))
    before = resources()["terms"]

    with crash_after(transcribe, call):
        try:
            resource.update(**words(kind, "new"))
        except CrashError:
            aws.settings(pending_seconds=0.02)
    resource.update(**words(kind, "old"))

    after = resources()["terms"]
    assert {**after, "LastModifiedTime": 0} == {**before, "LastModifiedTime": 0}


@pytest.mark.parametrize("kind", ["Vocabulary", "VocabularyFilter"])
@pytest.mark.parametrize("call", CALLS)
def test_crash_in_an_update_is_carried_on_by_the_next_one(
    template: Any, transcribe: Any, resources: Any, kind: str, call: int
) -> None:
    twin = template(kind)
    twin.create(**words(kind, "new"))
    wished = resources()["terms"]
    twin.delete()
    resource = template(kind)
    resource.create(**words(kind, "old"))

    with crash_after(transcribe, call):
        try:
            resource.update(**words(kind, "new"))
        except CrashError:
            resource.update(**words(kind, "new"))

    assert {**resources()["terms"], "LastModifiedTime": 0} == {**wished, "LastModifiedTime": 0}


@pytest.mark.parametrize("kind", ["Vocabulary", "VocabularyFilter"])
@pytest.mark.parametrize("call", CALLS)
def test_digest_never_speaks_of_other_content(
    *, template: Any, transcribe: Any, handlers: Any, resources: Any, kind: str, call: int
) -> None:
    resource = template(kind)
    resource.create(**words(kind, "old"))
    old = resources()["terms"]

    with crash_after(transcribe, call), suppress(CrashError):
        resource.update(**words(kind, "new"))

    present = resources()["terms"]
    content_is_old = present["ContentSha256"] == old["ContentSha256"]
    digest_is_old = present["Tags"]["cdk-transcribe:digest"] == old["Tags"]["cdk-transcribe:digest"]
    assert content_is_old or not digest_is_old


@pytest.mark.parametrize("kind", ["Vocabulary", "VocabularyFilter"])
@pytest.mark.parametrize("call", CALLS)
def test_crash_in_a_creation_and_rollback_leaves_nothing(
    template: Any, transcribe: Any, resources: Any, kind: str, call: int
) -> None:
    resource = template(kind)

    with crash_after(transcribe, call), suppress(CrashError):
        resource.create(**words(kind, "new"))
    resource.delete()

    assert resources() == {}


@pytest.mark.parametrize("call", CALLS)
def test_crash_in_a_deletion_is_carried_on_by_the_next_one(
    template: Any, transcribe: Any, resources: Any, call: int
) -> None:
    resource = template("Vocabulary")
    resource.create(**words("Vocabulary", "old"))

    with crash_after(transcribe, call):
        try:
            resource.delete()
        except CrashError:
            resource.delete()

    assert resources() == {}


@pytest.mark.parametrize("call", CALLS)
def test_crash_in_an_adoption_and_rollback_does_not_delete_the_adopted(
    template: Any, transcribe: Any, resources: Any, client: Any, call: int
) -> None:
    client("transcribe").create_vocabulary(VocabularyName="terms", LanguageCode="en-US", Phrases=["theirs"])
    resource = template("Vocabulary")
    adopted = False

    with crash_after(transcribe, call):
        try:
            resource.create(**words("Vocabulary", "new"), AdoptExisting="true")
            adopted = True
        except CrashError:
            adopted = "cdk-transcribe:owner" in resources()["terms"]["Tags"]
    resource.delete()

    assert ("terms" in resources()) != adopted
