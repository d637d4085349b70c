#!/usr/bin/env python3
"""Draws docs/dashboard.svg: the dashboard of a pipeline in a local AWS, after two minutes of all that may happen."""

from __future__ import annotations

import importlib.resources
import io
import itertools
import random
import tempfile
import time
import wave
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from dashboard_drawing import drawing

from transcribe_local.cdk_app import CdkApp
from transcribe_local.local_aws import LocalAws

REPOSITORY = Path(__file__).resolve().parents[1]
LOGS = REPOSITORY / ".local-aws"
PICTURE = REPOSITORY / "docs/dashboard.svg"
STACK = "Watched"
SECONDS = 120
PERIOD = 5
OBJECTS_A_SECOND = 3
NO_ACCESS = "The S3 URI that you provided can't be accessed. Make sure that you have read permission and try again."
APP = f"""
import aws_cdk as cdk
from aws_cdk import aws_sns as sns

import cdk_transcribe as transcribe

app = cdk.App()
stack = cdk.Stack(app, "{STACK}")
pipeline = transcribe.TranscriptionPipeline(stack, "Calls")
pipeline.add_route("English", prefix="en/", job=transcribe.TranscriptionJob(language_code="en-US"))
pipeline.add_route("Any", prefix="any/", output_prefix="any-out/", job=transcribe.TranscriptionJob(
    language_identification=transcribe.LanguageIdentification(
        language_options=["en-US", "es-US"], multiple_languages=True)))
pipeline.add_alarms(topic=sns.Topic(stack, "Trouble"))
dashboard = pipeline.add_dashboard()
for name, value in {{
    "TranscriptBucket": pipeline.storage.transcript_bucket.bucket_name,
    "MediaBucket": pipeline.storage.media_bucket.bucket_name,
    "Reconciler": pipeline.ledger.reconciler.function_name,
    "Dashboard": dashboard.node.default_child.ref,
}}.items():
    cdk.CfnOutput(stack, name, value=value)
app.synth()
"""


def main() -> None:
    LOGS.mkdir(exist_ok=True)
    with LocalAws(log_path=LOGS / "dashboard-aws.log") as aws, tempfile.TemporaryDirectory() as directory:
        outputs = deployed(aws, Path(directory))
        wait_for_first_transcript(aws, outputs)
        start = datetime.now(timezone.utc)
        let_it_happen(aws, outputs)
        body = aws.client("cloudwatch").get_dashboard(DashboardName=outputs["Dashboard"])["DashboardBody"]
        end = start + timedelta(seconds=SECONDS + 10)
        PICTURE.write_text(drawing(body, aws.client("cloudwatch"), start=start, end=end, period=PERIOD))
    print(PICTURE)


def deployed(aws: LocalAws, directory: Path) -> dict[str, str]:
    (directory / "cdk.json").write_text((REPOSITORY / "cdk.json").read_text())
    (directory / "app.py").write_text(APP)
    with CdkApp(aws, directory, log_path=LOGS / "dashboard-cdk.log") as app:
        app.bootstrap()
        app.synth()
        return app.deploy()[STACK]


def wait_for_first_transcript(aws: LocalAws, outputs: dict[str, str]) -> None:
    """The speech model takes its time once, and the recording that is uploaded many times is listened to once."""
    s3 = aws.client("s3")
    s3.put_object(Bucket=outputs["MediaBucket"], Key="any/first.wav", Body=speech())
    while not s3.list_objects_v2(Bucket=outputs["TranscriptBucket"], Prefix="any-out/any/first.wav.json")["KeyCount"]:
        time.sleep(0.2)


def let_it_happen(aws: LocalAws, outputs: dict[str, str]) -> None:
    """Recordings, some of them bad or none; after a minute, half a minute in which the service has little room."""
    dice = random.Random(0)  # noqa: S311
    s3, functions = aws.client("s3"), aws.client("lambda")
    troubles = trouble(aws)
    for second in range(SECONDS):
        began = time.monotonic()
        next(troubles)
        for number in range(dice.randint(0, 2 * OBJECTS_A_SECOND)):
            key, content = dice.choices(OBJECTS, weights=[70, 15, 6, 3, 3])[0]
            s3.put_object(Bucket=outputs["MediaBucket"], Key=key.format(f"{second}-{number}"), Body=content)
        if second % 10 == 0:
            # Its schedule is once a minute.
            functions.invoke(FunctionName=outputs["Reconciler"], InvocationType="Event")
        time.sleep(max(0, began + 1 - time.monotonic()))


def trouble(aws: LocalAws) -> Iterator[None]:
    for second in itertools.count():
        if second == 30:
            aws.inject_fault("StartTranscriptionJob", "BadRequestException", NO_ACCESS, times=9)
        if second == 60:
            aws.settings(requests_per_second={"StartTranscriptionJob": 1})
        if second == 90:
            aws.settings(requests_per_second={})
        yield


def speech() -> bytes:
    return (importlib.resources.files("moonshine_voice") / "assets" / "two_cities.wav").read_bytes()


def silence() -> bytes:
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(b"\0\0" * 16000)
    return sound.getvalue()


OBJECTS: list[tuple[str, Any]] = [
    ("en/{}.wav", silence()),
    ("any/{}.wav", speech()),
    ("en/{}-broken.wav", b"no sound at all"),
    ("en/{}-empty.wav", b""),
    ("en/{}/notes.txt", b"text"),
]


if __name__ == "__main__":
    main()
