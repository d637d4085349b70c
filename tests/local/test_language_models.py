"""The life of custom language models."""

import time
from typing import Any

import pytest

from transcribe_local.object_store import ObjectLocation
from transcribe_local.service_error import ServiceError

ROLE = "arn:aws:iam::111122223333:role/reader"
KEY = "arn:aws:kms:eu-central-1:111122223333:key/1234"


@pytest.fixture
def train(call: Any) -> Any:
    """`train("name")` creates a model from one sentence; its training takes ten hours."""
    call.service.settings.change({"training_seconds": 36_000})
    call.objects.put("s3://corpus/training/a.txt", b"It was the best of times.\n")

    def create(name: str = "model", *, data: dict[str, str] | None = None, **request: Any) -> dict[str, Any]:
        answer: dict[str, Any] = call(
            "CreateLanguageModel",
            ModelName=name,
            LanguageCode="en-US",
            BaseModelName="WideBand",
            InputDataConfig={"S3Uri": "s3://corpus/training/", "DataAccessRoleArn": ROLE, **(data or {})},
            **request,
        )
        return answer

    return create


def describe(call: Any, name: str = "model") -> dict[str, Any]:
    answer: dict[str, Any] = call("DescribeLanguageModel", ModelName=name)["LanguageModel"]
    return answer


def refusal(call: Any, operation: str, **request: Any) -> tuple[str, str]:
    with pytest.raises(ServiceError) as refused:
        call(operation, **request)
    return refused.value.code, refused.value.message


def test_a_model_is_in_progress_for_the_time_of_its_training_and_then_completed(call: Any, train: Any) -> None:
    assert train()["ModelStatus"] == "IN_PROGRESS"
    call.clock.advance(35_999)
    assert describe(call)["ModelStatus"] == "IN_PROGRESS"
    call.clock.advance(1)
    assert describe(call)["ModelStatus"] == "COMPLETED"


def test_a_training_under_way_ends_when_the_setting_says_so(call: Any, train: Any) -> None:
    train()

    call.service.settings.change({"training_seconds": 0})

    assert describe(call)["ModelStatus"] == "COMPLETED"
    call.service.settings.change({"training_seconds": 36_000})
    assert describe(call)["ModelStatus"] == "COMPLETED"


def test_a_model_can_be_told_to_fail_while_it_is_trained(call: Any, train: Any) -> None:
    train()

    call.service.settings.change({"failures": {"model": "Too few words."}, "training_seconds": 0})

    assert describe(call)["ModelStatus"] == "FAILED"
    assert describe(call)["FailureReason"] == "Too few words."


@pytest.mark.parametrize(
    "content", [b"caf\xe9", b"<html><b>times</b></html>", b"\0\1\2"], ids=["Latin-1", "markup", "binary"]
)
def test_one_object_under_the_prefix_that_is_no_plain_text_fails_the_model(
    call: Any, train: Any, content: bytes
) -> None:
    call.objects.put("s3://corpus/training/deep/inside.txt", content)

    train()
    call.clock.advance(36_000)

    assert "s3://corpus/training/deep/inside.txt" in describe(call)["FailureReason"]


def test_a_prefix_without_a_slash_at_its_end_matches_the_folder_beside_it_too(call: Any, train: Any) -> None:
    call.objects.put("s3://corpus/training-notes/photo.jpg", b"\xff\xd8")

    train(data={"S3Uri": "s3://corpus/training"})
    call.clock.advance(36_000)

    assert "training-notes/photo.jpg" in describe(call)["FailureReason"]


def test_a_prefix_without_objects_fails_the_model(call: Any, train: Any) -> None:
    train(data={"S3Uri": "s3://corpus/nothing/"})
    call.clock.advance(36_000)

    assert "no files" in describe(call)["FailureReason"]


@pytest.mark.parametrize("field", ["max_training_bytes", "max_tuning_bytes"])
def test_too_much_data_fails_the_model(call: Any, train: Any, field: str) -> None:
    call.objects.put("s3://corpus/tuning/a.txt", b"It was the worst of times.\n")
    call.service.settings.change({field: 10})

    train(data={"TuningDataS3Uri": "s3://corpus/tuning/"})
    call.clock.advance(36_000)

    assert "exceeds the limit of 10 bytes" in describe(call)["FailureReason"]


def test_data_that_the_role_cannot_list_is_refused_at_once(call: Any, train: Any) -> None:
    call.objects.unreadable_by[ROLE] = {ObjectLocation("corpus", "training/")}

    with pytest.raises(ServiceError, match="Make sure that you have read permission"):
        train()


def test_three_models_are_trained_at_once_and_ten_kept(call: Any, train: Any) -> None:
    for number in range(10):
        train(f"model-{number}")
        if number == 2:
            with pytest.raises(ServiceError, match=r"LimitExceeded.*in training"):
                train("one-too-many")
        if number % 3 == 2:
            call.clock.advance(36_000)

    with pytest.raises(ServiceError, match=r"LimitExceeded.*in your account"):
        train("one-too-many")


