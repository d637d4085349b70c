"""The record of every job: `AWS::DynamoDB::Table`, and the functions that keep it true and announce what it says."""

from __future__ import annotations

import json

from aws_cdk import Annotations, ArnFormat, Duration, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk_transcribe._functions import HandlerFunction
from cdk_transcribe._job_events import ENDS, SOURCE
from cdk_transcribe._job_kinds import JOB_KINDS, TRANSCRIPTION
from cdk_transcribe.job_metrics import LedgerMetrics
from cdk_transcribe.monitoring import LedgerAlarms

_LONGEST_TIMEOUT = Duration.minutes(15)


class LedgerGrants:
    """What can be granted on a ledger: `JobLedger.grants`."""

    def __init__(self, ledger: JobLedger) -> None:
        self._ledger = ledger

    @staticmethod
    def from_ledger(ledger: JobLedger) -> LedgerGrants:
        """Grants on the items of a ledger."""
        return LedgerGrants(ledger)

    def read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Lets `grantee` get items by their job's name and query the table and its indexes; not scan the table."""
        table_arn = self._ledger.table.table_arn
        reading = self._grant(
            grantee,
            ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"],
            [table_arn, f"{table_arn}/index/*"],
        )
        return reading.combine(self._ledger.encryption_key.grant_decrypt(grantee))

    def start(self, grantee: iam.IGrantable) -> iam.Grant:
        """Lets `grantee` write an item before its job starts, and bring it forward."""
        writing = self._grant(grantee, ["dynamodb:UpdateItem", "dynamodb:GetItem"], [self._ledger.table.table_arn])
        return writing.combine(self._ledger.encryption_key.grant_encrypt_decrypt(grantee))

    def look_up(self, grantee: iam.IGrantable) -> iam.Grant:
        """Lets `grantee` see which of some jobs have an item."""
        looking = self._grant(grantee, ["dynamodb:BatchGetItem"], [self._ledger.table.table_arn])
        return looking.combine(self._ledger.encryption_key.grant_decrypt(grantee))

    def _grant(self, grantee: iam.IGrantable, actions: list[str], resource_arns: list[str]) -> iam.Grant:
        return iam.Grant.add_to_principal(grantee=grantee, actions=actions, resource_arns=resource_arns)


