"""One custom-resource provider per stack, for every kind of Transcribe resource in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import jsii
from aws_cdk import CustomResource, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import custom_resources as cr
from constructs import Construct

from cdk_transcribe._functions import HandlerFunction, handler_log_group, lambda_role
from cdk_transcribe._resource_kinds import ResourceKind

_ID = "CdkTranscribeProvider"


@jsii.implements(iam.IGrantable)
class TranscribeProvider(Construct):
    """The handlers behind the custom resources of one stack, and what they may do."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
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
        # Create* and the tagging actions of Transcribe know no resource-level permissions, hence "*".
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
        self._kinds: set[ResourceKind] = set()

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
        return self._provider.service_token

    def allow(self, kind: ResourceKind) -> None:
        """Lets the handlers create, read, update and delete resources of `kind` in this account and Region."""
        if kind in self._kinds:
            return
        self._kinds.add(kind)
        noun = kind.api_noun
        self.is_complete.add_to_role_policy(
            iam.PolicyStatement(sid=f"Create{noun}", actions=[f"transcribe:Create{noun}"], resources=["*"])
        )
        self.is_complete.add_to_role_policy(
            iam.PolicyStatement(
                sid=f"Manage{noun}",
                actions=[f"transcribe:{verb}{noun}" for verb in ("Get", "Update", "Delete")],
                # Every name, because a name that changes is deleted after this policy has changed with it.
                # The handlers themselves touch only what carries their stack's owner tag.
                resources=[kind.arn(Stack.of(self), "*")],
            )
        )


def transcribe_resource(
    scope: Construct,
    *,
    kind: ResourceKind,
    properties: Mapping[str, Any],
    removal_policy: RemovalPolicy,
) -> CustomResource:
    """The custom resource of `kind` with the id `Resource` in `scope`."""
    provider = TranscribeProvider.get_or_create(scope)
    provider.allow(kind)
    return CustomResource(
        scope,
        "Resource",
        resource_type=f"Custom::Transcribe{kind.api_noun}",
        service_token=provider.service_token,
        properties={key: value for key, value in properties.items() if value is not None},
        removal_policy=removal_policy,
    )
