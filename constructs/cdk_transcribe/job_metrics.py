"""What a pipeline and its ledger tell CloudWatch about their jobs: `cloudwatch.Metric` by name.

The handlers of the pipeline emit these metrics with their logs, in the namespace `cdk-transcribe`; SQS and Lambda
emit the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from cdk_transcribe.ledger import JobLedger
    from cdk_transcribe.pipeline import TranscriptionPipeline

NAMESPACE = "cdk-transcribe"
FAILURE_CLASSES = (
    "BAD_MEDIA",
    "TOO_LONG",
    "NO_ACCESS",
    "NOT_FOUND",
    "LIMIT",
    "SERVICE_FAULT",
    "BAD_REQUEST",
    "OTHER",
)
"""What kinds of failure the ledger tells apart."""
SKIP_REASONS = (
    "WriteAccessProbe",
    "FolderMarker",
    "EmptyObject",
    "OwnOutput",
    "OtherRoute",
    "OtherSuffix",
)
"""Why an object starts no job."""


class MetricOptions(TypedDict, total=False):
    """What can be said of each metric: options of `cloudwatch.Metric`, by default its own unless a metric says so."""

    account: str
    color: str
    label: str
    period: Duration
    region: str
    statistic: str


class PipelineMetrics:
    """The metrics of one pipeline: `TranscriptionPipeline.metrics`.

    Each method takes the options of a `cloudwatch.Metric`: `period` (by default 5 minutes), `statistic`, `label`,
    `color`, `region`, `account`. A metric is empty until what it counts has happened for the first time.
    """

    def __init__(self, pipeline: TranscriptionPipeline) -> None:
        self._pipeline = pipeline

    def started(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Jobs that were started; by default their sum."""
        return self._count("Started", {}, options)

    def completed(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Jobs that completed; by default their sum."""
        return self._count("Completed", {}, options)

    def failed(self, failure_class: str | None = None, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Jobs that Transcribe started and that failed; by default their sum. A failure that is tried again counts.

        Args:
            failure_class: BAD_MEDIA, TOO_LONG, NO_ACCESS, NOT_FOUND, LIMIT, SERVICE_FAULT, BAD_REQUEST or OTHER. By
                default all of them.
            options: as of a `cloudwatch.Metric`.

        Raises:
            ValueError: for any other class.
        """
        return self._count("Failed", _failure(failure_class), options)

    def rejected(self, failure_class: str | None = None, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Jobs that Transcribe refused to start, or that the object's own values forbid; by default their sum.

        Args:
            failure_class: as for `failed`. By default all of them.
            options: as of a `cloudwatch.Metric`.

        Raises:
            ValueError: for any other class.
        """
        return self._count("Rejected", _failure(failure_class), options)

    def lost(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Jobs that did not end and that Transcribe does not know; by default their sum."""
        return self._count("Lost", {}, options)

    def skipped(self, reason: str | None = None, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Objects that start no job; by default their sum.

        Args:
            reason: WriteAccessProbe, FolderMarker, EmptyObject, OwnOutput, OtherRoute or OtherSuffix. By default all
                of them.
            options: as of a `cloudwatch.Metric`.

        Raises:
            ValueError: for any other reason.
        """
        return self._count("Skipped", _dimension("Reason", "reason", reason, SKIP_REASONS), options)

    def sent_back(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Orders for which Transcribe had no room, or a fault, and that come back later; by default their sum.

        One job may be counted many times.
        """
        return self._count("SentBack", {}, options)

    def upload_to_record(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Seconds from an object's arrival to the record of its job's end, refusals left out; by default the p90.

        A backfill's objects have no such value: they arrived long before.
        """
        return self._metric("UploadToRecord", {}, {"statistic": "p90", **options})

    def media_hours(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Hours of media that jobs were about, where Transcribe tells; by default their sum.

        Of a job's answer only `LanguageCodes` holds a duration (botocore's model): a transcription job has it when it
        identifies several languages, and no other job has.
        """
        return self._count("MediaHours", {}, options)

    def dead_letters(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Messages in the pipeline's dead-letter queue; by default the most at a time."""
        most: MetricOptions = {"statistic": cloudwatch.Stats.MAXIMUM, **options}
        return self._pipeline.dead_letter_queue.metric_approximate_number_of_messages_visible(**most)

    def queue_age(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Seconds that the oldest message has waited for a starter; by default the longest.

        An order that was sent back is a new message.
        """
        most: MetricOptions = {"statistic": cloudwatch.Stats.MAXIMUM, **options}
        return self._pipeline.queue.metric_approximate_age_of_oldest_message(**most)

    def _count(self, name: str, dimensions: dict[str, str], options: MetricOptions) -> cloudwatch.Metric:
        return self._metric(name, dimensions, {"statistic": cloudwatch.Stats.SUM, **options})

    def _metric(self, name: str, dimensions: dict[str, str], options: MetricOptions) -> cloudwatch.Metric:
        metric = cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=name,
            dimensions_map={"Pipeline": self._pipeline.job_name_prefix, **dimensions},
            **options,
        )
        return metric.attach_to(self._pipeline)


class LedgerMetrics:
    """The metrics of one ledger, about the jobs of all its pipelines: `JobLedger.metrics`.

    Each method takes the options of a `cloudwatch.Metric`, as those of `PipelineMetrics` do.
    """

    def __init__(self, ledger: JobLedger) -> None:
        self._ledger = ledger

    def oldest_open_job_age(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Seconds since the oldest job that has not ended was recorded; 0 without one; by default the highest.

        Each run of the reconciler tells, so that silence means that it does not run.
        """
        most: MetricOptions = {"statistic": cloudwatch.Stats.MAXIMUM, **options}
        metric = cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name="OldestOpenJobAge",
            dimensions_map={"Ledger": self._ledger.table.table_name},
            **most,
        )
        return metric.attach_to(self._ledger)

    def dead_letters(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """What could not be recorded or announced and lies in the ledger's dead-letter queue; by default the most."""
        most: MetricOptions = {"statistic": cloudwatch.Stats.MAXIMUM, **options}
        return self._ledger.dead_letter_queue.metric_approximate_number_of_messages_visible(**most)

    def announcement_lag(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Milliseconds that the oldest change of the table has waited to be announced; by default the longest."""
        most: MetricOptions = {"statistic": cloudwatch.Stats.MAXIMUM, **options}
        return self._ledger.announcer.metric("IteratorAge", **most)


def _failure(failure_class: str | None) -> dict[str, str]:
    return _dimension("FailureClass", "failure_class", failure_class, FAILURE_CLASSES)


def _dimension(name: str, argument: str, value: str | None, allowed: tuple[str, ...]) -> dict[str, str]:
    if value is None:
        return {}
    if value not in allowed:
        raise ValueError(f"{argument} {value!r} is none that is counted: use one of {', '.join(allowed)}")
    return {name: value}
