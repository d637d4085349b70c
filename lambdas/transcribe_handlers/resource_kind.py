"""How Transcribe creates, reads, updates and deletes a resource of one kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3

PENDING = "PENDING"
READY = "READY"
FAILED = "FAILED"

transcribe: Any = boto3.client("transcribe")


@dataclass(frozen=True)
class ResourceKind:
    """The names that the API has for a kind of resource; its operations differ in nothing else."""

    title: str
    operation_suffix: str
    arn_type: str
    name_field: str
    content_fields: frozenset[str]
    fields_fixed_at_creation: frozenset[str] = frozenset()
    state_field: str = ""

    def get(self, name: str) -> Mapping[str, Any]:
        """One call: what the service knows about the resource."""
        return self._call("get", name)

    def create(self, name: str, content: Mapping[str, Any], tags: Mapping[str, str]) -> str:
        """One call: create it, tags and all, and answer with its state."""
        tag_list = [{"Key": key, "Value": value} for key, value in tags.items()]
        return self.state_of(self._call("create", name, **content, Tags=tag_list))

    def update(self, name: str, content: Mapping[str, Any]) -> str:
        """One call: replace the whole content, and answer with the state.

        Everything is sent again, because what is left out falls back: without EncryptionConfiguration the
        service re-encrypts with its own key.
        """
        changeable = {field: content[field] for field in content if field not in self.fields_fixed_at_creation}
        return self.state_of(self._call("update", name, **changeable))

    def delete(self, name: str) -> None:
        """One call."""
        self._call("delete", name)

    def state_of(self, description: Mapping[str, Any]) -> str:
        """PENDING, READY or FAILED; a kind without states is ready as soon as it exists."""
        return str(description[self.state_field]) if self.state_field else READY

    def _call(self, verb: str, name: str, **parameters: Any) -> Mapping[str, Any]:
        operation = getattr(transcribe, f"{verb}_{self.operation_suffix}")
        answer: Mapping[str, Any] = operation(**{self.name_field: name}, **parameters)
        return answer
