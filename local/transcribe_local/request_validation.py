"""Checks of a request against the API's own model, refused in the service's own words.

The model is the one that botocore ships, so every operation, field and limit is what boto3 knows. Unlike
boto3's own checks these include patterns, enumerations and maxima, as the service's do.
"""

import functools
import re
from collections.abc import Callable, Iterator
from typing import Any

import botocore.session

from transcribe_local.service_error import ServiceError, bad_request

_JSON_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "timestamp": (int, float),
}


@functools.lru_cache(maxsize=1)
def _service_model() -> Any:
    return botocore.session.Session().get_service_model("transcribe")


def operation_names() -> frozenset[str]:
    """Every operation of the API, whether or not it is implemented here."""
    return frozenset(_service_model().operation_names)


def output_members(shape_name: str) -> list[str]:
    """The fields of an answer, in the model's order."""
    return list(_service_model().shape_for(shape_name).members)


def validate_request(operation: str, request: dict[str, Any]) -> None:
    """Raise BadRequestException for violated constraints, SerializationException for a wrong type."""
    shape = _service_model().operation_model(operation).input_shape
    violations = list(_structure(shape, request, ""))
    if violations:
        count = f"{len(violations)} validation error{'s' if len(violations) > 1 else ''} detected: "
        raise bad_request(count + "; ".join(violations))


def _violations(shape: Any, value: Any, path: str) -> Iterator[str]:
    _check_json_type(shape, value)
    check = _CHECKS.get(shape.type_name, _number)
    return check(shape, value, path)


def _check_json_type(shape: Any, value: Any) -> None:
    accepted = _JSON_TYPES[shape.type_name]
    if not isinstance(value, accepted) or (isinstance(value, bool) and bool not in accepted):
        wanted = shape.type_name.capitalize()
        raise ServiceError(
            "SerializationException", f"{type(value).__name__.upper()}_VALUE can not be converted to {wanted}"
        )


def _structure(shape: Any, value: dict[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield _sentence("null", _join(path, name), "Member must not be null")
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from _violations(member, value[name], _join(path, name))


def _list(shape: Any, value: list[Any], path: str) -> Iterator[str]:
    yield from _length(shape, value, path)
    for position, item in enumerate(value, start=1):
        yield from _violations(shape.member, item, f"{path}.{position}.member")


def _map(shape: Any, value: dict[str, Any], path: str) -> Iterator[str]:
    yield from _length(shape, value, path)
    for key, item in value.items():
        yield from _violations(shape.key, key, path)
        yield from _violations(shape.value, item, f"{path}.{key}.member")


def _string(shape: Any, value: str, path: str) -> Iterator[str]:
    yield from _length(shape, value, path)
    pattern = shape.metadata.get("pattern")
    # The published patterns are open-ended; the service holds the whole value against them.
    if pattern and not re.fullmatch(pattern, value):
        yield _sentence(value, path, f"Member must satisfy regular expression pattern: {pattern}")
    if shape.enum and value not in shape.enum:
        yield _sentence(value, path, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")


def _length(shape: Any, value: Any, path: str) -> Iterator[str]:
    return _bounds(shape, value, len(value), path, "Member must have length")


def _number(shape: Any, value: Any, path: str) -> Iterator[str]:
    return _bounds(shape, value, value, path, "Member must have value")


def _bounds(shape: Any, value: Any, size: float, path: str, rule: str) -> Iterator[str]:
    if size < shape.metadata.get("min", size):
        yield _sentence(value, path, f"{rule} greater than or equal to {shape.metadata['min']}")
    if size > shape.metadata.get("max", size):
        yield _sentence(value, path, f"{rule} less than or equal to {shape.metadata['max']}")


def _sentence(value: Any, path: str, constraint: str) -> str:
    shown = "null" if value == "null" else f"'{value}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"


def _join(path: str, name: str) -> str:
    member = name[0].lower() + name[1:]
    return f"{path}.{member}" if path else member


_CHECKS: dict[str, Callable[[Any, Any, str], Iterator[str]]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "boolean": lambda shape, value, path: iter(()),
}
