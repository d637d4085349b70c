"""What the settings of all four kinds of job have in common: how they are checked, and what they read of an object."""

from __future__ import annotations

from typing import Any, ClassVar

from cdk_transcribe.object_value import ObjectValue, ObjectValueSource


class JobSettings:
    """The settings of a job, checked when they are made."""

    kind: ClassVar[str]

    def to_request(self) -> dict[str, Any]:
        """The request's fields, all but those that depend on the media object and the buckets."""
        raise NotImplementedError

    @property
    def key_placeholders(self) -> frozenset[str]:
        """The placeholders that the `key_pattern` of a route with this job must have."""
        return self._names(ObjectValueSource.KEY)

    @property
    def tag_keys(self) -> frozenset[str]:
        """The keys of the tags of media objects that the job depends on."""
        return self._names(ObjectValueSource.TAG)

    @property
    def warnings(self) -> tuple[tuple[str, str], ...]:
        """What is only doubtful about the job: ids for `Annotations.of(…).acknowledge_warning(…)`, and sentences."""
        return ()

    def _names(self, source: ObjectValueSource) -> frozenset[str]:
        values = [value for value in vars(self).values() if isinstance(value, ObjectValue)]
        return frozenset(value.name for value in values if value.source is source)
