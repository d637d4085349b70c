"""What a finished job leaves behind: its objects in S3, and the fields that tell of them."""

import json
from typing import Any

from transcribe_local.object_store import ObjectLocation, ObjectStore
from transcribe_local.subtitles import CONTENT_TYPES, subtitles
from transcribe_local.transcript import Transcription
from transcribe_local.transcript_document import DocumentParts, transcript_document
from transcribe_local.transcription_job import TranscriptionJob

# There is only English to find, so how sure the service would be is not known.
_LANGUAGE_SCORE = 0.99


class TranscriptionOutput:
    """Writes the objects of jobs: with the job's key, and with its role's permissions if it has one."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    def write(self, job: TranscriptionJob, transcription: Transcription) -> dict[str, Any]:
        """Write the transcript and the subtitles; the answer is what the job's description gains.

        Raises InaccessibleObjectError when the bucket does not take them.
        """
        settings = job.request.get("Settings", {})
        document = transcript_document(
            job.name,
            job.scope.account_id,
            transcription.segments,
            DocumentParts.from_settings(settings),
            _language_results(job, transcription),
        )
        self.put(job, job.output, json.dumps(document).encode(), "application/json")
        return {
            "MediaFormat": transcription.media_format,
            "MediaSampleRateHertz": transcription.sample_rate,
            "Settings": {"ChannelIdentification": False, "ShowAlternatives": False, **settings},
            "Transcript": {"TranscriptFileUri": self._uri(job, job.output)},
            "Subtitles": self._write_subtitles(job, transcription),
            **_language_fields(job, transcription),
        }

    def put(self, job: TranscriptionJob, location: ObjectLocation, body: bytes, content_type: str) -> None:
        """Write one object. Raises InaccessibleObjectError."""
        key = job.request.get("OutputEncryptionKMSKeyId")
        self._objects.write(job.scope, location, body, content_type, kms_key_id=key, role_arn=job.role_arn)

    def _write_subtitles(self, job: TranscriptionJob, transcription: Transcription) -> dict[str, Any] | None:
        wanted = job.request.get("Subtitles")
        if not wanted:
            return None
        start_index = wanted.get("OutputStartIndex", 0)
        uris = []
        for subtitle_format in wanted.get("Formats", []):
            key = f"{job.output.key.removesuffix('.json')}.{subtitle_format}"
            text = subtitles(transcription.segments, subtitle_format, start_index)
            self.put(job, job.output._replace(key=key), text.encode(), CONTENT_TYPES[subtitle_format])
            uris.append(self._uri(job, job.output._replace(key=key)))
        return {**wanted, "OutputStartIndex": start_index, "SubtitleFileUris": uris}

    def _uri(self, job: TranscriptionJob, location: ObjectLocation) -> str:
        if job.has_own_bucket:
            return location.https_uri(job.scope.region)
        return self._objects.fetch_uri(location)


def _language_results(job: TranscriptionJob, transcription: Transcription) -> dict[str, Any]:
    if job.request.get("IdentifyLanguage"):
        found = {"score": str(_LANGUAGE_SCORE), "code": job.language_code}
        return {"language_code": job.language_code, "language_identification": [found]}
    if job.request.get("IdentifyMultipleLanguages"):
        duration = str(transcription.spoken_seconds)
        return {"language_codes": [{"language_code": job.language_code, "duration_in_seconds": duration}]}
    return {}


def _language_fields(job: TranscriptionJob, transcription: Transcription) -> dict[str, Any]:
    if job.request.get("IdentifyLanguage"):
        return {"LanguageCode": job.language_code, "IdentifiedLanguageScore": _LANGUAGE_SCORE}
    if job.request.get("IdentifyMultipleLanguages"):
        duration = transcription.spoken_seconds
        return {"LanguageCodes": [{"LanguageCode": job.language_code, "DurationInSeconds": duration}]}
    return {}
