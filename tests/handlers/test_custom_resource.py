"""The life of a resource from the stack's first deployment to its deletion."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from transcribe_local import LocalAws

TABLE = "Phrase\tSoundsLike\tIPA\tDisplayAs\nLos-Angeles\t\t\tLos Angeles\n"
ROLE = "arn:aws:iam::000000000000:role/reader"
ENCRYPTION = {"KMSKey": "arn:aws:kms:us-east-1:000000000000:key/1b2c3d4e-0000-4000-8000-000000000000"}
PHRASES = {"VocabularyName": "terms", "LanguageCode": "en-US", "Phrases": ["Los-Angeles"]}
WORDS = {"VocabularyFilterName": "terms", "LanguageCode": "en-US", "Words": ["um"]}

ARN = "arn:aws:transcribe:us-east-1:000000000000"


@pytest.fixture
def table_uri(client: Any, bucket: str) -> str:
    client("s3").put_object(Bucket=bucket, Key="terms.tsv", Body=TABLE.encode())
    return f"s3://{bucket}/terms.tsv"


@pytest.fixture(params=["Vocabulary", "MedicalVocabulary", "VocabularyFilter"])
def any_kind(request: pytest.FixtureRequest, template: Any, client: Any, bucket: str) -> tuple[Any, Any, str]:
    """A resource of each kind, a function from content to its properties, and the field of its name."""
    s3 = client("s3")

    def medical(name: str, word: str) -> dict[str, Any]:
        s3.put_object(Bucket=bucket, Key=word, Body=TABLE.replace("Los-Angeles", word).encode())
        return {"VocabularyName": name, "LanguageCode": "en-US", "VocabularyFileUri": f"s3://{bucket}/{word}"}

    properties = {
        "Vocabulary": lambda name, word: {**PHRASES, "VocabularyName": name, "Phrases": [word]},
        "MedicalVocabulary": medical,
        "VocabularyFilter": lambda name, word: {**WORDS, "VocabularyFilterName": name, "Words": [word]},
    }[request.param]
    return template(request.param), properties, request.param


@pytest.mark.parametrize(
    ("kind", "properties", "arn"),
    [
        ("Vocabulary", PHRASES, f"{ARN}:vocabulary/terms"),
        ("VocabularyFilter", WORDS, f"{ARN}:vocabulary-filter/terms"),
    ],
)
def test_created_resource_gives_its_name_arn_and_state(
    template: Any, resources: Any, kind: str, properties: dict[str, Any], arn: str
) -> None:
    attributes = template(kind).create(**properties)

    assert attributes == {"Name": "terms", "Arn": arn, "State": "READY"}
    assert resources()["terms"]["Arn"] == arn


def test_medical_vocabulary_is_made_from_a_table(template: Any, resources: Any, table_uri: str) -> None:
    attributes = template("MedicalVocabulary").create(
        VocabularyName="terms", LanguageCode="en-US", VocabularyFileUri=table_uri
    )

    assert attributes["Arn"] == f"{ARN}:medical-vocabulary/terms" == resources()["terms"]["Arn"]


def test_new_content_under_the_same_name_is_an_update_in_place(
    any_kind: tuple[Any, Any, str], resources: Any, aws: LocalAws
) -> None:
    resource, properties, kind = any_kind
    resource.create(**properties("terms", "old"))
    old = resources()["terms"]

    resource.update(**properties("terms", "new"))

    assert resources()["terms"]["ContentSha256"] != old["ContentSha256"]
    assert aws.calls()[f"Update{kind}"] == 1
    assert f"Delete{kind}" not in aws.calls()


def test_another_object_version_is_an_update_though_the_address_stays(
    terms: Any, aws: LocalAws, resources: Any, client: Any, bucket: str, table_uri: str
) -> None:
    properties = {"VocabularyName": "same", "LanguageCode": "en-US", "VocabularyFileUri": table_uri}
    terms.create(**properties, ObjectVersion="1")
    before = resources()["same"]["ContentSha256"]
    key = table_uri.removeprefix(f"s3://{bucket}/")
    client("s3").put_object(Bucket=bucket, Key=key, Body=b"Phrase\tSoundsLike\tIPA\tDisplayAs\nnew-words\t\t\t\n")

    terms.update(**properties, ObjectVersion="2")

    assert aws.calls()["UpdateVocabulary"] == 1
    assert resources()["same"]["ContentSha256"] != before


def test_new_name_is_a_new_resource_and_the_old_one_goes_last(
    any_kind: tuple[Any, Any, str], resources: Any, aws: LocalAws
) -> None:
    resource, properties, kind = any_kind
    resource.create(**properties("first", "same"))

    attributes = resource.update(**properties("second", "same"))

    assert attributes["Name"] == "second"
    assert list(resources()) == ["second"]
    assert aws.calls()[f"Create{kind}"] == 2


def test_a_replacement_that_fails_is_withdrawn_and_the_one_before_stays(
    terms: Any, handlers: Any, resources: Any
) -> None:
    terms.create(VocabularyName="first", LanguageCode="en-US", Phrases=["good"])

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match="digit"):
        terms.update(VocabularyName="second", LanguageCode="en-US", Phrases=["bad-1"])

    assert list(resources()) == ["first"]


@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.parametrize("code", ["ThrottlingException", "LimitExceededException", "InternalFailureException"])
def test_withdrawal_that_meets_trouble_is_tried_until_the_replacement_is_gone(
    *, terms: Any, handlers: Any, resources: Any, aws: LocalAws, code: str, after_effect: bool
) -> None:
    terms.create(VocabularyName="first", LanguageCode="en-US", Phrases=["good"])
    aws.inject_fault("DeleteVocabulary", code, times=2, after_effect=after_effect)

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match="digit"):
        terms.update(VocabularyName="second", LanguageCode="en-US", Phrases=["bad-1"])

    assert aws.errors()["DeleteVocabulary"][code] == 2
    assert list(resources()) == ["first"]


def test_withdrawal_of_a_replacement_that_somebody_else_changes_at_this_moment_is_waited_for(
    terms: Any, handlers: Any, resources: Any, aws: LocalAws
) -> None:
    terms.create(VocabularyName="first", LanguageCode="en-US", Phrases=["good"])
    sentence = "The requested vocabulary is in a non-terminal state. Wait until its state is READY or FAILED."
    aws.inject_fault("DeleteVocabulary", "BadRequestException", sentence, times=1)

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match="digit"):
        terms.update(VocabularyName="second", LanguageCode="en-US", Phrases=["bad-1"])

    assert list(resources()) == ["first"]


def test_replacement_that_was_to_be_adopted_and_fails_is_not_withdrawn_from_its_owner(
    terms: Any, handlers: Any, resources: Any, client: Any
) -> None:
    terms.create(VocabularyName="first", LanguageCode="en-US", Phrases=["good"])
    client("transcribe").create_vocabulary(VocabularyName="second", LanguageCode="en-US", Phrases=["theirs"])

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match="digit"):
        terms.update(VocabularyName="second", LanguageCode="en-US", Phrases=["bad-1"], AdoptExisting="true")

    assert set(resources()) == {"first", "second"}


def test_rollback_of_a_rename_that_fails_does_not_delete_what_it_rolls_back_to(
    terms: Any, handlers: Any, resources: Any, aws: LocalAws
) -> None:
    first = {"VocabularyName": "first", "LanguageCode": "en-US", "Phrases": ["good"]}
    second = {**first, "VocabularyName": "second", "Tags": [{"Key": "Team", "Value": "A"}]}
    terms.create(**first)
    terms.complete(terms.event("Update", second, OldResourceProperties=first))
    aws.inject_fault("ListTagsForResource", "AccessDeniedException", "not authorized", times=1)

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match="not authorized"):
        terms.check(terms.event("Update", first, OldResourceProperties=second, PhysicalResourceId="second"))

    assert set(resources()) == {"first", "second"}


def test_an_update_that_fails_in_place_withdraws_nothing(terms: Any, handlers: Any, resources: Any) -> None:
    terms.create(VocabularyName="same", LanguageCode="en-US", Phrases=["good"])

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match="digit"):
        terms.update(VocabularyName="same", LanguageCode="en-US", Phrases=["bad-1"])

    assert list(resources()) == ["same"]


def test_deleted_resource_is_gone(any_kind: tuple[Any, Any, str], resources: Any) -> None:
    resource, properties, _ = any_kind
    resource.create(**properties("terms", "word"))

    resource.delete()

    assert resources() == {}


def test_deleting_what_is_already_gone_succeeds(any_kind: tuple[Any, Any, str], aws: LocalAws) -> None:
    resource, properties, kind = any_kind
    resource.create(**properties("terms", "word"))
    resource.delete()

    resource.delete()

    assert aws.calls()[f"Delete{kind}"] == 1


def test_resource_deleted_behind_the_stacks_back_is_made_again_by_the_next_update(
    any_kind: tuple[Any, Any, str], resources: Any, aws: LocalAws
) -> None:
    resource, properties, _ = any_kind
    resource.create(**properties("terms", "old"))
    aws.reset_transcribe()
    aws.settings(pending_seconds=0)

    resource.update(**properties("terms", "new"))

    assert "terms" in resources()


def test_update_without_a_change_costs_two_calls(any_kind: tuple[Any, Any, str], aws: LocalAws) -> None:
    resource, properties, kind = any_kind
    resource.create(**properties("terms", "word"))
    aws.forget_calls()

    resource.update(**properties("terms", "word"))

    assert aws.calls() == {f"Get{kind}": 1, "ListTagsForResource": 1}


def test_pending_vocabulary_is_waited_for(terms: Any, aws: LocalAws, resources: Any) -> None:
    aws.settings(pending_seconds=0.05)

    terms.create(**PHRASES)

    assert resources()["terms"]["VocabularyState"] == "READY"
    assert aws.calls()["CreateVocabulary"] == 1


def test_pending_vocabulary_is_not_complete_however_often_it_is_looked_at(terms: Any, aws: LocalAws) -> None:
    aws.settings(pending_seconds=3600)

    assert [terms.look("Create", **PHRASES)["IsComplete"] for _ in range(3)] == [False, False, False]
    assert aws.calls() == {"GetVocabulary": 3, "CreateVocabulary": 1, "ListTagsForResource": 2}


def test_deletion_is_complete_when_the_vocabulary_has_vanished(
    terms: Any, handlers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms.create(**PHRASES)
    with monkeypatch.context() as slow:
        slow.setattr(handlers.resource_kind.ResourceKind, "delete", lambda *_: None)
        assert terms.look("Delete", **PHRASES) == {"IsComplete": False}

    assert terms.look("Delete", **PHRASES)["IsComplete"]


def test_filter_is_ready_in_one_look(template: Any, aws: LocalAws) -> None:
    filler = template("VocabularyFilter")

    assert filler.look("Create", **WORDS)["IsComplete"]
    assert aws.calls() == {"GetVocabularyFilter": 1, "CreateVocabularyFilter": 1}


def test_pending_vocabulary_is_not_deleted_before_it_has_settled(terms: Any, aws: LocalAws, resources: Any) -> None:
    aws.settings(pending_seconds=3600)
    terms.look("Create", **PHRASES)
    terms.physical_id, terms.properties = "terms", PHRASES

    assert terms.look("Delete", **PHRASES) == {"IsComplete": False}
    assert "DeleteVocabulary" not in aws.calls()


def test_rollback_waits_for_a_pending_vocabulary_and_deletes_it(terms: Any, aws: LocalAws, resources: Any) -> None:
    aws.settings(pending_seconds=0.05)
    terms.look("Create", **PHRASES)
    terms.physical_id, terms.properties = "terms", PHRASES

    terms.delete()

    assert resources() == {}


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("Vocabulary", PHRASES, {**PHRASES, "Phrases": ["New-York"]}),
        ("VocabularyFilter", WORDS, {**WORDS, "Words": ["uh"]}),
    ],
)
def test_key_and_role_are_sent_again_with_every_update(
    template: Any, resources: Any, kind: str, old: dict[str, Any], new: dict[str, Any]
) -> None:
    access = {"DataAccessRoleArn": ROLE, "EncryptionConfiguration": ENCRYPTION}
    resource = template(kind)
    resource.create(**old, **access)

    resource.update(**new, **access)

    described = resources()["terms"]
    assert described["EncryptionConfiguration"] == ENCRYPTION
    assert described["DataAccessRoleArn"] == ROLE


def test_digest_tag_speaks_of_the_content_and_owner_tag_of_the_stack(terms: Any, handlers: Any, resources: Any) -> None:
    terms.create(**PHRASES)

    tags = resources()["terms"]["Tags"]
    content = {field: PHRASES[field] for field in ("LanguageCode", "Phrases")}
    assert tags["cdk-transcribe:digest"] == handlers.ownership_tags.digest_of(content)
    assert tags["cdk-transcribe:owner"].startswith("calls/Terms/")


def test_language_cannot_be_changed_in_place(any_kind: tuple[Any, Any, str], handlers: Any, resources: Any) -> None:
    resource, properties, _ = any_kind
    resource.create(**properties("terms", "word"))
    before = resources()

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match=r"en-US .* fr-FR .*change its name"):
        resource.update(**{**properties("terms", "word"), "LanguageCode": "fr-FR"})

    assert resources() == before


@pytest.mark.parametrize("name", ["", "has space", "n" * 201, "ümlaut", "name\n"])
def test_fails_when_the_name_is_illegal_before_anything_is_asked(
    terms: Any, handlers: Any, aws: LocalAws, name: str
) -> None:
    with pytest.raises(handlers.custom_resource.ResourceRequestError, match="no name for a vocabulary"):
        terms.create(**{**PHRASES, "VocabularyName": name})

    assert aws.calls() == {}


def test_on_event_answers_with_the_name(handlers: Any) -> None:
    event = {
        "RequestType": "Update",
        "ResourceType": "Custom::TranscribeVocabulary",
        "PhysicalResourceId": "old",
        "ResourceProperties": PHRASES,
    }

    assert handlers.custom_resource.on_event(event, None)["PhysicalResourceId"] == "terms"
    assert handlers.custom_resource.on_event({**event, "RequestType": "Delete"}, None)["PhysicalResourceId"] == "old"


def test_content_digest_ignores_the_order_of_fields_only(handlers: Any) -> None:
    digest = handlers.ownership_tags.digest_of

    assert digest({"a": "1", "b": ["x", "y"]}) == digest({"b": ["x", "y"], "a": "1"})
    assert digest({"b": ["x", "y"]}) != digest({"b": ["y", "x"]})
    assert len(digest({})) == 32 <= len(hashlib.sha256().hexdigest())


def test_nothing_confidential_is_logged(terms: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")

    terms.create(**PHRASES, ResponseURL="https://bucket.s3/?X-Amz-Signature=1")

    logged = " ".join(str(vars(record)) for record in caplog.records if record.name.startswith("transcribe_handlers"))
    assert "created" in logged
    assert "X-Amz" not in logged
    assert "Los-Angeles" not in logged
