"""The local AWS as a pytest fixture: load it with `-p transcribe_local.pytest_plugin` or `pytest_plugins`."""

from collections.abc import Iterator

import pytest

from transcribe_local.local_aws import LocalAws


@pytest.fixture(scope="session")
def local_aws() -> Iterator[LocalAws]:
    """One local AWS for the whole session, started by the first test that asks for it."""
    with LocalAws() as aws:
        yield aws
