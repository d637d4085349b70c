"""Metrics in CloudWatch's embedded metric format: a line on stdout, no call, no permission."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

NAMESPACE = "cdk-transcribe"


def count(metric: str, pipeline: str, **dimensions: str) -> None:
    """Count one for the pipeline and, where there are more dimensions, one for them together with it."""
    sets = [["Pipeline"], ["Pipeline", *dimensions]] if dimensions else [["Pipeline"]]
    _emit(metric, 1, "Count", sets, {"Pipeline": pipeline, **dimensions})


def count_training(metric: str, language_model: str) -> None:
    """Count one for a family of language models."""
    measure(metric, 1, "Count", LanguageModel=language_model)


def measure(metric: str, value: float, unit: str, **dimensions: str) -> None:
    """One value, in one of CloudWatch's units, for these dimensions together."""
    _emit(metric, value, unit, [list(dimensions)], dimensions)


def _emit(metric: str, value: float, unit: str, sets: Sequence[Sequence[str]], dimensions: dict[str, str]) -> None:
    directive = {"Namespace": NAMESPACE, "Dimensions": sets, "Metrics": [{"Name": metric, "Unit": unit}]}
    metadata = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
    print(json.dumps({"_aws": metadata, **dimensions, metric: value}), flush=True)
