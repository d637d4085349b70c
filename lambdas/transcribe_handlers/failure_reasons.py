"""The sentence that CloudFormation shows when a resource cannot be made."""

from __future__ import annotations

from .service_errors import message_of

_LONGEST_REASON = 1500

_HINTS = (
    (
        ("read permission", "couldn't be accessed", "can't access"),
        "Transcribe reads the file as DataAccessRoleArn, or without one as the function that made this "
        "request: check that the object exists in this Region, and s3:GetObject and kms:Decrypt on it; for training "
        "data s3:ListBucket on its bucket too.",
    ),
    (
        ("invalid characters", "incorrectly formatted"),
        "Check the file: UTF-8, lines that end in LF (CRLF breaks), the columns Phrase, SoundsLike, IPA and "
        "DisplayAs separated by tabs in every row, hyphens for spaces, only characters the language allows.",
    ),
    (
        ("kms", "encryption key"),
        "EncryptionConfiguration needs the full ARN of an enabled symmetric key; the data access role "
        "must be allowed to use it.",
    ),
    (
        ("too long", "too large"),
        "A vocabulary or a vocabulary filter holds 50 KB at most: make it shorter, or several.",
    ),
    (
        ("reached the limit", "too many"),
        "Delete what is no longer needed, or raise the quota in Service Quotas: by default an account has 100 "
        "vocabularies of a kind in a Region, 10 of them PENDING, and 10 language models.",
    ),
    (
        ("passrole", "assume"),
        "The data access role must trust Transcribe, and the function that made this request needs iam:PassRole on it.",
    ),
)


def failure_sentence(subject: str, error: Exception) -> str:
    """Which resource, the service's reason, and what usually helps; far below CloudFormation's 4096 bytes."""
    reason = message_of(error)[:_LONGEST_REASON]
    return " ".join([f"{subject}: {reason}", *_hints(reason.lower())])


def is_about_reading_the_file(error: Exception) -> bool:
    """The answer that a role gets which IAM does not yet know everywhere."""
    return "make sure that you have read permission" in message_of(error).lower()


def _hints(reason: str) -> list[str]:
    return [hint for signs, hint in _HINTS if any(sign in reason for sign in signs)]
