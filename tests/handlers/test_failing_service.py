"""What the service refuses is told at once and well; what it only cannot do now is waited for."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from transcribe_local import LocalAws

PHRASES = {"VocabularyName": "terms", "LanguageCode": "en-US", "Phrases": ["Los-Angeles"]}
BAD = {**PHRASES, "Phrases": ["has space"]}
NEW = {**PHRASES, "Phrases": ["New-York"]}
TROUBLES = ["LimitExceededException", "ThrottlingException", "InternalFailureException", "ServiceUnavailableException"]
UNREADABLE = "The S3 URI can't be accessed. Make sure that you have read permission and try your request again."


@pytest.mark.parametrize("code", TROUBLES)
@pytest.mark.parametrize("operation", ["GetVocabulary", "CreateVocabulary"])
def test_trouble_while_creating_is_not_yet(terms: Any, aws: LocalAws, operation: str, code: str) -> None:
    aws.inject_fault(operation, code, times=2)

    assert terms.look("Create", **PHRASES) == {"IsComplete": False}
    assert terms.create(**PHRASES)["State"] == "READY"


@pytest.mark.parametrize("code", TROUBLES)
@pytest.mark.parametrize("operation", ["GetVocabulary", "ListTagsForResource", "TagResource", "UpdateVocabulary"])
@pytest.mark.parametrize("after_effect", [False, True])
def test_trouble_while_updating_is_not_yet(
    *, terms: Any, aws: LocalAws, resources: Any, operation: str, code: str, after_effect: bool
) -> None:
    terms.create(**PHRASES)
    old = resources()["terms"]["ContentSha256"]
    aws.inject_fault(operation, code, times=2, after_effect=after_effect)

    terms.update(**NEW)

    assert resources()["terms"]["ContentSha256"] != old
    assert aws.errors()[operation][code] == 2


@pytest.mark.parametrize("code", TROUBLES)
@pytest.mark.parametrize("operation", ["GetVocabulary", "ListTagsForResource", "DeleteVocabulary"])
def test_trouble_while_deleting_is_not_yet(
    terms: Any, aws: LocalAws, resources: Any, operation: str, code: str
) -> None:
    terms.create(**PHRASES)
    aws.inject_fault(operation, code, times=2)

    terms.delete()

    assert resources() == {}


def test_way_to_the_service_that_is_cut_is_not_yet(terms: Any, handlers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(_: Any) -> bool:
        raise EndpointConnectionError(endpoint_url="https://transcribe")

    monkeypatch.setattr(handlers.convergence, "converge_to_presence", unreachable)

    assert terms.look("Create", **PHRASES) == {"IsComplete": False}


def test_more_vocabularies_than_may_be_pending_all_become_ready(template: Any, aws: LocalAws, resources: Any) -> None:
    aws.settings(pending_seconds=0.2, max_pending_vocabularies=3)
    family = [template("Vocabulary", logical_id=f"Terms{number}") for number in range(10)]
    events = [
        resource.event("Create", {**PHRASES, "VocabularyName": f"terms{number}"})
        for number, resource in enumerate(family)
    ]

    while events:
        events = [event for event in events if not family[0].check(event)["IsComplete"]]

    assert len(resources()) == 10
    assert aws.errors()["CreateVocabulary"]["LimitExceededException"] > 0


def test_trouble_that_does_not_end_is_told_before_the_provider_gives_up(
    terms: Any, aws: LocalAws, handlers: Any
) -> None:
    aws.inject_fault("CreateVocabulary", "LimitExceededException", "You've reached the limit on vocabularies.")
    event = terms.event("Create", PHRASES)

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match=r"reached the limit.*Service Quotas"):
        terms.check({**event, "RequestedAt": event["RequestedAt"] - 3001})


def test_deletion_whose_trouble_does_not_end_says_so_before_the_provider_gives_up(
    terms: Any, aws: LocalAws, handlers: Any
) -> None:
    terms.create(**PHRASES)
    aws.inject_fault("DeleteVocabulary", "ThrottlingException", "Rate exceeded")
    event = terms.event("Delete", PHRASES)

    assert terms.check(event) == {"IsComplete": False}
    with pytest.raises(handlers.custom_resource.ResourceRequestError, match="Rate exceeded"):
        terms.check({**event, "RequestedAt": event["RequestedAt"] - 3001})


@pytest.mark.parametrize("kind", ["Vocabulary", "VocabularyFilter"])
def test_words_that_are_too_many_for_ever_fail_at_once(template: Any, handlers: Any, kind: str) -> None:
    field = {"Vocabulary": "Phrases", "VocabularyFilter": "Words"}[kind]
    too_many = {"LanguageCode": "en-US", f"{kind}Name": "terms", field: ["a" * 200] * 256}

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match=r"too long.*50 KB"):
        template(kind).create(**too_many)


@pytest.mark.parametrize("kind", ["Vocabulary", "MedicalVocabulary", "VocabularyFilter"])
def test_file_that_is_too_large_for_ever_fails_at_once(
    template: Any, handlers: Any, client: Any, bucket: str, kind: str
) -> None:
    client("s3").put_object(Bucket=bucket, Key="large", Body=b"word\n" * 11000)
    name, uri = f"{kind}Name".replace("Medical", ""), f"{kind}FileUri".replace("Medical", "")

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match=r"too long.*50 KB"):
        template(kind).create(**{"LanguageCode": "en-US", name: "terms", uri: f"s3://{bucket}/large"})


def test_limit_on_requests_is_waited_for_though_its_sentence_speaks_of_length(terms: Any, aws: LocalAws) -> None:
    sentence = "You've either sent too many requests or your input file is too long."
    aws.inject_fault("CreateVocabulary", "LimitExceededException", sentence, times=3)

    assert terms.create(**PHRASES)["State"] == "READY"


def test_size_that_may_not_be_asked_for_is_no_reason_to_fail(
    terms: Any, aws: LocalAws, client: Any, bucket: str
) -> None:
    properties = {"VocabularyName": "terms", "LanguageCode": "en-US", "VocabularyFileUri": f"s3://{bucket}/terms"}
    aws.inject_fault("CreateVocabulary", "LimitExceededException", times=1)

    assert terms.look("Create", **properties) == {"IsComplete": False}
    client("s3").put_object(Bucket=bucket, Key="terms", Body=b"word")
    assert terms.create(**properties)["State"] == "READY"


@pytest.mark.parametrize("operation", ["UpdateVocabulary", "TagResource"])
def test_resource_that_vanishes_between_look_and_update_is_made_again(
    terms: Any, handlers: Any, client: Any, resources: Any, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    terms.create(**PHRASES)
    deleted: list[bool] = []

    def delete(**_: Any) -> None:
        if not deleted:
            deleted.append(True)
            client("transcribe").delete_vocabulary(VocabularyName="terms")

    events = handlers.resource_kind.transcribe.meta.events
    events.register(f"before-call.transcribe.{operation}", delete)
    try:
        terms.update(**NEW)
    finally:
        events.unregister(f"before-call.transcribe.{operation}", delete)

    assert deleted
    assert resources()["terms"]["VocabularyState"] == "READY"


def test_resource_that_vanishes_between_look_and_deletion_is_gone(
    terms: Any, handlers: Any, client: Any, resources: Any
) -> None:
    terms.create(**PHRASES)

    def delete(**_: Any) -> None:
        client("transcribe").delete_vocabulary(VocabularyName="terms")

    events = handlers.resource_kind.transcribe.meta.events
    events.register("before-call.transcribe.DeleteVocabulary", delete)
    try:
        terms.delete()
    finally:
        events.unregister("before-call.transcribe.DeleteVocabulary", delete)

    assert resources() == {}


@pytest.mark.parametrize(
    ("operation", "request_type"), [("DeleteVocabulary", "Delete"), ("UpdateVocabulary", "Update")]
)
def test_resource_that_somebody_else_changes_at_this_moment_is_waited_for(
    terms: Any, aws: LocalAws, operation: str, request_type: str
) -> None:
    terms.create(**PHRASES)
    sentence = "The requested vocabulary is in a non-terminal state. Wait until its state is READY or FAILED."
    aws.inject_fault(operation, "BadRequestException", sentence, times=1)

    assert terms.look(request_type, **NEW) == {"IsComplete": False}
    assert terms.look(request_type, **NEW)["IsComplete"]


def test_resource_that_somebody_else_changes_after_the_look_is_answered_as_it_was_seen(
    terms: Any, handlers: Any, aws: LocalAws, client: Any, resources: Any
) -> None:
    terms.create(**PHRASES)
    aws.settings(pending_seconds=3600)

    def change(**_: Any) -> None:
        client("transcribe").update_vocabulary(**{**PHRASES, "Phrases": ["theirs"]})

    events = handlers.resource_kind.transcribe.meta.events
    events.register("before-call.transcribe.TagResource", change)
    try:
        answer = terms.look("Update", **PHRASES, Tags=[{"Key": "Team", "Value": "A"}])
    finally:
        events.unregister("before-call.transcribe.TagResource", change)

    # A change in the moment after the answer would be no different: no handler can promise that READY lasts.
    assert answer["Data"]["State"] == "READY"
    assert resources()["terms"]["VocabularyState"] == "PENDING"


def test_failure_names_the_resource_the_reason_and_what_helps(terms: Any, handlers: Any) -> None:
    with pytest.raises(handlers.custom_resource.ResourceRequestError) as failed:
        terms.create(**BAD)

    message = str(failed.value)
    assert message.startswith("vocabulary 'terms': The vocabulary that you're trying to create contains invalid")
    assert "LF" in message
    assert len(message.encode()) < 3000


def test_failed_creation_is_rolled_back(terms: Any, handlers: Any, resources: Any) -> None:
    with pytest.raises(handlers.custom_resource.ResourceRequestError):
        terms.create(**BAD)

    terms.delete()

    assert resources() == {}


def test_failed_update_is_rolled_back_to_the_content_before(terms: Any, handlers: Any, resources: Any) -> None:
    terms.create(**PHRASES)
    before = resources()["terms"]
    with pytest.raises(handlers.custom_resource.ResourceRequestError):
        terms.update(**BAD)

    terms.update(**PHRASES)

    assert {**resources()["terms"], "LastModifiedTime": 0} == {**before, "LastModifiedTime": 0}


def test_failed_vocabulary_is_tried_again_by_the_next_deployment_of_the_same_content(
    terms: Any, handlers: Any, client: Any, bucket: str
) -> None:
    properties = {"VocabularyName": "terms", "LanguageCode": "en-US", "VocabularyFileUri": f"s3://{bucket}/terms"}
    client("s3").put_object(Bucket=bucket, Key="terms", Body=b"has space")
    with pytest.raises(handlers.custom_resource.ResourceRequestError):
        terms.create(**properties)
    client("s3").put_object(Bucket=bucket, Key="terms", Body=b"mended")

    assert terms.update(**properties)["State"] == "READY"


@pytest.mark.parametrize("after_effect", [False, True])
def test_failure_that_could_not_be_told_is_told_by_a_later_look(
    terms: Any, handlers: Any, aws: LocalAws, resources: Any, after_effect: bool
) -> None:
    aws.inject_fault("TagResource", "ThrottlingException", times=1, after_effect=after_effect)

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match="contains a space"):
        terms.create(**BAD)

    # Where only the answer was lost, it is tried once more.
    assert aws.calls().get("UpdateVocabulary", 0) == after_effect


@pytest.mark.parametrize("kind", ["Vocabulary", "VocabularyFilter"])
def test_file_that_cannot_be_read_fails_with_a_hint_once_a_new_role_is_known(
    template: Any, handlers: Any, aws: LocalAws, kind: str
) -> None:
    resource = template(kind)
    properties = {"LanguageCode": "en-US", f"{kind}Name": "terms", f"{kind}FileUri": "s3://nowhere/terms"}
    event = resource.event("Create", properties)

    assert resource.check(event) == {"IsComplete": False}
    with pytest.raises(handlers.custom_resource.ResourceRequestError, match=r"read permission.*s3:GetObject"):
        resource.check({**event, "RequestedAt": event["RequestedAt"] - 121})


def test_file_that_cannot_be_read_is_waited_for_though_clocks_differ(terms: Any, aws: LocalAws) -> None:
    aws.inject_fault("CreateVocabulary", "BadRequestException", UNREADABLE, times=2)
    event = terms.event("Create", PHRASES)

    assert terms.check({**event, "RequestedAt": event["RequestedAt"] + 60}) == {"IsComplete": False}


def test_role_that_becomes_known_in_time_is_no_failure(terms: Any, aws: LocalAws) -> None:
    aws.inject_fault("CreateVocabulary", "BadRequestException", UNREADABLE, times=3)

    assert terms.create(**PHRASES)["State"] == "READY"


def test_refusal_fails_at_once(terms: Any, handlers: Any, aws: LocalAws) -> None:
    aws.inject_fault("CreateVocabulary", "BadRequestException", "1 validation error detected")

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match="'terms': 1 validation error detected"):
        terms.create(**PHRASES)

    assert aws.calls()["CreateVocabulary"] == 1


def test_field_that_an_older_boto3_does_not_know_is_named(terms: Any, handlers: Any) -> None:
    with pytest.raises(handlers.custom_resource.ResourceRequestError, match="Invalid type for parameter Phrases"):
        terms.create(**{**PHRASES, "Phrases": "Los-Angeles"})
