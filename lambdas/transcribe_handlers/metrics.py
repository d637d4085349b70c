"""Metrics in CloudWatch's embedded metric format: a line on stdout, no call, no permission."""

from __future__ import annotations

import json
import time

NAMESPACE = "cdk-transcribe"


def count(metric: str, pipeline: str, **dimensions: str) -> None:
    """Count one for the pipeline and, where there are more dimensions, one for them together with it."""
    names = [["Pipeline"], ["Pipeline", *dimensions]] if dimensions else [["Pipeline"]]
    _emit(metric, names, {"Pipeline": pipeline, **dimensions})


def count_training(metric: str, language_model: str) -> None:
    """Count one for a family of language models."""
    _emit(metric, [["LanguageModel"]], {"LanguageModel": language_model})


def _emit(metric: str, dimensions: list[list[str]], values: dict[str, str]) -> None:
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": dimensions,
        "Metrics": [{"Name": metric, "Unit": "Count"}],
    }
    metadata = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
    print(json.dumps({"_aws": metadata, **values, metric: 1}), flush=True)
