"""What whoever starts jobs may do with Transcribe, one kind of job after the other."""

from __future__ import annotations

from collections.abc import Callable, Collection

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from cdk_transcribe._job_kinds import JobKind
from cdk_transcribe.data_access_role import passing


class StartPermissions:
    """Statements for `grantee`, each added once however many routes need it.

    Args:
        grantee: the starter.
        stack: where it stands: jobs run in its account and Region.
        job_name_prefix: what the names of its jobs start with, before a hyphen.
        output_bucket_name: where all output goes.
    """

    def __init__(self, grantee: iam.IGrantable, *, stack: Stack, job_name_prefix: str, output_bucket_name: str) -> None:
        self._principal = grantee.grant_principal
        self._stack = stack
        self._job_names = f"{job_name_prefix}-*"
        self._output_bucket_name = output_bucket_name
        self._granted: set[tuple[object, ...]] = set()

    def allow(self, kind: JobKind, *, output_key_arn: str, tag_keys: Collection[str]) -> None:
        """Lets jobs of `kind` be started that write with that key and carry those tags, and be looked at."""
        self._once(("start", kind, output_key_arn), lambda: self._start(kind, output_key_arn))
        self._once(("get", kind), lambda: self._get(kind))
        if tag_keys:
            keys = sorted(tag_keys)
            self._once(("tag", *keys), lambda: _tag(keys))

    def allow_passing(self, role: iam.IRole) -> None:
        """Lets `role` be handed to Transcribe, and to no other service."""
        self._once(("pass",), lambda: passing(role))

    def _once(self, what: tuple[object, ...], statement: Callable[[], iam.PolicyStatement]) -> None:
        if what not in self._granted:
            self._granted.add(what)
            self._principal.add_to_principal_policy(statement())

    def _start(self, kind: JobKind, output_key_arn: str) -> iam.PolicyStatement:
        conditions = kind.output_condition(self._output_bucket_name)
        conditions.setdefault("StringEquals", {})["transcribe:OutputEncryptionKMSKeyId"] = output_key_arn
        return iam.PolicyStatement(
            actions=[kind.start_action],
            # Start* knows no resource-level permissions: where the output goes is what can be pinned down.
            # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazontranscribe.html
            resources=["*"],
            conditions=conditions,
        )

    def _get(self, kind: JobKind) -> iam.PolicyStatement:
        return iam.PolicyStatement(actions=[kind.get_action], resources=[kind.arn(self._stack, self._job_names)])


def _tag(keys: list[str]) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=["transcribe:TagResource"],
        # A job has no ARN yet when it is started with tags, and TagResource knows no resource-level permissions.
        # The keys keep the owner tags of vocabularies out of reach.
        resources=["*"],
        conditions={"ForAllValues:StringEquals": {"aws:TagKeys": keys}},
    )
