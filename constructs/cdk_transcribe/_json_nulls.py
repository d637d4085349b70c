"""How a null gets into a template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import JsonNull


def with_nulls(value: Any) -> Any:
    """`value` for CDK, which drops every None on its way to a template: as a null that stays."""
    if value is None:
        return JsonNull.INSTANCE
    if isinstance(value, Mapping):
        return {name: with_nulls(item) for name, item in value.items()}
    return [with_nulls(item) for item in value] if isinstance(value, list) else value
