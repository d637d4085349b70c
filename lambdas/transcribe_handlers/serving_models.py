"""The language model that a job is to use: the version that serves now, as its family's pointer says.

In a route's request it stands in place of a leaf: `{"FromPointer": "<parameter>", "UntilReady": "BaseModel"}`, or
"Hold". Until a first version serves, the one leaves the model out and the other holds the job back.

Permission: ssm:GetParameter on the pointers.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from .model_pointer import NONE_YET
from .service_errors import code_of

# A version is deleted an hour after another has taken over, and not before.
_REMEMBERED_SECONDS = 60
# A first version is waited for.
_NONE_YET_REMEMBERED_SECONDS = 5

_remembered: dict[str, tuple[float, str]] = {}


class NoVersionYetError(Exception):
    """The job waits for the first version of its language model."""


def is_pointer(structure: Mapping[str, Any]) -> bool:
    """Whether this stands in place of a language model's name."""
    return "FromPointer" in structure


def serving_model(leaf: Mapping[str, Any]) -> str | None:
    """The version that serves; None for the base model. One call a minute for each pointer.

    Raises NoVersionYetError when the job is to be held back.
    """
    version = _version(leaf["FromPointer"])
    if version != NONE_YET:
        return version
    if leaf["UntilReady"] == "Hold":
        raise NoVersionYetError(f"no version of the language model is trained yet, says {leaf['FromPointer']}")
    return None


def forget() -> None:
    """Ask anew, whatever was said a moment ago."""
    _remembered.clear()


def _version(pointer: str) -> str:
    asked_at, version = _remembered.get(pointer, (float("-inf"), ""))
    patience = _NONE_YET_REMEMBERED_SECONDS if version == NONE_YET else _REMEMBERED_SECONDS
    if time.monotonic() - asked_at > patience:
        version = _asked(pointer)
        _remembered[pointer] = (time.monotonic(), version)
    return version


def _asked(pointer: str) -> str:
    try:
        return str(client().get_parameter(Name=pointer)["Parameter"]["Value"])
    except ClientError as error:
        # The pointer goes last when a model is deleted, whose routes may still be there for a moment.
        if code_of(error) == "ParameterNotFound":
            return NONE_YET
        raise


@functools.cache
def client() -> Any:
    """Made when first needed: most routes name no language model."""
    return boto3.client("ssm", config=Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2}))
