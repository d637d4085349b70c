from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest

from cdk_transcribe import (
    CallAnalyticsJob,
    ContentRedaction,
    FilterMethod,
    LanguageIdentification,
    LanguageOption,
    MedicalScribeJob,
    MedicalTranscriptionJob,
    MedicalTranscriptionType,
    NoteTemplate,
    ObjectValue,
    Pronouns,
    TranscriptionJob,
    Vocabulary,
    VocabularyFilter,
)
from cdk_transcribe.jobs import Job

MASK = FilterMethod.MASK


def from_key(choices: Any, **arguments: Any) -> ObjectValue:
    return ObjectValue.from_key("language", choices=choices, **arguments)


def from_tag(choices: Any, **arguments: Any) -> ObjectValue:
    return ObjectValue.from_tag("language", choices=choices, **arguments)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (from_key(["en-US", "de-DE"]), {"FromKey": "language", "Choices": {"en-US": "en-US", "de-DE": "de-DE"}}),
        (from_tag({"english": "en-US"}), {"FromTag": "language", "Choices": {"english": "en-US"}}),
        (
            from_tag(["en-US"], default="en-GB"),
            {"FromTag": "language", "Choices": {"en-US": "en-US"}, "Default": "en-GB"},
        ),
    ],
)
def test_a_value_stands_in_the_request_with_its_choices(value: ObjectValue, expected: dict[str, Any]) -> None:
    assert TranscriptionJob(language_code=value).to_request() == {"LanguageCode": expected}


def test_what_is_left_out_is_written_so_that_an_event_rule_keeps_it(stack: cdk.Stack) -> None:
    vocabulary = ObjectValue.from_tag("words", choices={"yes": "terms", "no": None}, default=None)
    job = TranscriptionJob(language_code="en-US", vocabulary=vocabulary)

    assert stack.resolve(job.to_request())["Settings"] == {
        "VocabularyName": {"FromTag": "words", "Choices": {"yes": "terms", "no": {}}, "Default": {}}
    }


def test_constructs_are_chosen_by_their_names(stack: cdk.Stack) -> None:
    terms = Vocabulary.from_vocabulary_name(stack, "Terms", "terms", language_code="en-US")
    job = TranscriptionJob(
        language_code=from_key(["en-US", "de-DE"]), vocabulary=from_key({"en-US": terms, "de-DE": None})
    )

    assert job.to_request()["Settings"]["VocabularyName"]["Choices"] == {"en-US": "terms", "de-DE": {}}


def test_a_switch_beside_a_number_goes_where_the_number_goes() -> None:
    job = TranscriptionJob(
        language_code="en-US", max_speakers=ObjectValue.from_tag("speakers", choices={"1": None, "2": 2})
    )

    assert job.to_request()["Settings"] == {
        "ShowSpeakerLabels": {"FromTag": "speakers", "Choices": {"1": {}, "2": True}},
        "MaxSpeakerLabels": {"FromTag": "speakers", "Choices": {"1": {}, "2": 2}},
    }


def test_a_switch_beside_a_number_that_is_always_there_is_always_on() -> None:
    job = TranscriptionJob(language_code="en-US", max_speakers=ObjectValue.from_tag("speakers", choices=[2, 3]))

    assert job.to_request()["Settings"]["ShowSpeakerLabels"] is True


def test_a_filter_takes_its_method_along() -> None:
    job = TranscriptionJob(
        language_code="en-US",
        vocabulary_filter=from_tag({"strict": "swearing", "loose": None}),
        vocabulary_filter_method=MASK,
    )

    assert job.to_request()["Settings"]["VocabularyFilterMethod"]["Choices"] == {"strict": "mask", "loose": {}}


def test_choices_of_an_enum_stand_for_themselves() -> None:
    job = MedicalScribeJob(
        max_speakers=2,
        patient_pronouns=ObjectValue.from_tag("pronouns", choices=list(Pronouns), default=None),
        note_template=ObjectValue.from_tag("note", choices={"soap": NoteTemplate.PHYSICAL_SOAP}),
    )

    assert job.to_request()["MedicalScribeContext"]["PatientContext"]["Pronouns"]["Choices"] == {
        "HE_HIM": "HE_HIM",
        "SHE_HER": "SHE_HER",
        "THEY_THEM": "THEY_THEM",
    }
    assert job.to_request()["Settings"]["ClinicalNoteGenerationSettings"]["NoteTemplate"]["Choices"] == {
        "soap": "PHYSICAL_SOAP"
    }


