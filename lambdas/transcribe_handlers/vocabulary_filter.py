"""Vocabulary filters, as the API names them: they have no state, and their update takes no language."""

from __future__ import annotations

from .resource_kind import ResourceKind

VOCABULARY_FILTER = ResourceKind(
    title="vocabulary filter",
    operation_suffix="vocabulary_filter",
    arn_type="vocabulary-filter",
    name_field="VocabularyFilterName",
    content_fields=frozenset(
        {"LanguageCode", "Words", "VocabularyFilterFileUri", "DataAccessRoleArn", "EncryptionConfiguration"}
    ),
    fields_fixed_at_creation=frozenset({"LanguageCode"}),
)
