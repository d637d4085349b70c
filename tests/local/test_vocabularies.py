"""The life of vocabularies, medical vocabularies and vocabulary filters."""

from typing import Any

import pytest

from transcribe_local.object_store import ObjectLocation
from transcribe_local.scope import Scope
from transcribe_local.service_error import ServiceError

TABLE = b"Phrase\tSoundsLike\tIPA\tDisplayAs\nLos-Angeles\t\t\tLos Angeles\nC.L.I.-s\t\t\tCLIs\n"
NOT_FOUND = "The requested vocabulary couldn't be found. Check the vocabulary name and try your request again."


def create(call: Any, name: str = "terms", **request: Any) -> dict[str, Any]:
    content = {} if {"Phrases", "VocabularyFileUri"} & set(request) else {"Phrases": ["Los-Angeles"]}
    answer: dict[str, Any] = call(
        "CreateVocabulary", VocabularyName=name, **{"LanguageCode": "en-US", **content, **request}
    )
    return answer


def get(call: Any, name: str = "terms") -> dict[str, Any]:
    answer: dict[str, Any] = call("GetVocabulary", VocabularyName=name)
    return answer


def refusal(call: Any, operation: str, **request: Any) -> tuple[str, str]:
    with pytest.raises(ServiceError) as refused:
        call(operation, **request)
    return refused.value.code, refused.value.message


def test_a_vocabulary_is_pending_and_then_ready(call: Any) -> None:
    assert create(call)["VocabularyState"] == "PENDING"
    call.clock.now += 0.49
    assert get(call)["VocabularyState"] == "PENDING"
    call.clock.now += 0.02
    assert get(call)["VocabularyState"] == "READY"


@pytest.mark.parametrize(
    ("phrase", "language_code"),
    [
        ("Los Angeles", "en-US"),
        ("Route-66", "en-US"),
        ("-dash", "en-US"),
        ("double--dash", "en-US"),
        ("AB.C", "en-US"),
        ("naïve", "en-US"),
        ("jusqu'à!", "fr-FR"),
        ("don't", "da-DK"),
    ],
)
def test_a_phrase_that_the_service_refuses_fails_the_vocabulary(call: Any, phrase: str, language_code: str) -> None:
    create(call, Phrases=[phrase], LanguageCode=language_code)
    call.clock.now += 1
    assert get(call)["VocabularyState"] == "FAILED"
    assert get(call)["FailureReason"].startswith(
        "The vocabulary that you're trying to create contains invalid characters or incorrectly formatted terms"
    )


@pytest.mark.parametrize(
    ("phrase", "language_code"),
    [
        ("Los-Angeles", "en-GB"),
        ("C.L.I.-s", "en-US"),
        ("Dynamo-D.B.", "en-US"),
        ("Größe", "de-DE"),
        ("日本", "ja-JP"),
    ],
)
def test_a_phrase_that_the_service_accepts(call: Any, phrase: str, language_code: str) -> None:
    create(call, Phrases=[phrase], LanguageCode=language_code)
    call.clock.now += 1
    assert get(call)["VocabularyState"] == "READY"


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (TABLE, "READY"),
        (TABLE.replace(b"\n", b"\r\n"), "READY"),
        (b"Phrase,IPA,SoundsLike,DisplayAs\nLos-Angeles,,,Los Angeles\n", "READY"),
        (b"Los-Angeles\nEvents\n", "READY"),
        (b"Phrase\tDisplayAs\nLos-Angeles\tLos Angeles\n", "FAILED"),
        (TABLE + b"Events\n", "FAILED"),
        (TABLE + b"two words\t\t\t\n", "FAILED"),
        ("größe".encode("latin-1"), "FAILED"),
        (b"", "FAILED"),
    ],
)
def test_a_file_is_read_as_the_service_reads_it(call: Any, content: bytes, state: str) -> None:
    call.objects.stored[ObjectLocation("words", "terms.tsv")] = content
    create(call, VocabularyFileUri="s3://words/terms.tsv")
    call.clock.now += 1
    assert get(call)["VocabularyState"] == state


def test_a_medical_vocabulary_takes_a_table_only(call: Any) -> None:
    call.objects.stored[ObjectLocation("words", "list.txt")] = b"Los-Angeles\n"
    call(
        "CreateMedicalVocabulary",
        VocabularyName="terms",
        LanguageCode="en-US",
        VocabularyFileUri="https://words.s3.eu-central-1.amazonaws.com/list.txt",
    )
    call.clock.now += 1
    assert call("GetMedicalVocabulary", VocabularyName="terms")["VocabularyState"] == "FAILED"
    assert refusal(call, "GetVocabulary", VocabularyName="terms") == ("BadRequestException", NOT_FOUND)