def test_the_language_of_a_call_is_a_list_of_one_wherever_it_is_chosen() -> None:
    job = CallAnalyticsJob(language_code=from_key(["en-US", "de-DE"]))

    assert job.to_request()["Settings"]["LanguageOptions"]["Choices"] == {"en-US": ["en-US"], "de-DE": ["de-DE"]}


def test_a_job_says_what_it_reads_of_an_object() -> None:
    job = MedicalTranscriptionJob(
        type=ObjectValue.from_key("type", choices=list(MedicalTranscriptionType)),
        vocabulary=ObjectValue.from_key("clinic", choices={"north": "drugs"}, default=None),
        max_speakers=ObjectValue.from_tag("speakers", choices=[2, 3]),
    )

    assert job.key_placeholders == {"type", "clinic"}
    assert job.tag_keys == {"speakers"}


def test_a_job_without_such_values_reads_nothing_of_an_object() -> None:
    job = TranscriptionJob(language_code="en-US")

    assert (job.key_placeholders, job.tag_keys) == (frozenset(), frozenset())


REFUSED_CHOICES: list[tuple[str, Callable[[], Job], str]] = [
    (
        "bounds",
        lambda: TranscriptionJob(language_code="en-US", max_speakers=ObjectValue.from_tag("speakers", choices=[2, 31])),
        "where the tag 'speakers' is '31': max_speakers=31 is out of range: Transcribe takes 2 to 30",
    ),
    (
        "type",
        lambda: TranscriptionJob(language_code="en-US", max_speakers=ObjectValue.from_tag("speakers", choices=["2"])),
        "where the tag 'speakers' is '2': max_speakers='2' is not a whole number",
    ),
    (
        "pattern",
        lambda: TranscriptionJob(language_code="en-US", vocabulary=from_tag(["two words"])),
        "where the tag 'language' is 'two words': vocabulary='two words' is refused by Transcribe: ",
    ),
    (
        "default",
        lambda: TranscriptionJob(language_code="en-US", vocabulary=from_tag(["terms"], default="two words")),
        "where the tag 'language' is none of these: vocabulary='two words' is refused by Transcribe: ",
    ),
    (
        "enum",
        lambda: MedicalScribeJob(max_speakers=2, patient_pronouns=from_tag(["SHE_HER"])),
        "patient_pronouns: 'SHE_HER' is none of Pronouns.HE_HIM, ",
    ),
    (
        "feature",
        lambda: TranscriptionJob(language_code=from_key(["en-US", "nl-NL"]), content_redaction=ContentRedaction()),
        "where {language} in the key is 'nl-NL': content_redaction is not available in nl-NL: ",
    ),
    (
        "left out",
        lambda: TranscriptionJob(language_code=from_key({"en": "en-US", "any": None})),
        "where {language} in the key is 'any': language_code is missing: ",
    ),
    (
        "left out by default",
        lambda: MedicalScribeJob(max_speakers=ObjectValue.from_tag("speakers", choices=[2], default=None)),
        "where the tag 'speakers' is none of these: max_speakers or clinician_channel: ",
    ),
    (
        "method left out",
        lambda: TranscriptionJob(
            language_code="en-US", vocabulary_filter="um", vocabulary_filter_method=from_tag({"a": MASK, "b": None})
        ),
        "where the tag 'language' is 'b': vocabulary_filter needs vocabulary_filter_method: ",
    ),
    (
        "together",
        lambda: TranscriptionJob(
            language_code=from_key({"en": "en-US", "fr": "fr-FR"}),
            language_model=from_key({"en": "calls", "fr": "appels"}),
        ),
        "where {language} in the key is 'fr': language_model is not available in fr-FR: ",
    ),
]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [(make, sentence) for _, make, sentence in REFUSED_CHOICES],
    ids=[rule for rule, _, _ in REFUSED_CHOICES],
)
def test_fails_when_a_choice_would_be_refused_as_a_plain_value(make: Callable[[], Job], sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        make()


def test_fails_when_a_vocabulary_is_for_another_language_than_the_same_text_chooses(stack: cdk.Stack) -> None:
    terms = Vocabulary.from_vocabulary_name(stack, "Terms", "terms", language_code="en-US")

    with pytest.raises(
        ValueError,
        match=r"^where {language} in the key is 'de-DE': vocabulary 'Stack/Terms' is for en-US, and the job ",
    ):
        TranscriptionJob(
            language_code=from_key(["en-US", "de-DE"]), vocabulary=from_key({"en-US": terms, "de-DE": terms})
        )


def test_fails_when_a_filter_for_every_object_is_for_another_language_than_some_choose(stack: cdk.Stack) -> None:
    filler = VocabularyFilter.from_vocabulary_filter_name(stack, "Filler", "um", language_code="en-US")

    with pytest.raises(
        ValueError, match=r"^where {language} in the key is 'de-DE': vocabulary_filter 'Stack/Filler' is "
    ):
        TranscriptionJob(
            language_code=from_key(["en-US", "de-DE"]), vocabulary_filter=filler, vocabulary_filter_method=MASK
        )


def test_texts_that_start_no_job_are_not_checked() -> None:
    # 'fr' chooses a model and no language, so its objects are rejected before either is looked at.
    job = TranscriptionJob(
        language_code=from_key({"en": "en-US"}), language_model=from_key({"en": "calls", "fr": "appels"})
    )

    assert job.warnings == ()


def test_values_of_different_placeholders_are_not_compared(stack: cdk.Stack) -> None:
    terms = Vocabulary.from_vocabulary_name(stack, "Terms", "terms", language_code="en-US")

    job = TranscriptionJob(
        language_code=from_key(["en-US", "de-DE"]), vocabulary=ObjectValue.from_tag("words", choices={"en": terms})
    )

    assert job.warnings == ()


def test_what_is_doubtful_about_a_choice_is_a_warning_that_names_it() -> None:
    [(id, sentence)] = TranscriptionJob(language_code=from_key(["en-US", "tlh-QO", "xx-XX"])).warnings

    assert id == "cdk-transcribe:language-unknown"
    assert [line.split(" is no ")[0] for line in sentence.splitlines()] == [
        "where {language} in the key is 'tlh-QO': 'tlh-QO'",
        "where {language} in the key is 'xx-XX': 'xx-XX'",
    ]


def test_what_is_doubtful_about_every_choice_is_said_once() -> None:
    job = CallAnalyticsJob(language_code=from_key(["en-US", "de-DE"]))

    assert [sentence.count("\n") for _, sentence in job.warnings] == [0]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: from_key([]), "choices of 'language' are empty: say which values are allowed"),
        (lambda: from_key({}), "choices of 'language' are empty: say which values are allowed"),
        (lambda: from_key("en-US"), "choices='en-US' is neither a list nor a mapping: give one of them"),
        (
            lambda: from_key(["en/US"]),
            "choices: 'en/US' never stands behind a placeholder: one or more characters, no '/'",
        ),
        (lambda: from_key({"": "en-US"}), "choices: '' never stands behind a placeholder: "),
        (
            lambda: from_key({1: "en-US"}),
            "choices of 'language': 1 is not a text that is known when the app is synthesis",
        ),
        (lambda: from_key([None]), "choices: None has no text of its own: give a mapping from the texts, such as "),
        (lambda: from_key([True]), "choices: True has no text of its own: "),
        (
            lambda: ObjectValue.from_key("language-code", choices=["en-US"]),
            "'language-code' can't be the name of a placeholder: use letters, digits and underscores, such as "
            "'language_code', and write it in key_pattern as {language_code}",
        ),
        (
            lambda: ObjectValue.from_key("{language}", choices=["en-US"]),
            "'{language}' can't be the name of a placeholder",
        ),
        (
            lambda: ObjectValue.from_tag("", choices=["en-US"]),
            "tag_key='' has 0 characters: the key of a tag has 1 to 128",
        ),
        (lambda: ObjectValue.from_tag("t" * 129, choices=["en-US"]), f"tag_key='{'t' * 129}' has 129 characters: "),
        (lambda: from_tag(["v" * 257]), f"choices: '{'v' * 60}'… has 257 characters: the value of a tag has up to 256"),
    ],
)
def test_fails_when_no_object_can_say_it(make: Callable[[], ObjectValue], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        make()


def test_fails_when_a_choice_stands_for_a_text_of_deployment(stack: cdk.Stack) -> None:
    text = cdk.CfnParameter(stack, "Text").value_as_string

    with pytest.raises(ValueError, match=r"is not a text that is known when the app is synthesised$"):
        ObjectValue.from_key("language", choices={text: "en-US"})


def test_fails_when_a_setting_is_the_same_for_every_object() -> None:
    with pytest.raises(ValueError, match=r"^tags can't be an ObjectValue: it is the same for every object of a route$"):
        TranscriptionJob(language_code="en-US", tags=ObjectValue.from_tag("a", choices=["b"]))  # type: ignore[arg-type]


def test_fails_when_an_option_of_identification_is_left_to_the_object() -> None:
    value: Any = from_tag(["terms"])

    with pytest.raises(ValueError, match=r"^a LanguageOption can't hold an ObjectValue: "):
        LanguageIdentification(language_options=[LanguageOption("en-US", vocabulary=value)])
