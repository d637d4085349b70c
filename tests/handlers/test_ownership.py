"""What belongs to somebody else is neither updated nor deleted, unless it was to be taken over."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcribe_local import LocalAws

PHRASES = {"VocabularyName": "terms", "LanguageCode": "en-US", "Phrases": ["Los-Angeles"]}
OTHER_STACK = "arn:aws:cloudformation:us-east-1:000000000000:stack/calls/ffffffff-0000-4000-8000-000000000000"


@pytest.fixture
def foreign(client: Any, resources: Any) -> dict[str, Any]:
    """A vocabulary that somebody made by hand, with a tag of theirs."""
    client("transcribe").create_vocabulary(
        VocabularyName="terms", LanguageCode="en-US", Phrases=["theirs"], Tags=[{"Key": "Team", "Value": "A"}]
    )
    described: dict[str, Any] = resources()["terms"]
    return described


def test_fails_when_the_name_is_taken_and_rollback_leaves_the_holder_alone(
    terms: Any, handlers: Any, foreign: dict[str, Any], resources: Any
) -> None:
    with pytest.raises(handlers.custom_resource.ResourceRequestError) as failed:
        terms.create(**PHRASES)
    terms.delete()

    for part in (
        "vocabulary 'terms'",
        "exists already",
        "not owned",
        "another name",
        "delete it",
        "adopt_existing=True",
    ):
        assert part in str(failed.value)
    assert resources()["terms"] == foreign


@pytest.mark.parametrize(
    "other",
    [{"stack_id": OTHER_STACK}, {"logical_id": "OtherTerms"}],
    ids=["the same stack name in another life", "another resource of the same stack"],
)
def test_fails_when_the_holder_is_another_resource_of_ours(
    template: Any, terms: Any, handlers: Any, resources: Any, other: dict[str, str]
) -> None:
    template("Vocabulary", **other).create(**PHRASES)
    before = resources()

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match="exists already"):
        terms.create(**PHRASES)
    terms.delete()

    assert resources() == before


def test_fails_when_renamed_onto_a_taken_name_and_rolls_back(
    terms: Any, handlers: Any, foreign: dict[str, Any], resources: Any
) -> None:
    terms.create(**{**PHRASES, "VocabularyName": "mine"})

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match="exists already"):
        terms.update(**PHRASES)
    terms.update(**{**PHRASES, "VocabularyName": "mine"})

    assert resources()["terms"] == foreign
    assert "mine" in resources()


def test_name_taken_between_look_and_create_is_looked_at_again(
    terms: Any, handlers: Any, aws: LocalAws, foreign: dict[str, Any]
) -> None:
    aws.inject_fault("GetVocabulary", "NotFoundException", "It couldn't be found.", times=1)

    assert terms.look("Create", **PHRASES) == {"IsComplete": False}
    with pytest.raises(handlers.custom_resource.ResourceRequestError, match="exists already"):
        terms.look("Create", **PHRASES)


def test_creation_whose_answer_was_lost_is_found_and_kept(terms: Any, aws: LocalAws, resources: Any) -> None:
    aws.inject_fault("CreateVocabulary", after_effect=True, times=1)

    assert terms.create(**PHRASES)["State"] == "READY"
    assert aws.calls()["CreateVocabulary"] == 1


def test_adopted_resource_gets_our_content_and_tags(
    terms: Any, foreign: dict[str, Any], resources: Any, aws: LocalAws
) -> None:
    terms.create(**PHRASES, AdoptExisting="true")

    adopted = resources()["terms"]
    assert adopted["ContentSha256"] != foreign["ContentSha256"]
    assert set(adopted["Tags"]) == {"cdk-transcribe:owner", "cdk-transcribe:digest"}


def test_adopted_resource_is_ours_from_then_on(terms: Any, foreign: dict[str, Any], resources: Any) -> None:
    terms.create(**PHRASES, AdoptExisting="true")

    terms.update(**{**PHRASES, "Phrases": ["later"]})
    terms.delete()

    assert resources() == {}


def test_failed_adoption_is_not_followed_by_deletion(
    terms: Any, handlers: Any, foreign: dict[str, Any], resources: Any
) -> None:
    with pytest.raises(handlers.custom_resource.ResourceRequestError, match="invalid characters"):
        terms.create(**{**PHRASES, "Phrases": ["has space"]}, AdoptExisting="true")
    terms.delete()

    assert "cdk-transcribe:owner" not in resources()["terms"]["Tags"]


def test_resource_moved_to_another_logical_id_survives_the_deletion_of_the_first(template: Any, resources: Any) -> None:
    before, after = template("Vocabulary", logical_id="Before"), template("Vocabulary", logical_id="After")
    before.create(**PHRASES)

    after.create(**PHRASES, AdoptExisting="true")
    before.delete()

    assert resources()["terms"]["Tags"]["cdk-transcribe:owner"].startswith("calls/After/")


def test_nothing_is_touched_when_tags_cannot_be_read(terms: Any, handlers: Any, aws: LocalAws, resources: Any) -> None:
    terms.create(**PHRASES)
    aws.inject_fault("ListTagsForResource", "AccessDeniedException", "not authorized to perform this action")

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match="not authorized"):
        terms.delete()

    assert "terms" in resources()


@given(
    stack_name=st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=128),
    logical_id=st.text(string.ascii_letters + string.digits, min_size=1, max_size=255),
)
def test_owner_fits_a_tag(handlers: Any, stack_name: str, logical_id: str) -> None:
    stack_id = OTHER_STACK.replace("/calls/", f"/{stack_name}/")

    owner = handlers.ownership_tags.owner_of(stack_id, logical_id)

    assert len(owner) <= 256
    assert owner.startswith(f"{stack_name}/")


def test_owners_differ_where_their_readable_part_does_not(handlers: Any) -> None:
    owner_of = handlers.ownership_tags.owner_of

    assert owner_of(OTHER_STACK, "L" * 200 + "1") != owner_of(OTHER_STACK, "L" * 200 + "2")
