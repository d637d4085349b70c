"""From a media object to a job: routes, a queue, and the starter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import ArnFormat, Duration, RemovalPolicy, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk_transcribe._functions import HandlerFunction
from cdk_transcribe._names import job_name_prefix
from cdk_transcribe._routes import MEDIA_SUFFIXES, Route
from cdk_transcribe.data_access_role import DataAccessRole
from cdk_transcribe.jobs import TranscriptionJob
from cdk_transcribe.ledger import JobLedger
from cdk_transcribe.storage import TranscribeStorage

_STARTER_TIMEOUT = Duration.minutes(1)


class TranscriptionPipeline(Construct):
    """Starts a transcription job for each media object that arrives, once, and records how it ended.

    Creates a queue with a dead-letter queue, the starter (a Lambda function that takes messages from it), a
    `DataAccessRole`, and a `JobLedger`. It starts nothing until it has a route.

    Args:
        storage: where media arrive and transcripts go. By default a new `TranscribeStorage` with its defaults.
        ledger: where jobs are recorded. By default a new `JobLedger` encrypted with the storage's key. Several
            pipelines may share one.
        data_access_role: what Transcribe reads media and writes transcripts with when it queues a job. By default a
            new `DataAccessRole` for `storage`; one that is handed in must have been granted as much.
        max_concurrency: at most this many starters run at once, 2 to 1000. By default 5, which stays below the
            service's default of 25 starts a second.
        removal_policy: what happens to a new ledger's table when it leaves the stack. By default it is retained.

    Raises:
        ValueError: when `max_concurrency` is out of range.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        storage: TranscribeStorage | None = None,
        ledger: JobLedger | None = None,
        data_access_role: iam.IRole | None = None,
        max_concurrency: int = 5,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        super().__init__(scope, id)
        # Without this flag, which a library can't count on, rules of other accounts may send messages to the queue.
        self.node.set_context("@aws-cdk/aws-events:eventsTargetQueueSameAccount", True)
        if not 2 <= max_concurrency <= 1000:
            raise ValueError(f"max_concurrency={max_concurrency} is out of range: Lambda takes 2 to 1000")
        self._storage = storage or TranscribeStorage(self, "Storage")
        self._ledger = ledger or JobLedger(
            self, "Ledger", encryption_key=self._storage.key, removal_policy=removal_policy
        )
        self._data_access_role = data_access_role or DataAccessRole(self, "DataAccessRole", storage=self._storage)
        self._job_name_prefix = job_name_prefix(self)
        self._dead_letter_queue = self._encrypted_queue("DeadLetters", retention_period=Duration.days(14))
        self._queue = self._encrypted_queue(
            "Queue",
            # Six times the function's timeout, as Lambda asks for, so that no message is in two hands at once.
            visibility_timeout=Duration.seconds(6 * _STARTER_TIMEOUT.to_seconds()),
            retention_period=Duration.days(14),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self._dead_letter_queue, max_receive_count=5),
        )
        self._starter = self._new_starter(max_concurrency)
        self._ledger.record_jobs(f"Completions{self.node.addr[-8:]}", job_name_prefix=f"{self._job_name_prefix}-")
        self._routes: list[Route] = []

    @property
    def storage(self) -> TranscribeStorage:
        """Where media arrive and transcripts go."""
        return self._storage

    @property
    def ledger(self) -> JobLedger:
        """Where jobs are recorded."""
        return self._ledger

    @property
    def data_access_role(self) -> iam.IRole:
        """What Transcribe reads media and writes transcripts with when it queues a job."""
        return self._data_access_role

    @property
    def queue(self) -> sqs.IQueue:
        """The messages that routes send: each holds one event and the job request that answers it."""
        return self._queue

    @property
    def dead_letter_queue(self) -> sqs.IQueue:
        """Messages that nobody foresaw a failure of, kept for 14 days. Redriving one does what it was meant to do."""
        return self._dead_letter_queue

    @property
    def starter(self) -> HandlerFunction:
        """The function that starts jobs."""
        return self._starter

    @property
    def job_name_prefix(self) -> str:
        """What the names of this pipeline's jobs start with, before a hyphen."""
        return self._job_name_prefix

    def add_route(
        self,
        id: str,
        *,
        job: TranscriptionJob,
        prefix: str = "",
        suffixes: Sequence[str] = MEDIA_SUFFIXES,
        output_prefix: str = "",
    ) -> events.Rule:
        """Starts `job` for every object of the media bucket with this prefix and one of these suffixes.

        Creates an EventBridge rule. The transcript's key is `output_prefix`, the object's own key, and `.json`; a
        character that Transcribe refuses there becomes `_`, and a digest then keeps two such keys apart.

        Args:
            id: names the rule in this pipeline, and the route in the ledger.
            job: what to ask of Transcribe.
            prefix: what the object's key starts with. By default any.
            suffixes: what the object's key ends with, one of these, in lower, upper or given case. By default the
                formats that Transcribe takes; an object that is none of them starts nothing.
            output_prefix: what the transcript's key starts with, such as `english/`. By default nothing.

        Raises:
            ValueError: without suffixes or for a string in place of their list, for an `output_prefix` that
                Transcribe would refuse, or when the transcripts would overwrite those of another route or arrive as
                media again.
        """
        if isinstance(suffixes, str):
            raise ValueError(f"suffixes must be a list of strings, got the string {suffixes!r}")
        route = Route(id=id, prefix=prefix, suffixes=tuple(suffixes), output_prefix=output_prefix)
        self._check_route(route)
        self._routes.append(route)
        return events.Rule(
            self,
            id,
            description="Media objects become transcription jobs",
            event_pattern=events.EventPattern(
                source=["aws.s3", "cdk-transcribe"],
                detail_type=["Object Created"],
                detail={
                    "bucket": {"name": [self._storage.media_bucket.bucket_name]},
                    "object": {"key": route.key_pattern()},
                },
            ),
            targets=[self._queue_target(self._message_job(route, job))],
        )

    def _new_starter(self, max_concurrency: int) -> HandlerFunction:
        starter = HandlerFunction(
            self,
            "Starter",
            handler="job_starter.handler",
            description="Starts a transcription job for each media object",
            timeout=_STARTER_TIMEOUT,
            environment={**self._ledger.environment, "QUEUE_URL": self._queue.queue_url},
            encryption_key=self._storage.key,
        )
        starter.add_event_source(
            event_sources.SqsEventSource(self._queue, max_concurrency=max_concurrency, report_batch_item_failures=True)
        )
        # A message that the service has no room for goes back to the queue by hand, to come back later.
        self._queue.grant_send_messages(starter)
        self._ledger.grant_start(starter)
        # Whoever starts a job needs the rights that Transcribe needs for it: the service checks both.
        self._storage.grant_transcribe(starter)
        for statement in self._start_statements():
            starter.add_to_role_policy(statement)
        return starter

    def _start_statements(self) -> list[iam.PolicyStatement]:
        job_arn = Stack.of(self).format_arn(
            service="transcribe",
            resource="transcription-job",
            resource_name=f"{self._job_name_prefix}-*",
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        return [
            iam.PolicyStatement(
                sid="StartJobs",
                actions=["transcribe:StartTranscriptionJob"],
                # Start* knows no resource-level permissions: where the output goes is what can be pinned down.
                # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazontranscribe.html
                resources=["*"],
                conditions={
                    "StringEquals": {
                        "transcribe:OutputBucketName": self._storage.transcript_bucket.bucket_name,
                        "transcribe:OutputEncryptionKMSKeyId": self._storage.key.key_arn,
                    }
                },
            ),
            iam.PolicyStatement(sid="LookAtJobs", actions=["transcribe:GetTranscriptionJob"], resources=[job_arn]),
            iam.PolicyStatement(
                sid="PassDataAccessRole",
                actions=["iam:PassRole"],
                resources=[self._data_access_role.role_arn],
                conditions={"StringEquals": {"iam:PassedToService": "transcribe.amazonaws.com"}},
            ),
        ]

    def _message_job(self, route: Route, job: TranscriptionJob) -> dict[str, Any]:
        return {
            "Kind": "TranscriptionJob",
            "Route": route.id,
            "NamePrefix": self._job_name_prefix,
            "OutputPrefix": route.output_prefix,
            "Request": {
                **job.to_request(),
                "OutputBucketName": self._storage.transcript_bucket.bucket_name,
                # Named for every job: without it Transcribe writes with S3's own key, whatever the bucket's default.
                "OutputEncryptionKMSKeyId": self._storage.key.key_arn,
                # Above the quota of concurrent jobs the service then queues up to 10,000 instead of refusing.
                "JobExecutionSettings": {
                    "AllowDeferredExecution": True,
                    "DataAccessRoleArn": self._data_access_role.role_arn,
                },
            },
        }

    def _queue_target(self, message_job: dict[str, Any]) -> targets.SqsQueue:
        # The event goes whole, because a template that names an absent field (version-id, say) loses the event.
        message = events.RuleTargetInput.from_object({"event": events.EventField.from_path("$"), "job": message_job})
        return targets.SqsQueue(self._queue, message=message, dead_letter_queue=self._dead_letter_queue)

    def _encrypted_queue(self, id: str, **properties: Any) -> sqs.Queue:
        return sqs.Queue(
            self,
            id,
            encryption=sqs.QueueEncryption.KMS,
            encryption_master_key=self._storage.key,
            enforce_ssl=True,
            **properties,
        )

    def _check_route(self, route: Route) -> None:
        for other in self._routes:
            if other.id != route.id and route.overwrites(other):
                raise ValueError(
                    f"route {route.id!r} (prefix={route.prefix!r}) and route {other.id!r} (prefix={other.prefix!r}) "
                    f"take the same objects and would write the same transcripts: give one an output_prefix of its own"
                )
        storage = self._storage
        same_bucket = storage.media_bucket.bucket_name == storage.transcript_bucket.bucket_name
        if same_bucket and route.takes_own_output():
            raise ValueError(
                f"route {route.id!r} would take its own transcripts as media: they share a bucket, and "
                f"output_prefix={route.output_prefix!r} lies under prefix={route.prefix!r}"
            )
