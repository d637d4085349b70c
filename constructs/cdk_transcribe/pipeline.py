"""From a media object to a job: routes, a queue, and the starter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import Annotations, Duration, RemovalPolicy, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk_transcribe import _dashboard
from cdk_transcribe._functions import HandlerFunction
from cdk_transcribe._job_events import ENDS, FAILURES, job_recorded
from cdk_transcribe._job_kinds import CALL_ANALYTICS, JOB_KINDS, MEDICAL_SCRIBE, JobKind
from cdk_transcribe._json_nulls import with_nulls
from cdk_transcribe._key_pattern import key_pattern_of
from cdk_transcribe._media_bucket import check_region, grant_read, grant_read_tags, receive_events
from cdk_transcribe._names import job_name_prefix
from cdk_transcribe._routes import MEDIA_SUFFIXES, Route, check_message
from cdk_transcribe._start_permissions import StartPermissions
from cdk_transcribe.backfill import Backfill
from cdk_transcribe.data_access_role import DataAccessRole
from cdk_transcribe.job_metrics import PipelineMetrics
from cdk_transcribe.jobs import Job, TranscriptionJob
from cdk_transcribe.ledger import JobLedger
from cdk_transcribe.monitoring import PipelineAlarms
from cdk_transcribe.storage import TranscribeStorage, grant_encrypt_transcripts

_STARTER_TIMEOUT = Duration.minutes(1)
_BATCH_SIZE = 10
# The other half of the starter's time is for the calls themselves.
_LONGEST_WAIT_SECONDS = _STARTER_TIMEOUT.to_seconds() / 2


class TranscriptionPipeline(Construct):
    """Starts a job of Transcribe for each media object that arrives, once, and records how it ended.

    Creates a queue with a dead-letter queue, the starter (a Lambda function that takes messages from it), a
    `DataAccessRole`, and a `JobLedger`. It starts nothing until it has a route.

    Args:
        storage: where media arrive and transcripts go. By default a new `TranscribeStorage` with its defaults.
        ledger: where jobs are recorded. By default a new `JobLedger` encrypted with the storage's key. Several
            pipelines may share one.
        data_access_role: what Transcribe reads media and writes transcripts with where it does so by itself: for a
            job that it queues, for Call Analytics and for medical scribe jobs. By default a new `DataAccessRole` for
            `storage`; one that is handed in must have been granted as much.
        max_concurrency: at most this many starters run at once, 2 to 1000. By default 5.
        starts_per_second: at most this many jobs are started a second, by all starters together. By default 25, an
            account's quota for StartTranscriptionJob in a Region; StartCallAnalyticsJob has 10. What the service
            refuses for a quota comes back later by itself: this setting saves it the trouble. Each of the starters
            takes its share, so that fewer running start fewer.
        retry_service_faults: a job that fails by a fault of the service's own is started anew up to so many times, 0 to
            9, by its route as it is then. Each try is a job of its own, with its own item in the ledger: its name ends
            in `-r1` and so on, `retry_of` names the first job, and `retried_by` in the one before names this one. By
            default 0.
        removal_policy: what happens to a new ledger's table when it leaves the stack. By default it is retained.

    Raises:
        ValueError: when `max_concurrency`, `starts_per_second` or `retry_service_faults` is out of range, or when the
            first two leave a starter less than its time for a batch of messages.
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
        starts_per_second: float = 25,
        retry_service_faults: int = 0,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        super().__init__(scope, id)
        # Without this flag, which a library can't count on, rules of other accounts may send messages to the queue.
        self.node.set_context("@aws-cdk/aws-events:eventsTargetQueueSameAccount", True)
        _check_pace(max_concurrency, starts_per_second)
        _check_retries(retry_service_faults)
        self._retry_policy = {"RetryServiceFaults": retry_service_faults} if retry_service_faults else {}
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
        self._starter = self._new_starter(max_concurrency, starts_per_second)
        self._start_permissions = StartPermissions(
            self._starter,
            stack=Stack.of(self),
            job_name_prefix=self._job_name_prefix,
            output_bucket_name=self._storage.transcript_bucket.bucket_name,
        )
        # Scopes of their own: the user names routes and rules, and may name one "Queue".
        self._route_scope = Construct(self, "Routes")
        self._event_scope = Construct(self, "Events")
        self._routes: dict[str, Route] = {}
        self._kinds: set[JobKind] = set()
        self._buckets: dict[str, s3.IBucket] = {}
        self._backfill: Backfill | None = None

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
        """What Transcribe reads media and writes transcripts with where it does so by itself."""
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

    @property
    def metrics(self) -> PipelineMetrics:
        """What CloudWatch knows of the pipeline's jobs."""
        return PipelineMetrics(self)

    def add_route(
        self,
        id: str,
        *,
        job: Job,
        prefix: str | None = None,
        suffixes: Sequence[str] = MEDIA_SUFFIXES,
        output_prefix: str = "",
        bucket: s3.IBucket | None = None,
        key_pattern: str | None = None,
    ) -> events.Rule:
        """Starts `job` for every object of a bucket with this prefix and one of these suffixes.

        Creates an EventBridge rule, and gives starter and data access role what this kind of job needs. An object
        that several routes take gets a job from each of them. The transcript's key is `output_prefix`, the object's
        own key, and `.json`; a character that Transcribe refuses there becomes `_`, and a digest then keeps two such
        keys apart. What a medical scribe job writes lies below the job's name.

        Beside a prefix EventBridge can't be asked for suffixes: everything with the prefix then comes to the starter,
        which skips the rest. Doubts about the job are warnings on the rule.

        Args:
            id: names the route: in this pipeline, in the ledger, and in the names of its jobs. A new id makes new
                jobs of objects that a backfill finds.
            job: what to ask of Transcribe.
            prefix: what the object's key starts with. By default any, or with a `key_pattern` the text before its
                first placeholder.
            suffixes: what the object's key ends with, one of these, whatever the case. By default the formats that
                Transcribe takes; an object that is none of them starts nothing.
            output_prefix: what the transcript's key starts with, such as `english/`. By default nothing.
            bucket: where the objects arrive; starter and data access role may then read all of it, with its key. Its
                events to EventBridge are turned on, if they are not. For a bucket that is imported with `from_…`,
                say its `encryption_key` if it has one of its own. By default the storage's media bucket.
            key_pattern: how to read values of the job from the beginning of a key, such as `calls/{language_code}/`,
                for a job with an `ObjectValue.from_key`. A placeholder stands for one or more characters, no slash
                among them.

        Raises:
            ValueError: for an id that is taken; without suffixes or for a string in place of their list; for an
                `output_prefix` that Transcribe would refuse, or beside a medical scribe job; for a `key_pattern` that
                lacks a placeholder of the job, has none, or contradicts `prefix`; for a bucket in another Region;
                when transcripts would overwrite those of another route or arrive as media again; and for what
                EventBridge would refuse as too long.
        """
        media_bucket = bucket or self._storage.media_bucket
        route = self._route(
            id, job, media_bucket, prefix=prefix, suffixes=suffixes, output_prefix=output_prefix, pattern=key_pattern
        )
        check_region(self, media_bucket)
        message_job = {
            **route.message_job(self._storage.transcript_bucket.bucket_name, self._request(job)),
            **self._retry_policy,
        }
        check_message(route, message_job)
        self._check_route(route)
        self._routes[id] = route
        rule = self._new_rule(route, message_job)
        for warning_id, sentence in job.warnings:
            Annotations.of(rule).add_warning_v2(warning_id, sentence)
        self._take_from(media_bucket, rule)
        self._allow(job, media_bucket)
        return rule

    def add_backfill(self, *, events_per_second: float = 20) -> Backfill:
        """Makes a state machine that asks for the jobs of objects that were in a bucket before its route.

        It knows all routes of this pipeline, those too that are added later. It starts nothing by itself; see
        `Backfill` for what to start it with.

        Args:
            events_per_second: at most this many objects are asked for a second. By default 20: below the 25 jobs that
                an account may start a second, so that what arrives meanwhile need not wait behind all the others.

        Raises:
            ValueError: when the pipeline has one already, or for less than 2 events a second.
        """
        if self._backfill is not None:
            raise ValueError(f"pipeline {self.node.path!r} has a backfill already: use it for every route")
        self._backfill = Backfill(
            self,
            "Backfill",
            ledger=self._ledger,
            encryption_key=self._storage.key,
            events_per_second=events_per_second,
            routes=self._backfill_routes,
        )
        for bucket in self._buckets.values():
            self._backfill.allow_reading(bucket)
        return self._backfill

    def _backfill_routes(self) -> list[dict[str, Any]]:
        output_bucket_name = self._storage.transcript_bucket.bucket_name
        # What asks for a job need not know what the job is asked for.
        return [
            {"bucket": route.bucket_name, "prefix": route.prefix, "job": route.message_job(output_bucket_name, {})}
            for route in self._routes.values()
        ]

    def on_job_state_change(
        self, id: str, *, target: events.IRuleTarget | None = None, statuses: Sequence[str] = ENDS
    ) -> events.Rule:
        """Sends to `target` the event of each of this pipeline's jobs that has ended in one of `statuses`.

        Creates an EventBridge rule on events of the source `cdk-transcribe` and the detail-type `Transcription Job
        Recorded`. Their detail is the job's item in the ledger, without the order, and an `event_id`: EventBridge
        delivers at least once, and copies of an event carry the same one. A job that fails and is tried again has an
        event too; `retried_by` in its detail names the next try.

        Args:
            id: names the rule in this pipeline.
            target: what gets the event. By default nothing; `add_target` of the rule takes any number.
            statuses: COMPLETED, FAILED, REJECTED, LOST. By default all of these.

        Raises:
            ValueError: for no status, or one that no event tells of.
        """
        return self._new_event_rule(id, target, statuses)

    def on_job_completed(self, id: str, *, target: events.IRuleTarget | None = None) -> events.Rule:
        """Sends to `target` the event of each of this pipeline's jobs that has completed.

        Creates an EventBridge rule, as `on_job_state_change` does.

        Args:
            id: names the rule in this pipeline.
            target: what gets the event. By default nothing; `add_target` of the rule takes any number.
        """
        return self._new_event_rule(id, target, ["COMPLETED"])

    def on_job_failed(self, id: str, *, target: events.IRuleTarget | None = None) -> events.Rule:
        """Sends to `target` the event of each of this pipeline's jobs that has failed, was refused, or got lost.

        A failure that is tried again is left out: the last try's is not. Creates an EventBridge rule, as
        `on_job_state_change` does.

        Args:
            id: names the rule in this pipeline.
            target: what gets the event. By default nothing; `add_target` of the rule takes any number.
        """
        return self._new_event_rule(id, target, FAILURES, retried_by=events.Match.does_not_exist())

    def add_alarms(
        self, *, topic: sns.ITopic, queue_age: Duration | None = None, failure_percentage: float = 10
    ) -> PipelineAlarms:
        """Lets `topic` hear when the pipeline or its ledger is in trouble, and when it is over.

        Creates `PipelineAlarms` (five), and `LedgerAlarms` (four) on a ledger that the pipeline made itself. On one
        that was handed in, and that several pipelines may share, call its own `add_alarms`.

        CloudWatch must be allowed to publish. By default an SNS topic lets its account do so; one with a policy of
        its own, as `enforce_ssl` brings, needs `topic.grant_publish(iam.ServicePrincipal("cloudwatch.amazonaws.com"))`;
        and an encryption key must let that principal `kms:Decrypt` and `kms:GenerateDataKey*`, which the key
        `aws/sns` does not.

        Args:
            topic: what hears of it.
            queue_age: messages may wait this long for a starter before it is trouble. By default an hour: at the
                default of `starts_per_second` time for 90,000 objects, so that only a large backfill makes more of it.
            failure_percentage: more than this share of an hour's jobs must fail, 0 up to less than 100. By default 10:
                some recordings are always bad, and more of them mean a new source or a mistake in a job's settings.

        Raises:
            ValueError: when `failure_percentage` is out of range, or `queue_age` is less than a second.
        """
        alarms = PipelineAlarms(
            self,
            "Alarms",
            pipeline=self,
            queue_age=queue_age or Duration.hours(1),
            failure_percentage=failure_percentage,
        )
        alarms.notify(topic)
        if self._ledger.node.scope is self:
            self._ledger.add_alarms(topic=topic)
        return alarms

    def add_dashboard(self, *, dashboard_name: str | None = None) -> cloudwatch.Dashboard:
        """Creates a CloudWatch dashboard of the pipeline and its ledger: jobs, failures, delays, backlog, functions.

        It shows a day unless asked otherwise; `add_widgets` adds to it.

        Args:
            dashboard_name: what it is called. By default CloudFormation makes up a name. Another one replaces it.
        """
        return cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=dashboard_name,
            default_interval=Duration.days(1),
            widgets=_dashboard.widget_rows(self),
        )

    def _new_event_rule(
        self, id: str, target: events.IRuleTarget | None, statuses: Sequence[str], **detail: Any
    ) -> events.Rule:
        return events.Rule(
            self._event_scope,
            id,
            description="Jobs of Transcribe that have ended",
            event_pattern=job_recorded(f"{self._job_name_prefix}-", statuses, **detail),
            targets=[target] if target else [],
        )

    def _new_starter(self, max_concurrency: int, starts_per_second: float) -> HandlerFunction:
        starter = HandlerFunction(
            self,
            "Starter",
            handler="job_starter.handler",
            description="Starts a job of Transcribe for each media object",
            timeout=_STARTER_TIMEOUT,
            environment={
                **self._ledger.environment,
                "QUEUE_URL": self._queue.queue_url,
                "STARTS_PER_SECOND": f"{starts_per_second / max_concurrency:g}",
            },
            encryption_key=self._storage.key,
        )
        starter.add_event_source(
            event_sources.SqsEventSource(
                self._queue,
                batch_size=_BATCH_SIZE,
                max_concurrency=max_concurrency,
                report_batch_item_failures=True,
            )
        )
        # A message that the service has no room for goes back to the queue by hand, to come back later.
        self._queue.grant_send_messages(starter)
        self._ledger.grants.start(starter)
        # Whoever starts a job needs the rights that Transcribe needs for it: the service checks both.
        self._storage.grant_transcribe(starter)
        return starter

    def _route(
        self,
        id: str,
        job: Job,
        bucket: s3.IBucket,
        *,
        prefix: str | None,
        suffixes: Sequence[str],
        output_prefix: str,
        pattern: str | None,
    ) -> Route:
        if isinstance(suffixes, str):
            raise ValueError(f"suffixes must be a list of strings, got the string {suffixes!r}")
        kind = JOB_KINDS[job.kind]
        key_pattern = key_pattern_of(pattern, job.key_placeholders)
        return Route(
            id=id,
            pipeline=self._job_name_prefix,
            kind=kind,
            bucket_name=bucket.bucket_name,
            prefix=(prefix or "") if key_pattern is None else key_pattern.prefix(prefix),
            suffixes=tuple(suffixes),
            output_prefix=output_prefix,
            output_suffixes=kind.suffixes_written(job.to_request()),
            key_pattern=key_pattern,
        )

    def _request(self, job: Job) -> dict[str, Any]:
        # A key is named for every job: without it Transcribe writes with S3's own, whatever the bucket's default.
        default = {"OutputEncryptionKMSKeyId": self._storage.key.key_arn}
        return {**default, **job.to_request(), **self._role_fields(job)}

    def _role_fields(self, job: Job) -> dict[str, Any]:
        role = {"DataAccessRoleArn": self._data_access_role.role_arn}
        if _is_deferred(job):
            # Above the quota of concurrent jobs the service then queues up to 10,000 instead of refusing.
            return {"JobExecutionSettings": {"AllowDeferredExecution": True, **role}}
        return role if _needs_role(job) else {}

    def _new_rule(self, route: Route, message_job: dict[str, Any]) -> events.Rule:
        # The event goes whole, because a template that names an absent field (version-id, say) loses the event.
        message = events.RuleTargetInput.from_object(
            {"event": events.EventField.from_path("$"), "job": with_nulls(message_job)}
        )
        return events.Rule(
            self._route_scope,
            route.id,
            description="Media objects become jobs of Transcribe",
            event_pattern=events.EventPattern(
                # A backfill sends the same events with a source of its own.
                source=["aws.s3", "cdk-transcribe"],
                detail_type=["Object Created"],
                detail=route.event_detail(),
            ),
            targets=[targets.SqsQueue(self._queue, message=message, dead_letter_queue=self._dead_letter_queue)],
        )

    def _take_from(self, bucket: s3.IBucket, rule: events.Rule) -> None:
        if bucket.bucket_name in self._buckets:
            return
        self._buckets[bucket.bucket_name] = bucket
        if self._backfill is not None:
            self._backfill.allow_reading(bucket)
        # The storage has seen to its own.
        if bucket.bucket_name != self._storage.media_bucket.bucket_name:
            receive_events(rule, bucket)
            for grantee in (self._starter, self._data_access_role):
                grant_read(bucket, grantee)

    def _allow(self, job: Job, bucket: s3.IBucket) -> None:
        kind = JOB_KINDS[job.kind]
        key = job.output_encryption_key or self._storage.key
        self._start_permissions.allow(kind, output_key_arn=key.key_arn, tag_keys=job.tags or {})
        if _is_deferred(job) or _needs_role(job):
            self._start_permissions.allow_passing(self._data_access_role)
        if job.output_encryption_key is not None:
            for grantee in (self._starter, self._data_access_role):
                grant_encrypt_transcripts(key, grantee)
        if job.tag_keys:
            grant_read_tags(bucket, self._starter)
        for model in job.language_models:
            if model.pointer is not None:
                model.pointer.grant_read(self._starter)
        if kind not in self._kinds:
            self._kinds.add(kind)
            self._ledger.record_jobs(
                f"{kind.name}s{self.node.addr[-8:]}", job_name_prefix=f"{self._job_name_prefix}-", kind=kind.name
            )

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
        if route.id in self._routes:
            raise ValueError(f"route {route.id!r} exists already: give each route of a pipeline an id of its own")
        for other in self._routes.values():
            if route.overwrites(other):
                raise ValueError(
                    f"{route} and {other} would write the same transcripts: give one an output_prefix of its own"
                )
        transcript_bucket = self._storage.transcript_bucket.bucket_name
        for other in (route, *self._routes.values()):
            for taker, writer in ((route, other), (other, route)):
                if taker.takes_output_of(writer, transcript_bucket):
                    raise ValueError(
                        f"{taker} would take the transcripts of {writer} as media: they go to the bucket that it takes "
                        "media from; give it a prefix or suffixes that no transcript has"
                    )


