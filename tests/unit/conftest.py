"""What the tests of the constructs share."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

import cdk_transcribe

EXAMPLE_APP_TESTS = "test_example_app.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the example app's tests last: it is synthesised while the others run."""
    items.sort(key=lambda item: item.path.name == EXAMPLE_APP_TESTS)


@pytest.fixture(scope="session", autouse=True)
def example_app(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    repository: Path,
    recommended_flags: dict[str, Any],
) -> Iterator[tuple[subprocess.Popen[str], Path] | None]:
    """app.py as cdk.json runs it, template validation on, in a process of its own: that takes 10 seconds."""
    if not any(item.path.name == EXAMPLE_APP_TESTS for item in request.session.items):
        yield None
        return
    directory = tmp_path_factory.mktemp("example")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CDK_")},
        "PYTHONPATH": str(Path(cdk_transcribe.__file__).parents[1]),
        "CDK_OUTDIR": str(directory),
        "CDK_CONTEXT_JSON": json.dumps(recommended_flags),
    }
    with subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=repository,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process, directory


@pytest.fixture(scope="session", params=["no context", "recommended flags"])
def context(request: pytest.FixtureRequest, recommended_flags: dict[str, Any]) -> dict[str, Any]:
    """The contexts that a construct has to be right in."""
    return {} if request.param == "no context" else recommended_flags


@pytest.fixture(scope="module")
def shared_stack() -> cdk.Stack:
    """A stack for refusals: it is never synthesised, and its provider is made once."""
    return cdk.Stack(cdk.App(), "Stack")
