"""The service's sentences, as it is known to say them, and what they mean."""

from __future__ import annotations

import pytest

from transcribe_handlers.failure_classes import failure_class

SENTENCES = {
    "BAD_MEDIA": [
        "Unsupported media format.",
        "The media format provided does not match the detected media format.",
        "Invalid sample rate for audio file.",
        "The sample rate provided does not match the detected sample rate.",
        "Invalid number of channels: number of channels too large.",
    ],
    "TOO_LONG": [
        "Invalid file size: file size too large.",
        "Invalid file size: file size too large. Maximum audio duration is 4.000000 hours. Check the length of the "
        "file and try your request again.",
    ],
    "NO_ACCESS": [
        "The S3 URI that you provided can't be accessed. Make sure that you have read permission and try again.",
        "The S3 bucket that you provided for the output can\N{RIGHT SINGLE QUOTATION MARK}t be accessed. Make sure "
        "that you have write permission and try your request again.",
        "User: arn:aws:sts::1:assumed-role/x is not authorized to perform: kms:Decrypt",
        "Access Denied",
    ],
    "NOT_FOUND": [
        "The requested vocabulary couldn't be found. Check the vocabulary name and try your request again.",
        "The specified key does not exist.",
    ],
    "LIMIT": [
        "You've reached the limit on the number of concurrent jobs in your account.",
        "Rate exceeded",
    ],
    "SERVICE_FAULT": [
        "Internal Failure. Please try your request again.",
        "There was an internal error. Check the error message, correct the issue, and try your request again.",
    ],
    "BAD_REQUEST": [
        "1 validation error detected: Value 'x' at 'languageCode' failed to satisfy constraint: Member must satisfy "
        "enum value set: [en-US]",
        "The language code is missing. Either add a language code or turn on language identification.",
    ],
    "OTHER": ["The moon was in the way.", ""],
}


@pytest.mark.parametrize(
    ("reason", "expected"), [(reason, name) for name, reasons in SENTENCES.items() for reason in reasons]
)
def test_sentence_has_its_class(reason: str, expected: str) -> None:
    assert failure_class(reason) == expected


def test_unknown_sentence_has_the_class_that_its_place_suggests() -> None:
    assert failure_class("The moon was in the way.", "BAD_REQUEST") == "BAD_REQUEST"


def test_known_sentence_has_its_own_class_in_any_place() -> None:
    assert failure_class("Unsupported media format.", "BAD_REQUEST") == "BAD_MEDIA"
