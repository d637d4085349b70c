"""The custom resource of a language model and its watcher, against the local Transcribe, SSM and Step Functions."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from transcribe_local import LocalAws

from .conftest import STACK_ID, Handlers
from .families import FAMILY, KEY, ROLE, FamilyStack, Signals, listening, version

A, B, C = version("a"), version("b"), version("c")


@pytest.fixture
def family(
    aws: LocalAws, handlers: Handlers, client: Any, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FamilyStack]:
    """A family of models whose training ends when the test says so."""
    aws.settings(training_seconds=36_000)
    monkeypatch.setattr(handlers.training_watch, "LOOK_SECONDS", 0)
    stack = FamilyStack(aws, handlers, client, bucket)
    yield stack
    stack.remove()


@pytest.fixture
def told(handlers: Handlers) -> Iterator[list[dict[str, Any]]]:
    """The details of the events that the watcher has sent."""
    sent: list[dict[str, Any]] = []

    def note(params: dict[str, Any], **_: Any) -> None:
        for entry in params["Entries"]:
            assert (entry["Source"], entry["DetailType"]) == ("cdk-transcribe", "Language Model Training Finished")
            sent.append(json.loads(entry["Detail"]))

    client = handlers.model_training.events
    client.meta.events.register("provide-client-params.events.PutEvents", note, unique_id="told")
    yield sent
    client.meta.events.unregister("provide-client-params.events.PutEvents", unique_id="told")


@pytest.fixture
def signals() -> Iterator[Signals]:
    with listening() as heard:
        yield heard


def finished(name: str, status: str, **reason: str) -> dict[str, str]:
    return {"family_name": FAMILY, "model_name": name, "status": status, **reason}


def trained(family: FamilyStack) -> FamilyStack:
    """The family with its first version trained and serving."""
    family.create()
    family.train()
    assert family.watch().look()["Status"] == "COMPLETED"
    return family


# The deployment


def test_a_creation_begins_the_training_starts_the_watcher_and_is_complete(family: FamilyStack) -> None:
    attributes = family.create()

    assert attributes == {"Name": FAMILY, "PointerName": f"/cdk-transcribe/language-model/{FAMILY}"}
    assert {name: model["ModelStatus"] for name, model in family.models().items()} == {A: "IN_PROGRESS"}
    assert family.pointer() == "none yet"
    assert family.execution(family.request)["status"] == "RUNNING"


def test_a_version_carries_the_users_tags_and_says_who_owns_it(family: FamilyStack) -> None:
    family.create()

    tags = family.models()[A]["Tags"]
    assert tags["team"] == "calls"
    assert tags["cdk-transcribe:owner"].startswith("calls/Model/")
    assert tags["cdk-transcribe:request"] == family.request


def test_a_second_look_at_the_same_request_changes_nothing(family: FamilyStack) -> None:
    event = family.event("Create")
    assert family.check(event)["IsComplete"]
    before = family.models()

    assert family.check(event)["IsComplete"]

    assert family.models() == before
    assert family.aws.calls()["CreateLanguageModel"] == 1


def test_a_deployment_goes_on_while_three_others_are_trained(family: FamilyStack) -> None:
    family.aws.settings(max_training_models=0)

    family.create()

    assert family.models() == {}
    look = family.watch().look()
    assert look["Status"] == "WAITING"
    assert look["For"].startswith("a training slot")
    family.aws.settings(max_training_models=3)
    assert family.watch().look()["For"] == "its training to end"
    assert set(family.models()) == {A}


def test_what_the_service_refuses_at_once_fails_the_deployment_with_its_reason(
    family: FamilyStack, handlers: Handlers
) -> None:
    family.aws.inject_fault("CreateLanguageModel", "BadRequestException", "The base model is not available here.")

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match=r"base model is not available here"):
        family.create()


def test_a_role_that_iam_does_not_know_everywhere_is_tried_again(family: FamilyStack) -> None:
    message = "The S3 URI can't be accessed. Make sure that you have read permission and try your request again."
    family.aws.inject_fault("CreateLanguageModel", "BadRequestException", message, times=2)

    family.create()

    assert set(family.models()) == {A}


def test_a_version_of_somebody_else_is_refused_and_left_alone(family: FamilyStack, client: Any) -> None:
    client("transcribe").create_language_model(
        ModelName=A,
        LanguageCode="en-US",
        BaseModelName="WideBand",
        InputDataConfig={"S3Uri": f"s3://{family.bucket}/training/", "DataAccessRoleArn": ROLE},
    )

    with pytest.raises(family.handlers.custom_resource.ResourceRequestError, match="is not owned by this resource"):
        family.create()

    family.train()
    family.delete()
    assert set(family.models()) == {A}
    assert family.pointer() is None


def test_a_pointer_of_another_stack_is_refused_and_left_alone(family: FamilyStack) -> None:
    family.create()
    other = STACK_ID.replace("1b2c3d4e", "ffffffff")

    with pytest.raises(family.handlers.custom_resource.ResourceRequestError, match=r"parameter .* exists already"):
        family.check(family.event("Create", StackId=other))
    assert family.check(family.event("Delete", StackId=other))["IsComplete"]

    assert family.pointer() == "none yet"
    assert set(family.models()) == {A}


def test_a_request_that_cloudformation_gave_up_makes_nothing(
    family: FamilyStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(family.handlers.custom_resource, "_is_given_up", lambda _: True)

    with pytest.raises(family.handlers.custom_resource.ResourceRequestError, match="given up"):
        family.create()

    assert family.models() == {}
    assert family.pointer() is None


# The training


def test_the_pointer_moves_when_the_version_is_completed_and_not_before(
    family: FamilyStack, told: list[dict[str, Any]], metrics: Any
) -> None:
    family.create()
    watch = family.watch()
    assert watch.look() == {
        "Status": "WAITING",
        "For": "its training to end",
        "WaitSeconds": 300,
        "WaitedSeconds": 300,
        "IsLate": False,
    }
    assert family.pointer() == "none yet"

    family.train()

    assert watch.look() == {"Status": "COMPLETED"}
    assert family.pointer() == A
    assert told == [finished(A, "COMPLETED")]


def test_other_data_is_a_new_version_while_the_old_one_serves(family: FamilyStack) -> None:
    trained(family).update(ModelName=B)
    assert family.watch().look()["Status"] == "WAITING"
    assert family.pointer() == A

    family.train()
    watch = family.watch()
    assert watch.look()["Status"] == "COMPLETED"

    assert family.pointer() == B
    assert set(family.models()) == {A, B}
    assert watch.step("Tidy") == {"Status": "ENDED"}
    assert set(family.models()) == {B}


def test_versions_to_keep_stay_the_newest_first(family: FamilyStack) -> None:
    trained(family)
    for name in (B, C):
        family.update(ModelName=name, VersionsToKeep="2")
        family.train()
        watch = family.watch()
        watch.look()
        watch.step("Tidy")

    assert set(family.models()) == {B, C}


def test_a_version_that_was_kept_serves_again_without_training(family: FamilyStack, told: list[Any]) -> None:
    trained(family).update(ModelName=B, VersionsToKeep="2")
    family.train()
    family.watch().look()
    told.clear()

    family.update(ModelName=A)

    assert family.watch().look()["Status"] == "COMPLETED"
    assert family.pointer() == A
    assert family.aws.calls()["CreateLanguageModel"] == 2
    assert told == []


def test_a_failed_training_leaves_the_pointer_alone_and_is_told(
    family: FamilyStack, told: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    trained(family).update(ModelName=B)
    told.clear()
    family.aws.settings(failures={B: "Too few words."})
    family.train()

    watch = family.watch()
    reason = f"language model {B!r}: Too few words."
    assert watch.look() == {"Status": "FAILED", "Reason": reason}

    assert family.pointer() == A
    assert told == [finished(B, "FAILED", failure_reason=reason)]
    counted = [line for line in capsys.readouterr().out.splitlines() if "TrainingFailed" in line]
    assert json.loads(counted[-1])["LanguageModel"] == FAMILY
    assert watch.step("Tidy") == {"Status": "ENDED"}
    assert {name: model["ModelStatus"] for name, model in family.models().items()} == {A: "COMPLETED", B: "FAILED"}


def test_a_failed_version_is_trained_anew_by_the_next_request(family: FamilyStack) -> None:
    family.create()
    family.aws.settings(failures={A: "Too few words."})
    family.train()
    family.watch().look()
    family.aws.settings(failures={})

    family.update(Tags=[])

    assert family.models()[A]["ModelStatus"] == "IN_PROGRESS"
    family.train()
    assert family.watch().look()["Status"] == "COMPLETED"


def test_an_end_is_told_once_however_often_it_is_seen(family: FamilyStack, told: list[dict[str, Any]]) -> None:
    family.create()
    family.train()

    family.watch().look()
    family.watch().look()
    family.wake(A)

    assert told == [finished(A, "COMPLETED")]


def test_the_watch_of_an_older_wish_ends_and_its_version_goes(family: FamilyStack) -> None:
    family.create()
    older = family.watch()
    family.update(ModelName=B)

    assert older.look()["Status"] == "ENDED"
    assert set(family.models()) == {A, B}, "a model in training can't be deleted"
    family.train()
    family.update(ModelName=C)
    family.aws.settings(deletes_models_in_training=True)
    family.watch().look()
    family.update(ModelName=B)
    family.watch().look()

    assert C not in family.models()
    assert family.pointer() == B


def test_an_older_watch_cannot_turn_the_pointer_back(family: FamilyStack) -> None:
    trained(family).update(ModelName=B)
    family.train()
    watch = family.watch()
    watch.look()
    family.handlers.model_pointer.move(FAMILY, A)

    watch.step("Tidy")

    assert family.pointer() == B
    assert set(family.models()) == {A, B}


def test_a_missing_role_is_waited_for_a_while_and_then_told(family: FamilyStack, told: list[dict[str, Any]]) -> None:
    family.aws.settings(max_training_models=0)
    family.create()
    family.aws.settings(max_training_models=3)
    message = "The S3 URI can't be accessed. Make sure that you have read permission and try your request again."
    family.aws.inject_fault("CreateLanguageModel", "BadRequestException", message)

    watch = family.watch()
    looks = [watch.look() for _ in range(13)]

    assert [look["Status"] for look in looks] == ["WAITING"] * 12 + ["FAILED"]
    assert looks[0]["WaitSeconds"] == 15
    assert "s3:ListBucket" in told[0]["failure_reason"]


@pytest.mark.parametrize("code", ["InternalFailureException", "ConflictException", "ThrottlingException"])
def test_what_passes_is_waited_for(family: FamilyStack, code: str) -> None:
    family.create()
    family.aws.inject_fault("ListLanguageModels", code, times=1)
    watch = family.watch()

    assert watch.look()["Status"] == "WAITING"
    family.train()
    assert watch.look()["Status"] == "COMPLETED"


def test_a_training_without_end_is_given_up_after_five_days(family: FamilyStack, told: list[dict[str, Any]]) -> None:
    family.create()
    watch = family.watch()
    watch.state["Look"] = {"WaitedSeconds": 5 * 86400}

    assert watch.look()["Status"] == "FAILED"
    assert "given up after 5 days of waiting for its training to end" in told[0]["failure_reason"]


def test_an_event_of_transcribe_makes_the_look_come_sooner(family: FamilyStack) -> None:
    family.create()
    family.train()

    assert family.wake(A) == {"Status": "COMPLETED"}

    assert family.pointer() == A


@pytest.mark.parametrize("whose", ["nobody's", "somebody else's", "a watch that has ended"])
def test_an_event_about_another_model_does_nothing(family: FamilyStack, client: Any, whose: str) -> None:
    name = B
    if whose == "somebody else's":
        client("transcribe").create_language_model(
            ModelName=B,
            LanguageCode="en-US",
            BaseModelName="WideBand",
            InputDataConfig={"S3Uri": f"s3://{family.bucket}/training/", "DataAccessRoleArn": ROLE},
        )
    if whose == "a watch that has ended":
        family.create()
        name = A
        client("stepfunctions").stop_execution(executionArn=family.execution(family.request)["executionArn"])

    assert family.wake(name) == {"Status": "ENDED"}


def test_a_new_wish_stops_the_watch_of_the_one_before(family: FamilyStack) -> None:
    family.create()
    before = family.request

    family.update(ModelName=B)

    assert family.execution(before)["status"] == "ABORTED"
    assert family.execution(family.request)["status"] == "RUNNING"


def test_a_new_wish_comes_after_the_watch_of_the_one_before_has_ended(family: FamilyStack, client: Any) -> None:
    family.create()
    client("stepfunctions").stop_execution(executionArn=family.execution(family.request)["executionArn"])

    family.update(ModelName=B)

    assert family.execution(family.request)["status"] == "RUNNING"


# Key and tags


def test_another_key_is_used_in_place_within_the_deployment(family: FamilyStack) -> None:
    trained(family).aws.settings(reencryption_seconds=36_000)

    event = family.event("Update", {"EncryptionConfiguration": {"KMSKey": KEY}})
    assert [family.check(event)["IsComplete"] for _ in range(3)] == [False] * 3
    assert family.pointer() == A
    family.aws.settings(reencryption_seconds=0)
    assert family.check(event)["IsComplete"]

    assert family.models()[A]["EncryptionConfiguration"] == {"KMSKey": KEY}
    assert family.models()[A]["ModelStatus"] == "COMPLETED"
    assert family.aws.calls()["CreateLanguageModel"] == 1
    assert family.aws.calls()["UpdateLanguageModel"] == 1
    family.watch().look()
    assert family.aws.calls()["UpdateLanguageModel"] == 1

    properties = {name: value for name, value in family.properties.items() if name != "EncryptionConfiguration"}
    family.properties = properties
    family.update()

    assert "EncryptionConfiguration" not in family.models()[A]


def test_a_version_in_training_gets_the_other_key_when_it_is_trained(family: FamilyStack) -> None:
    family.create()

    family.update(EncryptionConfiguration={"KMSKey": KEY})

    assert "EncryptionConfiguration" not in family.models()[A]
    family.train()
    assert family.watch().look()["Status"] == "COMPLETED"
    assert family.models()[A]["EncryptionConfiguration"] == {"KMSKey": KEY}
    assert family.pointer() == A


def test_tags_change_in_place_on_every_version(family: FamilyStack) -> None:
    trained(family).update(ModelName=B, VersionsToKeep="2")
    family.train()
    family.watch().look()

    family.update(Tags=[{"Key": "stage", "Value": "live"}])

    for model in family.models().values():
        assert "team" not in model["Tags"]
        assert model["Tags"]["stage"] == "live"
        assert model["Tags"]["cdk-transcribe:owner"]


def test_tags_of_a_version_in_training_change_at_the_next_look(family: FamilyStack) -> None:
    family.create()

    family.update(Tags=[{"Key": "stage", "Value": "live"}])
    family.watch().look()

    assert family.models()[A]["Tags"]["stage"] == "live"
    assert family.models()[A]["Tags"]["cdk-transcribe:request"] == family.request


def test_a_version_that_is_kept_survives_a_change_of_its_key(family: FamilyStack) -> None:
    trained(family).update(ModelName=B, VersionsToKeep="2")
    family.train()
    watch = family.watch()
    watch.look()
    family.aws.settings(reencryption_seconds=36_000, deletes_models_in_training=True)
    family.check(family.event("Update", {"EncryptionConfiguration": {"KMSKey": KEY}}))
    assert {model["ModelStatus"] for model in family.models().values()} == {"IN_PROGRESS"}
    family.aws.settings(reencryption_seconds=0)
    family.complete("Update", {})
    family.aws.settings(reencryption_seconds=36_000)
    family.check(family.event("Update", {"EncryptionConfiguration": {"KMSKey": KEY[:-1] + "1"}}))

    watch.state["Family"]["request"] = family.request
    watch.look()
    watch.step("Tidy")

    assert set(family.models()) == {A, B}
    assert family.pointer() == B


def test_a_version_deleted_behind_the_stacks_back_is_trained_again(family: FamilyStack, client: Any) -> None:
    trained(family)
    client("transcribe").delete_language_model(ModelName=A)

    family.update(Tags=[])

    assert family.pointer() == "none yet"
    assert family.watch().look()["Status"] == "WAITING"
    family.train()
    family.watch().look()
    assert family.pointer() == A


def test_a_deletion_finds_nothing_of_what_was_deleted_behind_the_stacks_back(family: FamilyStack, client: Any) -> None:
    trained(family)
    client("transcribe").delete_language_model(ModelName=A)

    family.delete()

    assert family.pointer() is None


# The wait


def waiting(signals: Signals, hours: int = 10) -> dict[str, str]:
    return {"WaitConditionUrl": signals.url, "WaitSeconds": str(hours * 3600)}


def test_the_wait_ends_with_the_training(family: FamilyStack, signals: Signals) -> None:
    family.create(**waiting(signals))
    watch = family.watch()
    watch.look()
    assert signals.heard == []
    family.train()

    watch.look()
    watch.look()

    heard = signals.heard[0]
    assert (heard["Status"], heard["UniqueId"]) == ("SUCCESS", family.request)
    assert len({signal["UniqueId"] for signal in signals.heard}) == 1
    assert set(signals.content_types) <= {"", None}


def test_the_wait_fails_with_the_services_reason(family: FamilyStack, signals: Signals) -> None:
    family.create(**waiting(signals))
    family.aws.settings(failures={A: "Too few words."})
    family.train()

    family.watch().look()

    assert signals.heard[0]["Status"] == "FAILURE"
    assert "Too few words." in signals.heard[0]["Reason"]


def test_the_wait_fails_when_its_time_is_up_and_says_what_it_waited_for(family: FamilyStack, signals: Signals) -> None:
    family.create(**waiting(signals, hours=1))
    watch = family.watch()

    for _ in range(14):
        assert watch.look()["Status"] == "WAITING"

    [heard] = signals.heard
    assert heard["Status"] == "FAILURE"
    assert "the 1 hours of wait_for_training are up, and it waits for its training to end" in heard["Reason"]


def test_a_version_that_is_trained_already_ends_a_new_wait(family: FamilyStack, signals: Signals) -> None:
    trained(family).update(**waiting(signals))

    family.watch().look()

    assert signals.heard[0]["Status"] == "SUCCESS"


def test_a_signal_that_does_not_arrive_is_sent_again(family: FamilyStack, signals: Signals) -> None:
    family.create(**waiting(signals))
    family.train()
    signals.status = 503
    watch = family.watch()

    look = watch.look()
    assert look["Status"] == "WAITING"
    assert look["For"] == "the wait condition, which answered 503"
    signals.status = 200

    assert watch.look()["Status"] == "COMPLETED"
    assert signals.heard[0]["Status"] == "SUCCESS"


def test_a_wait_condition_that_is_gone_holds_nothing_up(family: FamilyStack, signals: Signals) -> None:
    family.create(**waiting(signals))
    family.train()
    signals.status = 403

    assert family.watch().look()["Status"] == "COMPLETED"


def test_the_url_of_the_wait_condition_is_in_no_log(
    family: FamilyStack, signals: Signals, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="transcribe_handlers")
    family.create(**waiting(signals))
    family.train()
    for signals.status in (503, 403, 200):
        family.watch().look()
    watch = family.watch()
    watch.state["Family"]["wait_condition_url"] = "http://127.0.0.1:1/condition?Signature=secret"
    assert "reachable" in watch.look()["For"]

    assert caplog.records
    said = "".join(str(record.__dict__) for record in caplog.records)
    assert "secret" not in said


def test_a_watcher_that_fails_tells_those_who_wait(family: FamilyStack, signals: Signals) -> None:
    family.create(**waiting(signals))

    watch = family.watch()
    answer = watch.step("GiveUp", Failure={"Error": "Lambda.Unknown", "Cause": "timed out"})

    assert answer["Status"] == "FAILED"
    assert "the watcher failed (Lambda.Unknown)" in signals.heard[0]["Reason"]


# The end


def test_a_deletion_takes_every_version_of_the_family_and_the_pointer_and_nothing_else(
    family: FamilyStack, client: Any
) -> None:
    trained(family).update(ModelName=B, VersionsToKeep="2")
    family.train()
    family.watch().look()
    foreign = f"{FAMILY}-notes"
    for name in (foreign, C):
        client("transcribe").create_language_model(
            ModelName=name,
            LanguageCode="en-US",
            BaseModelName="WideBand",
            InputDataConfig={"S3Uri": f"s3://{family.bucket}/training/", "DataAccessRoleArn": ROLE},
        )

    family.delete()

    assert set(family.models()) == {foreign, C}
    assert family.pointer() is None


def test_a_deletion_waits_for_a_training_that_cannot_be_cut_short(family: FamilyStack) -> None:
    family.create()
    created_by = family.request
    event = family.event("Delete")
    for _ in range(4):
        assert family.check(event) == {"IsComplete": False}
    assert family.execution(created_by)["status"] == "ABORTED"
    family.train()

    answers = [family.check(event)["IsComplete"] for _ in range(2)]

    assert answers == [False, True]
    assert family.models() == {}
    assert family.pointer() is None


def test_a_deletion_cuts_a_training_short_where_transcribe_allows_it(family: FamilyStack) -> None:
    family.create()
    family.aws.settings(deletes_models_in_training=True)

    family.delete()

    assert family.models() == {}


def test_a_deletion_that_has_waited_too_long_says_which_version_still_trains(family: FamilyStack) -> None:
    family.create()
    event = family.event("Delete")
    family.check(event)
    event["RequestedAt"] -= 3000

    with pytest.raises(family.handlers.custom_resource.ResourceRequestError, match=rf"{A} is still being trained"):
        family.check(event)

    family.train()
    family.delete()
    assert family.models() == {}


def test_a_deletion_lets_the_last_look_come_to_its_end(family: FamilyStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(family.handlers.training_watch, "LOOK_SECONDS", 30)
    family.create()
    family.train()
    event = family.event("Delete")

    assert [family.check(event)["IsComplete"] for _ in range(3)] == [False] * 3

    assert set(family.models()) == {A}


def test_a_watch_that_wakes_after_the_deletion_makes_nothing(family: FamilyStack) -> None:
    family.create()
    watch = family.watch()
    family.train()
    family.delete()

    assert watch.look()["Status"] == "ENDED"
    assert watch.step("Tidy")["Status"] == "ENDED"
    assert family.models() == {}


def test_a_deletion_finds_nothing_to_do_after_a_creation_that_made_nothing(family: FamilyStack) -> None:
    family.delete()

    assert family.pointer() is None


def test_a_rollback_goes_back_to_the_version_that_served_all_the_while(family: FamilyStack) -> None:
    trained(family).update(ModelName=B)
    family.aws.settings(failures={B: "Too few words."})
    family.train()
    family.watch().look()

    family.update(ModelName=A)

    assert family.watch().look()["Status"] == "COMPLETED"
    assert family.pointer() == A
    assert set(family.models()) == {A}
