"""Where the words of a vocabulary or a vocabulary filter come from: inline, or a local file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct


@dataclass(frozen=True)
class BoundSource:
    """A source as one resource uses it: API fields, a digest of the content, and who may be let in to read it."""

    properties: dict[str, Any]
    digest: str
    grant_read: Callable[[iam.IGrantable], object]


_Binder = Callable[[Construct], BoundSource]


class VocabularySource:
    """The phrases of a custom vocabulary: `VocabularySource.from_file(…)` and its kin make one."""

    def __init__(self, binder: _Binder) -> None:
        self._binder = binder

    @staticmethod
    def from_phrases(phrases: Sequence[str]) -> VocabularySource:
        """Phrases given inline, in the notation of the service's list form (`Los-Angeles`, `C.L.I.`).

        They are part of the template. Changing them changes the vocabulary.

        Raises:
            ValueError: without any phrase, or when `phrases` is a single string.
        """
        return VocabularySource(_inline("Phrases", _entries("phrases", phrases)))

    @staticmethod
    def from_file(path: str | Path) -> VocabularySource:
        """A vocabulary table in a local file, uploaded as an asset whose key changes when its content does.

        Args:
            path: the file, absolute or relative to the directory that the app is run from.

        Raises:
            ValueError: when there is no such file or it can't be read.
        """
        return VocabularySource(_local_file("VocabularyFileUri", _readable_file(path)))

    def bind(self, scope: Construct) -> BoundSource:
        """Makes what the source needs below `scope` (an asset, say). Called by the constructs that take a source."""
        return self._binder(scope)


class WordSource:
    """The words of a vocabulary filter: `WordSource.from_file(…)` and its kin make one."""

    def __init__(self, binder: _Binder) -> None:
        self._binder = binder

    @staticmethod
    def from_words(words: Sequence[str]) -> WordSource:
        """Words given inline. The service matches whole words, whatever their case: list every inflection.

        They are part of the template. Changing them changes the filter.

        Raises:
            ValueError: without any word, or when `words` is a single string.
        """
        return WordSource(_inline("Words", _entries("words", words)))

    @staticmethod
    def from_file(path: str | Path) -> WordSource:
        """A local file with one word a line, uploaded as an asset whose key changes when its content does.

        Args:
            path: the file, absolute or relative to the directory that the app is run from.

        Raises:
            ValueError: when there is no such file or it can't be read.
        """
        return WordSource(_local_file("VocabularyFilterFileUri", _readable_file(path)))

    def bind(self, scope: Construct) -> BoundSource:
        """Makes what the source needs below `scope` (an asset, say). Called by the constructs that take a source."""
        return self._binder(scope)


def _inline(field: str, entries: list[str]) -> _Binder:
    return lambda scope: BoundSource(
        properties={field: entries}, digest=content_digest(entries), grant_read=lambda grantee: None
    )


def _local_file(field: str, path: Path) -> _Binder:
    def bind(scope: Construct) -> BoundSource:
        asset = s3_assets.Asset(scope, "File", path=str(path))
        return BoundSource(
            properties={field: asset.s3_object_url},
            digest=asset.asset_hash,
            grant_read=lambda grantee: _grant_read_object(asset.bucket, asset.s3_object_key, grantee),
        )

    return bind


def content_digest(content: object) -> str:
    """A digest of `content`, equal for equal content in every process."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _entries(argument: str, values: Sequence[str]) -> list[str]:
    if isinstance(values, str):
        raise ValueError(f"{argument} must be a list of strings, got the string {values!r}")
    if not values:
        raise ValueError(f"{argument} is empty: give at least one, or leave the resource out")
    return list(values)


def _readable_file(path: str | Path) -> Path:
    file = Path(path)
    try:
        with file.open("rb") as content:
            content.read(1)
    except OSError as error:
        raise ValueError(
            f"path {str(path)!r} can't be read: {error.strerror} (looked for {str(file.absolute())!r})"
        ) from error
    # CDK runs in a process of its own, which does not follow this one to another working directory.
    return file.absolute()


def _grant_read_object(bucket: s3.IBucket, key: str, grantee: iam.IGrantable) -> None:
    iam.Grant.add_to_principal(grantee=grantee, actions=["s3:GetObject"], resource_arns=[bucket.arn_for_objects(key)])
