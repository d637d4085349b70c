"""Arguments that are not of the type they are declared with: said at once, before they become something odd."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from cdk_transcribe.object_value import ObjectValue


def check_choice(argument: str, value: object, choices: type[Enum]) -> None:
    """Raises a ValueError unless `value` is a member of `choices`, or None, or not known yet."""
    if value is not None and not isinstance(value, (choices, ObjectValue)):
        raise ValueError(f"{argument}: {value!r} is none of {names_of(choices)}")


def check_choices(argument: str, values: object, choices: type[Enum]) -> None:
    """Raises a ValueError unless `values` is a list of members of `choices`."""
    if isinstance(values, choices):
        raise ValueError(f"{argument}={values!r} is one of them: give a list")
    for value in check_list(argument, values):
        check_choice(argument, value, choices)


def check_list(argument: str, values: object) -> Sequence[Any]:
    """`values`, when it is a list; a string is none, though Python would take its letters one by one."""
    if isinstance(values, Sequence) and not isinstance(values, str | bytes):
        return values
    raise ValueError(f"{argument}={values!r} is not a list: give a list, of one if need be")


def check_flag(argument: str, value: object) -> None:
    """Raises a ValueError unless `value` is True or False."""
    if not isinstance(value, bool):
        raise ValueError(f"{argument}={value!r} is neither True nor False")


def check_texts(argument: str, value: object) -> None:
    """Raises a ValueError unless `value` is a mapping from strings to strings, or None."""
    if value is None:
        return
    if not isinstance(value, Mapping):
        raise ValueError(f"{argument}={value!r} is not a mapping: give names with their values, such as {{'a': 'b'}}")
    for text in (*value.keys(), *value.values()):
        if not isinstance(text, str):
            raise ValueError(f"{argument} holds {text!r}, which is not a string")


def check_instance(argument: str, value: object, expected: type) -> None:
    """Raises a ValueError unless `value` is an `expected`, or None."""
    if value is not None and not isinstance(value, expected):
        raise ValueError(f"{argument}={value!r} is not a {expected.__name__}")


def names_of(choices: type[Enum]) -> str:
    """The members of an enum as they are typed."""
    return ", ".join(f"{choices.__name__}.{choice.name}" for choice in choices)
