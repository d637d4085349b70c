"""What every test shares: CDK without its template validator and without a way to a real account."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest

REPOSITORY = Path(__file__).parents[1]

os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_EC2_METADATA_DISABLED="true",
    JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION="20",
    JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION="1",
)
for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
    os.environ.pop(name, None)

# How long an example takes says something of the machine, and nothing of the code.
hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("unhurried")

# CDK's process keeps the environment of the moment it starts, which is the import. Child processes of tests (the
# CDK CLI, say) do not get these settings: they validate their templates.
with pytest.MonkeyPatch.context() as _at_import:
    # The validator costs 1.5 s a process and something for each template; test_example_app.py runs it.
    _at_import.setenv("CDK_VALIDATION", "false")
    for name in ("CDK_CONTEXT_JSON", "CDK_OUTDIR", "CDK_DEFAULT_ACCOUNT", "CDK_DEFAULT_REGION"):
        _at_import.delenv(name, raising=False)
    import aws_cdk as cdk


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def recommended_flags() -> dict[str, Any]:
    """The context of cdk.json, which an app of a consumer need not have."""
    context: dict[str, Any] = json.loads((REPOSITORY / "cdk.json").read_text())["context"]
    return context


@pytest.fixture
def app() -> cdk.App:
    """An app without any feature flag, as a consumer may have it."""
    return cdk.App()


@pytest.fixture
def stack(app: cdk.App) -> cdk.Stack:
    """A stack for any account and Region."""
    return cdk.Stack(app, "Stack")


# What people, scripts and other systems have put into keys, and what encodings on the way may take for their own.
_KEY_PIECES = (
    *" +%&=?#@:;,'\"`~^$!*()[]{}<>|\\./-_aA0éßж日📞",
    *("%20", "%2F", "%25", "..", "//", "e\u0301", "日本語"),
)
_NEAR_COLLIDING = ["a b", "a  b", "a+b", "a%20b", "a_b", "a-b", "A b", "a b ", "a/b", "a//b", "a.b", "a é", "a e\u0301"]


@pytest.fixture(scope="session")
def nasty_keys() -> Callable[[int], list[str]]:
    """So many different keys that S3 allows, the same ones every time: odd, long, and hardly different from each other.

    Each starts with `en/` and ends with `.wav`.
    """

    def keys(number: int) -> list[str]:
        dice = random.Random(0)  # noqa: S311
        stems = dict.fromkeys(_NEAR_COLLIDING)
        while len(stems) < number:
            pieces = dice.choices(_KEY_PIECES, k=dice.choice([1, 3, 10, 200]))
            # A key has 1,024 bytes at most.
            stems["".join(pieces).encode()[:900].decode(errors="ignore")] = None
        return [f"en/{stem}.wav" for stem in list(stems)[:number]]

    return keys
