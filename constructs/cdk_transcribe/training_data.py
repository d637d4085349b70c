"""What a custom language model is trained and tuned with: a local directory, or a prefix in a bucket."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import FileAssetPackaging, Stack, Stage
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_transcribe import _training_text_rules as rules
from cdk_transcribe._finding import Finding
from cdk_transcribe._training_text_rules import TrainingText
from cdk_transcribe.sources import check_region, content_digest


@dataclass(frozen=True)
class BoundTrainingData:
    """Training data as one language model uses it.

    Attributes:
        uri: the prefix that Transcribe reads, every object below it.
        digest: of the content, as far as it is known.
        text: what was read of it; none where it is in a bucket.
        grant_read: lets somebody list and read it.
    """

    uri: str
    digest: str
    text: TrainingText | None
    grant_read: Callable[[iam.IGrantable], object]

    def findings(self, argument: str, *, most_bytes: int, counts_words: bool) -> list[Finding]:
        """All that Transcribe would refuse, or that makes for a poor model, as far as the content is known.

        Args:
            argument: what the findings call the data as a whole.
            most_bytes: what the service takes.
            counts_words: whether few words are worth a warning.
        """
        if self.text is None:
            return []
        few = rules.few_words(argument, self.text) if counts_words else iter(())
        return [
            *self.text.findings,
            *rules.empty(argument, self.text),
            *rules.size(argument, self.text, most_bytes),
            *few,
        ]


class TrainingData:
    """The texts of a custom language model: `TrainingData.from_directory(…)` or `from_bucket(…)` makes one.

    Transcribe wants plain text in UTF-8, in one language, without markup; one sentence a line is what its guide
    recommends. Training data are any texts of the field, 100,000 words or more; tuning data are transcripts of what is
    really said there.
    """

    def __init__(self, bind: Callable[[Construct, str], BoundTrainingData]) -> None:
        self._bind = bind

    @staticmethod
    def from_directory(path: str | Path) -> TrainingData:
        """Every file in a local directory and those below it, but for those whose name begins with a full stop.

        They are checked, put together into one text and uploaded when the stack is deployed, under a prefix of its
        own among the assets of the CDK bootstrap (for Transcribe one file or many make no difference, says its guide).
        Changing, adding or removing a text changes the model; renaming a file does so where it changes the order.

        Args:
            path: the directory, absolute or relative to the one that the app is run from.

        Raises:
            ValueError: when there is no such directory, it holds no file, or one can't be read.
        """
        files = _files(path)
        return TrainingData(lambda scope, name: _uploaded(scope, name, Path(path), files))

    @staticmethod
    def from_bucket(bucket: s3.IBucket, prefix: str, *, object_version: str | None = None) -> TrainingData:
        """Every object below a prefix of a bucket in the same Region when the training begins.

        Transcribe reads all of them, and one that is no plain text fails the training. Their content is not known
        before, so nothing is checked. Whoever reads them is let in: to list the bucket, to read below the prefix, and
        to use the bucket's key.

        Args:
            bucket: where the objects are.
            prefix: what their keys begin with; ends in `/`.
            object_version: anything that changes with the content, such as a date. This is what makes a new version of
                the model. By default changed objects go unnoticed.

        Raises:
            ValueError: when `prefix` does not end in `/`. Where the data are used: when the bucket is in another
                Region.
        """
        if not prefix.endswith("/") or prefix == "/":
            raise ValueError(
                f"prefix {prefix!r} must end in '/', and hold more than that: Transcribe reads every object whose key "
                f"begins with it, {prefix.rstrip('/') + '-old/a.txt'!r} too"
            )
        return TrainingData(lambda scope, name: _in_bucket(scope, bucket, prefix, object_version))

    def bind(self, scope: Construct, name: str) -> BoundTrainingData:
        """Makes what the data need below `scope`; `name` tells training from tuning. Called by `LanguageModel`."""
        return self._bind(scope, name)


def _in_bucket(scope: Construct, bucket: s3.IBucket, prefix: str, object_version: str | None) -> BoundTrainingData:
    check_region(scope, bucket)

    def grant_read(grantee: iam.IGrantable) -> None:
        _allow_reading(grantee, bucket.bucket_arn, bucket.arn_for_objects(f"{prefix}*"))
        if bucket.encryption_key is not None:
            bucket.encryption_key.grant_decrypt(grantee)

    return BoundTrainingData(
        uri=bucket.s3_url_for_object(prefix),
        digest=content_digest(scope, [bucket.bucket_name, prefix, object_version]),
        text=None,
        grant_read=grant_read,
    )


def _uploaded(scope: Construct, name: str, directory: Path, files: Sequence[Path]) -> BoundTrainingData:
    """One text among the assets of the stack, below a prefix that nothing else will ever have.

    Its own name is the digest once more: `cdk gc` keeps an asset whose name stands in a template.
    """
    stack = Stack.of(scope)
    text, file, digest = _written(scope, directory, files)
    location = stack.synthesizer.add_file_asset(
        source_hash=f"transcribe-{stack.node.addr[-12:]}-{name}-{digest}/{digest}",
        file_name=os.path.relpath(file, _outdir(scope)),
        packaging=FileAssetPackaging.FILE,
    )
    before, folder, _ = location.object_key.partition(f"{digest}/")
    # A synthesizer of the user's own may name its objects otherwise: then the prefix is that object's whole key.
    prefix = f"{before}{folder}" if folder else location.object_key
    # New content must not need a new permission just before it is read: IAM takes a while to spread it.
    readable = f"{before}*" if folder else location.object_key
    bucket_arn = f"arn:{stack.partition}:s3:::{location.bucket_name}"
    return BoundTrainingData(
        uri=f"s3://{location.bucket_name}/{prefix}",
        digest=digest,
        text=text,
        grant_read=lambda grantee: _allow_reading(grantee, bucket_arn, f"{bucket_arn}/{readable}"),
    )


def _written(scope: Construct, directory: Path, files: Sequence[Path]) -> tuple[TrainingText, Path, str]:
    """All files as one in the cloud assembly, where the CDK CLI finds it later."""
    stage = Stage.of(scope)
    if stage is None:
        raise ValueError(f"{scope.node.path!r} is not part of an app: its texts have nowhere to be written to")
    text, hashed = TrainingText(), hashlib.sha256()
    unfinished = Path(stage.asset_outdir) / f"training.{scope.node.addr}.txt"
    with unfinished.open("wb") as target:
        for line in _lines(directory, files, text):
            hashed.update(line)
            target.write(line)
    digest = hashed.hexdigest()
    return text, unfinished.replace(unfinished.with_name(f"training.{digest}.txt")), digest


def _lines(directory: Path, files: Sequence[Path], text: TrainingText) -> Iterator[bytes]:
    for file in files:
        with file.open("rb") as source:
            line = b""
            for line in text.read(str(directory / file.relative_to(directory.absolute())), source):
                yield line
        if not line.endswith(b"\n"):
            yield b"\n"


def _outdir(scope: Construct) -> str:
    stage = Stage.of(Stack.of(scope))
    return stage.outdir if stage is not None else ""


def _files(path: str | Path) -> list[Path]:
    # CDK runs in a process of its own, which does not follow this one to another working directory.
    directory = Path(path).absolute()
    if not directory.is_dir():
        raise ValueError(f"path {str(path)!r} is no directory (looked for {str(directory)!r})")
    files = sorted(file for file in directory.rglob("*") if file.is_file() and not _is_hidden(file, directory))
    if not files:
        raise ValueError(f"path {str(path)!r} holds no files to train with (hidden ones don't count)")
    unreadable = [str(file) for file in files if not os.access(file, os.R_OK)]
    if unreadable:
        raise ValueError(f"path {str(path)!r} holds files that can't be read: {', '.join(unreadable)}")
    return files


def _is_hidden(file: Path, directory: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(directory).parts)


def _allow_reading(grantee: iam.IGrantable, bucket_arn: str, objects_arn: str) -> None:
    # The guide asks for both. How the service lists is not documented, so no condition on the prefix limits it.
    iam.Grant.add_to_principal(grantee=grantee, actions=["s3:ListBucket"], resource_arns=[bucket_arn])
    iam.Grant.add_to_principal(grantee=grantee, actions=["s3:GetObject"], resource_arns=[objects_arn])
