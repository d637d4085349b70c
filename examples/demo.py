#!/usr/bin/env python3
"""Deploys the example app into a local AWS, transcribes a recording of a person speaking, and cleans up again."""

from __future__ import annotations

import argparse
import importlib.resources
import json
import shlex
import shutil
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from transcribe_local.buckets import empty_bucket
from transcribe_local.cdk_app import CdkApp
from transcribe_local.inventory import inventory
from transcribe_local.local_aws import LocalAws

REPOSITORY = Path(__file__).resolve().parents[1]
LOGS = REPOSITORY / ".local-aws"
STACK = "SpeechToText"
KEY = "en/A Tale of Two Cities.wav"
FINAL = {"COMPLETED", "FAILED", "REJECTED"}
PATIENCE_SECONDS = 120.0
STEPS = 6


class StepError(Exception):
    """A step that failed, for a person to read."""


class Progress:
    """Says which step runs and how long it took."""

    def __init__(self) -> None:
        self._number = 0

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        self._number += 1
        started = time.monotonic()
        print(f"[{self._number}/{STEPS}] {title}", flush=True)
        try:
            yield
        except Exception as error:
            raise StepError(f"step {self._number} failed ({title}): {error}") from error
        print(f"      done in {time.monotonic() - started:.1f} s", flush=True)

    def say(self, text: str) -> None:
        print(f"      {text}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave it up until Ctrl-C and say how to look around")
    keep = parser.parse_args().keep
    LOGS.mkdir(exist_ok=True)
    for log in LOGS.glob("*.log"):
        log.unlink()
    try:
        run(Progress(), keep=keep)
    except StepError as error:
        sys.exit(f"\nThe demo stopped: {error}\nLogs: {LOGS}")


def run(progress: Progress, *, keep: bool) -> None:
    aws = LocalAws(log_path=LOGS / "aws.log")
    with CdkApp(aws, REPOSITORY, log_path=LOGS / "cdk.log") as app:
        with progress.step("Starting a local AWS, synthesising the example app with the CDK CLI"):
            aws.start()
            prepare(aws, app)
            progress.say(f"it answers on {aws.endpoint_url}")
        try:
            show(progress, aws, app, keep=keep)
        finally:
            aws.stop()


def prepare(aws: LocalAws, app: CdkApp) -> None:
    with ThreadPoolExecutor(2) as both:
        for done in [both.submit(app.bootstrap), both.submit(app.synth)]:
            done.result()


def show(progress: Progress, aws: LocalAws, app: CdkApp, *, keep: bool) -> None:
    before = inventory(aws)
    with progress.step(f"Deploying the stack {STACK} (buckets, key, vocabulary, filter, pipeline, ledger)"):
        outputs = app.deploy()[STACK]
    with progress.step("Uploading a recording of a person reading"):
        upload(aws, outputs["MediaBucket"])
        progress.say(f"s3://{outputs['MediaBucket']}/{KEY}")
    with progress.step("Transcribing it"):
        record = wait_for_record(progress, aws, outputs["LedgerTable"])
    with progress.step("Reading what was written"):
        print_result(aws, outputs, record)
    if keep:
        print_how_to_look_around(aws, outputs)
        wait_for_interrupt()
    with progress.step("Emptying the buckets and destroying the stack"):
        for name in ("MediaBucket", "TranscriptBucket"):
            empty_bucket(aws, outputs[name])
        app.destroy()
        left_over = inventory(aws) - before
        if left_over:
            raise StepError(f"left over: {', '.join(sorted(left_over))}")
        progress.say("nothing is left over")


def upload(aws: LocalAws, bucket: str) -> None:
    recording = importlib.resources.files("moonshine_voice") / "assets" / "two_cities.wav"
    with importlib.resources.as_file(recording) as path:
        aws.client("s3").upload_file(str(path), bucket, KEY)


def wait_for_record(progress: Progress, aws: LocalAws, table: str) -> dict[str, Any]:
    """The job's item in the ledger, when it has ended; every change of its status is said."""
    last = "the event is on its way"
    progress.say(last)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        items = aws.client("dynamodb").scan(TableName=table, ConsistentRead=True)["Items"]
        record = {name: TypeDeserializer().deserialize(value) for name, value in items[0].items()} if items else {}
        status = record.get("status", last)
        if status != last:
            progress.say(f"recorded as {status}")
            last = status
        if status in FINAL:
            return succeeded(record)
        time.sleep(0.1)
    raise StepError(f"nothing ended within {PATIENCE_SECONDS:.0f} s; the last that was seen is: {last}")


def succeeded(record: dict[str, Any]) -> dict[str, Any]:
    if record["status"] != "COMPLETED":
        raise StepError(f"the job {record['job_name']} is {record['status']}: {record.get('failure_reason')}")
    return record


def print_result(aws: LocalAws, outputs: dict[str, str], record: dict[str, Any]) -> None:
    s3 = aws.client("s3")
    bucket, _, key = record["transcript_uri"].removeprefix("s3://").partition("/")
    document = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    width = min(shutil.get_terminal_size().columns, 100) - 6
    print("\n      Transcript")
    print(textwrap.indent(textwrap.fill(document["results"]["transcripts"][0]["transcript"], width), " " * 8))
    print("\n      Record in the ledger")
    for name, value in sorted(record.items()):
        for line in value if isinstance(value, list) else [value]:
            print(f"        {name:<15} {line}")
    print("\n      Files")
    for item in s3.list_objects_v2(Bucket=outputs["TranscriptBucket"]).get("Contents", []):
        print(f"        {item['Size']:>8,} bytes  s3://{outputs['TranscriptBucket']}/{item['Key']}")
    print(flush=True)


def print_how_to_look_around(aws: LocalAws, outputs: dict[str, str]) -> None:
    environment = "\n".join(
        f"  export {name}={shlex.quote(value)}"
        for name, value in aws.environment.items()
        if name.startswith("AWS_") and value
    )
    print(
        f"""
It is still up. In another terminal:

{environment}
  aws s3 cp recording.mp3 s3://{outputs["MediaBucket"]}/en/
  aws dynamodb scan --table-name {outputs["LedgerTable"]}
  aws s3 ls --recursive s3://{outputs["TranscriptBucket"]}
  aws transcribe list-vocabularies

Without the AWS CLI, in Python:  boto3.client("s3").upload_file(…)  with the same environment.
Logs: {LOGS}
Ctrl-C destroys it.""",
        flush=True,
    )


def wait_for_interrupt() -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    main()
