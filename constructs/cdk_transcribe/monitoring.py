"""Alarms: what somebody should hear of when a pipeline or its ledger is in trouble."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

if TYPE_CHECKING:
    from cdk_transcribe.ledger import JobLedger
    from cdk_transcribe.pipeline import TranscriptionPipeline

_AT_LEAST = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
_MORE_THAN = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
_AN_HOUR = Duration.hours(1)
_QUIET = cloudwatch.TreatMissingData.NOT_BREACHING
# Of fewer jobs a share says little: one bad recording among three is no emergency.
_FEWEST_JOBS = 10


class PipelineAlarms(Construct):
    """Alarms on a pipeline: made by `TranscriptionPipeline.add_alarms`, with the reason of each threshold.

    Creates five alarms of CloudWatch. The metrics count what happens, and SQS falls silent about a queue that has been
    empty for hours: for all of them no data is no trouble.

    Args:
        pipeline: what to watch.
        queue_age: what `queue_age` allows.
        failure_percentage: what `failures` allows.

    Raises:
        ValueError: when `failure_percentage` is not between 0 and 100, or `queue_age` is nothing.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        pipeline: TranscriptionPipeline,
        queue_age: Duration,
        failure_percentage: float,
    ) -> None:
        super().__init__(scope, id)
        _check_thresholds(queue_age, failure_percentage)
        metrics, name = pipeline.metrics, pipeline.node.path
        self._dead_letters = _alarm(
            self,
            "DeadLetters",
            metrics.dead_letters(),
            threshold=1,
            description=f"{name}: a message about a media object failed five times, and nothing was transcribed. "
            "See the starter's log; `cdk-transcribe redrive` sends it again",
        )
        self._queue_age = _alarm(
            self,
            "QueueAge",
            metrics.queue_age(),
            threshold=queue_age.to_seconds(),
            evaluation_periods=3,
            description=f"{name}: messages wait too long for a starter. See the starter's errors and throttles, and "
            "the pipeline's starts_per_second",
        )
        self._failures = _alarm(
            self,
            "Failures",
            _failed_percentage(pipeline),
            threshold=failure_percentage,
            comparison=_MORE_THAN,
            description=f"{name}: many jobs fail. `cdk-transcribe jobs --status FAILED` tells why",
        )
        self._no_access = _alarm(
            self,
            "NoAccess",
            _no_access(pipeline),
            threshold=1,
            description=f"{name}: Transcribe was denied media, a key or the transcripts' bucket; every job like it "
            "will fail. Mend the permission, then `cdk-transcribe retry` the jobs",
        )
        self._lost = _alarm(
            self,
            "Lost",
            metrics.lost(period=_AN_HOUR),
            threshold=1,
            description=f"{name}: a job has vanished from Transcribe, or was never started. "
            "`cdk-transcribe jobs --status LOST` tells which",
        )

    @property
    def dead_letters(self) -> cloudwatch.Alarm:
        """At the first message in the dead-letter queue: each is an object that nobody will transcribe."""
        return self._dead_letters

    @property
    def queue_age(self) -> cloudwatch.Alarm:
        """When the oldest message has waited `queue_age` for a quarter of an hour: starters fail or fall behind."""
        return self._queue_age

    @property
    def failures(self) -> cloudwatch.Alarm:
        """When within an hour more than `failure_percentage` of 10 jobs or more failed, were refused or got lost."""
        return self._failures

    @property
    def no_access(self) -> cloudwatch.Alarm:
        """At the first job in an hour that fails or is refused for want of a permission: the next ones will too."""
        return self._no_access

    @property
    def lost(self) -> cloudwatch.Alarm:
        """At the first job in an hour that is lost: somebody deleted it, or its order never came back."""
        return self._lost

    @property
    def alarms(self) -> list[cloudwatch.Alarm]:
        """All of them."""
        return [self._dead_letters, self._queue_age, self._failures, self._no_access, self._lost]

    def notify(self, topic: sns.ITopic) -> None:
        """Lets `topic` hear when one of them goes off, and when it is over.

        Nothing says when `no_access` and `lost` are: that none came for an hour mends nothing.
        """
        for alarm in self.alarms:
            alarm.add_alarm_action(actions.SnsAction(topic))
        for alarm in (self._dead_letters, self._queue_age, self._failures):
            alarm.add_ok_action(actions.SnsAction(topic))