def _is_deferred(job: Job) -> bool:
    return isinstance(job, TranscriptionJob) and job.allow_deferred_execution


def _needs_role(job: Job) -> bool:
    return JOB_KINDS[job.kind] in (CALL_ANALYTICS, MEDICAL_SCRIBE)


def _check_pace(max_concurrency: int, starts_per_second: float) -> None:
    if not 2 <= max_concurrency <= 1000:
        raise ValueError(f"max_concurrency={max_concurrency} is out of range: Lambda takes 2 to 1000")
    if starts_per_second <= 0:
        raise ValueError(f"starts_per_second={starts_per_second} is out of range: it must be more than 0")
    wait = _BATCH_SIZE * max_concurrency / starts_per_second
    if wait > _LONGEST_WAIT_SECONDS:
        raise ValueError(
            f"starts_per_second={starts_per_second} among max_concurrency={max_concurrency} starters makes each wait "
            f"{wait:g} seconds over a batch of {_BATCH_SIZE} messages, and its timeout leaves "
            f"{_LONGEST_WAIT_SECONDS:g}: set starts_per_second to "
            f"{_BATCH_SIZE * max_concurrency / _LONGEST_WAIT_SECONDS:g} or more, or max_concurrency lower"
        )


def _check_retries(retry_service_faults: int) -> None:
    if not 0 <= retry_service_faults <= 9:
        raise ValueError(f"retry_service_faults={retry_service_faults} is out of range: use 0 to 9")
