from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template

from cdk_transcribe import JobLedger, TranscriptionPipeline

from .rendered import logical_id, properties, text

PIPELINE_ALARMS = ("dead_letters", "queue_age", "failures", "no_access", "lost")
ALARM = cloudwatch.CfnAlarm.CFN_RESOURCE_TYPE_NAME


class Watched:
    """A pipeline with all that can be had to watch it."""

    def __init__(self) -> None:
        self.stack = cdk.Stack(cdk.App(), "Stack")
        self.topic = sns.Topic(self.stack, "Trouble")
        self.pipeline = TranscriptionPipeline(self.stack, "Calls")
        self.alarms = self.pipeline.add_alarms(topic=self.topic)
        self.dashboard = self.pipeline.add_dashboard()
        self.template = Template.from_stack(self.stack)
        self.topic_reference = {"Ref": logical_id(self.topic)}

    def alarm(self, name: str) -> dict[str, Any]:
        return properties(self.template, getattr(self.alarms, name))

    def ledger_alarm(self, name: str) -> dict[str, Any]:
        alarms: Any = self.pipeline.ledger.node.find_child("Alarms")
        return properties(self.template, getattr(alarms, name))

    def widgets(self) -> dict[str, dict[str, Any]]:
        body = json.loads(text(properties(self.template, self.dashboard)["DashboardBody"]))
        return {widget["properties"]["title"]: widget["properties"] for widget in body["widgets"]}


@pytest.fixture(scope="module")
def watched() -> Watched:
    return Watched()


@pytest.fixture
def pipeline(stack: cdk.Stack) -> TranscriptionPipeline:
    return TranscriptionPipeline(stack, "Calls")


@pytest.fixture
def topic(stack: cdk.Stack) -> sns.Topic:
    return sns.Topic(stack, "Trouble")


def test_a_pipeline_by_default_has_no_alarms_and_no_dashboard(
    stack: cdk.Stack, pipeline: TranscriptionPipeline
) -> None:
    template = Template.from_stack(stack)

    template.resource_count_is(ALARM, 0)
    template.resource_count_is(cloudwatch.CfnDashboard.CFN_RESOURCE_TYPE_NAME, 0)


def test_all_alarms_go_to_the_topic(watched: Watched) -> None:
    alarms = watched.template.find_resources(ALARM).values()

    assert len(alarms) == 9
    assert all(alarm["Properties"]["AlarmActions"] == [watched.topic_reference] for alarm in alarms)


def test_the_first_dead_letter_is_an_alarm(watched: Watched) -> None:
    for alarm in (watched.alarm("dead_letters"), watched.ledger_alarm("dead_letters")):
        assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (1, 1)
        assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
        assert alarm["TreatMissingData"] == "notBreaching"


def test_messages_that_wait_an_hour_are_an_alarm(watched: Watched) -> None:
    alarm = watched.alarm("queue_age")

    assert (alarm["MetricName"], alarm["Statistic"]) == ("ApproximateAgeOfOldestMessage", "Maximum")
    assert (alarm["Threshold"], alarm["Period"], alarm["EvaluationPeriods"]) == (3600, 300, 3)


def test_a_share_of_failures_is_an_alarm_where_enough_jobs_ended(watched: Watched) -> None:
    alarm = watched.alarm("failures")

    queries = {query["Id"]: query for query in alarm["Metrics"]}
    (returned,) = (query["Expression"] for query in alarm["Metrics"] if query["ReturnData"])
    counted = {id: query["MetricStat"] for id, query in queries.items() if "MetricStat" in query}
    assert returned == "IF(ended >= 10, 100 * failures / ended, 0)"
    assert queries["ended"]["Expression"] == "failures + FILL(completed, 0)"
    assert queries["failures"]["Expression"] == "FILL(failed, 0) + FILL(rejected, 0) + FILL(lost, 0)"
    assert {id: stat["Metric"]["MetricName"] for id, stat in counted.items()} == {
        "completed": "Completed",
        "failed": "Failed",
        "rejected": "Rejected",
        "lost": "Lost",
    }
    assert {(stat["Period"], stat["Stat"]) for stat in counted.values()} == {(3600, "Sum")}
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (10, "GreaterThanThreshold")


