"""The messages in the dead-letter queues of pipelines, each with its reason and the way back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cdk_transcribe.command_line.deployed_routes import DeployedRoute
from transcribe_handlers.job_order import order_of

STARTER_FAILED = "STARTER_FAILED"
"""The starter took the message five times, and failed each time."""
NOT_DELIVERED = "NOT_DELIVERED"
"""EventBridge could not put the message on the pipeline's queue."""
UNREADABLE = "UNREADABLE"
"""It is nothing that a route sends."""

# Long enough to go through all of them, and over soon should this process die.
_HIDDEN_SECONDS = 300


@dataclass(frozen=True)
class DeadLetter:
    """One message. `message` is what the starter gets when it is sent again; None when there is no telling."""

    reason: str
    about: str
    message: str | None
    receipt: str


class DeadLetterQueue:
    """One pipeline's dead letters, hidden from others while they are looked at."""

    def __init__(self, sqs: Any, queue_arn: str, pipeline_queue_arn: str, routes: Iterable[DeployedRoute]) -> None:
        self._sqs = sqs
        self._url = _url(sqs, queue_arn)
        self._pipeline_queue_arn = pipeline_queue_arn
        self._jobs = {route.rule: route.job for route in routes}
        self._held: dict[str, DeadLetter] = {}

    def letters(self) -> Iterator[DeadLetter]:
        """All that are there."""
        while received := self._receive():
            for message in received:
                letter = self._letter(message)
                self._held[letter.receipt] = letter
                yield letter

    def send_again(self, letter: DeadLetter) -> None:
        """Back to the pipeline's queue, and only then away from here: sent twice, it still makes one job."""
        self._sqs.send_message(QueueUrl=_url(self._sqs, self._pipeline_queue_arn), MessageBody=letter.message)
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt)
        del self._held[letter.receipt]

    def release(self) -> None:
        """Let others see at once what was not sent again."""
        while self._held:
            receipt, _ = self._held.popitem()
            self._sqs.change_message_visibility(QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=0)

    def _receive(self) -> list[Mapping[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            VisibilityTimeout=_HIDDEN_SECONDS,
            # Without a wait SQS asks some of its servers only, and may miss messages.
            WaitTimeSeconds=1,
        )
        messages: list[Mapping[str, Any]] = answer.get("Messages", [])
        return messages

    def _letter(self, received: Mapping[str, Any]) -> DeadLetter:
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
        attributes = {name: value["StringValue"] for name, value in received.get("MessageAttributes", {}).items()}
        receipt = received["ReceiptHandle"]
        try:
            message = self._message(received["Body"], attributes)
            media_uri = order_of(message).media_uri
        except (ValueError, KeyError, TypeError) as error:
            return DeadLetter(UNREADABLE, f"{type(error).__name__}: {error}", None, receipt)
        error_code = attributes.get("ERROR_CODE")
        if error_code:
            said = f"{media_uri}: {error_code}: {attributes.get('ERROR_MESSAGE', '')}"
            return DeadLetter(NOT_DELIVERED, said, message, receipt)
        return DeadLetter(STARTER_FAILED, media_uri, message, receipt)

    def _message(self, body: str, attributes: Mapping[str, str]) -> str:
        """What EventBridge could not deliver is the event as it came, without what its rule says of the job."""
        content = json.loads(body)
        if "detail" not in content:
            return body
        rule = attributes["RULE_ARN"].rpartition("/")[2]
        return json.dumps({"event": content, "job": self._jobs[rule]})


def dead_letter_queues(sqs: Any, routes: Iterable[DeployedRoute]) -> list[DeadLetterQueue]:
    """Those of the pipelines that these routes belong to."""
    by_queue: dict[tuple[str, str], list[DeployedRoute]] = {}
    for route in routes:
        if route.dead_letter_queue_arn:
            by_queue.setdefault((route.dead_letter_queue_arn, route.queue_arn), []).append(route)
    return [DeadLetterQueue(sqs, dead_letters, queue, own) for (dead_letters, queue), own in by_queue.items()]


def _url(sqs: Any, queue_arn: str) -> str:
    *_, account, name = queue_arn.split(":")
    url: str = sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
    return url
