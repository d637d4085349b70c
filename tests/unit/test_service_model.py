"""The service model that rides along with the handlers."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
import botocore
from aws_cdk.assertions import Match, Template

from cdk_transcribe import Vocabulary, VocabularySource


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
