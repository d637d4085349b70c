"""What docs/jobs.md shows, run, and what it says about the API, compared with the API."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.session import get_session

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs/jobs.md").read_text()


@pytest.mark.parametrize("example", re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
def test_every_example_synthesises_without_a_warning(example: str, tmp_path: Path) -> None:
    environment = {**os.environ, "CDK_OUTDIR": str(tmp_path), "PYTHONPATH": str(REPOSITORY / "constructs")}

    ended = subprocess.run(
        [sys.executable, "-c", example], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0, ended.stderr
    assert "[Warning" not in ended.stderr
    assert list(tmp_path.glob("*.template.json"))


def test_every_operation_on_jobs_has_its_place() -> None:
    operations = {name for name in get_session().get_service_model("transcribe").operation_names if "Job" in name}

    _, table = PAGE.split("## Every operation on jobs")
    assert set(re.findall(r"`(\w+Jobs?)`", table)) == operations


def test_every_file_it_names_exists() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", PAGE) if "://" not in link]

    assert [link for link in links if not (REPOSITORY / "docs" / link).exists()] == []
