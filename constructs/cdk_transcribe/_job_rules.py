"""Settings that don't go together, whatever the language: what more than one kind of job has to check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cdk_transcribe._arguments import names_of
from cdk_transcribe._finding import Finding, error, warning
from cdk_transcribe._language_rules import known
from cdk_transcribe.filter_method import FilterMethod
from cdk_transcribe.language_identification import LanguageOption
from cdk_transcribe.object_value import ObjectValue


def fixed_language(job: Any) -> list[LanguageOption]:
    """The language that a job names, with what it uses in it; none while that is not known."""
    if job.language_code is None or not known(job.language_code):
        return []
    resources = (job.vocabulary, job.vocabulary_filter, job.language_model)
    return [LanguageOption(job.language_code, *(None if isinstance(one, ObjectValue) else one for one in resources))]


def filter_and_method(vocabulary_filter: object, method: object) -> Iterator[Finding]:
    """A filter and what it does stand together or not at all."""
    if vocabulary_filter is not None and method is None:
        yield error(
            "filter-without-method",
            "vocabulary_filter needs vocabulary_filter_method: say what happens to its words, one of "
            f"{names_of(FilterMethod)}",
        )
    if vocabulary_filter is None and method is not None:
        yield error(
            "method-without-filter",
            f"vocabulary_filter_method={method} needs a vocabulary_filter: without one there is nothing to match",
        )


def filters_of_options(options: Sequence[LanguageOption], method: object) -> Iterator[Finding]:
    """`LanguageIdSettings` has filters and no method: the one of `Settings` is taken to hold for all of them."""
    filters = [option.vocabulary_filter for option in options if option.vocabulary_filter is not None]
    yield from filter_and_method(filters[0] if filters else None, method)
    if filters:
        yield warning(
            "identified-filter-method",
            "vocabulary_filter_method is documented for a vocabulary_filter of the whole job, and not for those of "
            "language_options: try whether Transcribe applies it, and acknowledge this when it does",
        )


def resources_belong_to_options(job: Any) -> Iterator[Finding]:
    """What is meant for one language has no place in the settings of a job that finds out the language."""
    for argument in ("vocabulary", "vocabulary_filter", "language_model"):
        if getattr(job, argument) is not None:
            yield error(
                "resource-beside-identification",
                f"{argument} is for one language, and Transcribe is to identify which: give it to a LanguageOption in "
                "language_options, or give the job a language_code",
            )


def redaction_with_identification() -> Finding:
    """The guide's page on redaction rules it out; the one on identification allows it."""
    return warning(
        "redaction-with-identification",
        "content_redaction with a language that Transcribe identifies: one page of its documentation rules it out, "
        "another says that US English and US Spanish alone are redacted; give a language_code where everything must be",
    )


def reserved_tags(tags: Mapping[str, str] | None) -> Iterator[Finding]:
    """`aws:` belongs to AWS."""
    for key in tags or {}:
        if key.lower().startswith("aws:"):
            yield error("tag-reserved", f"tags: {key!r} starts with 'aws:', which AWS keeps for itself")


def key_is_no_alias(key: Any) -> Iterator[Finding]:
    """Permissions are compared with the ARN of a key, and an alias is none."""
    if key is not None and ":alias/" in key.key_arn:
        yield error(
            "key-alias",
            f"output_encryption_key {key.node.path!r} is an alias, and Transcribe takes the ARN of a key only: hand in "
            "the key",
        )


def low_sample_rate(options: Sequence[LanguageOption], sample_rate: object) -> Iterator[Finding]:
    """Arabic needs more in a few Regions, and which Region it will be is not known here."""
    # A token for a number is a negative one.
    if isinstance(sample_rate, int) and 0 < sample_rate < 16000 and "ar-SA" in [one.language_code for one in options]:
        yield warning(
            "sample-rate-region",
            f"media_sample_rate_hertz={sample_rate} with ar-SA: in us-gov-west-1, us-gov-east-1, ca-west-1 and "
            "af-south-1 Transcribe needs 16000 or more",
        )
