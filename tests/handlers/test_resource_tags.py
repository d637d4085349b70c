"""The user's own tags follow the template, down to none."""

from __future__ import annotations

from typing import Any

import pytest

from transcribe_local import LocalAws

PHRASES = {"VocabularyName": "terms", "LanguageCode": "en-US", "Phrases": ["Los-Angeles"]}


def tag_list(**tags: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


@pytest.fixture
def user_tags(resources: Any) -> Any:
    def read() -> dict[str, str]:
        tags = resources()["terms"]["Tags"]
        return {key: value for key, value in tags.items() if not key.startswith("cdk-transcribe:")}

    return read


def test_tags_are_there_from_the_creation_on(terms: Any, user_tags: Any, aws: LocalAws) -> None:
    terms.create(**PHRASES, Tags=tag_list(Team="A"))

    assert user_tags() == {"Team": "A"}
    assert "TagResource" not in aws.calls()


def test_tags_are_added_changed_and_removed(terms: Any, user_tags: Any, aws: LocalAws) -> None:
    terms.create(**PHRASES, Tags=tag_list(Team="A", Stage="dev", Gone="x"))

    terms.update(**PHRASES, Tags=tag_list(Team="B", Stage="dev", New="y"))

    assert user_tags() == {"Team": "B", "Stage": "dev", "New": "y"}
    assert "UpdateVocabulary" not in aws.calls()


@pytest.mark.parametrize("none", [{}, {"Tags": []}])
def test_last_tag_can_be_removed(terms: Any, user_tags: Any, resources: Any, none: dict[str, Any]) -> None:
    terms.create(**PHRASES, Tags=tag_list(Team="A"))

    terms.update(**PHRASES, **none)

    assert user_tags() == {}
    assert {"cdk-transcribe:owner", "cdk-transcribe:digest"} == set(resources()["terms"]["Tags"])


def test_tags_and_content_change_in_one_update(terms: Any, user_tags: Any) -> None:
    terms.create(**PHRASES, Tags=tag_list(Team="A"))

    terms.update(**{**PHRASES, "Phrases": ["other"]}, Tags=tag_list(Stage="prod"))

    assert user_tags() == {"Stage": "prod"}


def test_tags_that_aws_set_are_left_alone(handlers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []

    class Recorder:
        def untag_resource(self, **request: Any) -> None:
            sent.append(request["TagKeys"])

    monkeypatch.setattr(handlers.ownership_tags, "transcribe", Recorder())

    handlers.ownership_tags.reconcile("arn", {"aws:cloudformation:stack-name": "s", "Team": "A"}, {})

    assert sent == [["Team"]]
