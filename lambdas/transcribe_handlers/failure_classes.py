"""What kind of failure a sentence of the service, or of this library, speaks of."""

from __future__ import annotations

import re

BAD_MEDIA = "BAD_MEDIA"
TOO_LONG = "TOO_LONG"
NO_ACCESS = "NO_ACCESS"
NOT_FOUND = "NOT_FOUND"
LIMIT = "LIMIT"
SERVICE_FAULT = "SERVICE_FAULT"
BAD_REQUEST = "BAD_REQUEST"
OTHER = "OTHER"

# The first line that fits decides. The sentences are those that the API reference lists for FailureReason, those that
# the service was seen to answer with, and S3's.
_SENTENCES = (
    # "Internal Failure. Please try your request again." and whatever else starts so: the request was right.
    (SERVICE_FAULT, r"^(internal|an internal|there was an internal|service ?unavailable)"),
    # "Invalid file size: file size too large. Maximum audio duration is 4.000000 hours"
    (TOO_LONG, r"file size too large|maximum audio duration|too long"),
    # "The media format provided does not match the detected media format.", "Invalid sample rate for audio file."
    (BAD_MEDIA, r"media format|sample rate|number of channels|audio file|empty"),
    # "The S3 URI that you provided can't be accessed. Make sure that you have read permission and try again."
    (NO_ACCESS, r"(read|write) permission|can't be accessed|couldn't be accessed|denied|not authorized|kms|assume"),
    # "The requested vocabulary couldn't be found.", S3's "The specified key does not exist."
    (NOT_FOUND, r"couldn't be found|(does not|doesn't|no longer) exist"),
    # "You've reached the limit on the number of concurrent jobs", "Rate exceeded"
    (LIMIT, r"limit|rate exceeded|too many|throttl"),
    # "1 validation error detected: …", "The language code is missing."
    (BAD_REQUEST, r"validation error|is missing|isn't valid|not valid|invalid"),
)


def failure_class(reason: str, otherwise: str = OTHER) -> str:
    """The class of a reason; `otherwise` for a sentence that nobody has met yet."""
    sentence = reason.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return next((name for name, signs in _SENTENCES if re.search(signs, sentence)), otherwise)
