"""What the newest Transcribe API looks like: for checks at synthesis, and for functions whose own boto3 is older."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import botocore
from aws_cdk import IgnoreMode
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

DATA_PATH = "/opt"
"""Where a layer's content stands in a function, and so what `AWS_DATA_PATH` must name for botocore to look there."""

_DATA = Path(botocore.__file__).parent / "data"
_MODEL = "transcribe/2017-10-26/service-2.json*"


@cache
def service_model() -> dict[str, Any]:
    """The `operations` and `shapes` of the API.

    Read from botocore's file, because botocore's own loader imports its whole HTTP stack: a third of a second.
    """
    [path] = _DATA.glob(_MODEL)
    content = path.read_bytes()
    model: dict[str, Any] = json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)
    return model


class ServiceModelLayer(lambda_.LayerVersion):
    """An `AWS::Lambda::LayerVersion` with Transcribe's service model from the botocore that the app runs with.

    The boto3 of the Lambda runtime lags behind the API by months and refuses fields that it does not know, such as
    `EncryptionConfiguration` of vocabularies. The model alone, some 40 KB, is all that it lacks.
    """

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(
            scope,
            id,
            description="The service model of Amazon Transcribe",
            code=lambda_.Code.from_asset(
                str(_DATA),
                exclude=["*", f"!{_MODEL}"],
                ignore_mode=IgnoreMode.DOCKER,
            ),
        )
