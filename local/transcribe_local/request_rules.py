"""Rules across the fields of a request, which the API's model does not know. All raise BadRequestException."""

from typing import Any

from transcribe_local.service_error import bad_request

_NEEDS = {
    "VocabularyFilterName": "VocabularyFilterMethod",
    "OutputKey": "OutputBucketName",
    "KMSEncryptionContext": "OutputEncryptionKMSKeyId",
}
_TOGETHER = (("ShowSpeakerLabels", "MaxSpeakerLabels"), ("ShowAlternatives", "MaxAlternatives"))


def check_needs(fields: dict[str, Any]) -> None:
    """A field that makes sense only beside another one needs that one."""
    for name, needed in _NEEDS.items():
        if fields.get(name) and not fields.get(needed):
            raise bad_request(f"{needed} is missing: it must be specified when {name} is.")


def check_together(settings: dict[str, Any]) -> None:
    """Speaker labels and alternatives need their numbers, and the numbers need them."""
    for flag, value in _TOGETHER:
        if bool(settings.get(flag)) != (value in settings):
            raise bad_request(f"{flag} and {value} must be specified together.")


def check_media_file(request: dict[str, Any]) -> None:
    """Only Call Analytics takes media that was redacted before."""
    if "RedactedMediaFileUri" in request["Media"]:
        raise bad_request("RedactedMediaFileUri is supported only for Call Analytics jobs. Use MediaFileUri instead.")
    if "MediaFileUri" not in request["Media"]:
        raise bad_request("MediaFileUri is missing.")


def check_channel_definitions(request: dict[str, Any]) -> None:
    """Each of the two channels has a participant of its own."""
    definitions = request.get("ChannelDefinitions", [])
    for field in ("ChannelId", "ParticipantRole"):
        if len({definition.get(field) for definition in definitions}) != len(definitions):
            raise bad_request(f"Each of the ChannelDefinitions must have another {field}.")


def check_english(language_code: str, what: str) -> None:
    """Medical features speak US English only."""
    if language_code != "en-US":
        raise bad_request(f"The language code that you provided isn't supported for {what}. Use en-US.")