class LedgerAlarms(Construct):
    """Alarms on a ledger: made by `JobLedger.add_alarms`, with the reason of each threshold.

    Creates four alarms of CloudWatch.

    Args:
        ledger: what to watch.
    """

    def __init__(self, scope: Construct, id: str, *, ledger: JobLedger) -> None:
        super().__init__(scope, id)
        metrics, name = ledger.metrics, ledger.node.path
        # Twice the interval, so that no period is ever without a run.
        period = Duration.minutes(max(5, 2 * ledger.reconcile_every.to_minutes()))
        self._oldest_open_job = _alarm(
            self,
            "OldestOpenJob",
            metrics.oldest_open_job_age(period=period),
            threshold=Duration.days(1).to_seconds(),
            description=f"{name}: a job has not ended within a day, or (insufficient data) the reconciler does not "
            "run. `cdk-transcribe jobs` tells which are open",
            missing=cloudwatch.TreatMissingData.MISSING,
        )
        self._dead_letters = _alarm(
            self,
            "DeadLetters",
            metrics.dead_letters(),
            threshold=1,
            description=f"{name}: an event could not be recorded, which the reconciler makes up for, or a record "
            "could not be announced. See the recorder's and the announcer's log",
        )
        self._reconciler_errors = _alarm(
            self,
            "ReconcilerErrors",
            ledger.reconciler.metric_errors(period=period),
            threshold=1,
            evaluation_periods=3,
            description=f"{name}: the reconciler keeps failing, so that lost events stay lost. See its log",
        )
        self._announcement_lag = _alarm(
            self,
            "AnnouncementLag",
            metrics.announcement_lag(),
            threshold=Duration.hours(1).to_milliseconds(),
            description=f"{name}: records are announced an hour late or more; after 23 hours they are not any more. "
            "See the announcer's log",
        )

    @property
    def oldest_open_job(self) -> cloudwatch.Alarm:
        """When a job has been open for a day: even 4 hours of media, the most a job takes, are done long before.

        The reconciler tells the age at each run, 0 included: without data it does not run. The alarm then has
        insufficient data, which the topic hears of too; not so at the first deployment, where that is no change.
        """
        return self._oldest_open_job

    @property
    def dead_letters(self) -> cloudwatch.Alarm:
        """At the first message in the dead-letter queue: nobody looks after it any more. No data is no trouble."""
        return self._dead_letters

    @property
    def reconciler_errors(self) -> cloudwatch.Alarm:
        """When the reconciler fails in three periods in a row: the next run makes up for one that failed.

        A period is 5 minutes, or twice `reconcile_every` where that is longer.
        """
        return self._reconciler_errors

    @property
    def announcement_lag(self) -> cloudwatch.Alarm:
        """When announcements are an hour late: the table's stream keeps a change for 24. No data is no trouble."""
        return self._announcement_lag

    @property
    def alarms(self) -> list[cloudwatch.Alarm]:
        """All of them."""
        return [self._oldest_open_job, self._dead_letters, self._reconciler_errors, self._announcement_lag]

    def notify(self, topic: sns.ITopic) -> None:
        """Lets `topic` hear when one of them goes off, when it is over, and when the reconciler falls silent."""
        for alarm in self.alarms:
            alarm.add_alarm_action(actions.SnsAction(topic))
            alarm.add_ok_action(actions.SnsAction(topic))
        self._oldest_open_job.add_insufficient_data_action(actions.SnsAction(topic))


def _alarm(
    scope: Construct,
    id: str,
    metric: cloudwatch.IMetric,
    *,
    threshold: float,
    description: str,
    evaluation_periods: int = 1,
    comparison: cloudwatch.ComparisonOperator = _AT_LEAST,
    missing: cloudwatch.TreatMissingData = _QUIET,
) -> cloudwatch.Alarm:
    return cloudwatch.Alarm(
        scope,
        id,
        metric=metric,
        threshold=threshold,
        alarm_description=description,
        evaluation_periods=evaluation_periods,
        comparison_operator=comparison,
        treat_missing_data=missing,
    )


def _failed_percentage(pipeline: TranscriptionPipeline) -> cloudwatch.MathExpression:
    metrics = pipeline.metrics
    failures = cloudwatch.MathExpression(
        expression="FILL(failed, 0) + FILL(rejected, 0) + FILL(lost, 0)",
        using_metrics={"failed": metrics.failed(), "rejected": metrics.rejected(), "lost": metrics.lost()},
    )
    ended = cloudwatch.MathExpression(
        expression="failures + FILL(completed, 0)",
        using_metrics={"failures": failures, "completed": metrics.completed()},
    )
    return cloudwatch.MathExpression(
        expression=f"IF(ended >= {_FEWEST_JOBS}, 100 * failures / ended, 0)",
        using_metrics={"ended": ended, "failures": failures},
        label="Failed, %",
        period=_AN_HOUR,
    )


def _no_access(pipeline: TranscriptionPipeline) -> cloudwatch.MathExpression:
    return cloudwatch.MathExpression(
        expression="FILL(failed, 0) + FILL(rejected, 0)",
        using_metrics={
            "failed": pipeline.metrics.failed("NO_ACCESS"),
            "rejected": pipeline.metrics.rejected("NO_ACCESS"),
        },
        label="No access",
        period=_AN_HOUR,
    )


def _check_thresholds(queue_age: Duration, failure_percentage: float) -> None:
    if queue_age.to_seconds() < 1:
        raise ValueError("queue_age must be a second or more: every message waits for a moment")
    if not 0 <= failure_percentage < 100:
        raise ValueError(f"failure_percentage={failure_percentage:g} is out of range: use 0 up to less than 100")
