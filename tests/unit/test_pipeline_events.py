"""What a pipeline tells of its jobs' ends, and how often it tries those that the service fails."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template

from cdk_transcribe import TranscriptionJob, TranscriptionPipeline

from .rendered import logical_id, properties, text

EVERY_END = ["COMPLETED", "FAILED", "REJECTED", "LOST"]


@pytest.fixture(scope="module")
def one() -> TranscriptionPipeline:
    return TranscriptionPipeline(cdk.Stack(cdk.App(), "Stack"), "Calls")


@pytest.fixture
def pipeline(stack: cdk.Stack) -> TranscriptionPipeline:
    return TranscriptionPipeline(stack, "Calls")


def pattern(pipeline: TranscriptionPipeline, statuses: list[str], **detail: Any) -> dict[str, Any]:
    """Events about jobs of that pipeline that ended so."""
    return {
        "source": ["cdk-transcribe"],
        "detail-type": ["Transcription Job Recorded"],
        "detail": {"job_name": [{"prefix": f"{pipeline.job_name_prefix}-"}], "status": statuses, **detail},
    }


def test_every_end_is_a_state_change(pipeline: TranscriptionPipeline, stack: cdk.Stack) -> None:
    rule = pipeline.on_job_state_change("Changes")

    assert properties(Template.from_stack(stack), rule)["EventPattern"] == pattern(pipeline, EVERY_END)


def test_some_ends_can_be_chosen(pipeline: TranscriptionPipeline, stack: cdk.Stack) -> None:
    rule = pipeline.on_job_state_change("Changes", statuses=["LOST", "REJECTED"])

    assert properties(Template.from_stack(stack), rule)["EventPattern"] == pattern(pipeline, ["LOST", "REJECTED"])


def test_completed_jobs_are_told_of(pipeline: TranscriptionPipeline, stack: cdk.Stack) -> None:
    rule = pipeline.on_job_completed("Done")

    assert properties(Template.from_stack(stack), rule)["EventPattern"] == pattern(pipeline, ["COMPLETED"])


def test_failures_are_told_of_unless_they_are_tried_again(pipeline: TranscriptionPipeline, stack: cdk.Stack) -> None:
    rule = pipeline.on_job_failed("Failed")

    assert properties(Template.from_stack(stack), rule)["EventPattern"] == pattern(
        pipeline, ["FAILED", "REJECTED", "LOST"], retried_by=[{"exists": False}]
    )


@pytest.mark.parametrize("method", ["on_job_state_change", "on_job_completed", "on_job_failed"])
def test_the_target_gets_the_event(pipeline: TranscriptionPipeline, stack: cdk.Stack, method: str) -> None:
    topic = sns.Topic(stack, "Topic")

    rule = getattr(pipeline, method)("Queue", target=targets.SnsTopic(topic))

    [target] = properties(Template.from_stack(stack), rule)["Targets"]
    assert target["Arn"] == {"Ref": logical_id(topic)}


def test_rules_may_be_called_like_the_pipelines_own_parts_and_like_routes(
    pipeline: TranscriptionPipeline, stack: cdk.Stack
) -> None:
    pipeline.add_route("Queue", job=TranscriptionJob(language_code="en-US"))

    pipeline.on_job_completed("Queue")

    Template.from_stack(stack)


@pytest.mark.parametrize("status", ["STARTING", "QUEUED", "IN_PROGRESS", "completed"])
def test_fails_for_a_status_that_no_event_tells_of(one: TranscriptionPipeline, status: str) -> None:
    with pytest.raises(
        ValueError, match=rf"statuses=\['{status}'\] must be one or more of COMPLETED, FAILED, REJECTED"
    ):
        one.on_job_state_change("Changes", statuses=[status])


def test_fails_for_no_status(one: TranscriptionPipeline) -> None:
    with pytest.raises(ValueError, match=r"statuses=\[\] must be one or more of"):
        one.on_job_state_change("Changes", statuses=[])


def test_fails_for_a_string_in_place_of_a_list(one: TranscriptionPipeline) -> None:
    with pytest.raises(ValueError, match="statuses must be a list of strings, got the string 'FAILED'"):
        one.on_job_state_change("Changes", statuses="FAILED")


@pytest.mark.parametrize("retries", [0, 2, 9])
def test_messages_say_how_often_a_service_fault_is_tried_again(stack: cdk.Stack, retries: int) -> None:
    pipeline = TranscriptionPipeline(stack, "Calls", retry_service_faults=retries)

    rule = pipeline.add_route("English", job=TranscriptionJob(language_code="en-US"))

    [target] = properties(Template.from_stack(stack), rule)["Targets"]
    message = text(target["InputTransformer"]["InputTemplate"]).replace("<f", '"<f').replace(">,", '>",')
    wanted = json.loads(message)["job"].get("RetryServiceFaults")
    assert wanted == (retries or None)


@pytest.mark.parametrize("retries", [-1, 10])
def test_fails_for_a_number_of_retries_that_no_name_has_room_for(stack: cdk.Stack, retries: int) -> None:
    with pytest.raises(ValueError, match=f"retry_service_faults={retries} is out of range: use 0 to 9"):
        TranscriptionPipeline(stack, "Calls", retry_service_faults=retries)
