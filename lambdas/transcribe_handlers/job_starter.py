"""Starts one job for each media object that arrives.

Trigger: an SQS batch of messages, each an EventBridge event beside the job request of its route.
Permissions: transcribe:Start- and Get- of the kinds of job that are routed, and TagResource for tagged ones;
dynamodb:UpdateItem and GetItem on the ledger; sqs:SendMessage, ReceiveMessage, DeleteMessage and GetQueueAttributes
on the queue; s3:GetObject on media and s3:PutObject on transcripts with their keys; s3:GetObjectTagging and
GetObjectVersionTagging on media where a route takes values from tags; ssm:GetParameter on the pointers of language
models; iam:PassRole on the jobs' data access role.
Result: a row in the ledger and a job. Only what nobody foresaw is reported as a failed item, and so reaches
the dead-letter queue.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config

from . import ledger_table, metrics
from .failure_classes import BAD_REQUEST, LIMIT, failure_class
from .job_facts import timestamp
from .job_order import JobOrder, order_of
from .job_pace import Pace
from .job_record import record
from .job_statuses import REJECTED, STARTING
from .object_tags import tags_of
from .object_values import NoAllowedValueError, ObjectTexts, resolved
from .service_errors import is_conflict, is_gone, is_missing, is_not_now, is_refusal, message_of
from .serving_models import NoVersionYetError

logger = logging.getLogger(__name__)

QUEUE_URL = os.environ["QUEUE_URL"]
# More than the service takes to be given up on, below.
_MILLISECONDS_FOR_ONE_ORDER = 25_000

pace = Pace(float(os.environ["STARTS_PER_SECOND"]))
# One attempt: the queue brings an order back, and attempts of the client's own would go past the pace.
transcribe: Any = boto3.client(
    "transcribe", config=Config(connect_timeout=3, read_timeout=15, retries={"total_max_attempts": 1})
)
sqs: Any = boto3.client("sqs")


class _JobVanishedError(Exception):
    """The job whose name was taken a moment ago has been deleted."""


def handler(event: Mapping[str, Any], context: Any) -> dict[str, list[dict[str, str]]]:
    """Take each message by itself: one that fails holds up no other."""
    failed = [
        message["messageId"]
        for position, message in enumerate(event["Records"])
        # The first one always gets its turn: otherwise none might ever.
        if not _taken_care_of(message, in_time=position == 0 or _has_time(context))
    ]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def carry_out(order: JobOrder) -> None:
    """Skip the object, start its job, or send the message back for later."""
    if order.reason_to_skip:
        _decided(order, "Skipped", Reason=order.reason_to_skip)
        return
    try:
        _start_once(order)
    except Exception as error:
        if not _is_not_now(error):
            raise
        _send_back(order, error)


def _has_time(context: Any) -> bool:
    return bool(context.get_remaining_time_in_millis() > _MILLISECONDS_FOR_ONE_ORDER)


def _taken_care_of(message: Mapping[str, Any], *, in_time: bool) -> bool:
    try:
        if in_time:
            carry_out(order_of(message["body"]))
        else:
            _put_back(message)
    except Exception:
        logger.exception("unforeseen", extra={"message_id": message["messageId"]})
        return False
    return True


def _start_once(order: JobOrder) -> None:
    # The row comes first: were this function to die between the two, a job without a row would be lost.
    if ledger_table.open_row(order.job_name, order.facts, order.original_message) != STARTING:
        logger.info("taken care of by an earlier delivery", extra=_identity(order))
        return
    try:
        job = _started(order)
    except Exception as error:
        if not _is_final(error):
            raise
        _reject(order, message_of(error), failure_class(message_of(error), BAD_REQUEST))
        return
    record(order.kind, order.job_name, job)


def _started(order: JobOrder) -> Mapping[str, Any]:
    texts = ObjectTexts(order.key, order.key_pattern, lambda: tags_of(order.bucket, order.key, order.version_id))
    request = order.start_request(resolved(order.request, texts) or {})
    pace.wait()
    try:
        job = order.kind.start(transcribe, request)
    except Exception as error:
        if not is_conflict(error):
            raise
        return _started_before(order)
    _decided(order, "Started")
    return job


def _started_before(order: JobOrder) -> Mapping[str, Any]:
    try:
        job = order.kind.get(transcribe, order.job_name)
    except Exception as error:
        if is_missing(error):
            raise _JobVanishedError(f"job {order.job_name} exists and does not") from error
        raise
    if job["Media"]["MediaFileUri"] != order.media_uri:
        raise ValueError(f"job {order.job_name} exists already and is for other media")
    return job


def _is_final(error: Exception) -> bool:
    return isinstance(error, NoAllowedValueError) or is_refusal(error) or is_gone(error)


def _is_not_now(error: Exception) -> bool:
    return isinstance(error, (_JobVanishedError, NoVersionYetError)) or is_not_now(error)


def _reject(order: JobOrder, reason: str, reason_class: str) -> None:
    rejection = {
        **order.facts,
        "status": REJECTED,
        "failure_reason": reason,
        "failure_class": reason_class,
        "completed_at": timestamp(),
    }
    if ledger_table.advance(order.job_name, rejection):
        _decided(order, "Rejected", FailureClass=reason_class)


def _send_back(order: JobOrder, error: Exception) -> None:
    """A copy with its own delay: waiting for the service must not use up the queue's receive count."""
    if order.has_waited_enough:
        reason = message_of(error)
        given_up = f"given up after 14 days, in which the service never took the job: {reason}"
        _reject(order, given_up, failure_class(reason, LIMIT))
        return
    delay = order.next_delay_seconds
    sqs.send_message(QueueUrl=QUEUE_URL, MessageBody=order.next_message, DelaySeconds=delay)
    decision = "Held" if isinstance(error, NoVersionYetError) else "SentBack"
    metrics.count(decision, order.pipeline)
    logger.info(decision, extra={**_identity(order), "reason": str(error), "delay_seconds": delay})


def _put_back(message: Mapping[str, Any]) -> None:
    """A copy as it is: that others took long must not use up this message's receive count either."""
    sqs.send_message(QueueUrl=QUEUE_URL, MessageBody=message["body"])
    logger.info("put back untouched, as time is short", extra={"message_id": message["messageId"]})


def _decided(order: JobOrder, decision: str, **dimensions: str) -> None:
    metrics.count(decision, order.pipeline, **dimensions)
    logger.info(decision, extra={**_identity(order), **dimensions})


def _identity(order: JobOrder) -> dict[str, str | int]:
    return {"job_name": order.job_name, "media_uri": order.media_uri, "attempt": order.attempt}
