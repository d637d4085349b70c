"""What the settings of all four kinds of job have in common: how they are checked, and what they read of an object."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from cdk_transcribe import _request_validation
from cdk_transcribe._finding import Finding, Severity
from cdk_transcribe.language_identification import LanguageIdentification, LanguageOption
from cdk_transcribe.language_model import AwaitedLanguageModel, ILanguageModel
from cdk_transcribe.object_value import ObjectValue, ObjectValueSource


@dataclass(frozen=True, kw_only=True)
class JobSettings:
    """The settings of a job, checked when they are made.

    A job with object values is checked once more for each text that an object may say, as the job that it then is.
    """

    kind: ClassVar[str]

    def __post_init__(self) -> None:
        self._check_object_values()
        self._check_types()
        refusals = self._refusals()
        for circumstance, variant in () if refusals else self._variants():
            variant._check_types()
            refusals += [f"{circumstance}: {refusal}" for refusal in variant._refusals()]
        if refusals:
            raise ValueError("\n".join(refusals))

    def to_request(self) -> dict[str, Any]:
        """The request's fields, all but those that depend on the media object, the buckets and the role."""
        raise NotImplementedError

    @property
    def key_placeholders(self) -> frozenset[str]:
        """The placeholders that the `key_pattern` of a route with this job must have."""
        return frozenset(name for source, name in self._sources() if source is ObjectValueSource.KEY)

    @property
    def tag_keys(self) -> frozenset[str]:
        """The keys of the tags of media objects that the job depends on."""
        return frozenset(name for source, name in self._sources() if source is ObjectValueSource.TAG)

    @property
    def language_models(self) -> list[ILanguageModel]:
        """The custom language models that the job may use, but for those that it names."""
        return list(_language_models_in(vars(self).values()))

    @property
    def warnings(self) -> tuple[tuple[str, str], ...]:
        """What is only doubtful about the job: an id for `Annotations.of(…).acknowledge_warning(…)`, and sentences."""
        sentences: dict[str, list[str]] = {}
        for finding in self._findings():
            sentences.setdefault(finding.id, []).append(finding.message)
        for circumstance, variant in self._variants():
            for finding in variant._findings():
                said = sentences.setdefault(finding.id, [])
                if finding.message not in said:
                    said.append(f"{circumstance}: {finding.message}")
        return tuple((f"cdk-transcribe:{id}", "\n".join(said)) for id, said in sorted(sentences.items()))

    def _check_types(self) -> None:
        """Raises a ValueError for an argument that the request can't be made from."""
        raise NotImplementedError

    def _findings(self) -> Iterator[Finding]:
        """What is wrong or doubtful about settings side by side."""
        raise NotImplementedError

    def _refusals(self) -> list[str]:
        refused = list(_request_validation.refusals(f"Start{self.kind}", self.to_request()))
        return refused + [found.message for found in self._findings() if found.severity is Severity.ERROR]

    def _check_object_values(self) -> None:
        for field in fields(self):
            # As it is written in the class: annotations are strings here.
            takes_object_values = ObjectValue.__name__ in str(field.type)
            if isinstance(getattr(self, field.name), ObjectValue) and not takes_object_values:
                raise ValueError(f"{field.name} can't be an ObjectValue: it is the same for every object of a route")

    def _sources(self) -> list[tuple[ObjectValueSource, str]]:
        values = [value for value in vars(self).values() if isinstance(value, ObjectValue)]
        return list(dict.fromkeys((value.source, value.name) for value in values))

    def _variants(self) -> Iterator[tuple[str, JobSettings]]:
        """The job that each text of each placeholder and tag makes of this one, with what says that text."""
        for source, name in self._sources():
            values = {
                field: value
                for field, value in vars(self).items()
                if isinstance(value, ObjectValue) and (value.source, value.name) == (source, name)
            }
            said = f"{{{name}}} in the key" if source is ObjectValueSource.KEY else f"the tag {name!r}"
            for text in dict.fromkeys(text for value in values.values() for text in value.choices):
                if all(value.allows(text) for value in values.values()):
                    chosen = {field: value.chosen(text) for field, value in values.items()}
                    yield f"where {said} is {text!r}", self._with(chosen)
            if all(value.has_default for value in values.values()):
                yield f"where {said} is none of these", self._with({f: value.default for f, value in values.items()})

    def _with(self, chosen: dict[str, Any]) -> JobSettings:
        variant = copy.copy(self)
        vars(variant).update(chosen)
        if "vocabulary_filter" in chosen and chosen["vocabulary_filter"] is None:
            # As in the request: a filter that is left out takes its method along.
            vars(variant)["vocabulary_filter_method"] = None
        return variant


def _language_models_in(values: Iterable[Any]) -> Iterator[ILanguageModel]:
    for value in values:
        if isinstance(value, ILanguageModel):
            yield value
        elif isinstance(value, AwaitedLanguageModel):
            yield value.language_model
        elif isinstance(value, ObjectValue):
            yield from _language_models_in([*value.choices.values(), value.default])
        elif isinstance(value, LanguageIdentification):
            yield from _language_models_in(value.language_options)
        elif isinstance(value, LanguageOption):
            yield from _language_models_in([value.language_model])
        elif isinstance(value, list | tuple):
            yield from _language_models_in(value)
