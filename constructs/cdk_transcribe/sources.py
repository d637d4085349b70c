"""Where the words of a vocabulary or a vocabulary filter come from: inline, a local file, or an object in a bucket."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, TypeVar

from aws_cdk import AssetStaging, FileAssetPackaging, Stack, Stage, Token
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_transcribe.vocabulary_linter import (
    Finding,
    language,
    lint_phrases,
    lint_table,
    lint_terms,
    lint_word_file,
    lint_words,
)
from cdk_transcribe.vocabulary_table import Term, render_table


@dataclass(frozen=True)
class BoundSource:
    """A source as one resource uses it.

    Attributes:
        properties: those of the custom resource.
        digest: of the content, as far as it is known.
        readable: the objects that `grant_read` lets somebody read; empty for inline words.
        grant_read: lets somebody read the source.
    """

    properties: dict[str, Any]
    digest: str
    readable: str
    grant_read: Callable[[iam.IGrantable], object]


_Binder = Callable[[Construct], BoundSource]
_Linter = Callable[[str, bool], list[Finding]]
_Entry = TypeVar("_Entry")

# How CDK writes a value that is known at deployment only, in text and in lists. Asking CDK about each of a thousand
# phrases would take longer than everything else.
_TOKEN_MARK = "{Token["  # noqa: S105


class _Source:
    def __init__(self, binder: _Binder, linter: _Linter) -> None:
        self._binder = binder
        self._linter = linter

    def bind(self, scope: Construct) -> BoundSource:
        """Makes what the source needs below `scope` (an asset, say). Called by the constructs that take a source."""
        return self._binder(scope)

    def lint(self, language_code: str, *, medical: bool = False) -> list[Finding]:
        """All that Transcribe would refuse or misread, as far as the content is known before deployment.

        Args:
            language_code: the language of the words, such as `en-US`. For one that is known at deployment only, the
                rules that hold in every language are checked.
            medical: whether it is for a medical vocabulary, whose rules are stricter. By default the rules of
                standard ones hold.
        """
        findings = self._linter(language_code, medical)
        if _TOKEN_MARK in language_code:
            return [finding for finding in findings if not finding.id.startswith("language-")]
        return findings


class VocabularySource(_Source):
    """The phrases of a custom vocabulary: `VocabularySource.from_file(…)` and its kin make one."""

    @staticmethod
    def from_phrases(phrases: Sequence[str]) -> VocabularySource:
        """Phrases given inline, in the notation of the service's list form (`Los-Angeles`, `C.L.I.`).

        They are part of the template. Changing them changes the vocabulary. Medical vocabularies don't take them,
        and Transcribe's own guide prefers tables: see `from_terms`.

        Raises:
            ValueError: without any phrase, or when `phrases` is a single string.
        """
        entries = _entries("phrases", phrases)
        return VocabularySource(
            _inline("Phrases", entries),
            lambda language_code, medical: _without_tokens(entries, lint_phrases(entries, language_code)),
        )

    @staticmethod
    def from_terms(terms: Sequence[Term]) -> VocabularySource:
        """Phrases with the form they are written in, rendered into a table and uploaded as an asset.

        The asset's key changes when, and only when, the table does.

        Raises:
            ValueError: without any term, or when a term holds a value that is known at deployment only, which no
                file can.
        """
        rows = _entries("terms", terms)
        late = [term for term in rows if any(_TOKEN_MARK in (value or "") for value in astuple(term))]
        if late:
            raise ValueError(
                f"a file can't hold values that are known at deployment only, got {late[0]!r}: use from_phrases, whose "
                "phrases are part of the template"
            )
        content = render_table(rows)
        return VocabularySource(
            lambda scope: _staged(scope, "VocabularyFileUri", _written(scope, content)),
            lambda language_code, medical: lint_terms(rows, language_code, medical=medical),
        )

    @staticmethod
    def from_file(path: str | Path) -> VocabularySource:
        """A vocabulary table in a local file, uploaded as an asset whose key changes when its content does.

        Args:
            path: the file, absolute or relative to the directory that the app is run from.

        Raises:
            ValueError: when there is no such file or it can't be read.
        """
        file, content = _read(path)
        return VocabularySource(
            lambda scope: _staged(scope, "VocabularyFileUri", file),
            lambda language_code, medical: lint_table(content, language_code, medical=medical, name=str(path)),
        )

    @staticmethod
    def from_bucket(bucket: s3.IBucket, key: str, *, object_version: str | None = None) -> VocabularySource:
        """A vocabulary table that is an object in a bucket of the same Region when the stack is deployed.

        Its content is not known before, so nothing is checked until Transcribe reads it; `cdk-transcribe lint` does
        so wherever the object is made. Whoever reads it is let in: to that object, and to use the bucket's key.

        Args:
            bucket: where the object is.
            key: the object's key.
            object_version: anything that changes with the object's content, such as its version id. Transcribe
                always reads the newest version (its API has no field for another): this only says that there is
                something new to read. By default an overwritten object goes unnoticed.

        Raises:
            ValueError: when `key` is empty. Where the source is used: when the bucket is in another Region.
        """
        return VocabularySource(_object("VocabularyFileUri", bucket, key, object_version), _unseen)


class WordSource(_Source):
    """The words of a vocabulary filter: `WordSource.from_file(…)` and its kin make one."""

    @staticmethod
    def from_words(words: Sequence[str]) -> WordSource:
        """Words given inline. The service matches whole words, whatever their case: list every inflection.

        They are part of the template. Changing them changes the filter.

        Raises:
            ValueError: without any word, or when `words` is a single string.
        """
        entries = _entries("words", words)
        return WordSource(
            _inline("Words", entries),
            lambda language_code, medical: _without_tokens(entries, lint_words(entries, language_code)),
        )

    @staticmethod
    def from_file(path: str | Path) -> WordSource:
        """A local file with one word a line, uploaded as an asset whose key changes when its content does.

        Args:
            path: the file, absolute or relative to the directory that the app is run from.

        Raises:
            ValueError: when there is no such file or it can't be read.
        """
        file, content = _read(path)
        return WordSource(
            lambda scope: _staged(scope, "VocabularyFilterFileUri", file),
            lambda language_code, medical: lint_word_file(content, language_code, name=str(path)),
        )

    @staticmethod
    def from_bucket(bucket: s3.IBucket, key: str, *, object_version: str | None = None) -> WordSource:
        """A text with one word a line that is an object in a bucket of the same Region when the stack is deployed.

        Its content is not known before, so nothing is checked until Transcribe reads it; `cdk-transcribe lint` does
        so wherever the object is made. Whoever reads it is let in: to that object, and to use the bucket's key.

        Args:
            bucket: where the object is.
            key: the object's key.
            object_version: anything that changes with the object's content, such as its version id. Transcribe
                always reads the newest version (its API has no field for another): this only says that there is
                something new to read. By default an overwritten object goes unnoticed.

        Raises:
            ValueError: when `key` is empty. Where the source is used: when the bucket is in another Region.
        """
        return WordSource(_object("VocabularyFilterFileUri", bucket, key, object_version), _unseen)


def content_digest(scope: Construct, content: object) -> str:
    """A digest of `content`, equal for equal content in every process. Tokens count as what they refer to."""
    canonical = json.dumps(content, sort_keys=True)
    if _TOKEN_MARK in canonical:
        # A token's own text is a number that changes with whatever else the app makes.
        canonical = json.dumps(Stack.of(scope).resolve(content), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _inline(field: str, entries: list[str]) -> _Binder:
    return lambda scope: BoundSource(
        properties={field: entries},
        digest=content_digest(scope, entries),
        readable="",
        grant_read=lambda grantee: None,
    )


def _staged(scope: Construct, field: str, path: Path) -> BoundSource:
    """A file as an asset among those of its stack, so that one pattern can stand for all of them.

    Who may read it may read every file of vocabularies and filters of the stack, and nothing else of the bucket,
    where other stacks keep their templates and code. Named one by one, fifty files would fill the 10,240 characters
    that IAM gives to a role's inline policies, and new content would need a new permission just before it is read,
    which IAM takes a while to spread. (CDK's own `Asset.grant_read` opens the whole bucket.)
    """
    stack = Stack.of(scope)
    staging = AssetStaging(scope, "File", source_path=str(path))
    content_hash = staging.asset_hash
    location = stack.synthesizer.add_file_asset(
        source_hash=f"transcribe-{stack.node.addr[-12:]}-{content_hash}",
        file_name=staging.relative_staged_path(stack),
        packaging=FileAssetPackaging.FILE,
    )
    # A synthesizer of the user's own may name its objects otherwise: then that one object is granted.
    before_content, content, _ = location.object_key.partition(content_hash)
    readable = f"{before_content}*" if content else location.object_key
    return BoundSource(
        properties={field: location.s3_object_url},
        digest=content_hash,
        readable=readable,
        grant_read=lambda grantee: _allow_reading(
            grantee, f"arn:{stack.partition}:s3:::{location.bucket_name}/{readable}"
        ),
    )


def _object(field: str, bucket: s3.IBucket, key: str, object_version: str | None) -> _Binder:
    if not key:
        raise ValueError("key is empty: give the key of the object that holds the words")

    def grant_read(grantee: iam.IGrantable) -> None:
        _allow_reading(grantee, bucket.arn_for_objects(key))
        if bucket.encryption_key is not None:
            bucket.encryption_key.grant_decrypt(grantee)

    def bind(scope: Construct) -> BoundSource:
        check_region(scope, bucket)
        # Without this property CloudFormation, and so the handler, would see no difference.
        version = {} if object_version is None else {"ObjectVersion": object_version}
        uri = bucket.s3_url_for_object(key)
        return BoundSource(
            properties={field: uri, **version},
            digest=content_digest(scope, [bucket.bucket_name, key, object_version]),
            readable=uri,
            grant_read=grant_read,
        )

    return bind


def check_region(scope: Construct, bucket: s3.IBucket) -> None:
    """Raises ValueError when the bucket is certain to be in another Region than `scope`."""
    here, there = Stack.of(scope).region, bucket.env.region
    if here != there and not Token.is_unresolved(here) and not Token.is_unresolved(there):
        # botocore's model of VocabularyFileUri and VocabularyFilterFileUri; of training data nothing else is said.
        raise ValueError(
            f"bucket {bucket.node.path!r} is in {there} and {scope.node.path!r} in {here}: Transcribe reads only from "
            "buckets of its own Region; use a copy there"
        )


def _unseen(language_code: str, medical: bool) -> list[Finding]:
    # That letters go unchecked, the other thing to say about a language, is a matter of course here.
    return [finding for finding in language(language_code) if finding.id == "language-unknown"]


def _without_tokens(entries: Sequence[str], findings: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in findings if _TOKEN_MARK not in "".join(entries[finding.line - 1 : finding.line])]


def _entries(argument: str, values: Sequence[_Entry]) -> list[_Entry]:
    if isinstance(values, str):
        raise ValueError(f"{argument} must be a list of strings, got the string {values!r}")
    if not values:
        raise ValueError(f"{argument} is empty: give at least one, or leave the resource out")
    return list(values)


def _read(path: str | Path) -> tuple[Path, bytes]:
    file = Path(path)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ValueError(
            f"path {str(path)!r} can't be read: {error.strerror} (looked for {str(file.absolute())!r})"
        ) from error
    # CDK runs in a process of its own, which does not follow this one to another working directory.
    return file.absolute(), content


def _written(scope: Construct, content: bytes) -> Path:
    """A file in the cloud assembly, where it outlives this process: the CDK CLI uploads it later."""
    stage = Stage.of(scope)
    if stage is None:
        raise ValueError(f"{scope.node.path!r} is not part of an app: its terms have nowhere to be written to")
    # The guide's examples of tables end in .txt, whatever separates their columns.
    file = Path(stage.asset_outdir) / f"terms.{hashlib.sha256(content).hexdigest()}.txt"
    file.write_bytes(content)
    return file


def _allow_reading(grantee: iam.IGrantable, object_arn: str) -> None:
    iam.Grant.add_to_principal(grantee=grantee, actions=["s3:GetObject"], resource_arns=[object_arn])
