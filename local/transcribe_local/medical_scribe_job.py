"""Medical scribe jobs (HealthScribe)."""

from typing import Any

from transcribe_local.job import Job
from transcribe_local.job_kind import JobPlan
from transcribe_local.job_output import JobOutput
from transcribe_local.medical_scribe_documents import clinical_document, conversation_document
from transcribe_local.named_resources import NamedResources
from transcribe_local.object_store import ObjectLocation
from transcribe_local.request_rules import check_channel_definitions, check_media_file, check_needs, check_together
from transcribe_local.scope import Scope
from transcribe_local.service_error import bad_request
from transcribe_local.transcript import Transcription

_LANGUAGE = "en-US"


class MedicalScribeJobKind:
    """A transcript and a clinical note below `<job name>/`. The end of such a job is no event."""

    noun = "MedicalScribeJob"
    name_field = "MedicalScribeJobName"
    status_field = "MedicalScribeJobStatus"
    arn_type = "medical-scribe-job"
    limit_setting = "max_concurrent_medical_scribe_jobs"

    def __init__(self, output: JobOutput, resources: NamedResources) -> None:
        self._output = output
        self._resources = resources

    def plan(self, scope: Scope, request: dict[str, Any]) -> JobPlan:
        settings = request["Settings"]
        check_media_file(request)
        _check_who_speaks(request)
        check_together(settings)
        check_needs(settings)
        check_needs(request)
        self._resources.check(scope, settings)
        return JobPlan(
            order=self._resources.order(scope, settings, _LANGUAGE),
            output=ObjectLocation(request["OutputBucketName"], f"{request[self.name_field]}/transcript.json"),
            language_code=_LANGUAGE,
            role_arn=request["DataAccessRoleArn"],
            fields={
                "LanguageCode": _LANGUAGE,
                "MedicalScribeContextProvided": "MedicalScribeContext" in request,
            },
        )

    def finish(self, job: Job, transcription: Transcription) -> dict[str, Any]:
        output = job.plan.output
        conversation = conversation_document(job, transcription)
        summary = output._replace(key=f"{job.name}/summary.json")
        return {
            "MedicalScribeOutput": {
                "TranscriptFileUri": self._output.put_document(job, output, conversation),
                "ClinicalDocumentUri": self._output.put_document(job, summary, clinical_document(conversation)),
            }
        }

    def events(self, job: Job) -> list[tuple[str, dict[str, Any]]]:
        return []


def _check_who_speaks(request: dict[str, Any]) -> None:
    settings = request["Settings"]
    by_channel = bool(settings.get("ChannelIdentification"))
    if bool(settings.get("ShowSpeakerLabels")) == by_channel:
        raise bad_request("Exactly one of ShowSpeakerLabels and ChannelIdentification must be true.")
    if by_channel != ("ChannelDefinitions" in request):
        raise bad_request("ChannelDefinitions and ChannelIdentification must be specified together.")
    check_channel_definitions(request)
