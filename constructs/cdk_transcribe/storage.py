"""Where media and transcripts live: `AWS::S3::Bucket` three times, `AWS::KMS::Key`."""

from __future__ import annotations

from typing import Any, cast

import jsii
from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct, IValidation

from cdk_transcribe._media_bucket import check_region, grant_read, receive_events

_ACCESS_LOG_EXPIRATION = Duration.days(365)


class TranscribeStorage(Construct):
    """A media bucket, a transcript bucket, and the customer-managed key that encrypts both.

    The buckets refuse requests without TLS and any public access, keep versions, write access logs to a third
    bucket that keeps them for a year, and drop unfinished multipart uploads after 7 days. The key rotates once a
    year. The media bucket sends its events to EventBridge. Each part can be handed in instead; what is handed in is
    used as it is, except that events to EventBridge are turned on for the media bucket.

    Args:
        encryption_key: encrypts both buckets and every transcript. By default the key of `transcript_bucket`, where
            that is handed in and has one, otherwise a new key with rotation.
        media_bucket: where recordings arrive. By default a new bucket.
        transcript_bucket: where transcripts and subtitles go. By default a new bucket.
        media_expiration: media objects are deleted this long after they arrived, overwritten versions after a day.
            By default they are kept. Not for a bucket that is handed in.
        transcript_expiration: the same for transcripts and subtitles. By default they are kept.
        removal_policy: what happens to new buckets and a new key when they leave the stack. By default they are
            retained. A bucket that is to be destroyed must be empty, see `auto_delete_objects`.
        auto_delete_objects: empties new buckets before they are destroyed. Needs `RemovalPolicy.DESTROY`. By default
            objects are never deleted, and a bucket that holds some outlives the stack.

    Raises:
        ValueError: for an expiration beside a bucket that is handed in, for a media bucket in another Region, or for
            `auto_delete_objects` without `RemovalPolicy.DESTROY`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        encryption_key: kms.IKey | None = None,
        media_bucket: s3.IBucket | None = None,
        transcript_bucket: s3.IBucket | None = None,
        media_expiration: Duration | None = None,
        transcript_expiration: Duration | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
        auto_delete_objects: bool = False,
    ) -> None:
        super().__init__(scope, id)
        _check_expiration("media", media_bucket, media_expiration)
        _check_expiration("transcript", transcript_bucket, transcript_expiration)
        if auto_delete_objects and removal_policy is not RemovalPolicy.DESTROY:
            raise ValueError(
                f"auto_delete_objects=True needs removal_policy=RemovalPolicy.DESTROY, got {removal_policy.name}"
            )
        self._removal_policy = removal_policy
        self._auto_delete_objects = auto_delete_objects
        self._access_log_bucket: s3.Bucket | None = None
        self._key = encryption_key or _key_of(transcript_bucket) or self._new_key()
        self._media_bucket = media_bucket or self._new_media_bucket(media_expiration)
        if media_bucket is not None:
            check_region(self, media_bucket)
            receive_events(self, media_bucket)
        self._transcript_bucket = transcript_bucket or self._new_bucket("Transcripts", transcript_expiration)

    @property
    def key(self) -> kms.IKey:
        """The key that encrypts transcripts, and the media bucket unless that was handed in."""
        return self._key

    @property
    def media_bucket(self) -> s3.IBucket:
        """Where recordings arrive."""
        return self._media_bucket

    @property
    def transcript_bucket(self) -> s3.IBucket:
        """Where transcripts and subtitles go."""
        return self._transcript_bucket

    @property
    def access_log_bucket(self) -> s3.IBucket | None:
        """Where new buckets log who accessed them; none when both buckets were handed in."""
        return self._access_log_bucket

    def grant_transcribe(self, grantee: iam.IGrantable) -> None:
        """Lets `grantee` read the media and write transcripts, with the keys of both, and nothing more.

        Transcribe needs this twice: from the role it takes on, and from whoever starts a job.
        """
        grant_read(self._media_bucket, grantee)
        _grant_write_transcripts(self._transcript_bucket, self._key, grantee)

    def _new_key(self) -> kms.Key:
        return kms.Key(
            self,
            "Key",
            description="Encrypts media and transcripts",
            enable_key_rotation=True,
            removal_policy=self._removal_policy,
        )

    def _new_bucket(self, id: str, expiration: Duration | None) -> s3.Bucket:
        bucket = self._private_bucket(
            id,
            lifecycle_rules=_lifecycle(expiration),
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self._key,
            # One data key for many objects: KMS is asked, and paid for, far less often.
            bucket_key_enabled=True,
        )
        self._log_access(bucket, prefix=f"{id.lower()}/")
        return bucket

    def _new_media_bucket(self, expiration: Duration | None) -> s3.Bucket:
        bucket = self._new_bucket("Media", expiration)
        # By hand, because CDK's own way is a Lambda function that outlives its purpose and leaves its log group.
        cast(
            s3.CfnBucket, bucket.node.default_child
        ).notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
        )
        bucket.node.add_validation(_EventsStayOn(bucket))
        return bucket

    def _private_bucket(self, id: str, **properties: Any) -> s3.Bucket:
        return s3.Bucket(
            self,
            id,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            versioned=True,
            removal_policy=self._removal_policy,
            auto_delete_objects=self._auto_delete_objects,
            **properties,
        )

    def _log_access(self, bucket: s3.Bucket, *, prefix: str) -> None:
        logs = self._access_logs()
        # By hand, because CDK's own property opens the log bucket by ACL unless the app has a feature flag set, and
        # a library can't count on that: ACLs are off here.
        cast(s3.CfnBucket, bucket.node.default_child).logging_configuration = s3.CfnBucket.LoggingConfigurationProperty(
            destination_bucket_name=logs.bucket_name, log_file_prefix=prefix
        )
        logs.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["s3:PutObject"],
                principals=[iam.ServicePrincipal("logging.s3.amazonaws.com")],
                resources=[logs.arn_for_objects(f"{prefix}*")],
                conditions={
                    "ArnLike": {"aws:SourceArn": bucket.bucket_arn},
                    "StringEquals": {"aws:SourceAccount": Stack.of(self).account},
                },
            )
        )

    def _access_logs(self) -> s3.Bucket:
        if self._access_log_bucket is None:
            self._access_log_bucket = self._private_bucket(
                "AccessLogs",
                lifecycle_rules=_lifecycle(_ACCESS_LOG_EXPIRATION),
                # The log delivery service writes to buckets with S3-managed keys only.
                # https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
                encryption=s3.BucketEncryption.S3_MANAGED,
            )
        return self._access_log_bucket


@jsii.implements(IValidation)
class _EventsStayOn:
    """CDK's own notifications write the whole configuration of a bucket, and so would turn EventBridge off."""

    def __init__(self, bucket: s3.Bucket) -> None:
        self._bucket = bucket

    def validate(self) -> list[str]:
        if self._bucket.node.try_find_child("Notifications") is None:
            return []
        return [
            "add_event_notification on the media bucket would turn its events to EventBridge off, and with them every "
            "route: add an EventBridge rule for your target, or hand in a media_bucket of your own"
        ]


