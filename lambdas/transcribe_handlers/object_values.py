"""Values of a request that each media object decides by itself, through its key or its tags.

In a route's request such a value stands in place of a leaf:
`{"FromKey": "language_code", "Choices": {"en": "en-US"}, "Default": "en-US"}`, or `FromTag` for a tag. What the key or
the tag says is looked up in the choices; nothing else gets into a request. null leaves the field out, and so does {}:
CDK drops every null from what a rule sends.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .serving_models import is_pointer, serving_model

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class NoAllowedValueError(Exception):
    """The object says nothing that the route allows; the message is for the person who put it there."""


class ObjectTexts:
    """What one object says: in its key, by the route's pattern, and in its tags, which are asked for at most once."""

    def __init__(self, key: str, key_pattern: str, read_tags: Callable[[], Mapping[str, str]]) -> None:
        self._key = key
        self._key_pattern = key_pattern
        self._from_key = texts_in_key(key, key_pattern)
        self._read_tags = read_tags
        self._tags: Mapping[str, str] | None = None

    def choice(self, value: Mapping[str, Any]) -> Any:
        """What the object chooses. Raises NoAllowedValueError when that is nothing and there is no default."""
        text = self._tag(value["FromTag"]) if "FromTag" in value else self._from_key.get(value["FromKey"])
        if text in value["Choices"]:
            return value["Choices"][text]
        if "Default" in value:
            return value["Default"]
        raise NoAllowedValueError(f"{self._finding(value, text)}: this route allows {_listed(value['Choices'])}")

    def _tag(self, name: str) -> str | None:
        if self._tags is None:
            self._tags = self._read_tags()
        return self._tags.get(name)

    def _finding(self, value: Mapping[str, Any], text: str | None) -> str:
        if "FromTag" in value:
            tag = value["FromTag"]
            return f"the object has no tag {tag!r}" if text is None else f"the object's tag {tag!r} says {text!r}"
        if text is None:
            return f"the object's key is not of the pattern {self._key_pattern!r}, which would say {value['FromKey']}"
        return f"the object's key says {value['FromKey']} is {text!r}"


def texts_in_key(key: str, key_pattern: str) -> Mapping[str, str]:
    """What the placeholders of the pattern stand for in the beginning of a key; nothing when it does not fit.

    A placeholder stands for one or more characters other than a slash, as many as fit.
    """
    # Every second piece is the name of a placeholder.
    pieces = _PLACEHOLDER.split(key_pattern)
    expression = "([^/]+)".join(map(re.escape, pieces[::2]))
    found = re.match(expression, key)
    return dict(zip(pieces[1::2], found.groups(), strict=True)) if found else {}


def resolved(request: Any, texts: ObjectTexts) -> Any:
    """The request with every such value replaced by what the object chooses, and every pointer by what it points to.

    What comes to null is left out, and so is a structure or list that has nothing left.
    """
    if isinstance(request, Mapping):
        if _is_object_value(request):
            choice = texts.choice(request)
            return None if choice == {} else resolved(choice, texts)
        if is_pointer(request):
            return serving_model(request)
        return _kept(request, {name: resolved(value, texts) for name, value in request.items()})
    if isinstance(request, list):
        items = [resolved(item, texts) for item in request]
        return [item for item in items if item is not None] or (None if request else [])
    return request


def _is_object_value(structure: Mapping[str, Any]) -> bool:
    # No structure or map of the API holds a structure by the name of Choices.
    return isinstance(structure.get("Choices"), Mapping)


def _kept(before: Mapping[str, Any], after: Mapping[str, Any]) -> Mapping[str, Any] | None:
    kept = {name: value for name, value in after.items() if value is not None}
    return None if before and not kept else kept


def _listed(choices: Mapping[str, Any]) -> str:
    return ", ".join(map(repr, choices))
