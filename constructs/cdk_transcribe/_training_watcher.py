"""One watcher per stack over the training of its language models: an `AWS::StepFunctions::StateMachine`."""

from __future__ import annotations

from typing import Any, cast

from aws_cdk import ArnFormat, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk_transcribe._functions import HandlerFunction, handler_log_group
from cdk_transcribe._provider import TranscribeProvider
from cdk_transcribe._resource_kinds import ResourceKind
from cdk_transcribe._service_model import DATA_PATH
from cdk_transcribe.data_access_role import passing
from cdk_transcribe.language_model_pointer import pointer_arn

_ID = "CdkTranscribeTrainingWatcher"
_KIND = ResourceKind.LANGUAGE_MODEL


class TrainingWatcher(Construct):
    """A state machine that looks at a language model every five minutes until its training has ended, and its function.

    Each deployment of a language model starts an execution. What it waits for stands in the execution's history and in
    the function's log.
    """

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        provider = TranscribeProvider.get_or_create(self)
        self.steps = HandlerFunction(
            self,
            "Steps",
            handler="model_training.step",
            description="Looks how far the training of a language model is, and moves its pointer",
            # The handlers know how long a look may take: a deletion waits for the last one.
            timeout=Duration.seconds(30),
            environment={"AWS_DATA_PATH": DATA_PATH},
            layers=[provider.service_model],
        )
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            definition_body=sfn.DefinitionBody.from_string(
                Stack.of(self).to_json_string(_definition(self.steps.function_arn))
            ),
            role=self._machine_role(),
            logs=sfn.LogOptions(
                destination=handler_log_group(self, "MachineLogs"),
                level=sfn.LogLevel.ALL,
                # The input holds the pre-signed URL of a wait condition, a secret.
                include_execution_data=False,
            ),
        )
        self._allow_steps()
        self.handing_over = self._allow_handing_over(provider)

    @classmethod
    def get_or_create(cls, scope: Construct) -> TrainingWatcher:
        """The watcher of the stack that `scope` belongs to."""
        stack = Stack.of(scope)
        existing = stack.node.try_find_child(_ID)
        return cast(TrainingWatcher, existing) if existing else cls(stack, _ID)

    def allow(self, family: str, role: iam.IRole) -> None:
        """Lets the watcher train the versions of `family` with what `role` may read, and move its pointer."""
        stack = Stack.of(self)
        self.steps.add_to_role_policy(
            iam.PolicyStatement(actions=_KIND.actions("Update", "Delete"), resources=[_KIND.arn(stack, f"{family}-*")])
        )
        self.steps.add_to_role_policy(
            iam.PolicyStatement(
                actions=["ssm:GetParameter", "ssm:PutParameter", "ssm:ListTagsForResource"],
                resources=[pointer_arn(stack, family)],
            )
        )
        self.steps.add_to_role_policy(passing(role))

    def _machine_role(self) -> iam.Role:
        role = iam.Role(self, "MachineRole", assumed_by=iam.ServicePrincipal("states.amazonaws.com"))
        # `grant_invoke` would add every version of the function.
        role.add_to_policy(iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[self.steps.function_arn]))
        return role

    def _allow_steps(self) -> None:
        self.steps.add_to_role_policy(_creating_and_listing())
        self.steps.add_to_role_policy(
            iam.PolicyStatement(
                sid="Tagging",
                # IAM knows no resources for the tagging actions of Transcribe.
                actions=["transcribe:TagResource", "transcribe:UntagResource", "transcribe:ListTagsForResource"],
                resources=["*"],
            )
        )
        self.steps.add_to_role_policy(
            iam.PolicyStatement(
                sid="TellTheEnd",
                actions=["events:PutEvents"],
                resources=[Stack.of(self).format_arn(service="events", resource="event-bus", resource_name="default")],
                conditions={"StringEquals": {"events:source": "cdk-transcribe"}},
            )
        )
        # A policy of its own: as part of the function's own one it would make function and machine wait for each other.
        iam.Policy(
            self,
            "WakePolicy",
            roles=_roles_of(self.steps),
            statements=[
                iam.PolicyStatement(actions=["states:DescribeExecution"], resources=[self._executions]),
            ],
        )

    def _allow_handing_over(self, provider: TranscribeProvider) -> iam.ManagedPolicy:
        """What the custom resource needs for language models.

        A policy of its own, that goes after the last language model: in the handler's own policy the permission to
        delete would be gone before the model is. And a managed one, because what many vocabularies need may fill the
        10,240 characters that IAM gives to a role's inline policies.
        """
        stack = Stack.of(self)
        return iam.ManagedPolicy(
            self,
            "CustomResourcePolicy",
            roles=_roles_of(provider.is_complete),
            statements=[
                _creating_and_listing(),
                iam.PolicyStatement(
                    # Every name, as for the other kinds: the handler touches only what carries its owner tag.
                    actions=_KIND.actions("Update", "Delete"),
                    resources=[_KIND.arn(stack, "*")],
                ),
                iam.PolicyStatement(
                    actions=[
                        "ssm:AddTagsToResource",
                        "ssm:DeleteParameter",
                        "ssm:GetParameter",
                        "ssm:ListTagsForResource",
                        "ssm:PutParameter",
                    ],
                    resources=[pointer_arn(stack, "*")],
                ),
                iam.PolicyStatement(actions=["states:StartExecution"], resources=[self.machine.state_machine_arn]),
                iam.PolicyStatement(
                    actions=["states:DescribeExecution", "states:StopExecution"], resources=[self._executions]
                ),
            ],
        )

    @property
    def _executions(self) -> str:
        return Stack.of(self).format_arn(
            service="states",
            resource="execution",
            resource_name=f"{self.machine.state_machine_name}:*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )


def _creating_and_listing() -> iam.PolicyStatement:
    # IAM knows no resources for creating and listing.
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazontranscribe.html
    return iam.PolicyStatement(
        sid="CreateLanguageModel",
        actions=["transcribe:CreateLanguageModel", "transcribe:ListLanguageModels"],
        resources=["*"],
    )


def _roles_of(function: HandlerFunction) -> list[iam.IRole]:
    return [function.role] if function.role is not None else []


def _definition(function_arn: str) -> dict[str, Any]:
    """The machine: look, pause, look again; and an hour after the end, tidy up."""

    def step(name: str, result: str, following: str, **fields: Any) -> dict[str, Any]:
        return {
            "Type": "Task",
            "Resource": function_arn,
            "Parameters": {"Step": name, "Family.$": "$.Family", "Look.$": "$.Look", **fields},
            "ResultPath": result,
            "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 30, "MaxAttempts": 5, "BackoffRate": 2}],
            "Next": following,
        }

    def when(status: str, path: str, following: str) -> dict[str, str]:
        return {"Variable": path, "StringEquals": status, "Next": following}

    catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.Failure", "Next": "TellFailureOfWatcher"}]
    return {
        "StartAt": "Look",
        # A training is given up after five days.
        "TimeoutSeconds": 7 * 86400,
        "States": {
            "Look": {**step("Look", "$.Look", "HasEnded"), "Catch": catch},
            "HasEnded": {
                "Type": "Choice",
                "Choices": [when("WAITING", "$.Look.Status", "Pause"), when("ENDED", "$.Look.Status", "Ended")],
                "Default": "LetRunningJobsEnd",
            },
            "Pause": {"Type": "Wait", "SecondsPath": "$.Look.WaitSeconds", "Next": "Look"},
            "TellFailureOfWatcher": step("GiveUp", "$.Look", "Failed", **{"Failure.$": "$.Failure"}),
            # What becomes of a job whose model is deleted is documented nowhere.
            "LetRunningJobsEnd": {"Type": "Wait", "Seconds": 3600, "Next": "Tidy"},
            "Tidy": step("Tidy", "$.Tidy", "IsTidy"),
            "IsTidy": {
                "Type": "Choice",
                "Choices": [
                    when("WAITING", "$.Tidy.Status", "PauseBeforeTidying"),
                    when("FAILED", "$.Look.Status", "Failed"),
                ],
                "Default": "Ended",
            },
            "PauseBeforeTidying": {"Type": "Wait", "SecondsPath": "$.Tidy.WaitSeconds", "Next": "Tidy"},
            "Failed": {"Type": "Fail", "Error": "TrainingFailed", "CausePath": "$.Look.Reason"},
            "Ended": {"Type": "Succeed"},
        },
    }
