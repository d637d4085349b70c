"""What a test or a person can turn while the local service runs."""

import dataclasses
from collections.abc import Mapping
from typing import Any

SERVICE_RATES: dict[str, float] = {
    "StartTranscriptionJob": 25,
    "GetTranscriptionJob": 30,
    "ListTranscriptionJobs": 5,
    "DeleteTranscriptionJob": 5,
    "StartCallAnalyticsJob": 10,
    "GetCallAnalyticsJob": 20,
    "ListCallAnalyticsJobs": 5,
    "DeleteCallAnalyticsJob": 5,
    "CreateVocabulary": 10,
    "UpdateVocabulary": 10,
    "GetVocabulary": 20,
    "ListVocabularies": 5,
    "DeleteVocabulary": 5,
    "CreateCallAnalyticsCategory": 10,
    "UpdateCallAnalyticsCategory": 10,
    "GetCallAnalyticsCategory": 20,
    "ListCallAnalyticsCategories": 5,
    "DeleteCallAnalyticsCategory": 5,
}
"""The service's quotas of requests a second, for `requests_per_second`: those that its developer guide gives. It gives
none for filters, medical jobs, medical scribe jobs and tags."""


@dataclasses.dataclass
class Settings:
    """How fast the local service works and how much of it there is.

    Defaults are the service's own quotas, sped up.
    """

    pending_seconds: float = 0.5
    """How long a vocabulary stays PENDING."""
    max_pending_vocabularies: int = 10
    max_vocabularies: int = 100
    max_vocabulary_filters: int = 100
    max_call_analytics_categories: int = 200
    max_language_models: int = 10
    max_training_models: int = 3
    training_seconds: float = 0.5
    """How long the training of a language model lasts; a change holds for trainings under way too."""
    reencryption_seconds: float = 0.0
    """How long a language model is IN_PROGRESS after a change of its key, settable meanwhile too; jobs can use it."""
    max_training_bytes: int = 2 * 1024**3
    max_tuning_bytes: int = 200 * 1024**2
    deletes_models_in_training: bool = False
    """Whether a language model can be deleted while it is being trained."""
    job_seconds: float = 0.0
    """The shortest time that a job stays IN_PROGRESS."""
    max_concurrent_jobs: int = 250
    """Transcription jobs IN_PROGRESS at once; one more is QUEUED if it may be deferred, refused if not."""
    max_concurrent_call_analytics_jobs: int = 100
    max_concurrent_medical_jobs: int = 250
    """Medical transcription jobs at once. The service's own figure is not published; this is the standard one."""
    max_concurrent_medical_scribe_jobs: int = 250
    """Medical scribe jobs at once. The service's own figure is not published; this is the standard one."""
    max_deferred_jobs: int = 10_000
    """Jobs QUEUED at once, of one kind."""
    deferred_jobs_share: float = 0.9
    """The share of the concurrent jobs that those that may be deferred can take up."""
    recognize_speech: bool = True
    """Whether jobs listen to their media; otherwise each ends with the same two synthetic sentences, at once."""
    lost_event_rate: float = 0.0
    """The share of completion events that never arrive (delivery is best effort)."""
    doubled_event_rate: float = 0.0
    """The share of completion events that arrive twice."""
    requests_per_second: dict[str, float] = dataclasses.field(default_factory=dict)
    """Requests per second by operation; an operation not named here has no limit. None has, unless it is set: tests
    would wait for nothing. `SERVICE_RATES` are the service's own."""

    failures: dict[str, str] = dataclasses.field(default_factory=dict)
    """Names of vocabularies, filters, models and jobs that fail whatever they hold, each with the service's reason."""

    def change(self, changes: Mapping[str, Any]) -> None:
        """Take over the named values.

        Raises ValueError for a name that is no setting or a value of another type.
        """
        for name, value in changes.items():
            setattr(self, name, _as_type_of(name, getattr(self, name, None), value))


def _as_type_of(name: str, present: Any, value: Any) -> Any:
    if present is None:
        raise ValueError(f"no setting is called {name!r}: use one of {sorted(_NAMES)}")
    if isinstance(present, dict) != isinstance(value, dict) or not isinstance(value, (int, float, dict)):
        raise ValueError(f"{name} takes a value like {present!r}, got {value!r}")
    return type(present)(value)


_NAMES = {field.name for field in dataclasses.fields(Settings)}
