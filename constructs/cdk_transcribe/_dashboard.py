"""The dashboard of a pipeline, widget by widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from cdk_transcribe.job_metrics import FAILURE_CLASSES, SKIP_REASONS

if TYPE_CHECKING:
    from cdk_transcribe._functions import HandlerFunction
    from cdk_transcribe.pipeline import TranscriptionPipeline

_HALF, _THIRD, _WHOLE = 12, 8, 24


def widget_rows(pipeline: TranscriptionPipeline) -> list[list[cloudwatch.IWidget]]:
    """From what matters first to what explains it."""
    return [
        [_totals(pipeline)],
        [_jobs(pipeline), _failures(pipeline)],
        [_waiting(pipeline), _upload_to_record(pipeline), _open_jobs(pipeline)],
        [_skipped(pipeline), _dead_letters(pipeline), _media(pipeline)],
        [_errors(pipeline), _durations(pipeline)],
    ]


def _totals(pipeline: TranscriptionPipeline) -> cloudwatch.IWidget:
    metrics = pipeline.metrics
    return cloudwatch.SingleValueWidget(
        title="Jobs in this time",
        width=_WHOLE,
        height=4,
        set_period_to_time_range=True,
        metrics=[
            metrics.started(label="Started"),
            metrics.completed(label="Completed"),
            metrics.failed(label="Failed"),
            metrics.rejected(label="Refused"),
            metrics.lost(label="Lost"),
        ],
    )


def _jobs(pipeline: TranscriptionPipeline) -> cloudwatch.IWidget:
    metrics = pipeline.metrics
    return _graph(
        "Jobs",
        [
            metrics.started(label="Started"),
            metrics.completed(label="Completed"),
            metrics.failed(label="Failed"),
            metrics.rejected(label="Refused"),
            metrics.lost(label="Lost"),
        ],
        width=_HALF,
    )


def _failures(pipeline: TranscriptionPipeline) -> cloudwatch.IWidget:
    metrics = pipeline.metrics
    failed = [metrics.failed(name, label=f"Failed: {name}") for name in FAILURE_CLASSES]
    refused = [metrics.rejected(name, label=f"Refused: {name}") for name in FAILURE_CLASSES]
    return _graph("Failures by class", [*failed, *refused], width=_HALF, stacked=True)


def _waiting(pipeline: TranscriptionPipeline) -> cloudwatch.IWidget:
    return cloudwatch.GraphWidget(
        title="Waiting for a starter",
        width=_THIRD,
        left=[
            pipeline.queue.metric_approximate_number_of_messages_visible(label="Messages", statistic="Maximum"),
            pipeline.metrics.sent_back(label="Sent back by the service"),
        ],
        right=[pipeline.metrics.queue_age(label="Age of the oldest")],
        left_y_axis=cloudwatch.YAxisProps(min=0, show_units=False),
        right_y_axis=cloudwatch.YAxisProps(min=0, label="seconds", show_units=False),
    )


def _upload_to_record(pipeline: TranscriptionPipeline) -> cloudwatch.IWidget:
    statistics = ["p50", "p90", "p99"]
    return _graph(
        "From upload to record",
        [pipeline.metrics.upload_to_record(statistic=name, label=name) for name in statistics],
        unit="seconds",
    )


def _open_jobs(pipeline: TranscriptionPipeline) -> cloudwatch.IWidget:
    age = pipeline.ledger.metrics.oldest_open_job_age(label="All pipelines of the ledger")
    return _graph("Age of the oldest open job", [age], unit="seconds")


def _skipped(pipeline: TranscriptionPipeline) -> cloudwatch.IWidget:
    reasons = [pipeline.metrics.skipped(reason, label=reason) for reason in SKIP_REASONS]
    return _graph("Skipped objects by reason", reasons, stacked=True)


def _dead_letters(pipeline: TranscriptionPipeline) -> cloudwatch.IWidget:
    return _graph(
        "Dead letters",
        [
            pipeline.metrics.dead_letters(label="Orders"),
            pipeline.ledger.metrics.dead_letters(label="Events and announcements"),
        ],
    )


def _media(pipeline: TranscriptionPipeline) -> cloudwatch.IWidget:
    hours = pipeline.metrics.media_hours(label="Hours", period=Duration.hours(1))
    return _graph("Media, where Transcribe tells", [hours], unit="hours")


def _errors(pipeline: TranscriptionPipeline) -> cloudwatch.IWidget:
    errors = [function.metric_errors(label=f"{name} errors") for name, function in _functions(pipeline).items()]
    throttles = pipeline.starter.metric_throttles(label="Starter throttles")
    return _graph("Functions", [*errors, throttles], width=_HALF)


def _durations(pipeline: TranscriptionPipeline) -> cloudwatch.IWidget:
    durations = [
        function.metric_duration(label=name, statistic="p90") for name, function in _functions(pipeline).items()
    ]
    return _graph("Functions' duration, p90", durations, width=_HALF, unit="milliseconds")


def _functions(pipeline: TranscriptionPipeline) -> dict[str, HandlerFunction]:
    ledger = pipeline.ledger
    return {
        "Starter": pipeline.starter,
        "Recorder": ledger.recorder,
        "Reconciler": ledger.reconciler,
        "Announcer": ledger.announcer,
    }


def _graph(
    title: str, metrics: list[cloudwatch.Metric], *, width: int = _THIRD, stacked: bool = False, unit: str = ""
) -> cloudwatch.IWidget:
    return cloudwatch.GraphWidget(
        title=title,
        width=width,
        stacked=stacked,
        left=list(metrics),
        left_y_axis=cloudwatch.YAxisProps(min=0, show_units=False, label=unit or None),
    )
