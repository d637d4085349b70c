"""Custom vocabularies, as the API names them."""

from __future__ import annotations

from .resource_kind import ResourceKind

VOCABULARY = ResourceKind(
    title="vocabulary",
    operation_suffix="vocabulary",
    arn_type="vocabulary",
    name_field="VocabularyName",
    content_fields=frozenset(
        {"LanguageCode", "Phrases", "VocabularyFileUri", "DataAccessRoleArn", "EncryptionConfiguration"}
    ),
    state_field="VocabularyState",
)
