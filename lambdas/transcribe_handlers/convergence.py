"""One step from what exists to what is wished; called again and again until nothing is left to do.

Each look starts from what the service says and remembers nothing, so retries, duplicates and crashes between
two steps need no code of their own. A limit, a throttle or a fault is not handled here: it ends this look,
and the next one starts afresh.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from . import ownership_tags
from .ownership_tags import DIGEST_TAG, OWNER_TAG
from .resource_kind import FAILED, PENDING, READY
from .service_errors import is_missing
from .wish import Wish

logger = logging.getLogger(__name__)


class ConvergenceError(Exception):
    """No further look will help; the message says what a person has to do."""


class NotYetError(Exception):
    """A later look may help; the message says what a person has to do when none did."""


def converge_to_presence(wish: Wish) -> bool:
    """Take the next step towards the wished resource; true when it is there.

    Calls: absent Get + Create; pending or as wished Get + ListTags; other tags Get + ListTags and Tag, Untag or
    both; out of date Get + ListTags + Tag + Update + Tag, and for a kind without states its other tags;
    failed Get + ListTags + Tag; failed replacement Get + ListTags + Delete; vanished after the first Get: ListTags and
    Create follow it, after ListTags: one more Get follows the call that missed it. After a request's first look
    DescribeStackEvents too, before something is made, changed, or given as failed.
    """
    found = _look(wish)
    if found is None:
        return _create(wish)
    try:
        return _change(wish, *found)
    except ClientError as error:
        if is_missing(error) and _look(wish) is None:
            return _not_yet(wish, "vanished")
        raise


def _change(wish: Wish, description: Mapping[str, Any], tags: dict[str, str]) -> bool:
    outdated = tags.get(DIGEST_TAG) != wish.digest
    _refuse_what_is_not_ours(wish, tags)
    if wish.kind.state_of(description) == PENDING:
        return _not_yet(wish, "pending")
    _refuse_another_language(wish, description)
    if wish.kind.state_of(description) == FAILED and not outdated:
        raise _failure(wish, description, tags)
    if outdated or ownership_tags.differ(tags, wish.tags):
        refuse_when_given_up(wish)
    if outdated and _update(wish) != READY:
        return False
    # An adopted resource becomes ours here and not before: should its new content fail, the rollback's
    # deletion finds somebody else's resource and leaves it alone.
    ownership_tags.reconcile(wish.arn, tags | {DIGEST_TAG: wish.digest}, wish.tags)
    return _done(wish, "as wished")


def converge_to_absence(wish: Wish) -> bool:
    """Take the next step towards no resource of ours under this name; true when there is none.

    Calls: absent Get; vanished after it, not ours or pending Get + ListTags; present, also when it vanishes before the
    Delete, Get + ListTags + Delete + Get.
    """
    found = _look(wish)
    if found is None:
        return _done(wish, "absent")
    description, tags = found
    if tags.get(OWNER_TAG) != wish.owner:
        return _done(wish, "not ours, left alone")
    if wish.kind.state_of(description) == PENDING:
        return _not_yet(wish, "pending")
    try:
        wish.kind.delete(wish.name)
    except ClientError as error:
        if not is_missing(error):
            raise
    return _look(wish) is None and _done(wish, "deleted")


def attributes(wish: Wish) -> dict[str, str]:
    """What a template can get of the resource."""
    return {"Name": wish.name, "Arn": wish.arn, "State": READY}


def _look(wish: Wish) -> tuple[Mapping[str, Any], dict[str, str]] | None:
    try:
        return wish.kind.get(wish.name), ownership_tags.read(wish.arn)
    except ClientError as error:
        if is_missing(error):
            return None
        raise


def _create(wish: Wish) -> bool:
    refuse_when_given_up(wish)
    state = wish.kind.create(wish.name, wish.content, wish.tags)
    _log(wish, "created")
    return state == READY


def _update(wish: Wish) -> str:
    # A crash between these calls leaves a digest that fits no content, and the next look updates again.
    ownership_tags.write(wish.arn, {DIGEST_TAG: "updating"})
    state = wish.kind.update(wish.name, wish.content)
    ownership_tags.write(wish.arn, {DIGEST_TAG: wish.digest})
    _log(wish, "updated")
    return state


def refuse_when_given_up(wish: Wish) -> None:
    """Raise ConvergenceError when nobody waits for the resource any more."""
    if wish.is_given_up():
        raise ConvergenceError(f"CloudFormation has given up this request, so {wish.subject} stays as it is")


def _refuse_what_is_not_ours(wish: Wish, tags: Mapping[str, str]) -> None:
    if tags.get(OWNER_TAG) == wish.owner or wish.adopt_existing:
        return
    raise ConvergenceError(
        f"{wish.subject} exists already and is not owned by this resource of this stack "
        f"(its tag {OWNER_TAG} is {tags.get(OWNER_TAG)!r}): choose another name, delete it, or take it over "
        "with adopt_existing=True"
    )


def _refuse_another_language(wish: Wish, description: Mapping[str, Any]) -> None:
    if description["LanguageCode"] == wish.content["LanguageCode"]:
        return
    raise ConvergenceError(
        f"{wish.subject} is in {description['LanguageCode']} and its language cannot be changed to "
        f"{wish.content['LanguageCode']} in place: change its name too, so that it is replaced"
    )


def _failure(wish: Wish, description: Mapping[str, Any], tags: Mapping[str, str]) -> ConvergenceError:
    refuse_when_given_up(wish)
    if wish.is_replacement and tags.get(OWNER_TAG) == wish.owner:
        # The documentation promises a deletion of the new physical id when an update rolls back, but only an update
        # that had succeeded is sure to have told CloudFormation that id. One that comes all the same finds nothing.
        wish.kind.delete(wish.name)
        _log(wish, "withdrawn")
    else:
        # The reason is told once. The cause may be mended outside the template (a file put in its place), so the
        # next deployment of the same content has to try again instead of meeting the old failure.
        ownership_tags.write(wish.arn, {DIGEST_TAG: "failed"})
    return ConvergenceError(str(description.get("FailureReason", "Transcribe gave no reason")))


def _not_yet(wish: Wish, decision: str) -> bool:
    _log(wish, decision)
    return False


def _done(wish: Wish, decision: str) -> bool:
    _log(wish, decision)
    return True


def _log(wish: Wish, decision: str) -> None:
    logger.info(decision, extra={"kind": wish.kind.title, "resource": wish.name, "owner": wish.owner})
