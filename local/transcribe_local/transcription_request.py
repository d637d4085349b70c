"""What a StartTranscriptionJob request must fulfil as a whole, and which language it comes down to."""

from typing import Any

from transcribe_local.request_rules import check_media_file, check_needs, check_together
from transcribe_local.service_error import bad_request

_LANGUAGE_CHOICES = ("LanguageCode", "IdentifyLanguage", "IdentifyMultipleLanguages")
_DEFAULT_LANGUAGE = "en-US"


def check_request(request: dict[str, Any]) -> None:
    """Raise BadRequestException for fields that contradict each other."""
    check_media_file(request)
    _check_language(request)
    _check_language_models(request)
    check_together(request.get("Settings", {}))
    check_needs(request.get("Settings", {}))
    check_needs(request)
    if request.get("OutputEncryptionKMSKeyId") and not request.get("OutputBucketName"):
        raise bad_request("OutputBucketName is missing: it must be specified when OutputEncryptionKMSKeyId is.")
    execution = request.get("JobExecutionSettings", {})
    if execution.get("AllowDeferredExecution") and not execution.get("DataAccessRoleArn"):
        raise bad_request("DataAccessRoleArn must be specified when AllowDeferredExecution is true.")
    if request.get("ToxicityDetection") and request.get("LanguageCode") != "en-US":
        raise bad_request("Toxicity detection is available in en-US only.")
    if request.get("ContentRedaction") and request.get("IdentifyMultipleLanguages"):
        raise bad_request("Content redaction isn't available with the identification of multiple languages.")


def likely_language(options: list[str]) -> str:
    """What language identification finds.

    There is only English to find: it settles on the first English option, on the first option if there is no
    English one, and on en-US without options.
    """
    english = [option for option in options if option.startswith("en-")]
    return next(iter([*english, *options]), _DEFAULT_LANGUAGE)


def language_of(request: dict[str, Any]) -> str:
    """The job's language, given or identified."""
    return str(request.get("LanguageCode") or likely_language(request.get("LanguageOptions", [])))


def settings_for(settings: dict[str, Any], by_language: dict[str, Any], language_code: str) -> dict[str, Any]:
    """The settings of a job in the language that was settled on."""
    return {**settings, **by_language.get(language_code, {})}


def _check_language(request: dict[str, Any]) -> None:
    chosen = [choice for choice in _LANGUAGE_CHOICES if request.get(choice)]
    if not chosen:
        raise bad_request(
            "The language code is missing. Either add a language code or turn on language identification."
        )
    if len(chosen) > 1:
        raise bad_request(f"You can specify only one of {', '.join(_LANGUAGE_CHOICES)}.")
    if request.get("LanguageOptions") and request.get("LanguageCode"):
        raise bad_request("LanguageOptions can be specified only with language identification.")


def _check_language_models(request: dict[str, Any]) -> None:
    settings = [request.get("ModelSettings", {}), *request.get("LanguageIdSettings", {}).values()]
    if request.get("IdentifyMultipleLanguages") and any("LanguageModelName" in part for part in settings):
        raise bad_request("Custom language models aren't available with the identification of multiple languages.")
