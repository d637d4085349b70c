"""Validation, faults and limits, which all operations share."""

from typing import Any

import pytest

from transcribe_local.faults import Fault
from transcribe_local.request_validation import operation_names
from transcribe_local.service_error import ServiceError
from transcribe_local.settings import SERVICE_RATES, Settings

TERMS = {"VocabularyName": "terms", "LanguageCode": "en-US", "Phrases": ["Events"]}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"VocabularyName": None},
            "Value null at 'vocabularyName' failed to satisfy constraint: Member must not be null",
        ),
        (
            {"VocabularyName": "a b"},
            "Value 'a b' at 'vocabularyName' failed to satisfy constraint: Member must satisfy regular expression "
            "pattern: ^[0-9a-zA-Z._-]+",
        ),
        (
            {"VocabularyName": "a" * 201},
            f"Value '{'a' * 201}' at 'vocabularyName' failed to satisfy constraint: Member must have length less "
            "than or equal to 200",
        ),
        (
            {"LanguageCode": "xx"},
            "Value 'xx' at 'languageCode' failed to satisfy constraint: Member must satisfy enum value set: [af-ZA",
        ),
        (
            {"Tags": [{"Key": "a", "Value": "b" * 257}]},
            f"Value '{'b' * 257}' at 'tags.1.member.value' failed to satisfy constraint: Member must have length "
            "less than or equal to 256",
        ),
    ],
)
def test_a_request_outside_the_model_is_refused_in_the_services_words(
    call: Any, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ServiceError) as refused:
        call("CreateVocabulary", **{**TERMS, **changes})
    assert refused.value.code == "BadRequestException"
    assert refused.value.message.startswith(f"1 validation error detected: {sentence}")


def test_several_violations_are_counted(call: Any) -> None:
    with pytest.raises(ServiceError, match=r"^BadRequestException: 3 validation errors detected: .*; Value "):
        call("CreateVocabulary", **{**TERMS, "VocabularyName": "", "LanguageCode": "xx"})


def test_numbers_have_bounds_and_types(call: Any) -> None:
    with pytest.raises(ServiceError, match=r"at 'maxResults' .* value less than or equal to 100"):
        call("ListVocabularies", MaxResults=101)
    with pytest.raises(ServiceError, match="SerializationException: STR_VALUE can not be converted to Integer"):
        call("ListVocabularies", MaxResults="ten")


def test_every_operation_of_the_api_is_implemented(call: Any) -> None:
    assert operation_names() - set(call.service._operations) == set()


def test_an_operation_that_the_api_has_learnt_since_says_that_it_is_not(call: Any) -> None:
    del call.service._operations["CreateLanguageModel"]

    with pytest.raises(ServiceError, match=r"BadRequestException: .* doesn't implement CreateLanguageModel"):
        call("CreateLanguageModel")


def inject(call: Any, **fault: Any) -> None:
    call.service.faults.append(Fault(**fault))


def test_a_fault_strikes_as_often_as_asked(call: Any) -> None:
    inject(call, operation="CreateVocabulary", code="LimitExceededException", message="No.", times=2)
    for _ in range(2):
        with pytest.raises(ServiceError, match=r"LimitExceededException: No\."):
            call("CreateVocabulary", **TERMS)
    call("CreateVocabulary", **TERMS)
    assert call.service.call_log.as_json() == {
        "calls": {"CreateVocabulary": 3},
        "errors": {"CreateVocabulary": {"LimitExceededException": 2}},
    }


def test_a_fault_after_the_effect_loses_only_the_answer(call: Any) -> None:
    inject(call, operation="CreateVocabulary", times=1, after_effect=True)
    with pytest.raises(ServiceError) as lost:
        call("CreateVocabulary", **TERMS)
    assert lost.value.status == 500
    assert call("GetVocabulary", VocabularyName="terms")["VocabularyState"] == "PENDING"


def test_a_rate_strikes_the_same_calls_for_the_same_seed(call: Any) -> None:
    def outcomes() -> list[bool]:
        call.service.faults.clear()
        inject(call, operation="ListVocabularies", rate=0.5, seed=7)
        struck = []
        for _ in range(40):
            try:
                call("ListVocabularies")
                struck.append(False)
            except ServiceError:
                struck.append(True)
        return struck

    first = outcomes()
    assert first == outcomes()
    assert 10 < sum(first) < 30


def test_requests_per_second_are_limited_where_set(call: Any) -> None:
    call.service.settings.change({"requests_per_second": {"ListVocabularies": 2}})
    call("ListVocabularies")
    call("ListVocabularies")
    with pytest.raises(ServiceError, match=r"LimitExceededException: You've either sent too many requests"):
        call("ListVocabularies")
    call.clock.now += 1
    call("ListVocabularies")


@pytest.mark.parametrize("changes", [{"pending": 1}, {"pending_seconds": "1"}, {"requests_per_second": 3}])
def test_a_setting_that_makes_no_sense_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(changes))):
        Settings().change(changes)


def test_the_services_own_rates_can_be_set(call: Any) -> None:
    call.service.settings.change({"requests_per_second": SERVICE_RATES})
    for number in range(10):
        call("CreateVocabulary", **{**TERMS, "VocabularyName": f"terms-{number}"})
    with pytest.raises(ServiceError, match="LimitExceededException"):
        call("CreateVocabulary", **{**TERMS, "VocabularyName": "one-more"})
    assert set(SERVICE_RATES) <= operation_names()
