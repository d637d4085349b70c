"""The custom resource of a language model: it writes down the wish, begins the training and hands it to the watcher.

Training outlives the hour that a custom resource has, so what is complete here is not the training. Whatever can be
said at once is: a refusal of the service, a version of somebody else, a key that can't be used. A deletion can't be
handed on, because the watcher goes with the stack.
"""

from __future__ import annotations

import logging

from botocore.exceptions import ClientError

from . import model_pointer, model_versions, training_watch
from .convergence import ConvergenceError, NotYetError, refuse_when_given_up
from .model_family import REQUEST_TAG, Family, family_of
from .model_pointer import Pointer, pointer_name
from .model_versions import COMPLETED, FAILED, Version, versions_of
from .ownership_tags import OWNER_TAG
from .service_errors import is_busy, is_limit
from .wish import Wish

logger = logging.getLogger(__name__)


def converge_to_presence(wish: Wish) -> bool:
    """Take the next step towards a training that is watched; true when it is.

    Calls: the pointer Get + ListTags (+ Put, or Describe and StopExecution + AddTags); List, and ListTags for each
    version; Create if the version is absent; StartExecution. Where the key or the tags of a trained version are out of
    date, Update, Tag and Untag of it.
    """
    refuse_when_given_up(wish)
    family = family_of(wish)
    pointer = _pointer(family, wish.content["WatcherArn"])
    versions = versions_of(family.name, family.arn)
    wished = next((version for version in versions if version.name == family.version), None)
    _refuse_what_is_not_ours(family, wished)
    if not _are_up_to_date(family, versions):
        return False
    if wished is None:
        _begin_training(family, pointer)
    elif wished.status == FAILED:
        return _begin_anew(family, wished)
    training_watch.start(wish.content["WatcherArn"], family)
    _log(wish, "watched")
    return True


def converge_to_absence(wish: Wish) -> bool:
    """Take the next step towards no version of ours and no pointer; true when there is none.

    Calls: the pointer Get + ListTags; DescribeExecution (+ StopExecution); List, and ListTags and Delete for each
    version; at last DeleteParameter.
    """
    pointer = model_pointer.read(wish.name)
    is_ours = pointer is not None and pointer.owner == wish.owner
    if pointer and is_ours and not training_watch.stop(wish.content["WatcherArn"], pointer.request):
        _log(wish, "stopping the watcher")
        return False
    owned = [version for version in versions_of(wish.name, wish.arn) if version.owner == wish.owner]
    undeletable = [version.name for version in owned if not _is_deleted(version)]
    if undeletable:
        raise NotYetError(
            f"{', '.join(undeletable)} is still being trained, and Transcribe deletes no model in training; all else "
            "of the family is deleted. Delete again when the training has ended"
        )
    if owned:
        # What was created a moment ago may not have been listed.
        _log(wish, "deleted")
        return False
    if is_ours:
        model_pointer.delete(wish.name)
    _log(wish, "absent")
    return True


def attributes(wish: Wish) -> dict[str, str]:
    """What a template can get of the family."""
    return {"Name": wish.name, "PointerName": pointer_name(wish.name)}


def _pointer(family: Family, watcher_arn: str) -> Pointer:
    """The pointer, with this request written on it."""
    pointer = model_pointer.read(family.name)
    tags = {OWNER_TAG: family.owner, REQUEST_TAG: family.request}
    if pointer is None:
        model_pointer.create(family.name, tags)
        return Pointer(model_pointer.NONE_YET, tags)
    if pointer.owner != family.owner:
        raise ConvergenceError(
            f"the parameter {pointer_name(family.name)} exists already and is not owned by this resource of this stack "
            f"(its tag {OWNER_TAG} is {pointer.owner!r}): delete it and the language models called {family.name}-…, or "
            "give the construct another id"
        )
    if pointer.request != family.request:
        # It would end by itself, but only after its pause, and a machine goes only after its executions.
        training_watch.stop(watcher_arn, pointer.request)
        model_pointer.tag(family.name, {REQUEST_TAG: family.request})
    return pointer


def _refuse_what_is_not_ours(family: Family, wished: Version | None) -> None:
    if wished is None or wished.owner == family.owner:
        return
    raise ConvergenceError(
        f"{family.subject} exists already and is not owned by this resource of this stack (its tag {OWNER_TAG} is "
        f"{wished.owner!r}): delete it, or give the construct another id"
    )


def _are_up_to_date(family: Family, versions: list[Version]) -> bool:
    """Whether every trained version has the wished key and tags; if not, it is being given them."""
    trained = [version for version in versions if version.owner == family.owner and version.status == COMPLETED]
    in_work = [version for version in trained if model_versions.use_key_and_tags(family, version)]
    return not in_work and not any(version.is_being_reencrypted for version in versions)


def _begin_training(family: Family, pointer: Pointer) -> None:
    try:
        model_versions.create(family)
        model_pointer.move_away(family.name, pointer, family.version)
    except ClientError as error:
        if not is_limit(error):
            raise
        logger.info("waits for a training slot", extra={"resource": family.version})


def _begin_anew(family: Family, failed: Version) -> bool:
    if failed.trained_for == family.request:
        raise ConvergenceError(failed.failure_reason)
    model_versions.delete(failed)
    return False


def _is_deleted(version: Version) -> bool:
    try:
        model_versions.delete(version)
    except ClientError as error:
        if is_busy(error):
            return False
        raise
    return True


def _log(wish: Wish, decision: str) -> None:
    logger.info(decision, extra={"kind": wish.kind.title, "resource": wish.name, "owner": wish.owner})
