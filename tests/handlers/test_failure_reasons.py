import pytest

from transcribe_handlers.failure_reasons import failure_sentence


@pytest.mark.parametrize(
    ("reason", "hint"),
    [
        ("The S3 URI can't be accessed. Make sure that you have read permission.", "s3:GetObject"),
        ("The vocabulary contains invalid characters or incorrectly formatted terms.", "CRLF"),
        ("The KMS key is disabled.", "full ARN"),
        ("not authorized to perform: iam:PassRole on resource", "iam:PassRole on it"),
    ],
)
def test_reason_comes_with_what_usually_helps(reason: str, hint: str) -> None:
    sentence = failure_sentence("vocabulary 'terms'", Exception(reason))

    assert sentence.startswith(f"vocabulary 'terms': {reason}")
    assert hint in sentence


def test_unknown_reason_stands_alone() -> None:
    assert failure_sentence("vocabulary 'terms'", Exception("No.")) == "vocabulary 'terms': No."


def test_sentence_stays_far_below_what_cloudformation_takes() -> None:
    everything = "read permission, invalid characters, kms, passrole " * 1000

    assert len(failure_sentence("vocabulary '" + "n" * 200 + "'", Exception(everything)).encode()) < 3000
