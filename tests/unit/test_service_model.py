"""The service model that rides along with the handlers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import aws_cdk as cdk
import botocore
import pytest
from aws_cdk.assertions import Match, Template

from cdk_transcribe import Vocabulary, VocabularySource, _service_model


def test_the_handlers_find_the_model_of_the_botocore_that_the_app_runs_with(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    stack = cdk.Stack(app, "Stack")
    Vocabulary(stack, "Terms", language_code="en-US", source=VocabularySource.from_phrases(["Tellson"]))

    template = Template.from_stack(stack)

    [layer] = template.find_resources("AWS::Lambda::LayerVersion").values()
    asset = tmp_path / f"asset.{Path(layer['Properties']['Content']['S3Key']).stem}"
    [model] = [path for path in asset.rglob("*") if path.is_file()]
    installed = Path(botocore.__file__).parent / "data" / model.relative_to(asset)
    assert model.relative_to(asset).as_posix().startswith("transcribe/2017-10-26/service-2.json")
    assert model.read_bytes() == installed.read_bytes()
    template.has_resource_properties(
        "AWS::Lambda::Function",
        {
            "Handler": "transcribe_handlers.custom_resource.is_complete",
            "Layers": [Match.any_value()],
            "Environment": {"Variables": {"AWS_DATA_PATH": "/opt"}},
        },
    )


def test_the_model_is_read_once_and_not_before_it_is_needed(repository: Path) -> None:
    program = """
import cdk_transcribe
cdk_transcribe.Vocabulary
job = cdk_transcribe.TranscriptionJob
from cdk_transcribe._service_model import service_model
before = service_model.cache_info().misses
job(language_code="en-US")
job(language_code="de-DE")
print(before, service_model.cache_info().misses)
"""

    ended = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(repository / "constructs")},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ended.stdout.split() == ["0", "1"]


def test_the_model_may_be_a_plain_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "transcribe" / "2017-10-26" / "service-2.json"
    file.parent.mkdir(parents=True)
    file.write_text('{"shapes": {}}')
    monkeypatch.setattr(_service_model, "_DATA", tmp_path)

    assert _service_model.service_model.__wrapped__() == {"shapes": {}}
