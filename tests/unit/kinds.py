"""The three kinds of words side by side, for what holds for all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_transcribe as l1

from cdk_transcribe import (
    IMedicalVocabulary,
    IVocabulary,
    IVocabularyFilter,
    MedicalVocabulary,
    MedicalVocabularyGrants,
    Term,
    Vocabulary,
    VocabularyFilter,
    VocabularyFilterGrants,
    VocabularyGrants,
    VocabularySource,
    WordSource,
)


@dataclass(frozen=True)
class Kind:
    """How one kind is called here, in CDK and in the API."""

    noun: str
    prefix: str
    arn_type: str
    construct: Any
    interface: type[cdk.Resource]
    source: Any
    inline: Callable[[], Any]
    raw: Callable[[cdk.Stack], Any]
    grants: Callable[[Any], Any]
    arn_for: Callable[[Any], str]

    @property
    def resource_type(self) -> str:
        return f"Custom::Transcribe{self.noun}"

    def make(self, scope: cdk.Stack, id: str = "Words", **arguments: Any) -> Any:
        """One with everything left as it is by default."""
        return self.construct(scope, id, **{"language_code": "en-US", "source": self.inline(), **arguments})

    def from_bucket(self, scope: cdk.Stack, key: str = "words.txt", **arguments: Any) -> Any:
        """A source in a bucket that only has a name."""
        name = "Bucket"
        found = scope.node.try_find_child(name)
        bucket = found or s3.Bucket.from_bucket_name(scope, name, "words")
        return self.source.from_bucket(bucket, key, **arguments)

    def get(self, construct: Any, attribute: str) -> Any:
        """An attribute that has the kind in its name."""
        return getattr(construct, f"{self.prefix}_{attribute}")

    def actions(self, *verbs: str) -> list[str]:
        return [f"transcribe:{verb}{self.noun}" for verb in verbs]


def _raw_vocabulary(stack: cdk.Stack) -> Any:
    return l1.CfnVocabulary(stack, "Raw", language_code="en-US", vocabulary_name="raw", phrases=["a"])


def _raw_medical(stack: cdk.Stack) -> Any:
    return l1.CfnMedicalVocabulary(
        stack, "Raw", language_code="en-US", vocabulary_name="raw", vocabulary_file_uri="s3://a/b"
    )


def _raw_filter(stack: cdk.Stack) -> Any:
    return l1.CfnVocabularyFilter(stack, "Raw", language_code="en-US", vocabulary_filter_name="raw", words=["a"])


VOCABULARY = Kind(
    noun="Vocabulary",
    prefix="vocabulary",
    arn_type="vocabulary",
    construct=Vocabulary,
    interface=IVocabulary,
    source=VocabularySource,
    inline=lambda: VocabularySource.from_phrases(["Los-Angeles"]),
    raw=_raw_vocabulary,
    grants=VocabularyGrants.from_vocabulary,
    arn_for=l1.CfnVocabulary.arn_for_vocabulary,
)
MEDICAL = Kind(
    noun="MedicalVocabulary",
    prefix="medical_vocabulary",
    arn_type="medical-vocabulary",
    construct=MedicalVocabulary,
    interface=IMedicalVocabulary,
    source=VocabularySource,
    inline=lambda: VocabularySource.from_terms([Term("metoprolol")]),
    raw=_raw_medical,
    grants=MedicalVocabularyGrants.from_medical_vocabulary,
    arn_for=l1.CfnMedicalVocabulary.arn_for_medical_vocabulary,
)
FILTER = Kind(
    noun="VocabularyFilter",
    prefix="vocabulary_filter",
    arn_type="vocabulary-filter",
    construct=VocabularyFilter,
    interface=IVocabularyFilter,
    source=WordSource,
    inline=lambda: WordSource.from_words(["um"]),
    raw=_raw_filter,
    grants=VocabularyFilterGrants.from_vocabulary_filter,
    arn_for=l1.CfnVocabularyFilter.arn_for_vocabulary_filter,
)

KINDS = [VOCABULARY, MEDICAL, FILTER]
WITH_A_KEY = [VOCABULARY, FILTER]


def name_of(kind: Kind) -> str:
    """What a test's parameter is called."""
    return kind.prefix
