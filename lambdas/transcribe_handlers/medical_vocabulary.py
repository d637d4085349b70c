"""Medical vocabularies, as the API names them: a table file only, no role, no key."""

from __future__ import annotations

from .resource_kind import ResourceKind

MEDICAL_VOCABULARY = ResourceKind(
    title="medical vocabulary",
    operation_suffix="medical_vocabulary",
    arn_type="medical-vocabulary",
    name_field="VocabularyName",
    content_fields=frozenset({"LanguageCode", "VocabularyFileUri"}),
    state_field="VocabularyState",
)
