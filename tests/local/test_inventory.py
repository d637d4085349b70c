"""What a stack can leave behind."""

from __future__ import annotations

from transcribe_local import LocalAws
from transcribe_local.inventory import inventory

from .job_kinds import EVERY_KIND


def test_jobs_of_no_kind_are_left_behind_by_a_stack(local_aws: LocalAws) -> None:
    local_aws.reset_transcribe()
    for bucket in ("media", "out"):
        local_aws.client("s3").create_bucket(Bucket=bucket)
    local_aws.client("s3").put_object(Bucket="media", Key="call.wav", Body=b"no sound here")
    transcribe = local_aws.client("transcribe")
    before = inventory(local_aws)

    for kind in EVERY_KIND:
        kind.start(transcribe)
    transcribe.create_vocabulary(VocabularyName="terms", LanguageCode="en-US", Phrases=["word"])

    arn = f"arn:aws:transcribe:{local_aws.region}:{local_aws.account_id}:vocabulary/terms"
    assert inventory(local_aws) - before == {f"Transcribe resource {arn}"}
