"""Settings on their way into a request: resources by their names, enums by their values, nothing that is not set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, cast

from cdk_transcribe._names import name_in_arn
from cdk_transcribe.language_model import AwaitedLanguageModel, ILanguageModel
from cdk_transcribe.medical_vocabulary import IMedicalVocabulary
from cdk_transcribe.object_value import ObjectValue
from cdk_transcribe.vocabulary import IVocabulary
from cdk_transcribe.vocabulary_filter import IVocabularyFilter


def chosen(value: Any, render: Callable[[Any], Any]) -> Any:
    """What `render` makes of a setting, or of each choice of an `ObjectValue`."""
    if value is None:
        return None
    return value.map(render) if isinstance(value, ObjectValue) else render(value)


def rendered(fields: Any) -> Any:
    """`fields` as the API spells them, without what is None, and without structures and lists that are empty."""
    if isinstance(fields, ObjectValue):
        return fields.map(rendered).to_request()
    if isinstance(fields, Enum):
        return fields.value
    if isinstance(fields, Mapping):
        return {name: value for name, value in _all_rendered(fields).items() if not _is_empty(value)}
    if isinstance(fields, list):
        return [rendered(item) for item in fields]
    return fields


def _all_rendered(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: rendered(value) for name, value in fields.items()}


def _is_empty(value: Any) -> bool:
    return value is None or value in ({}, [])


def on(setting: Any) -> Any:
    """The API's switch beside a number: True where the number is given, left out where it is not."""
    return _beside(setting, True)


def filter_method(method: Any, vocabulary_filter: Any) -> Any:
    """What a filter does: left out where the filter is."""
    return method if vocabulary_filter is None else _beside(vocabulary_filter, method)


def _beside(setting: Any, companion: Any) -> Any:
    if setting is None:
        return None
    if isinstance(setting, ObjectValue) and setting.may_be_left_out and not isinstance(companion, ObjectValue):
        return setting.map(lambda _: companion)
    return companion


def tag_list(tags: Mapping[str, str] | None) -> list[dict[str, str]]:
    """Tags as the API wants them."""
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]


def key_arn(key: Any) -> str | None:
    """The ARN of a KMS key."""
    return None if key is None else key.key_arn


def vocabulary_name(vocabulary: Any) -> Any:
    """The name of a custom vocabulary."""
    return chosen(vocabulary, lambda one: _name("vocabulary", one, IVocabulary, "vocabulary"))


def medical_vocabulary_name(vocabulary: Any) -> Any:
    """The name of a medical vocabulary."""
    return chosen(vocabulary, lambda one: _name("vocabulary", one, IMedicalVocabulary, "medical_vocabulary"))


def vocabulary_filter_name(vocabulary_filter: Any) -> Any:
    """The name of a vocabulary filter."""
    return chosen(
        vocabulary_filter, lambda one: _name("vocabulary_filter", one, IVocabularyFilter, "vocabulary_filter")
    )


def language_model_name(language_model: Any) -> Any:
    """The name of a custom language model, or where to ask for it when a job starts."""
    return chosen(language_model, _language_model)


def _language_model(one: Any) -> Any:
    if isinstance(one, str):
        return one
    is_awaited = isinstance(one, AwaitedLanguageModel)
    model = one.language_model if is_awaited else one
    if not isinstance(model, ILanguageModel):
        raise ValueError(f"language_model {_shown(one)} is not a LanguageModel: hand in a LanguageModel, or a name")
    if model.pointer is None:
        return model.language_model_name
    return {"FromPointer": model.pointer.parameter_name, "UntilReady": "Hold" if is_awaited else "BaseModel"}


def _name(argument: str, resource: Any, interface: type, prefix: str) -> str:
    if isinstance(resource, str):
        return resource
    if isinstance(resource, interface):
        return cast(str, getattr(resource, f"{prefix}_name"))
    reference = getattr(resource, f"{prefix}_ref", None)
    if reference is None:
        kind = interface.__name__.removeprefix("I")
        raise ValueError(f"{argument} {_shown(resource)} is not a {kind}: hand in a {kind}, a Cfn{kind}, or a name")
    return name_in_arn(getattr(reference, f"{prefix}_arn"))


def _shown(resource: Any) -> str:
    node = getattr(resource, "node", None)
    return repr(resource if node is None else node.path)