def test_an_unreadable_file_is_refused(call: Any) -> None:
    code, message = refusal(
        call,
        "CreateVocabulary",
        VocabularyName="terms",
        LanguageCode="en-US",
        VocabularyFileUri="s3://words/none.tsv",
    )
    assert code == "BadRequestException"
    assert message.endswith("Make sure that you have read permission and try your request again.")


def test_content_is_wanted_once(call: Any) -> None:
    request = {"VocabularyName": "terms", "LanguageCode": "en-US"}
    both = {**request, "Phrases": ["a"], "VocabularyFileUri": "s3://words/terms.tsv"}
    for wrong in (request, both):
        assert refusal(call, "CreateVocabulary", **wrong)[0] == "BadRequestException"


def test_content_beyond_50_kilobytes_is_refused(call: Any) -> None:
    phrases = ["abcdefghij" * 25] * 250
    request = {"VocabularyName": "terms", "LanguageCode": "en-US", "Phrases": phrases}
    assert refusal(call, "CreateVocabulary", **request)[0] == "LimitExceededException"


def test_a_name_is_taken_once_for_each_kind_account_and_region(call: Any) -> None:
    create(call)
    assert refusal(call, "CreateVocabulary", VocabularyName="terms", LanguageCode="en-US", Phrases=["Events"]) == (
        "ConflictException",
        "The requested vocabulary name already exists. Use a different vocabulary name.",
    )
    call.scope = Scope(call.scope.account_id, "us-east-1")
    create(call)


def test_a_pending_vocabulary_is_neither_updated_nor_deleted(call: Any) -> None:
    create(call)
    update = {"VocabularyName": "terms", "LanguageCode": "en-US", "Phrases": ["Events"]}
    assert refusal(call, "UpdateVocabulary", **update)[0] == "ConflictException"
    assert refusal(call, "DeleteVocabulary", VocabularyName="terms")[0] == "BadRequestException"
    call.clock.now += 1
    assert call("UpdateVocabulary", **update)["VocabularyState"] == "PENDING"
    call.clock.now += 1
    assert call("DeleteVocabulary", VocabularyName="terms") == {}
    for operation in ("GetVocabulary", "DeleteVocabulary"):
        assert refusal(call, operation, VocabularyName="terms") == ("BadRequestException", NOT_FOUND)
    assert refusal(call, "UpdateVocabulary", **update) == ("BadRequestException", NOT_FOUND)


def test_an_update_mends_a_failed_vocabulary_and_replaces_its_content(call: Any) -> None:
    create(call, Phrases=["Route-66"])
    call.clock.now += 1
    before = call.service.snapshot()[0]["ContentSha256"]
    call("UpdateVocabulary", VocabularyName="terms", LanguageCode="en-US", Phrases=["Events"])
    call.clock.now += 1
    assert get(call)["VocabularyState"] == "READY"
    assert "FailureReason" not in get(call)
    assert call.service.snapshot()[0]["ContentSha256"] != before


def test_an_update_without_a_key_drops_the_key(call: Any) -> None:
    access = {
        "DataAccessRoleArn": "arn:aws:iam::111122223333:role/reader",
        "EncryptionConfiguration": {"KMSKey": "arn:aws:kms:eu-central-1:111122223333:key/1"},
    }
    create(call, **access)
    call.clock.now += 1
    assert access.items() <= get(call).items()
    call("UpdateVocabulary", VocabularyName="terms", LanguageCode="en-US", Phrases=["Events"])
    assert not access.keys() & get(call).keys()


@pytest.mark.parametrize(
    "access",
    [
        {"EncryptionConfiguration": {"KMSKey": "arn:aws:kms:eu-central-1:111122223333:key/1"}},
        {
            "DataAccessRoleArn": "arn:aws:iam::111122223333:role/reader",
            "EncryptionConfiguration": {"KMSKey": "alias/mine"},
        },
    ],
)
def test_a_key_is_a_full_arn_and_needs_a_role(call: Any, access: dict[str, Any]) -> None:
    request = {"VocabularyName": "terms", "LanguageCode": "en-US", "Phrases": ["Events"], **access}
    assert refusal(call, "CreateVocabulary", **request)[0] == "BadRequestException"


def test_pending_and_stored_vocabularies_are_limited(call: Any) -> None:
    call.service.settings.change({"max_pending_vocabularies": 2, "max_vocabularies": 3})
    create(call, "a")
    create(call, "b")
    request = {"VocabularyName": "c", "LanguageCode": "en-US", "Phrases": ["Events"]}
    assert refusal(call, "CreateVocabulary", **request)[0] == "LimitExceededException"
    call.clock.now += 1
    create(call, "c")
    call.clock.now += 1
    assert refusal(call, "CreateVocabulary", **{**request, "VocabularyName": "d"})[0] == ("LimitExceededException")


