"""The built wheel, in an environment that holds nothing else but the oldest CDK that is supported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
# Made by `make setup` from requirements-floor.txt.
CONSUMER = REPOSITORY / ".venv-floor" / ("Scripts" if os.name == "nt" else "bin") / "python"
APP = """
import aws_cdk as cdk
import cdk_transcribe as transcribe

app = cdk.App()
stack = cdk.Stack(app, "Consumer")
storage = transcribe.TranscribeStorage(stack, "Storage")
transcribe.DataAccessRole(stack, "Role", storage=storage)
ledger = transcribe.JobLedger(stack, "Ledger", encryption_key=storage.key)
terms = transcribe.Vocabulary(
    stack, "Terms", language_code="en-US", source=transcribe.VocabularySource.from_file("terms.tsv")
)
filler = transcribe.VocabularyFilter(
    stack, "Filler", language_code="en-US", source=transcribe.WordSource.from_words(["um"])
)
pipeline = transcribe.TranscriptionPipeline(stack, "Pipeline", storage=storage, ledger=ledger)
pipeline.add_route("English", job=transcribe.TranscriptionJob(
    language_code="en-US",
    vocabulary=terms,
    vocabulary_filter=filler,
    vocabulary_filter_method=transcribe.FilterMethod.MASK,
    max_speakers=2,
    subtitles=[transcribe.SubtitleFormat.VTT],
))
app.synth()
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(target)]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    [path] = target.glob("*.whl")
    return path


def test_the_wheel_holds_the_package_the_handlers_and_the_local_aws_and_no_byte_code(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert {
        "cdk_transcribe/py.typed",
        "cdk_transcribe/lambdas/transcribe_handlers/job_starter.py",
        "transcribe_local/py.typed",
    } <= set(names)
    assert {name.split("/")[0].removesuffix("-0.1.0.dist-info") for name in names} == {
        "cdk_transcribe",
        "transcribe_local",
    }
    assert not [name for name in names if "__pycache__" in name]


def test_a_consumer_in_another_folder_synthesises_every_construct(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    project = tmp_path / "project"
    project.mkdir()
    (project / "app.py").write_text(APP)
    (project / "terms.tsv").write_text("Phrase\tSoundsLike\tIPA\tDisplayAs\nLos-Angeles\t\t\tLos Angeles\n")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONPATH": str(installed),
        "CDK_OUTDIR": str(tmp_path / "out"),
    }

    ended = subprocess.run(
        [str(CONSUMER), "app.py"], cwd=project, env=environment, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0, ended.stderr
    template = json.loads((tmp_path / "out" / "Consumer.template.json").read_text())
    types = {resource["Type"] for resource in template["Resources"].values()}
    assert {"Custom::TranscribeVocabulary", "Custom::TranscribeVocabularyFilter", "AWS::Events::Rule"} <= types
