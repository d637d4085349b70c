"""What CloudFormation gave up in the middle leaves nothing behind, though nobody tells the handlers of it."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from transcribe_local import LocalAws

from .conftest import STACK_ID, TemplateResource

PHRASES = {"VocabularyName": "terms", "LanguageCode": "en-US", "Phrases": ["Los-Angeles"]}
RENAMED = {**PHRASES, "VocabularyName": "renamed"}
INVENTED = "calls-Terms-1ABCDEFGH2IJK"
LATER = 10.0


@pytest.fixture
def stack(client: Any) -> Any:
    """A stack with one resource, Terms, whose creation has ended."""
    cloudformation = client("cloudformation")
    template = {"Resources": {"Terms": {"Type": "AWS::SNS::Topic"}}}
    name = f"stack-{uuid.uuid4().hex[:8]}"
    stack_id = cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))["StackId"]
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 0.05})
    yield stack_id
    cloudformation.delete_stack(StackName=name)


def late(event: dict[str, Any], seconds: float = LATER) -> dict[str, Any]:
    """The same request, so much later."""
    return {**event, "RequestedAt": event["RequestedAt"] - seconds}


def test_deletion_under_an_invented_id_deletes_what_the_creation_had_made(
    terms: TemplateResource, resources: Any
) -> None:
    terms.look("Create", **PHRASES)

    terms.complete(terms.event("Delete", PHRASES, PhysicalResourceId=INVENTED))

    assert resources() == {}


def test_deletion_under_an_invented_id_leaves_what_others_own_alone(
    terms: TemplateResource, client: Any, resources: Any
) -> None:
    client("transcribe").create_vocabulary(**PHRASES)

    terms.complete(terms.event("Delete", PHRASES, PhysicalResourceId=INVENTED))

    assert list(resources()) == ["terms"]


@pytest.mark.parametrize("physical_id", ["calls-Terms", "calls-Other-1ABCDEFGH2IJK", "chats-Terms-1ABCDEFGH2IJK"])
def test_deletion_under_an_id_of_ours_deletes_only_that(
    terms: TemplateResource, resources: Any, physical_id: str
) -> None:
    terms.create(**PHRASES)

    terms.complete(terms.event("Delete", PHRASES, PhysicalResourceId=physical_id))

    assert list(resources()) == ["terms"]


def test_rollback_of_an_update_that_was_given_up_deletes_what_it_had_made(
    terms: TemplateResource, aws: LocalAws, resources: Any
) -> None:
    terms.create(**PHRASES)
    aws.settings(pending_seconds=0.1)
    terms.check(terms.event("Update", RENAMED, OldResourceProperties=PHRASES))
    assert set(resources()) == {"terms", "renamed"}

    terms.complete(terms.event("Update", PHRASES, OldResourceProperties=RENAMED))

    assert set(resources()) == {"terms"}


def test_rollback_that_finds_its_name_taken_still_deletes_what_the_update_had_made(
    terms: TemplateResource, handlers: Any, client: Any, resources: Any
) -> None:
    terms.create(**PHRASES)
    client("transcribe").delete_vocabulary(VocabularyName="terms")
    client("transcribe").create_vocabulary(**PHRASES)
    terms.check(terms.event("Update", RENAMED, OldResourceProperties=PHRASES))

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match="exists already"):
        terms.complete(terms.event("Update", PHRASES, OldResourceProperties=RENAMED))

    assert set(resources()) == {"terms"}


def test_rollback_of_an_update_that_was_given_up_leaves_what_others_own_alone(
    terms: TemplateResource, client: Any, resources: Any
) -> None:
    terms.create(**PHRASES)
    client("transcribe").create_vocabulary(**RENAMED)

    terms.complete(terms.event("Update", PHRASES, OldResourceProperties=RENAMED))

    assert set(resources()) == {"terms", "renamed"}


@pytest.mark.parametrize(
    ("physical_id", "before", "after"),
    [("terms", PHRASES, RENAMED), ("renamed", RENAMED, PHRASES), ("terms", PHRASES, PHRASES)],
    ids=["rename", "rollback of a rename that CloudFormation heard of", "same name"],
)
def test_an_update_that_cloudformation_heard_of_has_nothing_to_clear_away(
    *, terms: TemplateResource, physical_id: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    event = terms.event("Update", after, OldResourceProperties=before, PhysicalResourceId=physical_id)

    assert event["AbandonedName"] is None


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_request_that_was_given_up_makes_nothing_any_more(
    template: Any, handlers: Any, stack: str, resources: Any, request_type: str
) -> None:
    resource = template("Vocabulary", stack_id=stack)

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match="given up this request"):
        resource.check(late(resource.event(request_type, PHRASES)))

    assert resources() == {}


def test_update_that_was_given_up_changes_nothing_any_more(
    template: Any, handlers: Any, stack: str, resources: Any
) -> None:
    resource = template("Vocabulary", stack_id=stack)
    resource.create(**PHRASES)
    before = resources()

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match="given up this request"):
        resource.check(late(resource.event("Update", {**PHRASES, "Phrases": ["New-York"]})))

    assert resources() == before


def test_update_that_was_given_up_changes_no_tags_any_more(
    template: Any, handlers: Any, stack: str, resources: Any
) -> None:
    resource = template("Vocabulary", stack_id=stack)
    resource.create(**PHRASES)
    before = resources()

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match="given up this request"):
        resource.check(late(resource.event("Update", {**PHRASES, "Tags": [{"Key": "Team", "Value": "A"}]})))

    assert resources() == before


def test_replacement_that_was_given_up_is_not_withdrawn_from_whoever_has_its_name_by_now(
    template: Any, handlers: Any, stack: str, resources: Any
) -> None:
    resource = template("Vocabulary", stack_id=stack)
    resource.create(**PHRASES)
    event = late(resource.event("Update", RENAMED, OldResourceProperties=PHRASES))
    resource.update(**{**RENAMED, "Phrases": ["by-now"]})

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match="given up this request"):
        resource.check(event)

    assert "renamed" in resources()


@pytest.mark.parametrize("by_now", ["given up", "wanted"])
def test_failed_replacement_is_withdrawn_by_a_request_that_is_still_wanted_only(
    *, template: Any, handlers: Any, stack: str, resources: Any, by_now: str
) -> None:
    resource = template("Vocabulary", stack_id=stack, logical_id={"given up": "Terms", "wanted": "Others"}[by_now])
    resource.create(**PHRASES)
    event = resource.event("Update", {**RENAMED, "Phrases": ["bad-1"]}, OldResourceProperties=PHRASES)
    resource.check(event)

    with pytest.raises(handlers.custom_resource.ResourceRequestError):
        resource.check(late(event))

    assert ("renamed" in resources()) == (by_now == "given up")


def test_another_resources_events_do_not_end_a_request(template: Any, stack: str) -> None:
    resource = template("Vocabulary", stack_id=stack, logical_id="Others")

    assert resource.complete(late(resource.event("Create", PHRASES)))["State"] == "READY"


def test_events_before_a_request_do_not_end_it(handlers: Any, client: Any, stack: str) -> None:
    is_given_up = handlers.stack_events.is_given_up
    newest = client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"][0]["Timestamp"].timestamp()

    assert is_given_up(stack, "Terms", newest - 60)
    assert not is_given_up(stack, "Terms", newest + 60)


def test_first_look_does_not_ask_cloudformation(
    terms: TemplateResource, handlers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers.stack_events, "client", None)

    assert terms.create(**PHRASES)["State"] == "READY"


def test_request_goes_on_where_stack_events_may_not_be_read(
    terms: TemplateResource, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING")

    # ministack knows no such stack, and answers with a ValidationError.
    assert terms.complete(late(terms.event("Create", PHRASES)))["State"] == "READY"
    assert "cannot tell whether the request is still wanted" in caplog.text


def test_throttled_question_is_asked_again_by_the_next_look(
    terms: TemplateResource, handlers: Any, monkeypatch: pytest.MonkeyPatch, resources: Any
) -> None:
    from botocore.exceptions import ClientError

    class Throttled:
        def describe_stack_events(self, **_: Any) -> None:
            raise ClientError({"Error": {"Code": "Throttling", "Message": "Rate exceeded"}}, "DescribeStackEvents")

    monkeypatch.setattr(handlers.stack_events, "client", Throttled)

    assert terms.check(late(terms.event("Create", PHRASES))) == {"IsComplete": False}
    assert resources() == {}


def test_events_are_read_page_by_page_until_they_are_older_than_the_request(
    handlers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import datetime, timezone

    asked: list[str] = []

    class Pages:
        def describe_stack_events(self, StackName: str, NextToken: str = "0") -> dict[str, Any]:  # noqa: N803
            asked.append(NextToken)
            moment = datetime.fromtimestamp(1000 - 10 * len(asked), timezone.utc)
            event = {"LogicalResourceId": "Other", "ResourceStatus": "CREATE_COMPLETE", "Timestamp": moment}
            return {"StackEvents": [event], "NextToken": str(len(asked))}

    monkeypatch.setattr(handlers.stack_events, "client", Pages)

    assert not handlers.stack_events.is_given_up(STACK_ID, "Terms", 975.0)
    assert asked == ["0", "1", "2"]
