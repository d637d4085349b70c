"""Language models in the settings of jobs, and what a pipeline makes of them."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from cdk_transcribe import (
    BaseModel,
    CallAnalyticsJob,
    LanguageIdentification,
    LanguageModel,
    LanguageOption,
    ObjectValue,
    TrainingData,
    TranscriptionJob,
    TranscriptionPipeline,
)

from .rendered import ANYWHERE, logical_id, permissions, properties, resolved, text

OTHER = "/cdk-transcribe/language-model/Other-Model-12345678"


@pytest.fixture
def model(stack: cdk.Stack) -> LanguageModel:
    """A model of texts in a bucket that only has a name."""
    data = TrainingData.from_bucket(s3.Bucket.from_bucket_name(stack, "Corpus", "corpus"), "texts/")
    return LanguageModel(stack, "Model", language_code="en-US", base_model=BaseModel.WIDE_BAND, training_data=data)


def leaf(stack: cdk.Stack, leaf: dict[str, str]) -> dict[str, str]:
    """A leaf with its pointer resolved."""
    return {name: resolved(stack, value) for name, value in leaf.items()}


def test_a_job_asks_the_pointer_which_version_serves(stack: cdk.Stack, model: LanguageModel) -> None:
    request = TranscriptionJob(language_code="en-US", language_model=model).to_request()

    assert leaf(stack, request["ModelSettings"]["LanguageModelName"]) == {
        "FromPointer": f"<{logical_id(model)}.PointerName>",
        "UntilReady": "BaseModel",
    }


def test_a_job_may_wait_for_the_first_version(stack: cdk.Stack, model: LanguageModel) -> None:
    request = TranscriptionJob(language_code="en-US", language_model=model.awaited()).to_request()

    assert request["ModelSettings"]["LanguageModelName"]["UntilReady"] == "Hold"


def test_a_model_that_exists_is_named(stack: cdk.Stack) -> None:
    theirs = LanguageModel.from_language_model_name(stack, "Theirs", "calls-2025")

    request = TranscriptionJob(language_code="en-US", language_model=theirs).to_request()

    assert request["ModelSettings"] == {"LanguageModelName": "calls-2025"}
    with pytest.raises(ValueError, match="no versions to wait for"):
        theirs.awaited()


def test_a_model_of_another_stack_is_asked_for_by_its_pointer(stack: cdk.Stack) -> None:
    theirs = LanguageModel.from_family_name(stack, "Theirs", "Other-Model-12345678")

    request = TranscriptionJob(language_code="en-US", language_model=theirs.awaited()).to_request()

    assert request["ModelSettings"]["LanguageModelName"] == {"FromPointer": OTHER, "UntilReady": "Hold"}


def test_an_object_may_choose_among_models(stack: cdk.Stack, model: LanguageModel) -> None:
    value = ObjectValue.from_tag("field", choices={"legal": model, "named": "calls-2025", "none": None})

    job = TranscriptionJob(language_code="en-US", language_model=value)

    chosen = job.to_request()["ModelSettings"]["LanguageModelName"]
    assert chosen["Choices"]["legal"]["UntilReady"] == "BaseModel"
    assert (chosen["Choices"]["named"], chosen["Choices"]["none"]) == ("calls-2025", {})
    assert job.language_models == [model]


def test_a_language_option_may_have_a_model(model: LanguageModel) -> None:
    options = [LanguageOption("en-US", language_model=model.awaited()), "de-DE"]

    job = TranscriptionJob(language_identification=LanguageIdentification(language_options=options))

    settings = job.to_request()["LanguageIdSettings"]
    assert settings["en-US"]["LanguageModelName"]["UntilReady"] == "Hold"
    assert job.language_models == [model]


def test_call_analytics_takes_models_too(model: LanguageModel) -> None:
    job = CallAnalyticsJob(language_code="en-US", language_model=model)

    assert job.to_request()["Settings"]["LanguageModelName"]["UntilReady"] == "BaseModel"
    assert job.language_models == [model]
    by_option = CallAnalyticsJob(language_options=[LanguageOption("en-US", language_model=model), "en-GB"])
    assert by_option.language_models == [model]


@pytest.mark.parametrize("awaited", [False, True], ids=["as it is", "awaited"])
def test_a_model_in_another_language_is_refused(model: LanguageModel, awaited: bool) -> None:
    used: Any = model.awaited() if awaited else model

    with pytest.raises(ValueError, match=r"language_model 'Stack/Model' is for en-US, and the job for en-GB"):
        TranscriptionJob(language_code="en-GB", language_model=used)


def test_what_is_no_model_is_refused(stack: cdk.Stack) -> None:
    bucket: Any = s3.Bucket.from_bucket_name(stack, "Bucket", "bucket")

    with pytest.raises(ValueError, match="language_model 'Stack/Bucket' is not a LanguageModel"):
        TranscriptionJob(language_code="en-US", language_model=bucket)


def test_the_starter_may_read_the_pointers_of_its_routes_and_no_others(stack: cdk.Stack, model: LanguageModel) -> None:
    pipeline = TranscriptionPipeline(stack, "Calls")
    LanguageModel.from_family_name(stack, "Unused", "Unused-Model-12345678")

    rule = pipeline.add_route("English", job=TranscriptionJob(language_code="en-US", language_model=model))

    template = Template.from_stack(stack)
    role = pipeline.starter.role
    assert role is not None
    read = {found for found in permissions(template, role) if found[0].startswith("ssm:")}
    assert read == {("ssm:GetParameter", resolved(stack, model.pointer.parameter_arn), ANYWHERE)}
    (target,) = properties(template, rule)["Targets"]
    message = text(target["InputTransformer"]["InputTemplate"])
    assert '"UntilReady":"BaseModel"' in message
    assert f"<{logical_id(model)}.PointerName>" in message
