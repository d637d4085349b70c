"""What the constructs call metrics is what the handlers emit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch

from cdk_transcribe import TranscriptionPipeline, job_metrics
from transcribe_local import LocalAws

from .conftest import Arrivals, FullMinute

Emitted = tuple[str, str, frozenset[str]]
"""A metric's namespace, its name, and the names of its dimensions."""


@pytest.fixture(scope="module")
def pipeline() -> TranscriptionPipeline:
    return TranscriptionPipeline(cdk.Stack(cdk.App(), "Stack"), "Calls")


def emitted(output: str) -> Iterator[Emitted]:
    for line in output.splitlines():
        metadata = json.loads(line).get("_aws") if line.startswith("{") else None
        for directive in metadata["CloudWatchMetrics"] if metadata else []:
            for dimensions in directive["Dimensions"]:
                yield directive["Namespace"], directive["Metrics"][0]["Name"], frozenset(dimensions)


def named(metric: cloudwatch.Metric) -> Emitted:
    return metric.namespace, metric.metric_name, frozenset(metric.dimensions or {})


def everything_that_happens(arrivals: Arrivals, handlers: Any, aws: LocalAws) -> None:
    """An object of each fate: completed, failed, lost, refused, sent back, skipped; and a run of the reconciler."""
    arrivals.put("good.wav", b"RIFF")
    good = json.loads(arrivals.message("good.wav"))
    good["event"]["time"] = "2026-01-01T00:00:00Z"
    arrivals.deliver(json.dumps(good))
    name, kind = arrivals.job_name(json.dumps(good)), handlers.job_kinds.kind_named("TranscriptionJob")
    spoken = {"LanguageCodes": [{"LanguageCode": "en-US", "DurationInSeconds": 60.0}]}
    handlers.job_record.record(kind, name, {"TranscriptionJobStatus": "COMPLETED", **spoken})
    for key, facts in (
        ("bad.wav", {"status": "FAILED", "failure_class": "BAD_MEDIA"}),
        ("gone.wav", {"status": "LOST"}),
    ):
        arrivals.put(key)
        message = arrivals.message(key)
        arrivals.deliver(message)
        handlers.job_record.write_down(arrivals.job_name(message), {"kind": kind.name, **facts})
    for key, code in (("late.wav", "LimitExceededException"), ("no.wav", "BadRequestException")):
        aws.inject_fault("StartTranscriptionJob", code, "No.", times=1)
        arrivals.deliver(arrivals.message(key))
    arrivals.deliver(arrivals.message("empty.wav", size=0))
    handlers.job_reconciler.handler({}, FullMinute())


def test_metrics_have_the_names_and_dimensions_that_the_handlers_emit(
    *, pipeline: TranscriptionPipeline, arrivals: Arrivals, handlers: Any, aws: LocalAws, capsys: Any
) -> None:
    everything_that_happens(arrivals, handlers, aws)

    metrics = pipeline.metrics
    assert set(emitted(capsys.readouterr().out)) == {
        named(metric)
        for metric in (
            metrics.started(),
            metrics.completed(),
            metrics.failed(),
            metrics.failed("BAD_MEDIA"),
            metrics.rejected(),
            metrics.rejected("BAD_REQUEST"),
            metrics.lost(),
            metrics.skipped(),
            metrics.skipped("EmptyObject"),
            metrics.sent_back(),
            metrics.upload_to_record(),
            metrics.media_hours(),
            pipeline.ledger.metrics.oldest_open_job_age(),
        )
    }


def test_the_dimension_of_a_pipeline_is_what_its_messages_call_it(pipeline: TranscriptionPipeline) -> None:
    assert pipeline.metrics.started().dimensions == {"Pipeline": pipeline.job_name_prefix}


def test_the_dimension_of_a_ledger_is_what_its_functions_call_the_table(pipeline: TranscriptionPipeline) -> None:
    ledger = pipeline.ledger

    dimensions = ledger.metrics.oldest_open_job_age().dimensions

    assert dimensions == {"Ledger": ledger.environment["LEDGER_TABLE_NAME"]}


def test_failure_classes_are_those_that_the_handlers_tell_apart(handlers: Any) -> None:
    classes = {value for name, value in vars(handlers.failure_classes).items() if name.isupper() and name[0] != "_"}

    assert set(job_metrics.FAILURE_CLASSES) == classes


def test_skip_reasons_are_those_that_the_starter_gives(arrivals: Arrivals, capsys: Any) -> None:
    for_another_route = json.loads(arrivals.message())
    for_another_route["event"]["detail"]["route"] = "calls/French"
    arrivals.deliver(
        arrivals.message(".write_access_check_file.temp"),
        arrivals.message("folder/"),
        arrivals.message("empty.wav", size=0),
        arrivals.message("out/a.wav.json"),
        arrivals.message("notes.txt", job={"Suffixes": [".wav"]}),
        json.dumps(for_another_route),
    )

    reasons = {json.loads(line)["Reason"] for line in capsys.readouterr().out.splitlines() if line.startswith("{")}
    assert set(job_metrics.SKIP_REASONS) == reasons