class JobLedger(Construct):
    """A table with one item for each job, written before the job starts, moved forward only, and right in the end.

    Creates a DynamoDB table (on demand, point-in-time recovery, encrypted with the key, with a stream, items expire by
    the attribute `expires_at`) and three Lambda functions. The recorder asks Transcribe about a job once its completion
    event arrives, and writes how it ended. The reconciler asks, on a schedule, about every job that has been open too
    long: events get lost, and medical transcription and medical scribe jobs have none. The announcer reads the table's
    stream and sends an event to the account's default event bus for each job that has ended. A dead-letter queue keeps
    what could not be recorded or announced.

    An item: partition key `job_name`; `kind`, `status` (STARTING, QUEUED, IN_PROGRESS, COMPLETED, FAILED, REJECTED,
    LOST), `pipeline`, `route`, `media_uri`, `media_version`, `media_duration_seconds`, `language_code`,
    `language_score`, `transcript_uri`, `redacted_transcript_uri`, `redacted_media_uri`, `clinical_document_uri`,
    `subtitle_uris`, `failure_reason`, `failure_class`, `retry_of`, `retried_by`, `retries`, `uploaded_at`,
    `created_at`, `asked_at`, `completed_at`, `expires_at`; and `message`, the order that the job was started for, until
    it has completed. What does not apply is absent. Never a transcript's text, never a pre-signed URL.

    The indexes: `ByStatus` (partition key `status`, sort key `created_at`) for jobs by status, and by day with the
    beginning of `created_at`; `ByMedia` (`media_uri`, `created_at`) for the jobs of a media object; `OpenJobs` (`open`,
    which is the job's kind, and `check_at`) for the jobs that have not ended. Their items have all of the above that
    a list needs, but neither `message` nor the URIs of results.

    Args:
        encryption_key: encrypts the table, the queue and the functions' environment.
        retention: items expire this long after their job was last heard of; DynamoDB removes them within days of that.
            By default they are kept.
        reconcile_every: how often the reconciler runs, in whole minutes, and so how late the end of a job without an
            event is recorded. By default 1 minute. A run that finds no job to ask about reads 7 index pages.
        overdue_after: how long after its start a job with a completion event is first asked about. By default 15
            minutes. A job that is still running is asked about again after a quarter of its age, an hour at most.
        delete_recorded_jobs: whether recorder and reconciler delete a job at Transcribe once its end is recorded, which
            deletes nothing that the job wrote. What Transcribe has no time to delete at that moment stays. By default
            all stay: Transcribe shows them for 90 days.
        removal_policy: what happens to the table when it leaves the stack. By default it is retained.

    Raises:
        ValueError: when `reconcile_every` is not a number of whole minutes.
    """

    OPEN_JOBS_INDEX = "OpenJobs"
    """Jobs that have not ended: partition key `open` (the job's kind), sort key `check_at`."""
    BY_STATUS_INDEX = "ByStatus"
    """Jobs by `status`, and by `created_at`."""
    BY_MEDIA_INDEX = "ByMedia"
    """Jobs by `media_uri`, and by `created_at`."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        encryption_key: kms.IKey,
        retention: Duration | None = None,
        reconcile_every: Duration | None = None,
        overdue_after: Duration | None = None,
        delete_recorded_jobs: bool = False,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        super().__init__(scope, id)
        self._key = encryption_key
        self._retention = retention
        self._reconcile_every = reconcile_every or Duration.minutes(1)
        self._overdue_after = overdue_after or Duration.minutes(15)
        self._deletes_jobs = delete_recorded_jobs
        _check_interval(self._reconcile_every)
        self._table = self._new_table(removal_policy)
        self._dead_letter_queue = sqs.Queue(
            self,
            "DeadLetters",
            encryption=sqs.QueueEncryption.KMS,
            encryption_master_key=encryption_key,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        self._let_eventbridge_use_key()
        self._recorder = self._new_recorder()
        self._reconciler = self._new_reconciler()
        self._announcer = self._new_announcer()

    @property
    def table(self) -> dynamodb.ITable:
        """The items."""
        return self._table

    @property
    def encryption_key(self) -> kms.IKey:
        """What the items are encrypted with."""
        return self._key

    @property
    def recorder(self) -> HandlerFunction:
        """The function that writes how a job ended."""
        return self._recorder

    @property
    def reconciler(self) -> HandlerFunction:
        """The function that asks about jobs that have been open too long."""
        return self._reconciler

    @property
    def reconciliation(self) -> events.IRule:
        """When the reconciler runs."""
        return self._reconciliation

    @property
    def announcer(self) -> HandlerFunction:
        """The function that sends an event for each job that has ended."""
        return self._announcer

    @property
    def dead_letter_queue(self) -> sqs.IQueue:
        """What could not be recorded or announced, kept for 14 days.

        A completion event as it came, or where in the stream an item is that was not announced within 23 hours. Redrive
        neither: the reconciler finds out how the job ended, and the item says it.
        """
        return self._dead_letter_queue

    @property
    def grants(self) -> LedgerGrants:
        """What can be granted on the items."""
        return LedgerGrants.from_ledger(self)

    @property
    def metrics(self) -> LedgerMetrics:
        """What CloudWatch knows of the jobs."""
        return LedgerMetrics(self)

    @property
    def reconcile_every(self) -> Duration:
        """How often the reconciler runs."""
        return self._reconcile_every

    @property
    def environment(self) -> dict[str, str]:
        """What a function that writes items finds in its environment."""
        retention = "" if self._retention is None else str(int(self._retention.to_seconds()))
        return {
            "LEDGER_TABLE_NAME": self._table.table_name,
            "LEDGER_RETENTION_SECONDS": retention,
            "LEDGER_OVERDUE_SECONDS": str(int(self._overdue_after.to_seconds())),
            "LEDGER_RECONCILE_SECONDS": str(int(self._reconcile_every.to_seconds())),
        }

    def record_jobs(self, id: str, *, job_name_prefix: str, kind: str = TRANSCRIPTION.name) -> events.Rule | None:
        """Records the end of every job of a kind whose name starts with `job_name_prefix`, and of no other.

        Lets recorder and reconciler ask about such jobs, and creates an EventBridge rule: all jobs of the account end
        on the same bus, hence the prefix. Transcribe documents no completion event for medical transcription jobs and
        medical scribe jobs: for these no rule is created, None is returned, and the reconciler alone finds out.

        Args:
            id: the id of the rule in this ledger.
            job_name_prefix: the beginning that the names have in common.
            kind: `TranscriptionJob`, `MedicalTranscriptionJob`, `CallAnalyticsJob` or `MedicalScribeJob`. By default
                the first.
        """
        job_kind = JOB_KINDS[kind]
        job_arn = job_kind.arn(Stack.of(self), f"{job_name_prefix}*")
        deleting = [job_kind.delete_action] if self._deletes_jobs else []
        asking = iam.PolicyStatement(actions=[job_kind.get_action, *deleting], resources=[job_arn])
        self._reconciler.add_to_role_policy(asking)
        if job_kind.completion is None:
            return None
        self._recorder.add_to_role_policy(asking)
        return events.Rule(
            self,
            id,
            description=f"Completions of this pipeline's jobs, {kind}",
            event_pattern=events.EventPattern(
                source=["aws.transcribe"],
                detail_type=[job_kind.completion.detail_type],
                detail={job_kind.completion.name_field: events.Match.prefix(job_name_prefix)},
            ),
            targets=[targets.LambdaFunction(self._recorder, dead_letter_queue=self._dead_letter_queue)],
        )

    def add_alarms(self, *, topic: sns.ITopic) -> LedgerAlarms:
        """Lets `topic` hear when jobs stay open, records stay unannounced, or the functions fail, and when it is over.

        Creates `LedgerAlarms` (four). A pipeline's `add_alarms` does so for the ledger that it made itself.

        Args:
            topic: as for `TranscriptionPipeline.add_alarms`.
        """
        alarms = LedgerAlarms(self, "Alarms", ledger=self)
        alarms.notify(topic)
        return alarms

    def _new_table(self, removal_policy: RemovalPolicy) -> dynamodb.Table:
        table = dynamodb.Table(
            self,
            "Table",
            partition_key=_string("job_name"),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=self._key,
            time_to_live_attribute="expires_at",
            # The old image tells whether an item has ended just now.
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
            removal_policy=removal_policy,
        )
        for name, partition_key, sort_key, projected in _INDEXES:
            table.add_global_secondary_index(
                index_name=name,
                partition_key=_string(partition_key),
                sort_key=_string(sort_key),
                projection_type=dynamodb.ProjectionType.INCLUDE,
                non_key_attributes=list(projected),
            )
        return table

    def _new_recorder(self) -> HandlerFunction:
        recorder = HandlerFunction(
            self,
            "Recorder",
            handler="job_recorder.handler",
            description="Writes how a job of Transcribe ended",
            timeout=Duration.seconds(30),
            environment={**self.environment, "LEDGER_DELETES_JOBS": "1" if self._deletes_jobs else ""},
            encryption_key=self._key,
            dead_letter_queue=self._dead_letter_queue,
        )
        self.grants.start(recorder)
        return recorder

    def _new_reconciler(self) -> HandlerFunction:
        # A run that is cut short is gone on with by the next one, so that no two need to overlap.
        seconds = min(self._reconcile_every.to_seconds(), _LONGEST_TIMEOUT.to_seconds())
        reconciler = HandlerFunction(
            self,
            "Reconciler",
            handler="job_reconciler.handler",
            description="Asks about jobs of Transcribe that have been open too long",
            timeout=Duration.seconds(seconds),
            environment={**self.environment, "LEDGER_DELETES_JOBS": "1" if self._deletes_jobs else ""},
            encryption_key=self._key,
        )
        self.grants.start(reconciler)
        reconciler.add_to_role_policy(
            iam.PolicyStatement(
                actions=["dynamodb:Query"],
                resources=[
                    f"{self._table.table_arn}/index/{name}" for name in (self.OPEN_JOBS_INDEX, self.BY_STATUS_INDEX)
                ],
            )
        )
        self._reconciliation = events.Rule(
            self,
            "Reconciliation",
            description="Asks about jobs of Transcribe that have been open too long",
            schedule=events.Schedule.rate(self._reconcile_every),
            # The next one is never far.
            targets=[targets.LambdaFunction(reconciler, retry_attempts=0)],
        )
        return reconciler

    def _new_announcer(self) -> HandlerFunction:
        announcer = HandlerFunction(
            self,
            "Announcer",
            handler="job_announcer.handler",
            description="Sends an event for each job of Transcribe that has ended",
            timeout=Duration.seconds(30),
            encryption_key=self._key,
        )
        bus_arn = Stack.of(self).format_arn(
            service="events",
            resource="event-bus",
            resource_name="default",
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        announcer.add_to_role_policy(
            iam.PolicyStatement(
                actions=["events:PutEvents"],
                resources=[bus_arn],
                conditions={"StringEquals": {"events:source": SOURCE}},
            )
        )
        announcer.add_event_source(
            event_sources.DynamoEventSource(
                self._table,
                # From the first item on, however long the mapping takes to come about.
                starting_position=lambda_.StartingPosition.TRIM_HORIZON,
                filters=[_that_ended()],
                report_batch_item_failures=True,
                bisect_batch_on_error=True,
                # The stream keeps a record for 24 hours.
                max_record_age=Duration.hours(23),
                on_failure=event_sources.SqsDlq(self._dead_letter_queue),
            )
        )
        return announcer

    def _let_eventbridge_use_key(self) -> None:
        # Not part of what a rule grants itself for its dead-letter queue: without it EventBridge would drop the event.
        added = self._key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                actions=["kms:Decrypt", "kms:GenerateDataKey*"],
                # In a key's own policy "*" is that key.
                resources=["*"],
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            )
        ).statement_added
        if not added:
            Annotations.of(self).add_warning_v2(
                "cdk-transcribe:imported-key",
                f"the policy of the imported key {self._key.key_arn} can't be changed from here: it must allow "
                "events.amazonaws.com to kms:Decrypt and kms:GenerateDataKey* for this account (condition "
                "aws:SourceAccount), or EventBridge can't send to the encrypted queues and events are lost",
            )


# What a list of jobs shows.
_LISTED = ("kind", "pipeline", "route", "failure_class", "failure_reason", "completed_at", "retried_by")
_INDEXES = (
    (JobLedger.OPEN_JOBS_INDEX, "open", "check_at", ("status", "pipeline", "route", "media_uri", "created_at")),
    (JobLedger.BY_STATUS_INDEX, "status", "created_at", ("media_uri", *_LISTED)),
    (JobLedger.BY_MEDIA_INDEX, "media_uri", "created_at", ("status", *_LISTED)),
)


def _string(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)


def _that_ended() -> dict[str, str]:
    # Saves an invocation for each of the other changes; whether it is the change to the end, the announcer sees.
    pattern = {"dynamodb": {"NewImage": {"status": {"S": list(ENDS)}}}}
    return {"pattern": json.dumps(pattern)}


def _check_interval(reconcile_every: Duration) -> None:
    minutes = reconcile_every.to_minutes(integral=False)
    if minutes < 1 or minutes != int(minutes):
        raise ValueError(
            f"reconcile_every={minutes:g} minutes is out of range: EventBridge takes whole minutes, 1 or more"
        )
