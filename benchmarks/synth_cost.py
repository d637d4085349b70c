#!/usr/bin/env python3
"""What one more vocabulary costs at synthesis, beside what CDK's own parts cost on the same machine.

Run `python benchmarks/synth_cost.py`. Each line: resources and milliseconds that one more adds to a stack that has one
already (the first brings the handlers), and how many times a bare custom resource that is. Milliseconds depend on
the machine and on what else it does; the ratios hardly do. Template validation is off: it costs 1.5 s a process.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

os.environ["CDK_VALIDATION"] = "false"

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets

import cdk_transcribe as transcribe

MORE = 50
ROUNDS = 7
TERMS = [f"term-{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(50)]

Add = Callable[[cdk.Stack, int], object]


def bare(stack: cdk.Stack, number: int) -> object:
    """What CDK takes for a custom resource with as much to say."""
    return cdk.CustomResource(
        stack,
        f"Bare{number}",
        service_token="arn",  # noqa: S106
        resource_type="Custom::Bare",
        properties={"Phrases": TERMS},
    )


def bare_with_asset(stack: cdk.Stack, number: int) -> object:
    """The same with a file, CDK's way."""
    asset = s3_assets.Asset(stack, f"Asset{number}", path=str(_file(number)))
    return cdk.CustomResource(
        stack,
        f"Bare{number}",
        service_token="arn",  # noqa: S106
        resource_type="Custom::Bare",
        properties={"Uri": asset.s3_object_url},
    )


def from_phrases(stack: cdk.Stack, number: int) -> object:
    """Fifty phrases inline."""
    return _vocabulary(stack, number, transcribe.VocabularySource.from_phrases(TERMS))


def from_file(stack: cdk.Stack, number: int) -> object:
    """Fifty terms in a file."""
    return _vocabulary(stack, number, transcribe.VocabularySource.from_file(_file(number)))


def from_bucket(stack: cdk.Stack, number: int) -> object:
    """An object of a bucket."""
    found = stack.node.try_find_child("Bucket")
    bucket = found if isinstance(found, s3.Bucket) else s3.Bucket(stack, "Bucket")
    return _vocabulary(stack, number, transcribe.VocabularySource.from_bucket(bucket, f"{number}.tsv"))


def encrypted(stack: cdk.Stack, number: int) -> object:
    """With a key, and so with a role of its own."""
    found = stack.node.try_find_child("Key")
    key = found if isinstance(found, kms.Key) else kms.Key(stack, "Key")
    source = transcribe.VocabularySource.from_phrases(TERMS)
    return transcribe.Vocabulary(stack, f"Terms{number}", language_code="en-US", source=source, encryption_key=key)


def main() -> None:
    """Prints one line for each way to make one."""
    with _files():
        for add in (bare, bare_with_asset, from_phrases, from_file, from_bucket, encrypted):
            _synthesis(add, 1)
        reference = _cost(bare)[1]
        for add in (bare, bare_with_asset, from_phrases, from_file, from_bucket, encrypted):
            resources, milliseconds = _cost(add)
            print(f"{add.__name__:16}{resources:4.2f} resources{milliseconds:8.2f} ms{milliseconds / reference:6.1f} x")


def _cost(add: Add) -> tuple[float, float]:
    """What each of `MORE` more adds, building and synthesis together."""
    # One after the other, so that a busy minute of the machine falls on both.
    pairs = [(_synthesis(add, 1), _synthesis(add, 1 + MORE)) for _ in range(ROUNDS)]
    resources = (pairs[0][1][0] - pairs[0][0][0]) / MORE
    return resources, median(many[1] - one[1] for one, many in pairs) / MORE * 1000


def _synthesis(add: Add, count: int) -> tuple[int, float]:
    start = time.perf_counter()
    app = cdk.App()
    stack = cdk.Stack(app, "Stack")
    for number in range(count):
        add(stack, number)
    template = app.synth().get_stack_by_name("Stack")
    took = time.perf_counter() - start
    return len(template.template["Resources"]), took


def _vocabulary(stack: cdk.Stack, number: int, source: transcribe.VocabularySource) -> object:
    return transcribe.Vocabulary(stack, f"Terms{number}", language_code="en-US", source=source)


_directory = Path()


@contextmanager
def _files() -> Iterator[None]:
    global _directory  # noqa: PLW0603
    with tempfile.TemporaryDirectory() as directory:
        _directory = Path(directory)
        yield


def _file(number: int) -> Path:
    file = _directory / f"{number}.tsv"
    if not file.exists():
        rows = [f"{term}\t\t\t{term} {number}" for term in TERMS]
        file.write_text("\n".join(["Phrase\tSoundsLike\tIPA\tDisplayAs", *rows, ""]))
    return file


if __name__ == "__main__":
    main()
