"""Medical transcription jobs."""

from typing import Any

from transcribe_local.job import Job
from transcribe_local.job_kind import JobPlan
from transcribe_local.job_output import JobOutput
from transcribe_local.named_resources import NamedResources
from transcribe_local.request_rules import check_english, check_media_file, check_needs, check_together
from transcribe_local.scope import Scope
from transcribe_local.transcript import Transcription
from transcribe_local.transcript_document import DocumentParts, transcript_document

_LOWEST_SAMPLE_RATE = 16000


class MedicalTranscriptionJobKind:
    """A transcript in US English, with the vocabularies that are medical. The end of such a job is no event."""

    noun = "MedicalTranscriptionJob"
    name_field = "MedicalTranscriptionJobName"
    status_field = "TranscriptionJobStatus"
    arn_type = "medical-transcription-job"
    limit_setting = "max_concurrent_medical_jobs"

    def __init__(self, output: JobOutput, resources: NamedResources) -> None:
        self._output = output
        self._resources = resources

    def plan(self, scope: Scope, request: dict[str, Any]) -> JobPlan:
        settings = request.get("Settings", {})
        check_media_file(request)
        check_english(request["LanguageCode"], "medical transcription")
        check_together(settings)
        check_needs(request)
        self._resources.check(scope, settings)
        return JobPlan(
            order=self._resources.order(
                scope,
                settings,
                request["LanguageCode"],
                media_format=request.get("MediaFormat"),
                sample_rate=request.get("MediaSampleRateHertz"),
                lowest_sample_rate=_LOWEST_SAMPLE_RATE,
            ),
            output=self._output.location(scope, request, f"{request[self.name_field]}.json", folder="medical"),
            language_code=request["LanguageCode"],
        )

    def finish(self, job: Job, transcription: Transcription) -> dict[str, Any]:
        document = transcript_document(
            job.name, job.scope.account_id, transcription.segments, DocumentParts.from_request(job.request)
        )
        if "ContentIdentificationType" in job.request:
            # Nothing here knows protected health information.
            document["results"]["entities"] = []
        return {
            "MediaFormat": transcription.media_format,
            "MediaSampleRateHertz": transcription.sample_rate,
            "Settings": {"ChannelIdentification": False, "ShowAlternatives": False, **job.request.get("Settings", {})},
            "Transcript": {"TranscriptFileUri": self._output.put_document(job, job.plan.output, document)},
        }

    def events(self, job: Job) -> list[tuple[str, dict[str, Any]]]:
        return []
