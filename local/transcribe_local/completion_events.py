"""What EventBridge hears of jobs: their ends, at least once at best."""

import random
from typing import Any, Protocol

from transcribe_local.scope import Scope
from transcribe_local.settings import Settings
from transcribe_local.transcription_job import TranscriptionJob


class EventBus(Protocol):
    """EventBridge, as far as the service needs it."""

    def publish(self, scope: Scope, detail_type: str, detail: dict[str, Any]) -> None: ...


class NoEventBus:
    """For a service that nobody listens to."""

    def publish(self, scope: Scope, detail_type: str, detail: dict[str, Any]) -> None: ...


class CompletionEvents:
    """Announces jobs; the settings say which share of the events is lost or doubled."""

    def __init__(self, bus: EventBus, settings: Settings) -> None:
        self._bus = bus
        self._settings = settings
        # Reproducible losses are wanted here, not unpredictable ones.
        self._dice = random.Random(0)  # noqa: S311

    def announce(self, job: TranscriptionJob) -> None:
        """Publish that a job has ended, and how."""
        detail = {"TranscriptionJobName": job.name, "TranscriptionJobStatus": job.status}
        if job.status == "FAILED":
            detail["FailureReason"] = job.results["FailureReason"]
        self._publish(job.scope, "Transcribe Job State Change", detail)
        if job.request.get("IdentifyLanguage"):
            self._publish(job.scope, "Language Identification State Change", _identification(job))

    def _publish(self, scope: Scope, detail_type: str, detail: dict[str, Any]) -> None:
        lost = self._dice.random() < self._settings.lost_event_rate
        doubled = self._dice.random() < self._settings.doubled_event_rate
        for _ in range(0 if lost else 1 + doubled):
            self._bus.publish(scope, detail_type, detail)


def _identification(job: TranscriptionJob) -> dict[str, Any]:
    return {
        "JobType": "TranscriptionJob",
        "JobName": job.name,
        "LanguageIdentificationStatus": job.status,
    }
