"""The record of every job: `AWS::DynamoDB::Table`, and the function that brings it forward."""

from __future__ import annotations

from aws_cdk import Annotations, Duration, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk_transcribe._functions import HandlerFunction
from cdk_transcribe._job_kinds import JOB_KINDS, TRANSCRIPTION


class JobLedger(Construct):
    """A table with one item for each job, written before the job starts and moved forward only.

    Creates a DynamoDB table (on demand, point-in-time recovery, encrypted with the key, items expire by the
    attribute `expires_at`), a recorder (a Lambda function that asks Transcribe about a job once its completion
    event arrives, and writes how it ended), and a dead-letter queue for events that could not be recorded.

    An item: partition key `job_name`; `kind`, `status` (STARTING, QUEUED, IN_PROGRESS, COMPLETED, FAILED, REJECTED),
    `pipeline`, `route`, `media_uri`, `media_version`, `language_code`, `transcript_uri`, `subtitle_uris`,
    `failure_reason`, `created_at`, `completed_at`, `expires_at`. Never a transcript's text, never a pre-signed URL.

    Args:
        encryption_key: encrypts the table, the queue and the recorder's environment.
        retention: items expire this long after their job was started; DynamoDB removes them within days of that.
            By default they are kept.
        removal_policy: what happens to the table when it leaves the stack. By default it is retained.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        encryption_key: kms.IKey,
        retention: Duration | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        super().__init__(scope, id)
        self._key = encryption_key
        self._retention = retention
        self._table = dynamodb.Table(
            self,
            "Table",
            partition_key=dynamodb.Attribute(name="job_name", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=encryption_key,
            time_to_live_attribute="expires_at",
            removal_policy=removal_policy,
        )
        self._dead_letter_queue = sqs.Queue(
            self,
            "DeadLetters",
            encryption=sqs.QueueEncryption.KMS,
            encryption_master_key=encryption_key,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        self._let_eventbridge_use_key()
        self._recorder = HandlerFunction(
            self,
            "Recorder",
            handler="job_recorder.handler",
            description="Writes how a transcription job ended",
            timeout=Duration.seconds(30),
            environment=self.environment,
            encryption_key=encryption_key,
            dead_letter_queue=self._dead_letter_queue,
        )
        self._grant(self._recorder, "dynamodb:UpdateItem")

    @property
    def table(self) -> dynamodb.ITable:
        """The items."""
        return self._table

    @property
    def recorder(self) -> HandlerFunction:
        """The function that writes how a job ended."""
        return self._recorder

    @property
    def dead_letter_queue(self) -> sqs.IQueue:
        """Completion events that could not be recorded, kept for 14 days."""
        return self._dead_letter_queue

    @property
    def environment(self) -> dict[str, str]:
        """What a function that writes items finds in its environment."""
        seconds = "" if self._retention is None else str(int(self._retention.to_seconds()))
        return {"LEDGER_TABLE_NAME": self._table.table_name, "LEDGER_RETENTION_SECONDS": seconds}

    def grant_start(self, grantee: iam.IGrantable) -> None:
        """Lets `grantee` write an item before its job starts, and bring it forward."""
        self._grant(grantee, "dynamodb:UpdateItem")

    def grant_look_up(self, grantee: iam.IGrantable) -> None:
        """Lets `grantee` see which of some jobs have an item."""
        iam.Grant.add_to_principal(
            grantee=grantee, actions=["dynamodb:BatchGetItem"], resource_arns=[self._table.table_arn]
        )
        self._key.grant_decrypt(grantee)

    def record_jobs(self, id: str, *, job_name_prefix: str, kind: str = TRANSCRIPTION.name) -> events.Rule | None:
        """Records the completion of every job of a kind whose name starts with `job_name_prefix`, and of no other.

        Creates an EventBridge rule. All jobs of the account end on the same bus, hence the prefix. Transcribe
        documents no such event for medical transcription jobs and medical scribe jobs: for these nothing is created,
        and None is returned.

        Args:
            id: the id of the rule in this ledger.
            job_name_prefix: the beginning that the names have in common.
            kind: `TranscriptionJob`, `MedicalTranscriptionJob`, `CallAnalyticsJob` or `MedicalScribeJob`. By default
                the first.
        """
        job_kind = JOB_KINDS[kind]
        if job_kind.completion is None:
            return None
        self._recorder.add_to_role_policy(
            iam.PolicyStatement(
                actions=[job_kind.get_action], resources=[job_kind.arn(Stack.of(self), f"{job_name_prefix}*")]
            )
        )
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

    def _grant(self, grantee: iam.IGrantable, *actions: str) -> None:
        iam.Grant.add_to_principal(grantee=grantee, actions=list(actions), resource_arns=[self._table.table_arn])
        self._key.grant_encrypt_decrypt(grantee)
