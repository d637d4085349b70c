"""The kinds of Transcribe resource that a custom resource manages here."""

from __future__ import annotations

from enum import Enum

from aws_cdk import ArnFormat, Stack


class ResourceKind(Enum):
    """A kind: the noun in the API's operations, the resource type in its ARNs, and the field with its name."""

    VOCABULARY = ("Vocabulary", "vocabulary", "VocabularyName")
    MEDICAL_VOCABULARY = ("MedicalVocabulary", "medical-vocabulary", "VocabularyName")
    VOCABULARY_FILTER = ("VocabularyFilter", "vocabulary-filter", "VocabularyFilterName")
    LANGUAGE_MODEL = ("LanguageModel", "language-model", "FamilyName")

    def __init__(self, api_noun: str, arn_type: str, name_field: str) -> None:
        self.api_noun = api_noun
        self.arn_type = arn_type
        self.name_field = name_field

    @property
    def resource_type(self) -> str:
        """The type of its custom resource."""
        return f"Custom::Transcribe{self.api_noun}"

    def actions(self, *verbs: str) -> list[str]:
        """The IAM actions of the operations that start with `verbs`."""
        return [f"transcribe:{verb}{self.api_noun}" for verb in verbs]

    def arn(self, stack: Stack, name: str) -> str:
        """The ARN of the resource called `name` in the stack's partition, Region and account."""
        return stack.format_arn(
            service="transcribe",
            resource=self.arn_type,
            resource_name=name,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
