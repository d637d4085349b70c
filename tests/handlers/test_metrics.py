import json

import pytest

from transcribe_handlers import metrics


def test_count_is_one_line_of_embedded_metric_format(capsys: pytest.CaptureFixture[str]) -> None:
    metrics.count("Skipped", "calls", Reason="EmptyObject")

    (line,) = capsys.readouterr().out.splitlines()
    log = json.loads(line)
    directive = {
        "Namespace": "cdk-transcribe",
        "Dimensions": [["Pipeline"], ["Pipeline", "Reason"]],
        "Metrics": [{"Name": "Skipped", "Unit": "Count"}],
    }
    assert log["_aws"]["CloudWatchMetrics"] == [directive]
    assert (log["Pipeline"], log["Reason"], log["Skipped"]) == ("calls", "EmptyObject", 1)
    assert isinstance(log["_aws"]["Timestamp"], int)


def test_count_without_a_reason_has_the_pipeline_alone(capsys: pytest.CaptureFixture[str]) -> None:
    metrics.count("Started", "calls")

    log = json.loads(capsys.readouterr().out)
    assert log["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["Pipeline"]]
