"""The steps of the state machine that watches over the training of a language model.

Trigger: the machine, `{"Step": "Look" | "Tidy" | "GiveUp", "Family": …}` again and again; and Transcribe's event about
a language model, `{"Step": "Wake", "ModelArn": …, "WatcherArn": …}`, which only makes a look come sooner.
Permissions: transcribe Create-, List-, Update- and DeleteLanguageModel, ListTagsForResource, TagResource and
UntagResource; ssm:GetParameter, PutParameter and ListTagsForResource on the pointer; iam:PassRole on the data access
role; events:PutEvents; states:DescribeExecution.
Result: for the machine, how it goes on. Once the training has ended: the pointer moved, or not; the event "Language
Model Training Finished"; a metric; the wait condition's end.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from . import metrics, model_pointer, model_versions, ownership_tags, training_watch, wait_condition
from .failure_reasons import failure_sentence, is_about_reading_the_file
from .model_family import Family, request_of
from .model_pointer import Pointer
from .model_versions import COMPLETED, FAILED, Version, versions_of
from .service_errors import is_busy, is_conflict, is_limit, is_missing, message_of, passes_with_time
from .wait_condition import UnheardSignalError

logger = logging.getLogger(__name__)

WAITING = "WAITING"
ENDED = "ENDED"

_LOOK_EVERY_SECONDS = 300
_SOON_SECONDS = 15
# IAM says that a new role is known everywhere within a minute or two.
_TRIES_FOR_A_NEW_ROLE = 12
# Below the 25,000 entries that the history of an execution can hold.
_LONGEST_WAIT_SECONDS = 5 * 24 * 3600

events: Any = boto3.client("events")


class UnreportedError(Exception):
    """The end of a training could not be told; it may the next time."""


def step(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Take one step, and say how the machine goes on."""
    return _STEPS[event["Step"]](event)


def _look(event: Mapping[str, Any]) -> dict[str, Any]:
    """See what there is and do what comes next; what passes with time is waited for, all else is the end."""
    family, before = Family(**event["Family"]), event["Look"]
    try:
        look = _advanced(family)
    except (ClientError, BotoCoreError, UnreportedError, UnheardSignalError) as error:
        look = _after_error(family, before, error)
    return _timed(family, before, look) if look["Status"] == WAITING else look


def _advanced(family: Family) -> dict[str, Any]:
    pointer = model_pointer.read(family.name)
    if pointer is None or not _is_wished(pointer, family):
        return _ended(family, "another wish has come, or the language model is being deleted")
    versions = versions_of(family.name, family.arn)
    wished = next((version for version in versions if version.name == family.version), None)
    _discard_abandoned(family, pointer, versions)
    if wished is None:
        model_versions.create(family)
        model_pointer.move_away(family.name, pointer, family.version)
        return _waiting("its training to end")
    return _look_at(family, pointer, wished)


def _look_at(family: Family, pointer: Pointer, wished: Version) -> dict[str, Any]:
    if wished.owner != family.owner:
        return _failed(family, f"{family.subject} is owned by somebody else")
    if wished.status == FAILED:
        if wished.trained_for == family.request:
            return _failed(family, f"{family.subject}: {wished.failure_reason}", wished)
        model_versions.delete(wished)
        return _waiting("the failed version of before to be gone", _SOON_SECONDS)
    if not wished.is_trained:
        model_versions.train_for(family, wished)
        return _waiting("its training to end")
    return _completed(family, pointer, wished)


def _completed(family: Family, pointer: Pointer, wished: Version) -> dict[str, Any]:
    if wished.status == COMPLETED:
        model_versions.use_key_and_tags(family, wished)
    _serve(family, pointer)
    if not wished.is_reported:
        _report(family, COMPLETED, "")
        model_versions.note_report(wished)
    _signal(family, wait_condition.SUCCESS, f"{family.subject} is COMPLETED")
    return {"Status": COMPLETED}


def _failed(family: Family, reason: str, version: Version | None = None) -> dict[str, Any]:
    if version is None or not version.is_reported:
        _report(family, FAILED, reason)
    if version is not None:
        model_versions.note_report(version)
    _signal(family, wait_condition.FAILURE, reason)
    return {"Status": FAILED, "Reason": reason}


def _after_error(family: Family, before: Mapping[str, Any], error: Exception) -> dict[str, Any]:
    if isinstance(error, (UnreportedError, UnheardSignalError)):
        return _waiting(str(error), _SOON_SECONDS)
    if is_about_reading_the_file(error) and before.get("Tries", 0) < _TRIES_FOR_A_NEW_ROLE:
        waiting = _waiting(f"the data access role to be known everywhere ({message_of(error)})", _SOON_SECONDS)
        return {**waiting, "Tries": before.get("Tries", 0) + 1}
    if is_limit(error):
        return _waiting(f"a training slot, three by default, of ten models in all ({message_of(error)})")
    if passes_with_time(error):
        return _waiting(f"the service ({message_of(error)})", _SOON_SECONDS)
    return _told_to_the_end(family, failure_sentence(family.subject, error))


def _told_to_the_end(family: Family, reason: str) -> dict[str, Any]:
    try:
        return _failed(family, reason)
    except (UnreportedError, UnheardSignalError) as error:
        return _waiting(str(error), _SOON_SECONDS)


