"""The kinds of Transcribe resource that a custom resource manages here."""

from __future__ import annotations

from enum import Enum

from aws_cdk import ArnFormat, Stack


class ResourceKind(Enum):
    """A kind: the noun in the API's operations, and the resource type in its ARNs."""

    VOCABULARY = ("Vocabulary", "vocabulary")
    VOCABULARY_FILTER = ("VocabularyFilter", "vocabulary-filter")

    def __init__(self, api_noun: str, arn_type: str) -> None:
        self.api_noun = api_noun
        self.arn_type = arn_type

    def arn(self, stack: Stack, name: str) -> str:
        """The ARN of the resource called `name` in the stack's partition, Region and account."""
        return stack.format_arn(
            service="transcribe",
            resource=self.arn_type,
            resource_name=name,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
