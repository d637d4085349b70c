"""Standard transcription jobs."""

from typing import Any

from transcribe_local.job import Job
from transcribe_local.job_kind import JobPlan
from transcribe_local.job_output import JobOutput
from transcribe_local.named_resources import NamedResources
from transcribe_local.object_store import ObjectLocation
from transcribe_local.redaction import redacted
from transcribe_local.scope import Scope
from transcribe_local.subtitles import CONTENT_TYPES, subtitles
from transcribe_local.transcript import Segment, Transcription
from transcribe_local.transcript_document import DocumentParts, transcript_document
from transcribe_local.transcription_request import check_request, language_of, settings_for

# There is only English to find, so how sure the service would be is not known.
LANGUAGE_SCORE = 0.99


class TranscriptionJobKind:
    """A transcript, subtitles beside it if wanted, and a redacted transcript beside that or in its place."""

    noun = "TranscriptionJob"
    name_field = "TranscriptionJobName"
    status_field = "TranscriptionJobStatus"
    arn_type = "transcription-job"
    limit_setting = "max_concurrent_jobs"

    def __init__(self, output: JobOutput, resources: NamedResources) -> None:
        self._output = output
        self._resources = resources

    def plan(self, scope: Scope, request: dict[str, Any]) -> JobPlan:
        check_request(request)
        language_code = language_of(request)
        settings, by_language = request.get("Settings", {}), request.get("LanguageIdSettings", {})
        self._resources.check(scope, settings, request.get("ModelSettings", {}), *by_language.values())
        execution = request.get("JobExecutionSettings", {})
        return JobPlan(
            order=self._resources.order(
                scope,
                settings_for(settings, by_language, language_code),
                language_code,
                media_format=request.get("MediaFormat"),
                sample_rate=request.get("MediaSampleRateHertz"),
            ),
            output=self._output.location(scope, request, f"{request[self.name_field]}.json"),
            language_code=language_code,
            role_arn=execution.get("DataAccessRoleArn"),
            is_deferrable=execution.get("AllowDeferredExecution", False),
        )

    def finish(self, job: Job, transcription: Transcription) -> dict[str, Any]:
        uris = {}
        redaction = job.request.get("ContentRedaction")
        segments = transcription.segments
        if redaction:
            segments = redacted(segments, redaction.get("PiiEntityTypes"))
            uris["RedactedTranscriptFileUri"] = self._write(job, transcription, segments, is_redacted=True)
        if not redaction or redaction["RedactionOutput"] == "redacted_and_unredacted":
            uris["TranscriptFileUri"] = self._write(job, transcription, transcription.segments)
        return {
            "MediaFormat": transcription.media_format,
            "MediaSampleRateHertz": transcription.sample_rate,
            "Settings": {"ChannelIdentification": False, "ShowAlternatives": False, **job.request.get("Settings", {})},
            "Transcript": uris,
            "Subtitles": self._write_subtitles(job, segments),
            **_language_fields(job, transcription),
        }

    def events(self, job: Job) -> list[tuple[str, dict[str, Any]]]:
        detail = {"TranscriptionJobName": job.name, "TranscriptionJobStatus": job.status}
        if job.status == "FAILED":
            detail["FailureReason"] = job.results["FailureReason"]
        ended = [("Transcribe Job State Change", detail)]
        if job.request.get("IdentifyLanguage"):
            ended.append(("Language Identification State Change", _identification(job)))
        return ended

    def _write(
        self, job: Job, transcription: Transcription, segments: list[Segment], *, is_redacted: bool = False
    ) -> str:
        document = transcript_document(
            job.name,
            job.scope.account_id,
            segments,
            DocumentParts.from_request(job.request, is_redacted=is_redacted),
            _language_results(job, transcription),
        )
        location = _redacted_location(job) if is_redacted else job.plan.output
        return self._output.put_document(job, location, document)

    def _write_subtitles(self, job: Job, segments: list[Segment]) -> dict[str, Any] | None:
        wanted = job.request.get("Subtitles")
        if not wanted:
            return None
        start_index = wanted.get("OutputStartIndex", 0)
        beside = _redacted_location(job) if "ContentRedaction" in job.request else job.plan.output
        stem = beside.key.removesuffix(".json")
        uris = [
            self._output.put(
                job,
                ObjectLocation(job.plan.output.bucket, f"{stem}.{subtitle_format}"),
                subtitles(segments, subtitle_format, start_index).encode(),
                CONTENT_TYPES[subtitle_format],
            )
            for subtitle_format in wanted.get("Formats", [])
        ]
        return {**wanted, "OutputStartIndex": start_index, "SubtitleFileUris": uris}


def _redacted_location(job: Job) -> ObjectLocation:
    folder, separator, name = job.plan.output.key.rpartition("/")
    return job.plan.output._replace(key=f"{folder}{separator}redacted-{name}")


def _identification(job: Job) -> dict[str, Any]:
    return {"JobType": "TranscriptionJob", "JobName": job.name, "LanguageIdentificationStatus": job.status}


def _language_results(job: Job, transcription: Transcription) -> dict[str, Any]:
    code = job.plan.language_code
    if job.request.get("IdentifyLanguage"):
        found = {"score": str(LANGUAGE_SCORE), "code": code}
        return {"language_code": code, "language_identification": [found]}
    if job.request.get("IdentifyMultipleLanguages"):
        duration = str(transcription.spoken_seconds)
        return {"language_codes": [{"language_code": code, "duration_in_seconds": duration}]}
    return {}


def _language_fields(job: Job, transcription: Transcription) -> dict[str, Any]:
    code = job.plan.language_code
    if job.request.get("IdentifyLanguage"):
        return {"LanguageCode": code, "IdentifiedLanguageScore": LANGUAGE_SCORE}
    if job.request.get("IdentifyMultipleLanguages"):
        return {"LanguageCodes": [{"LanguageCode": code, "DurationInSeconds": transcription.spoken_seconds}]}
    return {}
