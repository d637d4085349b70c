"""Custom language models, as the custom resource names them: a family, and the version of it that is wished."""

from __future__ import annotations

from .resource_kind import ResourceKind

LANGUAGE_MODEL = ResourceKind(
    title="language model",
    operation_suffix="language_model",
    arn_type="language-model",
    name_field="FamilyName",
    content_fields=frozenset(
        {
            "ModelName",
            "LanguageCode",
            "BaseModelName",
            "InputDataConfig",
            "EncryptionConfiguration",
            "VersionsToKeep",
            "WatcherArn",
            "WaitConditionUrl",
            "WaitSeconds",
        }
    ),
)