def test_a_name_is_taken_once(call: Any, train: Any) -> None:
    train()

    with pytest.raises(ServiceError, match="ConflictException"):
        train()


def test_a_model_in_training_can_be_neither_changed_nor_deleted(call: Any, train: Any) -> None:
    train()

    assert refusal(call, "UpdateLanguageModel", ModelName="model")[0] == "ConflictException"
    assert "non-terminal state" in refusal(call, "DeleteLanguageModel", ModelName="model")[1]


def test_a_model_in_training_can_be_deleted_where_the_settings_say_so(call: Any, train: Any) -> None:
    train()
    call.service.settings.change({"deletes_models_in_training": True})

    call("DeleteLanguageModel", ModelName="model")

    assert call.service.snapshot() == []


def test_another_key_is_used_in_place_while_jobs_go_on_using_the_model(call: Any, train: Any) -> None:
    train()
    call.clock.advance(36_000)
    call.service.settings.change({"reencryption_seconds": 60})
    encryption = {"KMSKey": KEY}

    call("UpdateLanguageModel", ModelName="model", DataAccessRoleArn=ROLE, EncryptionConfiguration=encryption)

    assert describe(call)["EncryptionConfiguration"] == encryption
    assert describe(call)["ModelStatus"] == "IN_PROGRESS"
    assert call.service.language_models.trained(call.scope, "model")
    call.clock.advance(60)
    assert describe(call)["ModelStatus"] == "COMPLETED"

    call("UpdateLanguageModel", ModelName="model")

    assert "EncryptionConfiguration" not in describe(call)


def test_a_key_is_named_by_its_whole_arn(call: Any, train: Any) -> None:
    with pytest.raises(ServiceError, match="full ARN"):
        train(EncryptionConfiguration={"KMSKey": "alias/mine"})


def test_a_deleted_model_is_gone(call: Any, train: Any) -> None:
    train()
    call.clock.advance(36_000)

    call("DeleteLanguageModel", ModelName="model")

    assert refusal(call, "DescribeLanguageModel", ModelName="model")[0] == "BadRequestException"
    assert "couldn't be found" in refusal(call, "DeleteLanguageModel", ModelName="model")[1]


def test_models_are_listed_by_status_and_name(call: Any, train: Any) -> None:
    train("calls-1")
    call.clock.advance(36_000)
    train("calls-2")
    train("notes-1")

    def listed(**request: Any) -> list[str]:
        return [model["ModelName"] for model in call("ListLanguageModels", **request)["Models"]]

    assert listed(NameContains="CALLS") == ["calls-1", "calls-2"]
    assert listed(StatusEquals="IN_PROGRESS") == ["calls-2", "notes-1"]


def test_the_end_of_a_training_is_an_event_though_nobody_asks(call: Any, train: Any) -> None:
    train("good")
    train("bad")
    call.service.settings.change({"failures": {"bad": "Too few words."}})
    call.clock.advance(36_000)

    deadline = time.monotonic() + 10
    while len(call.events.published) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)

    assert call.events.published == [
        ("Transcribe Language Model State Change", {"ModelName": "good", "ModelStatus": "COMPLETED"}),
        (
            "Transcribe Language Model State Change",
            {"ModelName": "bad", "ModelStatus": "FAILED", "FailureReason": "Too few words."},
        ),
    ]


def test_a_model_carries_tags(call: Any, train: Any) -> None:
    train(Tags=[{"Key": "team", "Value": "calls"}])

    arn = "arn:aws:transcribe:eu-central-1:111122223333:language-model/model"
    assert call("ListTagsForResource", ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "calls"}]


def start(call: Any, **fields: Any) -> None:
    call.objects.put("s3://media/talk.wav", b"not looked at")
    media = {"MediaFileUri": "s3://media/talk.wav"}
    request = {"TranscriptionJobName": "job", "Media": media, "LanguageCode": "en-US", **fields}
    call("StartTranscriptionJob", **{name: value for name, value in request.items() if value is not None})


def test_a_job_names_a_model_that_is_completed(call: Any, train: Any) -> None:
    fields = {"ModelSettings": {"LanguageModelName": "model"}}
    train()
    with pytest.raises(ServiceError, match="language model isn't ready"):
        start(call, **fields)
    call.clock.advance(36_000)

    start(call, **fields)

    job = call("GetTranscriptionJob", TranscriptionJobName="job")["TranscriptionJob"]
    assert job["ModelSettings"] == {"LanguageModelName": "model"}


def test_a_job_names_a_model_for_one_of_several_languages(call: Any, train: Any) -> None:
    train()
    call.clock.advance(36_000)
    settings = {"en-US": {"LanguageModelName": "model"}}

    options = {"LanguageCode": None, "LanguageOptions": ["en-US", "de-DE"], "LanguageIdSettings": settings}

    start(call, IdentifyLanguage=True, **options)

    with pytest.raises(ServiceError, match="identification of multiple languages"):
        start(call, TranscriptionJobName="other", IdentifyMultipleLanguages=True, **options)
