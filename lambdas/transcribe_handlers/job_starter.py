"""Starts one transcription job for each media object that arrives.

Trigger: an SQS batch of messages, each an EventBridge event beside the job request of its route.
Permissions: transcribe:StartTranscriptionJob, TagResource (for tagged jobs) and GetTranscriptionJob;
dynamodb:UpdateItem on the ledger; sqs:SendMessage, ReceiveMessage, DeleteMessage and GetQueueAttributes on
the queue; s3:GetObject on media and s3:PutObject on transcripts with their keys; iam:PassRole on the jobs'
data access role.
Result: a row in the ledger and a job. Only what nobody foresaw is reported as a failed item, and so reaches
the dead-letter queue.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

import boto3

from . import ledger_table, metrics
from .job_facts import facts_of, timestamp
from .job_order import JobOrder, order_of
from .service_errors import is_conflict, is_not_now, is_refusal, message_of

logger = logging.getLogger(__name__)

QUEUE_URL = os.environ["QUEUE_URL"]

transcribe: Any = boto3.client("transcribe")
sqs: Any = boto3.client("sqs")


def handler(event: Mapping[str, Any], _context: object) -> dict[str, list[dict[str, str]]]:
    """Take each message by itself: one that fails holds up no other."""
    failed = [record["messageId"] for record in event["Records"] if not _taken_care_of(record)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _taken_care_of(record: Mapping[str, Any]) -> bool:
    try:
        carry_out(order_of(record["body"]))
    except Exception:
        logger.exception("unforeseen", extra={"message_id": record["messageId"]})
        return False
    return True


def carry_out(order: JobOrder) -> None:
    """Skip the object, start its job, or send the message back for later."""
    if order.reason_to_skip:
        _decided(order, "Skipped", Reason=order.reason_to_skip)
        return
    try:
        _start_once(order)
    except Exception as error:
        if not is_not_now(error):
            raise
        _send_back(order, error)


def _start_once(order: JobOrder) -> None:
    # The row comes first: were this function to die between the two, a job without a row would be lost.
    if ledger_table.open_row(order.job_name, order.facts) != ledger_table.STARTING:
        logger.info("taken care of by an earlier delivery", extra=_identity(order))
        return
    try:
        job = _started(order)
    except Exception as error:
        if not is_refusal(error):
            raise
        _reject(order, error)
        return
    ledger_table.advance(order.job_name, facts_of(job))


def _started(order: JobOrder) -> Mapping[str, Any]:
    try:
        answer = transcribe.start_transcription_job(**order.start_request)
    except Exception as error:
        if not is_conflict(error):
            raise
        return _started_before(order)
    _decided(order, "Started")
    job: Mapping[str, Any] = answer["TranscriptionJob"]
    return job


def _started_before(order: JobOrder) -> Mapping[str, Any]:
    job: Mapping[str, Any] = transcribe.get_transcription_job(TranscriptionJobName=order.job_name)["TranscriptionJob"]
    if job["Media"]["MediaFileUri"] != order.media_uri:
        raise ValueError(f"job {order.job_name} exists already and is for other media")
    return job


def _reject(order: JobOrder, error: Exception) -> None:
    ledger_table.advance(
        order.job_name,
        {
            **order.facts,
            "status": ledger_table.REJECTED,
            "failure_reason": message_of(error),
            "message": order.message,
            "completed_at": timestamp(),
        },
    )
    _decided(order, "Rejected")


def _send_back(order: JobOrder, error: Exception) -> None:
    """A copy with its own delay: waiting for the service must not use up the queue's receive count."""
    delay = order.next_delay_seconds
    sqs.send_message(QueueUrl=QUEUE_URL, MessageBody=order.next_message, DelaySeconds=delay)
    metrics.count("SentBack", order.pipeline)
    logger.info("SentBack", extra={**_identity(order), "reason": str(error), "delay_seconds": delay})


def _decided(order: JobOrder, decision: str, **dimensions: str) -> None:
    metrics.count(decision, order.pipeline, **dimensions)
    logger.info(decision, extra={**_identity(order), **dimensions})


def _identity(order: JobOrder) -> dict[str, str | int]:
    return {"job_name": order.job_name, "media_uri": order.media_uri, "attempt": order.attempt}
