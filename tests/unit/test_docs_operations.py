"""What docs/operations.md shows, run, and what it lists, compared with what there is."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from cdk_transcribe import (
    LedgerAlarms,
    LedgerMetrics,
    PipelineAlarms,
    PipelineMetrics,
    TranscriptionPipeline,
)
from cdk_transcribe.command_line import aws_access
from cdk_transcribe.job_metrics import FAILURE_CLASSES

from .rendered import text

REPOSITORY = Path(__file__).parents[2]
PAGE_PATH = REPOSITORY / "docs/operations.md"
PAGE = PAGE_PATH.read_text()


@pytest.mark.parametrize("example", re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
def test_every_example_synthesises_without_a_warning(example: str, tmp_path: Path) -> None:
    environment = {**os.environ, "CDK_OUTDIR": str(tmp_path), "PYTHONPATH": str(REPOSITORY / "constructs")}

    ended = subprocess.run(
        [sys.executable, "-c", example], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0, ended.stderr
    assert "[Warning" not in ended.stderr


def first_column(heading: str) -> list[str]:
    _, _, table = PAGE.partition(heading)
    return re.findall(r"^\| `(\w+)`", table.partition("\n\n")[0], re.MULTILINE)


def public(owner: type) -> set[str]:
    return {name for name in vars(owner) if not name.startswith("_")}


def test_every_metric_is_listed() -> None:
    assert set(first_column("| `pipeline.metrics` |")) == public(PipelineMetrics)
    assert set(first_column("| `pipeline.ledger.metrics` |")) == public(LedgerMetrics)


def test_every_class_of_failure_is_listed() -> None:
    assert (
        tuple(re.findall(r"`([A-Z_]+)`", PAGE.partition("Classes of failure:")[2].partition("\n")[0]))
        == FAILURE_CLASSES
    )


def test_every_alarm_is_listed() -> None:
    alarms = public(PipelineAlarms) | public(LedgerAlarms)

    assert set(first_column("| Alarm |")) == alarms - {"alarms", "notify"}


def test_every_permission_of_the_commands_is_listed() -> None:
    needed = {name for name in aws_access.PERMISSIONS.values() if not name.startswith("s3:")}
    services = "cloudformation|dynamodb|events|lambda|sqs"

    listed = set(re.findall(rf"`((?:{services}):\w+)`", PAGE.partition("### Permissions")[2]))
    assert listed == needed


def test_the_picture_shows_the_dashboard_as_it_is() -> None:
    pipeline = TranscriptionPipeline(cdk.Stack(cdk.App(), "Stack"), "Calls")
    template = Template.from_stack(cdk.Stack.of(pipeline.add_dashboard()))
    (dashboard,) = template.find_resources("AWS::CloudWatch::Dashboard").values()
    widgets = json.loads(text(dashboard["Properties"]["DashboardBody"]))["widgets"]

    texts = [element.text for element in ElementTree.parse(PAGE_PATH.with_name("dashboard.svg")).iter()]  # noqa: S314
    titles = [widget["properties"]["title"] for widget in widgets]
    assert [title for title in titles if title not in texts] == []


def test_every_file_it_names_exists() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", PAGE) if "://" not in link]

    assert [link for link in links if not (REPOSITORY / "docs" / link).exists()] == []