def test_a_job_without_access_is_an_alarm_whether_it_failed_or_was_refused(watched: Watched) -> None:
    alarm = watched.alarm("no_access")

    metrics = [query["MetricStat"]["Metric"] for query in alarm["Metrics"] if "MetricStat" in query]
    assert sorted(metric["MetricName"] for metric in metrics) == ["Failed", "Rejected"]
    assert all({"Name": "FailureClass", "Value": "NO_ACCESS"} in metric["Dimensions"] for metric in metrics)
    assert alarm["Threshold"] == 1


def test_a_lost_job_is_an_alarm(watched: Watched) -> None:
    alarm = watched.alarm("lost")

    assert (alarm["MetricName"], alarm["Threshold"], alarm["TreatMissingData"]) == ("Lost", 1, "notBreaching")


def test_the_topic_does_not_hear_that_what_happened_once_is_over(watched: Watched) -> None:
    over = {name for name in PIPELINE_ALARMS if watched.alarm(name).get("OKActions") == [watched.topic_reference]}

    assert over == {"dead_letters", "queue_age", "failures"}


def test_a_job_that_is_open_for_a_day_is_an_alarm_and_so_is_a_silent_reconciler(watched: Watched) -> None:
    alarm = watched.ledger_alarm("oldest_open_job")

    assert (alarm["MetricName"], alarm["Threshold"], alarm["Period"]) == ("OldestOpenJobAge", 86400, 300)
    assert alarm["TreatMissingData"] == "missing"
    assert alarm["InsufficientDataActions"] == [watched.topic_reference]


def test_a_reconciler_that_keeps_failing_is_an_alarm(watched: Watched) -> None:
    alarm = watched.ledger_alarm("reconciler_errors")

    assert alarm["Dimensions"] == [
        {"Name": "FunctionName", "Value": {"Ref": logical_id(watched.pipeline.ledger.reconciler)}}
    ]
    assert (alarm["MetricName"], alarm["EvaluationPeriods"], alarm["Period"]) == ("Errors", 3, 300)


def test_announcements_that_are_an_hour_late_are_an_alarm(watched: Watched) -> None:
    alarm = watched.ledger_alarm("announcement_lag")

    assert (alarm["MetricName"], alarm["Threshold"]) == ("IteratorAge", 3_600_000)


def test_what_a_seldom_reconciler_tells_is_looked_at_as_seldom(stack: cdk.Stack, topic: sns.Topic) -> None:
    ledger = JobLedger(stack, "Ledger", encryption_key=kms.Key(stack, "Key"), reconcile_every=cdk.Duration.minutes(30))

    alarms = ledger.add_alarms(topic=topic)

    template = Template.from_stack(stack)
    assert properties(template, alarms.oldest_open_job)["Period"] == 3600
    assert properties(template, alarms.reconciler_errors)["Period"] == 3600


def test_thresholds_can_be_set(stack: cdk.Stack, pipeline: TranscriptionPipeline, topic: sns.Topic) -> None:
    alarms = pipeline.add_alarms(topic=topic, queue_age=cdk.Duration.hours(6), failure_percentage=2.5)

    template = Template.from_stack(stack)
    assert properties(template, alarms.queue_age)["Threshold"] == 21600
    assert properties(template, alarms.failures)["Threshold"] == 2.5


@pytest.mark.parametrize("percentage", [-1, 100])
def test_fails_when_the_percentage_of_failures_can_not_be_exceeded(
    pipeline: TranscriptionPipeline, topic: sns.Topic, percentage: float
) -> None:
    with pytest.raises(ValueError, match=rf"^failure_percentage={percentage} is out of range: use 0 up to less than"):
        pipeline.add_alarms(topic=topic, failure_percentage=percentage)


def test_fails_when_no_message_may_wait(pipeline: TranscriptionPipeline, topic: sns.Topic) -> None:
    with pytest.raises(ValueError, match=r"^queue_age must be a second or more"):
        pipeline.add_alarms(topic=topic, queue_age=cdk.Duration.seconds(0))


