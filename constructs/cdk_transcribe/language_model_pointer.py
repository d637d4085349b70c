"""What says which version of a language model serves: an SSM parameter."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

# The handlers know it too.
_PREFIX = "cdk-transcribe/language-model"


class LanguageModelPointer:
    """The SSM parameter with the name of the version that serves, and `none yet` before the first one does.

    Attributes:
        parameter_name: the name of the parameter.
        parameter_arn: its ARN.
    """

    def __init__(self, parameter_name: str, parameter_arn: str) -> None:
        self.parameter_name = parameter_name
        self.parameter_arn = parameter_arn

    @staticmethod
    def of_family(stack: Stack, family_name: str) -> LanguageModelPointer:
        """The pointer of a family in the account and Region of `stack`."""
        return LanguageModelPointer(f"/{_PREFIX}/{family_name}", pointer_arn(stack, family_name))

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Lets `grantee` ask which version serves."""
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=["ssm:GetParameter"], resource_arns=[self.parameter_arn]
        )


def pointer_arn(stack: Stack, family_name: str) -> str:
    """The ARN of the pointer of a family; `*` stands for all of them."""
    return stack.format_arn(service="ssm", resource="parameter", resource_name=f"{_PREFIX}/{family_name}")
