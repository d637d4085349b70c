"""One custom-resource provider per stack, for every kind of Transcribe resource in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import jsii
from aws_cdk import Aws, CustomResource, Duration, RemovalPolicy, Stack, TagManager, TagType
from aws_cdk import aws_iam as iam
from aws_cdk import custom_resources as cr
from constructs import Construct

from cdk_transcribe._functions import HandlerFunction, handler_log_group, lambda_role
from cdk_transcribe._resource_kinds import ResourceKind
from cdk_transcribe._service_model import DATA_PATH, ServiceModelLayer
from cdk_transcribe.data_access_role import passing
from cdk_transcribe.sources import BoundSource

_ID = "CdkTranscribeProvider"


@jsii.implements(iam.IGrantable)
class TranscribeProvider(Construct):
    """The handlers behind the custom resources of one stack, and what they may do."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self.service_model = ServiceModelLayer(self, "ServiceModel")
        self.on_event = HandlerFunction(
            self,
            "OnEvent",
            handler="custom_resource.on_event",
            description="Answers CloudFormation with the name of a Transcribe resource",
            timeout=Duration.seconds(30),
        )
        self.is_complete = HandlerFunction(
            self,
            "IsComplete",
            handler="custom_resource.is_complete",
            description="Takes the next step towards the wished state of a Transcribe resource",
            timeout=Duration.minutes(2),
            environment={"AWS_DATA_PATH": DATA_PATH},
            layers=[self.service_model],
        )
        framework_logs = handler_log_group(self, "FrameworkLogs")
        self._provider = cr.Provider(
            self,
            "Framework",
            framework_on_event_role=lambda_role(self, "OnEventFrameworkRole", framework_logs),
            framework_complete_and_timeout_role=lambda_role(self, "IsCompleteFrameworkRole", framework_logs),
            on_event_handler=self.on_event,
            is_complete_handler=self.is_complete,
            query_interval=Duration.seconds(5),
            # A custom resource may take an hour and no longer; many vocabularies share ten pending places.
            total_timeout=Duration.hours(1),
            log_group=framework_logs,
            # The waiter's input carries CloudFormation's pre-signed response URL, a secret.
            disable_waiter_state_machine_logging=True,
        )
        # The tagging actions of Transcribe know no resource-level permissions, hence "*".
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazontranscribe.html
        self.is_complete.add_to_role_policy(
            iam.PolicyStatement(
                sid="Tagging",
                actions=[
                    "transcribe:TagResource",
                    "transcribe:UntagResource",
                    "transcribe:ListTagsForResource",
                ],
                resources=["*"],
            )
        )
        # Whether anybody still waits for the resource: what was given up must not be made.
        self.is_complete.add_to_role_policy(
            iam.PolicyStatement(
                sid="LookAtOwnStack", actions=["cloudformation:DescribeStackEvents"], resources=[Aws.STACK_ID]
            )
        )
        self._service_token = self._provider.service_token
        self._policies: dict[ResourceKind, iam.Policy] = {}
        self._readable = {""}

    @classmethod
    def get_or_create(cls, scope: Construct) -> TranscribeProvider:
        """The provider of the stack that `scope` belongs to."""
        stack = Stack.of(scope)
        existing = stack.node.try_find_child(_ID)
        return cast(TranscribeProvider, existing) if existing else cls(stack, _ID)

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """The role that calls Transcribe: what a handler must read is granted to it."""
        return self.is_complete.grant_principal

    @property
    def service_token(self) -> str:
        """What a custom resource names as its provider."""
        return self._service_token

    def allow(self, kind: ResourceKind) -> iam.Policy:
        """Lets the handlers create, read, update and delete resources of `kind` in this account and Region.

        Each resource has to depend on the policy. One that leaves its stack is deleted after all policies have
        changed: in the handler's own one, the last resource of a kind would take the permission to delete it along.
        """
        if kind not in self._policies:
            self._policies[kind] = self._policy(kind)
        return self._policies[kind]

    def allow_reading(self, source: BoundSource) -> None:
        """Lets the handlers, and so Transcribe when they call it, read `source`."""
        if source.readable not in self._readable:
            self._readable.add(source.readable)
            source.grant_read(self)

    def allow_passing(self, role: iam.IRole) -> None:
        """Lets the handlers hand `role` to Transcribe, and to no other service."""
        self.is_complete.add_to_role_policy(passing(role))

    def _policy(self, kind: ResourceKind) -> iam.Policy:
        policy = iam.Policy(
            self,
            f"{kind.api_noun}Policy",
            statements=[
                # Create* knows no resource-level permissions.
                iam.PolicyStatement(actions=kind.actions("Create"), resources=["*"]),
                iam.PolicyStatement(
                    actions=kind.actions("Get", "Update", "Delete"),
                    # Every name, because a name that changes is deleted after its resource has changed.
                    # The handlers themselves touch only what carries their stack's owner tag.
                    resources=[kind.arn(Stack.of(self), "*")],
                ),
            ],
        )
        policy.attach_to_role(cast(iam.IRole, self.is_complete.role))
        return policy


def transcribe_resource(
    scope: Construct,
    provider: TranscribeProvider,
    *,
    kind: ResourceKind,
    name: str,
    properties: Mapping[str, Any],
    tags: TagManager,
    adopt_existing: bool,
    removal_policy: RemovalPolicy,
) -> CustomResource:
    """The custom resource of `kind` with the id `Resource` in `scope`."""
    policy = provider.allow(kind)
    resource = CustomResource(
        scope,
        "Resource",
        resource_type=kind.resource_type,
        service_token=provider.service_token,
        properties={
            kind.name_field: name,
            **properties,
            "Tags": tags.rendered_tags,
            **({"AdoptExisting": "true"} if adopt_existing else {}),
        },
        removal_policy=removal_policy,
    )
    resource.node.add_dependency(policy)
    return resource


def tags_of(kind: ResourceKind) -> TagManager:
    """What collects the tags that `Tags.of(…)` adds to a resource of `kind`."""
    return TagManager(TagType.KEY_VALUE, kind.resource_type)
