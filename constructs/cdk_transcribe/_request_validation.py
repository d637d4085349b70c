"""What the API itself says about a request: types, patterns, choices and bounds, from botocore's service model.

botocore checks types, names and minima when a request is sent, and neither patterns nor choices nor maxima.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from botocore import xform_name

from cdk_transcribe._service_model import service_model
from cdk_transcribe._tokens import is_token

# Fields of the API whose argument is called otherwise here.
_ARGUMENTS = {
    "CategoryName": "call_analytics_category_name",
    "EndPercentage": "end",
    "EndTime": "end",
    "Formats": "subtitles",
    "KMSEncryptionContext": "output_encryption_context",
    "LanguageIdSettings": "language_options",
    "LanguageModelName": "language_model",
    "MaxAlternatives": "max_alternatives",
    "MaxSpeakerLabels": "max_speakers",
    "OutputEncryptionKMSKeyId": "output_encryption_key",
    "OutputStartIndex": "subtitle_start_index",
    "Pronouns": "patient_pronouns",
    "StartPercentage": "start",
    "StartTime": "start",
    "Targets": "phrases",
    "VocabularyFilterName": "vocabulary_filter",
    "VocabularyName": "vocabulary",
}

_ADVICE = {
    "MaxAlternatives": "leave it out for one transcription",
    "MaxSpeakerLabels": "leave it out for one speaker",
    "LanguageIdSettings": "name resources for the languages that need them most",
}

_PATTERNS = {
    "^[0-9a-zA-Z._-]+": "letters (a-z, A-Z), digits, full stops, hyphens and underscores",
    r"^[\x20-\x7E]+$": "printable ASCII characters",
    r".*\S.*": "a text with something besides spaces",
}

_UNITS = {"Percentage": " %", "TimestampMilliseconds": " ms"}

# Lists that grow faster than this library: rules of their own warn about what is unknown.
_OPEN_CHOICES = {"LanguageCode"}


def refusals(operation: str, request: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each value that the operation does not take.

    Tokens pass, and so does an object value, a structure where the API has none. Fields that are missing are not
    looked for: a part of the request is made later.
    """
    yield from _refusals(service_model()["operations"][operation]["input"]["shape"], request, ())


_Shape = dict[str, Any]
_Path = tuple[str, ...]
_Check = Callable[[_Shape, Any, _Path], Iterator[str]]


def _refusals(shape_name: str, value: Any, path: _Path) -> Iterator[str]:
    shape = _shape(shape_name)
    check, expected, description = _CHECKS[shape["type"]]
    if isinstance(value, expected) and isinstance(value, bool) == (expected is bool):
        found = list(check(shape, value, path))
    elif isinstance(value, Mapping):
        return
    else:
        found = [f"{_said(path, value)} is not {description}"]
    if found and not is_token(value):
        yield from found


@cache
def _shape(name: str) -> _Shape:
    return {"name": name, **service_model()["shapes"][name]}


def _structure(shape: _Shape, value: Mapping[str, Any], path: _Path) -> Iterator[str]:
    for name, member in value.items():
        yield from _refusals(shape["members"][name]["shape"], member, (*path, name))


def _list(shape: _Shape, value: Sequence[Any], path: _Path) -> Iterator[str]:
    yield from _count(shape, value, path)
    for item in value:
        yield from _refusals(shape["member"]["shape"], item, path)


def _map(shape: _Shape, value: Mapping[str, Any], path: _Path) -> Iterator[str]:
    yield from _count(shape, value, path)
    for key, item in value.items():
        yield from _refusals(shape["key"]["shape"], key, path)
        yield from _refusals(shape["value"]["shape"], item, (*path, key))


def _count(shape: _Shape, value: Any, path: _Path) -> Iterator[str]:
    if not _within(shape, len(value)):
        yield f"{_argument(path)} has {len(value)} entries: Transcribe takes {_bounds(shape)}{_advice(path)}"


def _string(shape: _Shape, value: str, path: _Path) -> Iterator[str]:
    pattern = shape.get("pattern")
    choices = [] if shape["name"] in _OPEN_CHOICES else shape.get("enum", [])
    if not _within(shape, len(value)):
        yield f"{_said(path, value)} has {len(value)} characters: Transcribe takes {_bounds(shape)}"
    elif pattern and not re.fullmatch(pattern, value, re.DOTALL):
        yield f"{_said(path, value)} is refused by Transcribe: it takes {_PATTERNS.get(pattern, pattern)}"
    elif choices and value not in choices:
        yield f"{_said(path, value)} is none of {', '.join(choices)}"


def _number(shape: _Shape, value: float, path: _Path) -> Iterator[str]:
    if not _within(shape, value):
        unit = _UNITS.get(shape["name"], "")
        yield f"{_said(path, value)}{unit} is out of range: Transcribe takes {_bounds(shape)}{unit}{_advice(path)}"


def _boolean(shape: _Shape, value: bool, path: _Path) -> Iterator[str]:
    return iter(())


_CHECKS: dict[str, tuple[_Check, Any, str]] = {
    "boolean": (_boolean, bool, "True or False"),
    "integer": (_number, int, "a whole number"),
    "list": (_list, list, "a list"),
    "long": (_number, int, "a whole number"),
    "map": (_map, Mapping, "a mapping"),
    "string": (_string, str, "a string"),
    "structure": (_structure, Mapping, "a mapping"),
}


def _within(shape: _Shape, number: float) -> bool:
    low, high = shape.get("min", number), shape.get("max", number)
    return bool(low <= number <= high)


def _bounds(shape: _Shape) -> str:
    low, high = shape.get("min"), shape.get("max")
    if high is None:
        return f"{low} or more"
    return f"up to {high}" if low is None else f"{low} to {high}"


def _argument(path: _Path) -> str:
    """The argument as it is typed; what is set for one of several languages says which."""
    name = _ARGUMENTS.get(path[-1]) or xform_name(path[-1])
    if path[0] == "Tags":
        return "tags"
    if path[0] == "KMSEncryptionContext":
        return _ARGUMENTS[path[0]]
    if "LanguageIdSettings" in path[:-2]:
        return f"{name} of the language option {path[-2]!r}"
    return name


def _said(path: _Path, value: Any) -> str:
    shown = repr(value)
    return f"{_argument(path)}={shown if len(shown) <= 60 else f'{shown[:60]}…'}"


def _advice(path: _Path) -> str:
    advice = _ADVICE.get(path[-1])
    return f"; {advice}" if advice else ""
