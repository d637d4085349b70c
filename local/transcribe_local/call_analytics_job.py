"""Call Analytics jobs."""

from typing import Any

from transcribe_local.call_analytics_categories import CallAnalyticsCategories
from transcribe_local.call_analytics_document import call_analytics_document, skipped_features
from transcribe_local.category_matching import matched_categories
from transcribe_local.job import Job
from transcribe_local.job_kind import JobPlan
from transcribe_local.job_output import JobOutput
from transcribe_local.named_resources import NamedResources
from transcribe_local.object_store import ObjectLocation
from transcribe_local.redacted_audio import redacted_audio
from transcribe_local.redaction import redacted
from transcribe_local.request_rules import check_channel_definitions, check_needs
from transcribe_local.scope import Scope
from transcribe_local.service_error import bad_request
from transcribe_local.transcript import Transcription
from transcribe_local.transcription_job import LANGUAGE_SCORE
from transcribe_local.transcription_request import likely_language, settings_for


class CallAnalyticsJobKind:
    """Who said what on a call of two channels, and numbers about it."""

    noun = "CallAnalyticsJob"
    name_field = "CallAnalyticsJobName"
    status_field = "CallAnalyticsJobStatus"
    arn_type = "analytics"
    limit_setting = "max_concurrent_call_analytics_jobs"

    def __init__(self, output: JobOutput, resources: NamedResources, categories: CallAnalyticsCategories) -> None:
        self._output = output
        self._resources = resources
        self._categories = categories

    def plan(self, scope: Scope, request: dict[str, Any]) -> JobPlan:
        settings = request.get("Settings", {})
        by_language = settings.get("LanguageIdSettings", {})
        _check(request, settings)
        self._resources.check(scope, settings, *by_language.values())
        language_code = likely_language(settings.get("LanguageOptions", []))
        role_arn = request.get("DataAccessRoleArn")
        return JobPlan(
            order=self._resources.order(
                scope,
                {**settings_for(settings, by_language, language_code), "ChannelIdentification": True},
                language_code,
                needs_two_channels=True,
            ),
            output=self._location(scope, request),
            language_code=language_code,
            role_arn=role_arn,
            is_deferrable=role_arn is not None,
        )

    def finish(self, job: Job, transcription: Transcription) -> dict[str, Any]:
        document = call_analytics_document(job, transcription.segments, transcription.seconds)
        document["Categories"] = matched_categories(self._categories.for_jobs(job.scope, job.created_at), document)
        redaction = job.request.get("Settings", {}).get("ContentRedaction")
        skipped = skipped_features(job, transcription.segments)
        results = {
            "LanguageCode": job.plan.language_code,
            "MediaFormat": transcription.media_format,
            "MediaSampleRateHertz": transcription.sample_rate,
            "IdentifiedLanguageScore": None if _is_language_given(job.request) else LANGUAGE_SCORE,
            "CallAnalyticsJobDetails": {"Skipped": skipped} if skipped else None,
            **(self._redact(job, transcription, document["Categories"]) if redaction else {"Transcript": {}}),
        }
        if not redaction or redaction["RedactionOutput"] == "redacted_and_unredacted":
            uri = self._output.put_document(job, job.plan.output, document)
            results["Transcript"] = {"TranscriptFileUri": uri, **results["Transcript"]}
        return results

    def _redact(self, job: Job, transcription: Transcription, categories: dict[str, Any]) -> dict[str, Any]:
        entity_types = job.request["Settings"]["ContentRedaction"].get("PiiEntityTypes")
        segments = redacted(transcription.segments, entity_types)
        document = call_analytics_document(job, segments, transcription.seconds, is_redacted=True)
        location = _redacted_location(job)
        uri = self._output.put_document(job, location, {**document, "Categories": categories})
        audio = location._replace(key=f"{location.key.removesuffix('.json')}.wav")
        self._output.put(job, audio, redacted_audio(transcription, segments), "audio/wav")
        return {
            "Transcript": {"RedactedTranscriptFileUri": uri},
            "Media": {**job.request["Media"], "RedactedMediaFileUri": f"s3://{audio.bucket}/{audio.key}"},
        }

    def events(self, job: Job) -> list[tuple[str, dict[str, Any]]]:
        detail = {"JobName": job.name, "JobStatus": job.status}
        if job.status == "FAILED":
            detail["FailureReason"] = job.results["FailureReason"]
        return [("Call Analytics Job State Change", detail)]

    def _location(self, scope: Scope, request: dict[str, Any]) -> ObjectLocation:
        file_name = f"{request[self.name_field]}.json"
        if "OutputLocation" not in request:
            return self._output.service_location(scope, f"analytics/{file_name}")
        bucket, _, key = request["OutputLocation"].removeprefix("s3://").partition("/")
        if key.endswith(".json"):
            return ObjectLocation(bucket, key)
        return ObjectLocation(bucket, f"{key.removesuffix('/')}/analytics/{file_name}".removeprefix("/"))


def _redacted_location(job: Job) -> ObjectLocation:
    folder, separator, name = job.plan.output.key.rpartition("/")
    if job.request.get("OutputLocation", "").endswith(".json"):
        return job.plan.output._replace(key=f"{folder}{separator}redacted-{name}")
    return job.plan.output._replace(key=f"{folder.removesuffix('analytics')}redacted-analytics/{name}")


def _is_language_given(request: dict[str, Any]) -> bool:
    return len(request.get("Settings", {}).get("LanguageOptions", [])) == 1


def _check(request: dict[str, Any], settings: dict[str, Any]) -> None:
    if len({"MediaFileUri", "RedactedMediaFileUri"} & set(request["Media"])) != 1:
        raise bad_request("Either MediaFileUri or RedactedMediaFileUri must be specified.")
    if not request.get("OutputLocation", "s3://").startswith("s3://"):
        raise bad_request(
            "OutputLocation must be an S3 URI: s3://bucket, s3://bucket/folder/ or s3://bucket/file.json."
        )
    if request.get("OutputEncryptionKMSKeyId") and "OutputLocation" not in request:
        raise bad_request("OutputLocation is missing: it must be specified when OutputEncryptionKMSKeyId is.")
    check_channel_definitions(request)
    check_needs(settings)
