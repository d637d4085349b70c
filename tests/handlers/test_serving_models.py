"""Which language model a job gets: the version that serves when it starts, the base model, or none for now."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from transcribe_local import LocalAws
from transcribe_local.clock import HandClock

from .conftest import Arrivals, Handlers

VERSION = "calls-Model-1A2B3C4D-aaaaaaaaaa"


class Pointer:
    """The SSM parameter of a family."""

    def __init__(self, client: Any) -> None:
        self.name = f"/cdk-transcribe/language-model/{uuid.uuid4().hex}"
        self._ssm = client("ssm")

    def move(self, version: str) -> None:
        self._ssm.put_parameter(Name=self.name, Type="String", Value=version, Overwrite=True)

    def leaf(self, until_ready: str) -> dict[str, Any]:
        """The settings of a route with the model."""
        return {"LanguageModelName": {"FromPointer": self.name, "UntilReady": until_ready}}


@pytest.fixture
def pointer(client: Any, handlers: Handlers) -> Iterator[Pointer]:
    """The pointer of a family that has no version yet."""
    handlers.serving_models.forget()
    pointer = Pointer(client)
    pointer.move("none yet")
    yield pointer
    handlers.serving_models.forget()


@pytest.fixture
def minute(handlers: Handlers, monkeypatch: pytest.MonkeyPatch) -> HandClock:
    """The clock of what is remembered, in the test's hand."""
    clock = HandClock()
    monkeypatch.setattr(handlers.serving_models, "time", clock)
    return clock


@pytest.fixture
def model(client: Any, aws: LocalAws, bucket: str) -> str:
    """A version that is trained."""
    aws.settings(training_seconds=0)
    client("s3").put_object(Bucket=bucket, Key="corpus/a.txt", Body=b"It was the best of times.\n")
    data = {"S3Uri": f"s3://{bucket}/corpus/", "DataAccessRoleArn": "arn:aws:iam::000000000000:role/reader"}
    client("transcribe").create_language_model(
        ModelName=VERSION, LanguageCode="en-US", BaseModelName="WideBand", InputDataConfig=data
    )
    aws.resources()
    return VERSION


def job_of(arrivals: Arrivals, client: Any, message: str) -> dict[str, Any]:
    job: dict[str, Any] = client("transcribe").get_transcription_job(TranscriptionJobName=arrivals.job_name(message))
    return dict(job["TranscriptionJob"])


def test_a_job_gets_the_version_that_serves(arrivals: Arrivals, client: Any, pointer: Pointer, model: str) -> None:
    arrivals.put()
    pointer.move(model)
    message = arrivals.message(ModelSettings=pointer.leaf("BaseModel"))

    assert arrivals.deliver(message) == []

    assert job_of(arrivals, client, message)["ModelSettings"] == {"LanguageModelName": model}


def test_until_then_a_job_gets_the_base_model(arrivals: Arrivals, client: Any, pointer: Pointer) -> None:
    arrivals.put()
    message = arrivals.message(ModelSettings=pointer.leaf("BaseModel"))

    arrivals.deliver(message)

    assert "ModelSettings" not in job_of(arrivals, client, message)


def test_or_is_held_and_sent_back_until_a_version_serves(
    arrivals: Arrivals,
    handlers: Handlers,
    client: Any,
    pointer: Pointer,
    model: str,
    queue: list[dict[str, Any]],
    metrics: Any,
) -> None:
    arrivals.put()
    message = arrivals.message(ModelSettings=pointer.leaf("Hold"))
    assert arrivals.deliver(message) == []
    assert arrivals.row(message)["status"] == "STARTING"
    assert metrics() == ["Held"]
    for _ in range(12):
        arrivals.deliver(queue[-1]["MessageBody"])
    assert queue[0]["DelaySeconds"] <= 5
    assert 450 <= queue[-1]["DelaySeconds"] <= 900
    assert client("transcribe").list_transcription_jobs()["TranscriptionJobSummaries"] == []

    pointer.move(model)
    handlers.serving_models.forget()
    arrivals.deliver(queue[-1]["MessageBody"])

    assert job_of(arrivals, client, message)["ModelSettings"] == {"LanguageModelName": model}


def test_an_object_chooses_among_models(arrivals: Arrivals, client: Any, pointer: Pointer, model: str) -> None:
    arrivals.put("legal/a.wav")
    arrivals.put("other/a.wav")
    pointer.move(model)
    choice = {
        "FromKey": "field",
        "Choices": {"legal": pointer.leaf("BaseModel")["LanguageModelName"]},
        "Default": {},
    }
    job = {"KeyPattern": "{field}/"}
    legal = arrivals.message("legal/a.wav", job=job, ModelSettings={"LanguageModelName": choice})
    other = arrivals.message("other/a.wav", job=job, ModelSettings={"LanguageModelName": choice})

    arrivals.deliver(legal, other)

    assert job_of(arrivals, client, legal)["ModelSettings"] == {"LanguageModelName": model}
    assert "ModelSettings" not in job_of(arrivals, client, other)


def test_what_serves_is_asked_once_a_minute(handlers: Handlers, pointer: Pointer, minute: HandClock) -> None:
    leaf = pointer.leaf("BaseModel")["LanguageModelName"]
    pointer.move("first")
    assert handlers.serving_models.serving_model(leaf) == "first"
    pointer.move("second")
    minute.advance(59)
    assert handlers.serving_models.serving_model(leaf) == "first"

    minute.advance(2)

    assert handlers.serving_models.serving_model(leaf) == "second"


def test_a_first_version_is_noticed_within_seconds(handlers: Handlers, pointer: Pointer, minute: HandClock) -> None:
    leaf = pointer.leaf("BaseModel")["LanguageModelName"]
    assert handlers.serving_models.serving_model(leaf) is None
    pointer.move("first")
    assert handlers.serving_models.serving_model(leaf) is None

    minute.advance(6)

    assert handlers.serving_models.serving_model(leaf) == "first"


def test_a_pointer_that_is_gone_is_one_without_a_version(handlers: Handlers, pointer: Pointer) -> None:
    gone = {"FromPointer": f"{pointer.name}-gone", "UntilReady": "BaseModel"}

    assert handlers.serving_models.serving_model(gone) is None
    with pytest.raises(handlers.serving_models.NoVersionYetError, match=r"no version .* is trained yet"):
        handlers.serving_models.serving_model({**gone, "UntilReady": "Hold"})


def test_a_job_that_has_been_held_for_14_days_is_recorded_with_the_reason(
    arrivals: Arrivals, pointer: Pointer, metrics: Any
) -> None:
    arrivals.put()
    message = arrivals.message(ModelSettings=pointer.leaf("Hold"))
    long_ago = json.dumps({**json.loads(message), "attempt": 2000, "waiting_since": 1_000_000_000})

    arrivals.deliver(long_ago)

    row = arrivals.row(message)
    assert row["status"] == "REJECTED"
    assert "no version of the language model is trained yet" in row["failure_reason"]
    assert json.loads(row["message"])["job"]["Request"]["ModelSettings"] == pointer.leaf("Hold")
    assert metrics() == [("Rejected", "LIMIT")]