def _timed(family: Family, before: Mapping[str, Any], look: dict[str, Any]) -> dict[str, Any]:
    """Count the time that is waited, and tell those who wait when it is up.

    What is counted are the machine's pauses, not the clock: so a test can shorten them.
    """
    waited = before.get("WaitedSeconds", 0)
    if waited >= _LONGEST_WAIT_SECONDS:
        days = _LONGEST_WAIT_SECONDS // 86400
        return _told_to_the_end(family, f"{family.subject}: given up after {days} days of waiting for {look['For']}")
    is_late = before.get("IsLate", False)
    if not is_late and family.wait_seconds and waited >= family.wait_seconds:
        hours = family.wait_seconds / 3600
        reason = f"{family.subject}: the {hours:g} hours of wait_for_training are up, and it waits for {look['For']}"
        is_late = _is_told(family, reason)
    logger.info("waits", extra={"resource": family.version, "reason": look["For"], "waited_seconds": waited})
    return {**look, "WaitedSeconds": waited + look["WaitSeconds"], "IsLate": is_late}


def _is_told(family: Family, reason: str) -> bool:
    try:
        _signal(family, wait_condition.FAILURE, reason)
    except UnheardSignalError:
        return False
    return True


def _tidy(event: Mapping[str, Any]) -> dict[str, Any]:
    """Delete the versions beyond those to keep; jobs that used them have had their time."""
    family = Family(**event["Family"])
    try:
        pointer = model_pointer.read(family.name)
        if pointer is None or not _is_wished(pointer, family):
            return _ended(family, "another wish has come, or the language model is being deleted")
        versions = [version for version in versions_of(family.name, family.arn) if version.owner == family.owner]
        if event["Look"]["Status"] == COMPLETED:
            # A last look for the wish of before may have come in between.
            _serve(family, pointer)
        for version in _surplus(family, pointer, versions):
            model_versions.delete(version)
            logger.info("deleted", extra={"resource": version.name})
    except (ClientError, BotoCoreError) as error:
        if not passes_with_time(error):
            raise
        return _waiting(f"a version to be deletable ({message_of(error)})")
    return {"Status": ENDED}


def _give_up(event: Mapping[str, Any]) -> dict[str, Any]:
    """The machine could not look: whoever waits is told so, instead of waiting in vain."""
    family = Family(**event["Family"])
    failure = event["Failure"]
    return _failed(family, f"{family.subject}: the watcher failed ({failure['Error']}); look at its log")


def _wake(event: Mapping[str, Any]) -> dict[str, Any]:
    """Transcribe says that a model has changed: look now, rather than in five minutes."""
    try:
        request = request_of(ownership_tags.read(event["ModelArn"]))
    except ClientError as error:
        if is_missing(error):
            return {"Status": ENDED}
        raise
    family = training_watch.watched_family(event["WatcherArn"], request) if request else None
    return _look({"Family": family.as_json, "Look": {}}) if family else {"Status": ENDED}


_STEPS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "Look": _look,
    "Tidy": _tidy,
    "GiveUp": _give_up,
    "Wake": _wake,
}


def _is_wished(pointer: Pointer, family: Family) -> bool:
    return pointer.owner == family.owner and pointer.request == family.request


def _discard_abandoned(family: Family, pointer: Pointer, versions: list[Version]) -> None:
    """Delete what is neither wished nor trained: it holds one of three training slots, or one of ten places."""
    for version in versions:
        is_abandoned = version.owner == family.owner and not version.is_trained
        if not is_abandoned or version.name in (family.version, pointer.version):
            continue
        try:
            model_versions.delete(version)
        except ClientError as error:
            if not (is_busy(error) or is_conflict(error)):
                raise


def _surplus(family: Family, pointer: Pointer, versions: list[Version]) -> list[Version]:
    others = [version for version in versions if version.name not in (family.version, pointer.version)]
    trained = sorted((version for version in others if version.is_trained), key=lambda one: -one.created_at)
    kept = trained[: max(family.versions_to_keep - 1, 0)]
    return [version for version in others if version not in kept]


def _serve(family: Family, pointer: Pointer) -> None:
    if pointer.version != family.version:
        model_pointer.move(family.name, family.version)
        logger.info("serves", extra={"resource": family.version, "before": pointer.version})


def _report(family: Family, status: str, reason: str) -> None:
    logger.info("training finished", extra={"resource": family.version, "status": status, "reason": reason})
    detail = {
        "family_name": family.name,
        "model_name": family.version,
        "status": status,
        **({"failure_reason": reason} if reason else {}),
    }
    entry = {
        "Source": "cdk-transcribe",
        "DetailType": "Language Model Training Finished",
        "Resources": [f"{family.arn.rpartition('/')[0]}/{family.version}"],
        "Detail": json.dumps(detail),
    }
    if events.put_events(Entries=[entry])["FailedEntryCount"]:
        raise UnreportedError("EventBridge to take the event")
    metrics.count_training("TrainingCompleted" if status == COMPLETED else "TrainingFailed", family.name)


def _signal(family: Family, status: str, reason: str) -> None:
    if family.wait_condition_url:
        wait_condition.signal(family.wait_condition_url, status, family.request, reason)


def _waiting(what: str, seconds: int = _LOOK_EVERY_SECONDS) -> dict[str, Any]:
    return {"Status": WAITING, "For": what, "WaitSeconds": seconds}


def _ended(family: Family, why: str) -> dict[str, Any]:
    logger.info("ends", extra={"resource": family.version, "reason": why})
    return {"Status": ENDED, "Reason": why}
