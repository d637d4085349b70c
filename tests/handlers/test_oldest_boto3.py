"""The handlers on a boto3 as old as a Lambda runtime may carry, with the service model that is deployed beside them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import botocore
import pytest

from transcribe_local import LocalAws

REPOSITORY = Path(__file__).parents[2]
# Made by `make setup` from requirements-oldest.txt.
OLDEST = REPOSITORY / ".venv-oldest" / ("Scripts" if os.name == "nt" else "bin") / "python"
SERVICE_MODEL = Path(botocore.__file__).parent / "data"
KEY = "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555"
EVENT = {
    "RequestType": "Create",
    "ResourceType": "Custom::TranscribeVocabulary",
    "StackId": "arn:aws:cloudformation:us-east-1:000000000000:stack/Old/1",
    "LogicalResourceId": "Terms",
    "ResourceProperties": {
        "VocabularyName": "old-runtime",
        "LanguageCode": "en-US",
        "Phrases": ["Tellson"],
        "DataAccessRoleArn": "arn:aws:iam::000000000000:role/transcribe-data-access",
        "EncryptionConfiguration": {"KMSKey": KEY},
    },
}
SCRIPT = """
import json, sys
from transcribe_handlers.custom_resource import is_complete, on_event
import botocore
request = json.loads(sys.argv[1])
answer = is_complete({**request, **on_event(request, None)}, None)
print(json.dumps({"botocore": botocore.__version__, **answer}))
"""


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    """What the layer's content is in a function: the model and nothing else."""
    model = Path("transcribe", "2017-10-26")
    (tmp_path / model).mkdir(parents=True)
    for file in (SERVICE_MODEL / model).glob("service-2.json*"):
        (tmp_path / model / file.name).write_bytes(file.read_bytes())
    return tmp_path


def run(aws: LocalAws, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(OLDEST), "-c", SCRIPT, json.dumps(EVENT)],
        env={**aws.process_environment, "PYTHONPATH": str(REPOSITORY / "lambdas"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_key_reaches_transcribe_through_the_layers_model(aws: LocalAws, resources: Any, layer: Path) -> None:
    ended = run(aws, AWS_DATA_PATH=str(layer))

    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["botocore"].startswith("1.40.")
    assert resources()["old-runtime"]["EncryptionConfiguration"] == {"KMSKey": KEY}


def test_without_the_layer_the_runtime_does_not_know_the_field(aws: LocalAws, resources: Any) -> None:
    ended = run(aws)

    assert "Unknown parameter" in ended.stderr
    assert resources() == {}
