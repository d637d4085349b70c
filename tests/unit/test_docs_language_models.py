"""What docs/language-models.md shows, run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs/language-models.md").read_text()


def test_the_example_synthesises_without_a_warning(tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    environment = {**os.environ, "CDK_OUTDIR": str(tmp_path), "PYTHONPATH": str(REPOSITORY / "constructs")}

    ended = subprocess.run(
        [sys.executable, "-c", example], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0, ended.stderr
    assert "[Warning" not in ended.stderr
    assert list(tmp_path.glob("*.template.json"))


def test_the_diagram_is_a_sequence_of_those_who_take_part() -> None:
    (diagram,) = re.findall(r"```mermaid\n(.*?)```", PAGE, re.DOTALL)

    participants = set(re.findall(r"participant (\w+) as", diagram))
    messages = re.findall(r"^ +(\w+)-+>>(\w+):", diagram, re.MULTILINE)
    assert diagram.startswith("sequenceDiagram\n")
    assert {one for pair in messages for one in pair} == participants