def test_a_ledger_that_several_pipelines_share_gets_its_alarms_by_itself(stack: cdk.Stack, topic: sns.Topic) -> None:
    ledger = JobLedger(stack, "Ledger", encryption_key=kms.Key(stack, "Key"))
    for id in ("Calls", "Meetings"):
        TranscriptionPipeline(stack, id, ledger=ledger).add_alarms(topic=topic)

    ledger.add_alarms(topic=topic)

    Template.from_stack(stack).resource_count_is(ALARM, 2 * 5 + 4)


@pytest.mark.parametrize(
    ("name", "metric", "statistic"),
    [
        ("started", "Started", "Sum"),
        ("completed", "Completed", "Sum"),
        ("failed", "Failed", "Sum"),
        ("rejected", "Rejected", "Sum"),
        ("lost", "Lost", "Sum"),
        ("skipped", "Skipped", "Sum"),
        ("sent_back", "SentBack", "Sum"),
        ("upload_to_record", "UploadToRecord", "p90"),
        ("media_hours", "MediaHours", "Sum"),
        ("dead_letters", "ApproximateNumberOfMessagesVisible", "Maximum"),
        ("queue_age", "ApproximateAgeOfOldestMessage", "Maximum"),
    ],
)
def test_a_pipelines_metric(watched: Watched, name: str, metric: str, statistic: str) -> None:
    made = getattr(watched.pipeline.metrics, name)()

    assert (made.metric_name, made.statistic) == (metric, statistic)


def test_a_metric_takes_the_options_of_cloudwatch(pipeline: TranscriptionPipeline) -> None:
    made = pipeline.metrics.upload_to_record(statistic="p50", period=cdk.Duration.hours(1), label="Delay")

    assert (made.statistic, made.period.to_seconds(), made.label) == ("p50", 3600, "Delay")


@pytest.mark.parametrize("metric", ["failed", "rejected"])
def test_failures_can_be_counted_by_class(pipeline: TranscriptionPipeline, metric: str) -> None:
    made = getattr(pipeline.metrics, metric)("NO_ACCESS")

    assert made.dimensions == {"Pipeline": pipeline.job_name_prefix, "FailureClass": "NO_ACCESS"}


def test_fails_when_there_is_no_such_class_of_failure(pipeline: TranscriptionPipeline) -> None:
    with pytest.raises(ValueError, match=r"^failure_class 'Timeout' is none that is counted: use one of BAD_MEDIA, "):
        pipeline.metrics.failed("Timeout")


def test_fails_when_there_is_no_such_reason_to_skip(pipeline: TranscriptionPipeline) -> None:
    with pytest.raises(ValueError, match=r"^reason 'Boredom' is none that is counted: use one of WriteAccessProbe, "):
        pipeline.metrics.skipped("Boredom")


def test_the_dashboard_shows_jobs_failures_delays_backlog_and_functions(watched: Watched) -> None:
    assert list(watched.widgets()) == [
        "Jobs in this time",
        "Jobs",
        "Failures by class",
        "Waiting for a starter",
        "From upload to record",
        "Age of the oldest open job",
        "Skipped objects by reason",
        "Dead letters",
        "Media, where Transcribe tells",
        "Functions",
        "Functions' duration, p90",
    ]


def test_the_dashboard_tells_classes_of_failure_apart(watched: Watched) -> None:
    lines = watched.widgets()["Failures by class"]["metrics"]

    labels = [line[-1]["label"] for line in lines]
    assert len(labels) == len(set(labels)) == 16
    assert {"Failed: BAD_MEDIA", "Refused: NO_ACCESS"} <= set(labels)


def test_a_dashboard_can_have_a_name(stack: cdk.Stack, pipeline: TranscriptionPipeline) -> None:
    pipeline.add_dashboard(dashboard_name="Calls")

    Template.from_stack(stack).has_resource_properties("AWS::CloudWatch::Dashboard", {"DashboardName": "Calls"})