def test_listing_goes_by_pages_state_and_name(call: Any) -> None:
    for name in "abcdef":
        create(call, f"team-{name}")
    call.clock.now += 1
    create(call, "other")
    first = call("ListVocabularies", StateEquals="READY", NameContains="TEAM")
    assert [item["VocabularyName"] for item in first["Vocabularies"]] == [f"team-{name}" for name in "abcde"]
    assert first["Status"] == "READY"
    second = call("ListVocabularies", NameContains="team", NextToken=first["NextToken"])
    assert [item["VocabularyName"] for item in second["Vocabularies"]] == ["team-f"]
    assert "NextToken" not in second


def test_tags_are_put_changed_removed_and_gone_with_the_resource(call: Any) -> None:
    create(call, Tags=[{"Key": "team", "Value": "a"}])
    arn = "arn:aws:transcribe:eu-central-1:111122223333:vocabulary/terms"
    call("TagResource", ResourceArn=arn, Tags=[{"Key": "team", "Value": "b"}, {"Key": "more", "Value": ""}])
    call("UntagResource", ResourceArn=arn, TagKeys=["more", "never"])
    assert call("ListTagsForResource", ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "b"}]
    reserved = [{"Key": "aws:x", "Value": "y"}]
    assert refusal(call, "TagResource", ResourceArn=arn, Tags=reserved)[0] == "BadRequestException"
    call.clock.now += 1
    call("DeleteVocabulary", VocabularyName="terms")
    assert refusal(call, "ListTagsForResource", ResourceArn=arn)[0] == "NotFoundException"
    create(call)
    assert call("ListTagsForResource", ResourceArn=arn)["Tags"] == []


def test_a_vocabulary_filter_says_what_is_wrong_at_once(call: Any) -> None:
    request = {"VocabularyFilterName": "filler", "LanguageCode": "en-US"}
    for words in (["um!"], ["uh2"], ["  "]):
        assert refusal(call, "CreateVocabularyFilter", **request, Words=words)[0] == "BadRequestException"
    call("CreateVocabularyFilter", **request, Words=["Um", "uh"], Tags=[{"Key": "a", "Value": "b"}])
    assert refusal(call, "CreateVocabularyFilter", **request, Words=["um"])[0] == "ConflictException"
    call.objects.stored[ObjectLocation("words", "f.txt")] = b"er\nhm\n"
    call("UpdateVocabularyFilter", VocabularyFilterName="filler", VocabularyFilterFileUri="s3://words/f.txt")
    assert call.service.vocabulary_filters.find(call.scope, "filler").words == {"er", "hm"}
    assert call("GetVocabularyFilter", VocabularyFilterName="filler")["LanguageCode"] == "en-US"
    assert call.service.snapshot()[0]["Tags"] == {"a": "b"}
    call("DeleteVocabularyFilter", VocabularyFilterName="filler")
    assert call("ListVocabularyFilters")["VocabularyFilters"] == []
    for operation in ("GetVocabularyFilter", "DeleteVocabularyFilter"):
        code, message = refusal(call, operation, VocabularyFilterName="filler")
        assert code == "BadRequestException"
        assert "couldn't be found" in message


def test_a_medical_vocabulary_fails_with_crlf(call: Any) -> None:
    call.objects.stored[ObjectLocation("bucket", "terms")] = TABLE.replace(b"\n", b"\r\n")
    request = {"VocabularyName": "terms", "LanguageCode": "en-US", "VocabularyFileUri": "s3://bucket/terms"}

    call("CreateMedicalVocabulary", **request)
    call("CreateVocabulary", **request)
    call.clock.advance(1)

    assert call("GetMedicalVocabulary", VocabularyName="terms")["FailureReason"].endswith("ends in CRLF instead of LF.")
    assert get(call)["VocabularyState"] == "READY"


def test_a_test_can_let_a_resource_fail_with_any_reason(call: Any) -> None:
    call.service.settings.change({"failures": {"terms": "The key is not yours."}})

    create(call)
    create(call, "others")
    call.clock.advance(1)

    assert get(call)["VocabularyState"] == "FAILED"
    assert get(call)["FailureReason"] == "The key is not yours."
    assert get(call, "others")["VocabularyState"] == "READY"
    refused = refusal(
        call, "CreateVocabularyFilter", VocabularyFilterName="terms", LanguageCode="en-US", Words=["word"]
    )
    assert refused == ("BadRequestException", "The key is not yours.")
