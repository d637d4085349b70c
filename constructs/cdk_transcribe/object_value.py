"""Settings that each media object decides by itself, with its key or with a tag."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from cdk_transcribe._tokens import is_token

_PLACEHOLDER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class _NoDefault(Enum):
    NO_DEFAULT = "no default"


_NO_DEFAULT = _NoDefault.NO_DEFAULT


class ObjectValueSource(Enum):
    """Where an object says its value."""

    KEY = "FromKey"
    """Behind a placeholder of the route's `key_pattern`."""
    TAG = "FromTag"
    """In a tag of the object."""


@dataclass(frozen=True, kw_only=True)
class ObjectValue:
    """A job's setting that is read from each media object: `ObjectValue.from_key` or `ObjectValue.from_tag`.

    The choices are the list of what is allowed. They are checked when the job is made, each as if it stood there by
    itself, together with the others that the same text chooses. A null has no place in an EventBridge rule that CDK
    writes: `{}` in the request means that the setting is left out.

    Attributes:
        source: where the object says its value.
        name: the placeholder in the route's `key_pattern`, or the key of the tag.
        choices: what the setting becomes for each text.
        default: what the setting becomes for any other text, and for none.
    """

    source: ObjectValueSource
    name: str
    choices: Mapping[str, Any]
    default: Any = _NO_DEFAULT

    @staticmethod
    def from_key(
        placeholder: str, *, choices: Sequence[Any] | Mapping[str, Any], default: Any = _NO_DEFAULT
    ) -> ObjectValue:
        """What stands behind a placeholder of the route's `key_pattern`, such as `language_code` in
        `calls/{language_code}/`.

        Args:
            placeholder: its name: letters, digits and underscores, no digit first.
            choices: the texts that are allowed and what the setting becomes for each: `{"en": "en-US"}`, or a list
                where a text stands for itself. None leaves the setting out.
            default: what the setting becomes for any other text; None leaves it out. By default an object with
                another text is recorded as REJECTED, and no job is started.

        Raises:
            ValueError: for a name that no placeholder has, without choices, for a text that no key can have there,
                and for values in a list that have no text.
        """
        if not _PLACEHOLDER.fullmatch(placeholder):
            raise ValueError(
                f"{placeholder!r} can't be the name of a placeholder: use letters, digits and underscores, such as "
                "'language_code', and write it in key_pattern as {language_code}"
            )
        value = _object_value(ObjectValueSource.KEY, placeholder, choices, default)
        for text in value.choices:
            if not text or "/" in text:
                raise ValueError(f"choices: {text!r} never stands behind a placeholder: one or more characters, no '/'")
        return value

    @staticmethod
    def from_tag(
        tag_key: str, *, choices: Sequence[Any] | Mapping[str, Any], default: Any = _NO_DEFAULT
    ) -> ObjectValue:
        """The value of one of the object's tags. The pipeline may then read the tags of its media objects.

        Args:
            tag_key: the tag's key, 1 to 128 characters.
            choices: the values that are allowed and what the setting becomes for each: `{"en": "en-US"}`, or a list
                where a value stands for itself. None leaves the setting out.
            default: what the setting becomes for any other value, and without the tag; None leaves it out. By
                default such an object is recorded as REJECTED, and no job is started.

        Raises:
            ValueError: for a key or value that no tag has, without choices, and for values in a list that have no
                text.
        """
        if not 1 <= len(tag_key) <= 128:
            raise ValueError(f"tag_key={tag_key!r} has {len(tag_key)} characters: the key of a tag has 1 to 128")
        value = _object_value(ObjectValueSource.TAG, tag_key, choices, default)
        for text in value.choices:
            if len(text) > 256:
                raise ValueError(
                    f"choices: {text[:60]!r}… has {len(text)} characters: the value of a tag has up to 256"
                )
        return value

    @property
    def has_default(self) -> bool:
        """Whether an object with any other text gets a job."""
        return self.default is not _NO_DEFAULT

    @property
    def may_be_left_out(self) -> bool:
        """Whether some text leaves the setting out."""
        return any(value is None for value in (*self.choices.values(), self.default))

    def allows(self, text: str) -> bool:
        """Whether an object with this text gets a job."""
        return text in self.choices or self.has_default

    def chosen(self, text: str) -> Any:
        """What the setting becomes for a text that is allowed."""
        return self.choices.get(text, self.default)

    def map(self, change: Callable[[Any], Any]) -> ObjectValue:
        """The same choice between changed values. What is left out stays out."""

        def changed(value: Any) -> Any:
            return None if value is None else change(value)

        default = changed(self.default) if self.has_default else _NO_DEFAULT
        return replace(self, choices={text: changed(value) for text, value in self.choices.items()}, default=default)

    def to_request(self) -> dict[str, Any]:
        """What stands in the request in place of the value."""
        default = {"Default": _left_out(self.default)} if self.has_default else {}
        choices = {text: _left_out(value) for text, value in self.choices.items()}
        return {self.source.value: self.name, "Choices": choices, **default}


def _left_out(value: Any) -> Any:
    return {} if value is None else value


def _object_value(
    source: ObjectValueSource, name: str, choices: Sequence[Any] | Mapping[str, Any], default: Any
) -> ObjectValue:
    allowed = dict(choices) if isinstance(choices, Mapping) else _standing_for_themselves(choices)
    if not allowed:
        raise ValueError(f"choices of {name!r} are empty: say which values are allowed")
    for text in allowed:
        if not isinstance(text, str) or is_token(text):
            raise ValueError(f"choices of {name!r}: {text!r} is not a text that is known when the app is synthesised")
    return ObjectValue(source=source, name=name, choices=allowed, default=default)


def _standing_for_themselves(choices: Sequence[Any]) -> dict[str, Any]:
    if isinstance(choices, str) or not isinstance(choices, Sequence):
        raise ValueError(f"choices={choices!r} is neither a list nor a mapping: give one of them")
    return {_text_of(choice): choice for choice in choices}


def _text_of(choice: Any) -> str:
    text = choice.value if isinstance(choice, Enum) else choice
    if isinstance(text, str | int) and not isinstance(text, bool):
        return str(text)
    raise ValueError(f"choices: {choice!r} has no text of its own: give a mapping from the texts, such as {{'a': …}}")
