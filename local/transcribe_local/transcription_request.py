"""What a StartTranscriptionJob request must fulfil as a whole, and where its output goes."""

from typing import Any

from transcribe_local.object_store import ObjectLocation
from transcribe_local.service_error import bad_request

WRITE_PROBE = ".write_access_check_file.temp"

_LANGUAGE_CHOICES = ("LanguageCode", "IdentifyLanguage", "IdentifyMultipleLanguages")
_DEFAULT_LANGUAGE = "en-US"
_NOT_HERE = "The local Amazon Transcribe doesn't support {}. Remove it and try your request again."


def check_request(request: dict[str, Any]) -> None:
    """Raise BadRequestException for fields that contradict each other, and for what is not supported here."""
    _check_language(request)
    _check_supported(request)
    settings = request.get("Settings", {})
    for flag, value in (("ShowSpeakerLabels", "MaxSpeakerLabels"), ("ShowAlternatives", "MaxAlternatives")):
        if bool(settings.get(flag)) != (value in settings):
            raise bad_request(f"{flag} and {value} must be specified together.")
    for present, needed in (
        (settings.get("VocabularyFilterName"), settings.get("VocabularyFilterMethod")),
        (request.get("OutputKey"), request.get("OutputBucketName")),
        (request.get("OutputEncryptionKMSKeyId"), request.get("OutputBucketName")),
        (request.get("KMSEncryptionContext"), request.get("OutputEncryptionKMSKeyId")),
        (request.get("LanguageOptions"), not request.get("LanguageCode")),
    ):
        if present and not needed:
            raise bad_request(
                "A parameter in your request needs another one: VocabularyFilterName needs VocabularyFilterMethod, "
                "OutputKey and OutputEncryptionKMSKeyId need OutputBucketName, KMSEncryptionContext needs "
                "OutputEncryptionKMSKeyId, and LanguageOptions needs language identification."
            )
    execution = request.get("JobExecutionSettings", {})
    if execution.get("AllowDeferredExecution") and not execution.get("DataAccessRoleArn"):
        raise bad_request("DataAccessRoleArn must be specified when AllowDeferredExecution is true.")


def output_location(request: dict[str, Any], service_prefix: str, bucket: str) -> ObjectLocation:
    """Where the transcript goes.

    OutputKey is the key itself when it ends in `.json` and a folder otherwise; without one it is the root.
    """
    name = f"{request['TranscriptionJobName']}.json"
    if "OutputBucketName" not in request:
        return ObjectLocation(bucket, f"{service_prefix}/{name}")
    key = request.get("OutputKey", name)
    if not key.endswith(".json"):
        key = f"{key.removesuffix('/')}/{name}"
    return ObjectLocation(bucket, key.removeprefix("/"))


def write_probe(output: ObjectLocation) -> ObjectLocation:
    """The object that the service writes beside the output before it accepts a job."""
    prefix, separator, _ = output.key.rpartition("/")
    return ObjectLocation(output.bucket, prefix + separator + WRITE_PROBE)


def language_of(request: dict[str, Any]) -> str:
    """The job's language.

    Identification has only English to find: it settles on the first English option, on the first option if
    there is no English one, and on en-US without options.
    """
    options = request.get("LanguageOptions", [])
    english = [option for option in options if option.startswith("en-")]
    return str(request.get("LanguageCode") or next(iter(english + options), _DEFAULT_LANGUAGE))


def named_resources(request: dict[str, Any]) -> list[dict[str, str]]:
    """Every set of names of a vocabulary and a filter in a request: one, or one a language to identify."""
    by_language = request.get("LanguageIdSettings", {})
    return [*by_language.values(), request.get("Settings", {})]


def settings_for(request: dict[str, Any], language_code: str) -> dict[str, Any]:
    """The settings of a job in the language that was settled on."""
    return {**request.get("Settings", {}), **request.get("LanguageIdSettings", {}).get(language_code, {})}


def _check_language(request: dict[str, Any]) -> None:
    chosen = [choice for choice in _LANGUAGE_CHOICES if request.get(choice)]
    if not chosen:
        raise bad_request(
            "The language code is missing. Either add a language code or turn on language identification."
        )
    if len(chosen) > 1:
        raise bad_request(f"You can specify only one of {', '.join(_LANGUAGE_CHOICES)}.")


def _check_supported(request: dict[str, Any]) -> None:
    language_models = [request.get("ModelSettings", {}), *request.get("LanguageIdSettings", {}).values()]
    for what, asked in (
        ("ContentRedaction", "ContentRedaction" in request),
        ("ToxicityDetection", request.get("ToxicityDetection")),
        ("custom language models", any("LanguageModelName" in settings for settings in language_models)),
        ("RedactedMediaFileUri", "RedactedMediaFileUri" in request["Media"]),
    ):
        if asked:
            raise bad_request(_NOT_HERE.format(what))
    if "MediaFileUri" not in request["Media"]:
        raise bad_request("MediaFileUri is missing.")
    if request["TranscriptionJobName"].strip(".") == "":
        raise bad_request("A job name can't consist of periods only.")
