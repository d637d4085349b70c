"""The custom resources Custom::TranscribeVocabulary, …MedicalVocabulary, …VocabularyFilter and …LanguageModel.

Trigger: CDK's provider framework, `on_event` once for a request, `is_complete` until it says so or raises.
Permissions: transcribe Get-, Create-, Update- and Delete- of the three kinds, ListTagsForResource,
TagResource and UntagResource; iam:PassRole on data access roles; s3:GetObject (and kms:Decrypt) where no
role reads the file; cloudformation:DescribeStackEvents on the stack. For language models what model_convergence needs.
Result: the resource's name as physical id, and the attributes Name, Arn and State; of a language model, whose name is
its family's and whose training goes on, Name and PointerName. What is raised fails the request, and CloudFormation
shows its message.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from . import convergence, model_convergence
from .content_size import is_too_large
from .convergence import ConvergenceError, NotYetError
from .failure_reasons import failure_sentence, is_about_reading_the_file
from .language_model import LANGUAGE_MODEL
from .service_errors import is_limit, passes_with_time
from .stack_events import is_given_up
from .wish import Wish, abandoned_name, kind_of, wish_of

logger = logging.getLogger(__name__)

# IAM says that a new role is known everywhere within a minute or two.
_NEW_ROLE_SECONDS = 120
# The framework's first look comes at once, its next five seconds later.
_FIRST_LOOK_SECONDS = 4
# The provider gives up after an hour at most, and says no more than that time is up; the reason comes before.
_PATIENCE_SECONDS = 50 * 60


class Convergence(Protocol):
    """How one family of kinds is brought to what the template wants: `convergence`, or `model_convergence`."""

    def converge_to_presence(self, wish: Wish) -> bool: ...

    def converge_to_absence(self, wish: Wish) -> bool: ...

    def attributes(self, wish: Wish) -> dict[str, str]: ...


class ResourceRequestError(Exception):
    """The request failed; the message is for the person who reads the stack's events."""


def on_event(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer with the physical id, which is the resource's name; all work is the completion check's."""
    # The framework hands on to is_complete whatever stands beside the id.
    now = time.time()
    if event["RequestType"] == "Delete":
        return {"PhysicalResourceId": event["PhysicalResourceId"], "RequestedAt": now}
    name = event["ResourceProperties"][kind_of(event).name_field]
    if not re.fullmatch(r"[0-9a-zA-Z._-]{1,200}", name):
        raise ResourceRequestError(f"{name!r} is no name for a {kind_of(event).title}: 1 to 200 of 0-9 a-z A-Z . _ -")
    return {
        "PhysicalResourceId": name,
        "RequestedAt": now,
        "ReplacedPhysicalResourceId": event.get("PhysicalResourceId", name),
        "AbandonedName": abandoned_name(event),
    }


def is_complete(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Look once, take one step, and say whether the resource is as the template wants it."""
    wish = wish_of(event, is_given_up=lambda: _is_given_up(event))
    try:
        complete = _converge(wish, event)
    except (ConvergenceError, NotYetError, ClientError, BotoCoreError) as error:
        if not _passes_with_time(error, event, wish):
            raise ResourceRequestError(failure_sentence(wish.subject, error)) from error
        logger.info("not yet", extra={"resource": wish.name, "reason": str(error)})
        complete = False
    return {"IsComplete": True, "Data": _convergence(wish).attributes(wish)} if complete else {"IsComplete": False}


def _converge(wish: Wish, event: Mapping[str, Any]) -> bool:
    if event["RequestType"] == "Delete":
        return _convergence(wish).converge_to_absence(wish)
    abandoned = event.get("AbandonedName")
    # First, because a rollback that cannot go back must not leave it either.
    if abandoned and not _convergence(wish).converge_to_absence(wish_of(event, abandoned)):
        return False
    return _convergence(wish).converge_to_presence(wish)


def _convergence(wish: Wish) -> Convergence:
    return model_convergence if wish.kind is LANGUAGE_MODEL else convergence


def _passes_with_time(error: Exception, event: Mapping[str, Any], wish: Wish) -> bool:
    age = _age(event)
    if is_about_reading_the_file(error):
        return age < _NEW_ROLE_SECONDS
    if is_limit(error) and is_too_large(wish.content):
        return False
    return (isinstance(error, NotYetError) or passes_with_time(error)) and age < _PATIENCE_SECONDS


def _is_given_up(event: Mapping[str, Any]) -> bool:
    if _age(event) < _FIRST_LOOK_SECONDS:
        return False
    return is_given_up(event["StackId"], event["LogicalResourceId"], event["RequestedAt"])


def _age(event: Mapping[str, Any]) -> float:
    # Below zero where two of Lambda's machines do not agree on the time.
    return time.time() - float(event["RequestedAt"])
