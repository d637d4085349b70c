"""What a job is asked to do: the four kinds of request to Transcribe, in the field names of Python."""

from __future__ import annotations

from typing import Union

from cdk_transcribe.call_analytics_job import CallAnalyticsJob
from cdk_transcribe.medical_scribe_job import MedicalScribeJob
from cdk_transcribe.medical_transcription_job import MedicalTranscriptionJob
from cdk_transcribe.transcription_job import TranscriptionJob

__all__ = ["CallAnalyticsJob", "Job", "MedicalScribeJob", "MedicalTranscriptionJob", "TranscriptionJob"]

Job = Union[TranscriptionJob, MedicalTranscriptionJob, CallAnalyticsJob, MedicalScribeJob]  # noqa: UP007
"""The settings of a job of any kind."""
