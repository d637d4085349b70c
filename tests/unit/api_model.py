"""Requests against Transcribe's own model: what botocore checks of it, and what it leaves to the service."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, cast

from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape
from botocore.validate import ParamValidator


@cache
def _model() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("transcribe", "service-2"), "transcribe")


@cache
def input_shape(operation: str) -> Shape:
    """The request of an operation."""
    return cast(Shape, _model().operation_model(operation).input_shape)


def shape_for(name: str) -> Any:
    """A shape by its name."""
    return _model().shape_for(name)


def assert_accepted(operation: str, request: dict[str, Any]) -> None:
    """Types, names, required fields and minima by botocore; patterns, choices and maxima by its model."""
    shape = input_shape(operation)
    report = ParamValidator().validate(request, shape)
    assert not report.has_errors(), report.generate_report()
    assert list(_left_to_the_service(shape, request)) == []


def _left_to_the_service(shape: Any, value: Any) -> Iterator[str]:
    size = value if isinstance(value, int) else len(value)
    if size > shape.metadata.get("max", size):
        yield f"{shape.name}: {value!r} is too much"
    if shape.type_name == "string":
        pattern = shape.metadata.get("pattern")
        if pattern and not re.fullmatch(pattern, value):
            yield f"{shape.name}: {value!r} does not match {pattern}"
        if shape.enum and value not in shape.enum:
            yield f"{shape.name}: {value!r} is none of its choices"
    for member_shape, member in _members(shape, value):
        yield from _left_to_the_service(member_shape, member)


def _members(shape: Any, value: Any) -> Iterator[tuple[Any, Any]]:
    if shape.type_name == "structure":
        yield from ((shape.members[name], member) for name, member in value.items())
    elif shape.type_name == "list":
        yield from ((shape.member, item) for item in value)
    elif shape.type_name == "map":
        yield from ((shape.key, key) for key in value)
        yield from ((shape.value, item) for item in value.values())
