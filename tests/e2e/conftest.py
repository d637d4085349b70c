"""One local AWS for all deployments, with every request checked against IAM, and nothing but TLS."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from transcribe_local.cdk_app import CdkApp
from transcribe_local.local_aws import LocalAws

from .deployment import Deployment


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A local AWS that is ready for CDK apps."""
    logs = tmp_path_factory.mktemp("account")
    with LocalAws(log_path=logs / "aws.log", enforce_iam=True) as aws:
        with CdkApp(aws, logs, log_path=logs / "cdk.log") as app:
            app.bootstrap()
        yield aws


@pytest.fixture(scope="module")
def deployment(account: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The example app as it stands, deployed once for the tests of a module."""
    deployment = Deployment(account, tmp_path_factory.mktemp("deployment"))
    deployment.deploy()
    yield deployment
    deployment.destroy()
