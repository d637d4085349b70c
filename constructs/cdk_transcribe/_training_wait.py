"""How a deployment waits for a training that takes longer than a custom resource may."""

from __future__ import annotations

from aws_cdk import CfnWaitCondition, CfnWaitConditionHandle, CustomResource, Duration
from constructs import Construct

# "The maximum time is 43200 seconds (12 hours)", reference of AWS::CloudFormation::WaitCondition
_LONGEST_SECONDS = 43_200
# The watcher tells why the time is up; the condition itself could not.
_REASON_SECONDS = 900


class TrainingWait:
    """A wait condition for one version. CloudFormation can neither change nor reuse one: the next version gets another.

    Attributes:
        properties: those of the custom resource that hand the condition to the watcher.
    """

    def __init__(self, scope: Construct, digest: str, patience: Duration) -> None:
        seconds = int(patience.to_seconds())
        handle = CfnWaitConditionHandle(scope, f"TrainingEnd{digest[:10]}")
        self._condition = CfnWaitCondition(
            scope,
            f"Training{digest[:10]}",
            handle=handle.ref,
            count=1,
            timeout=str(min(seconds + _REASON_SECONDS, _LONGEST_SECONDS)),
        )
        self.properties = {"WaitConditionUrl": handle.ref, "WaitSeconds": str(seconds)}

    def begin_after(self, resource: CustomResource) -> None:
        """The time runs from when the training is under way."""
        self._condition.node.add_dependency(resource)


def check_patience(patience: Duration | None) -> None:
    """Raises ValueError for a time that CloudFormation does not wait."""
    if patience is None:
        return
    seconds = patience.to_seconds()
    if not 60 <= seconds <= _LONGEST_SECONDS:
        raise ValueError(
            f"wait_for_training of {seconds:g} seconds is not possible: CloudFormation waits 12 hours at most, and "
            "less than a minute makes no sense; leave it out to go on at once"
        )