def _lifecycle(expiration: Duration | None) -> list[s3.LifecycleRule]:
    unfinished = s3.LifecycleRule(id="UnfinishedUploads", abort_incomplete_multipart_upload_after=Duration.days(7))
    if expiration is None:
        return [unfinished]
    expired = s3.LifecycleRule(
        id="Expiration",
        expiration=expiration,
        # In a versioned bucket an expired object only gets a delete marker: this is what removes it.
        noncurrent_version_expiration=Duration.days(1),
    )
    return [unfinished, expired]


def _key_of(bucket: s3.IBucket | None) -> kms.IKey | None:
    return bucket.encryption_key if bucket is not None else None


def _check_expiration(kind: str, bucket: s3.IBucket | None, expiration: Duration | None) -> None:
    if bucket is not None and expiration is not None:
        raise ValueError(
            f"{kind}_expiration={expiration.to_human_string()!r} is for a new bucket, and {kind}_bucket was handed "
            "in: set a lifecycle rule where that bucket is defined"
        )


def _grant_write_transcripts(bucket: s3.IBucket, key: kms.IKey, grantee: iam.IGrantable) -> None:
    """Lets `grantee` write objects of `bucket` encrypted with `key`.

    Every key of the bucket, because Transcribe also puts a probe, `.write_access_check_file.temp`, beside them.
    """
    iam.Grant.add_to_principal(grantee=grantee, actions=["s3:PutObject"], resource_arns=[bucket.arn_for_objects("*")])
    grant_encrypt_transcripts(key, grantee)


def grant_encrypt_transcripts(key: kms.IKey, grantee: iam.IGrantable) -> None:
    """Lets `grantee` encrypt transcripts with `key`."""
    key.grant_encrypt_decrypt(grantee)
    key.grant(grantee, "kms:DescribeKey")
