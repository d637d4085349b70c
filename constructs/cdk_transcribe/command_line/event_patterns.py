"""The part of EventBridge's pattern language that a rule may ask a key for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def matches(conditions: list[Any], text: str) -> bool:
    """Whether `text` fulfils one of the conditions on one field of an event pattern.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html

    Raises:
        ValueError: for a condition other than an exact text, prefix, suffix, equals-ignore-case and wildcard.
    """
    return any(_matches(condition, text) for condition in conditions)


def common_prefix(conditions: list[Any]) -> str:
    """The longest text that is known to begin whatever fulfils one of the conditions."""
    beginnings = [_beginning(condition) for condition in conditions]
    shortest = min(beginnings, key=len, default="")
    length = next(
        (at for at in range(len(shortest)) if any(one[at] != shortest[at] for one in beginnings)), len(shortest)
    )
    return shortest[:length]


def _matches(condition: Any, text: str) -> bool:
    if isinstance(condition, str):
        return text == condition
    operator, operand = _operation(condition)
    if operator == "wildcard":
        return re.fullmatch(_expression(operand), text, re.DOTALL) is not None
    if operator == "equals-ignore-case":
        return bool(text.lower() == operand.lower())
    if isinstance(operand, Mapping):
        text, operand = text.lower(), operand["equals-ignore-case"].lower()
    return bool(text.startswith(operand) if operator == "prefix" else text.endswith(operand))


def _beginning(condition: Any) -> str:
    if isinstance(condition, str):
        return condition
    operator, operand = _operation(condition)
    if operator == "wildcard":
        literal = re.match(r"(?:[^*\\]|\\.)*", operand, re.DOTALL)
        return re.sub(r"\\(.)", r"\1", literal[0], flags=re.DOTALL) if literal else ""
    return operand if operator == "prefix" and isinstance(operand, str) else ""


def _operation(condition: Mapping[str, Any]) -> tuple[str, Any]:
    ((operator, operand),) = condition.items()
    if operator not in ("prefix", "suffix", "equals-ignore-case", "wildcard"):
        raise ValueError(f"a condition on the key that this command does not know: {dict(condition)}")
    return operator, operand


def _expression(wildcard: str) -> str:
    """The regular expression for a wildcard, in which a backslash takes the next character as it is."""
    pieces = re.findall(r"\\.|\*|[^*\\]+", wildcard, re.DOTALL)
    return "".join(".*" if piece == "*" else re.escape(re.sub(r"^\\", "", piece)) for piece in pieces)
