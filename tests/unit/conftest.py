"""What the tests of the constructs share."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest


@pytest.fixture(scope="session", params=["no context", "recommended flags"])
def context(request: pytest.FixtureRequest, recommended_flags: dict[str, Any]) -> dict[str, Any]:
    """The contexts that a construct has to be right in."""
    return {} if request.param == "no context" else recommended_flags


@pytest.fixture(scope="module")
def shared_stack() -> cdk.Stack:
    """A stack for refusals: it is never synthesised, and its provider is made once."""
    return cdk.Stack(cdk.App(), "Stack")
