"""Settings that don't go together: refused, or doubtful, each rule by its name."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_transcribe as l1

import cdk_transcribe
from cdk_transcribe import (
    CallAnalyticsJob,
    ContentRedaction,
    FilterMethod,
    LanguageIdentification,
    LanguageOption,
    MedicalScribeJob,
    MedicalTranscriptionJob,
    MedicalTranscriptionType,
    MedicalVocabulary,
    Pronouns,
    SubtitleFormat,
    TranscriptionJob,
    Vocabulary,
    VocabularyFilter,
)
from cdk_transcribe.jobs import Job

MASK = FilterMethod.MASK
DICTATION = MedicalTranscriptionType.DICTATION

Make = Callable[[], Job]


@pytest.fixture(scope="module")
def words(shared_stack: cdk.Stack) -> cdk.Stack:
    """A stack with vocabularies and filters in German."""
    Vocabulary.from_vocabulary_name(shared_stack, "Terms", "terms", language_code="de-DE")
    VocabularyFilter.from_vocabulary_filter_name(shared_stack, "Filler", "um", language_code="de-DE")
    MedicalVocabulary.from_medical_vocabulary_name(shared_stack, "Drugs", "drugs")
    kms.Alias.from_alias_name(shared_stack, "Alias", "alias/transcripts")
    return shared_stack


def identified(*options: str | LanguageOption, **arguments: Any) -> LanguageIdentification:
    return LanguageIdentification(language_options=options, **arguments)


def several(*options: str | LanguageOption) -> LanguageIdentification:
    return identified(*options, multiple_languages=True)


REFUSED: list[tuple[str, Make, str]] = [
    (
        "language-missing",
        TranscriptionJob,
        "language_code is missing: say which language is spoken, such as 'en-US', or have Transcribe find out with "
        "language_identification=LanguageIdentification()",
    ),
    (
        "language-twice",
        lambda: TranscriptionJob(language_code="en-US", language_identification=LanguageIdentification()),
        "language_code='en-US' beside language_identification: Transcribe fails a job that has both; keep one of them",
    ),
    (
        "language-twice",
        lambda: CallAnalyticsJob(language_code="en-US", language_options=["en-US", "de-DE"]),
        "language_code='en-US' beside language_options: keep the one, or the others",
    ),
    (
        "filter-without-method",
        lambda: TranscriptionJob(language_code="en-US", vocabulary_filter="um"),
        "vocabulary_filter needs vocabulary_filter_method: say what happens to its words, one of FilterMethod.MASK, "
        "FilterMethod.REMOVE, FilterMethod.TAG",
    ),
    (
        "filter-without-method",
        lambda: CallAnalyticsJob(language_code="en-US", vocabulary_filter="um"),
        "vocabulary_filter needs vocabulary_filter_method",
    ),
    (
        "filter-without-method",
        lambda: MedicalScribeJob(max_speakers=2, vocabulary_filter="um"),
        "vocabulary_filter needs vocabulary_filter_method",
    ),
    (
        "filter-without-method",
        lambda: TranscriptionJob(
            language_identification=identified(LanguageOption("en-US", vocabulary_filter="um"), "de-DE")
        ),
        "vocabulary_filter needs vocabulary_filter_method",
    ),
    (
        "method-without-filter",
        lambda: MedicalScribeJob(max_speakers=2, vocabulary_filter_method=MASK),
        "vocabulary_filter_method=FilterMethod.MASK needs a vocabulary_filter: without one there is nothing to match",
    ),
    (
        "method-without-filter",
        lambda: TranscriptionJob(language_identification=identified("en-US", "de-DE"), vocabulary_filter_method=MASK),
        "vocabulary_filter_method=FilterMethod.MASK needs a vocabulary_filter",
    ),
    (
        "resource-beside-identification",
        lambda: TranscriptionJob(language_identification=LanguageIdentification(), vocabulary="terms"),
        "vocabulary is for one language, and Transcribe is to identify which: give it to a LanguageOption in "
        "language_options, or give the job a language_code",
    ),
    (
        "resource-beside-identification",
        lambda: TranscriptionJob(language_identification=LanguageIdentification(), language_model="model"),
        "language_model is for one language",
    ),
    (
        "resource-beside-identification",
        lambda: CallAnalyticsJob(vocabulary="terms"),
        "vocabulary is for one language",
    ),
    (
        "resource-beside-identification",
        lambda: CallAnalyticsJob(
            language_options=["en-US", LanguageOption("de-DE", vocabulary_filter="um")],
            vocabulary_filter="um",
            vocabulary_filter_method=MASK,
        ),
        "vocabulary_filter is for one language",
    ),
    (
        "language-options-repeated",
        lambda: TranscriptionJob(
            language_identification=identified("en-US", LanguageOption("en-US", "terms"), "de-DE")
        ),
        "language_options names en-US more than once",
    ),
    (
        "language-feature",
        lambda: TranscriptionJob(language_identification=identified("en-US", "sv-SE")),
        "language identification is not available in sv-SE: leave it out, or use any language but sv-SE, vi-VN",
    ),
    (
        "language-feature",
        lambda: TranscriptionJob(language_identification=several("en-US", "pl-PL")),
        "multiple_languages is not available in pl-PL: leave it out, or use ",
    ),
    (
        "language-feature",
        lambda: TranscriptionJob(language_code="nl-NL", content_redaction=ContentRedaction()),
        "content_redaction is not available in nl-NL: leave it out, or use de-CH, de-DE, en-AB, ",
    ),
    (
        "language-feature",
        lambda: TranscriptionJob(language_code="es-ES", content_redaction=ContentRedaction()),
        "content_redaction is not available in es-ES: leave it out, or use ",
    ),
    (
        "language-feature",
        lambda: TranscriptionJob(
            language_identification=identified("en-US", "nl-NL"), content_redaction=ContentRedaction()
        ),
        "content_redaction is not available in nl-NL: leave it out, or use ",
    ),
    (
        "language-feature",
        lambda: TranscriptionJob(language_code="fr-FR", language_model="model"),
        "language_model is not available in fr-FR: leave it out, or use de-DE, en-AU, en-GB, en-US, es-US, hi-IN, ",
    ),
    (
        "language-feature",
        lambda: TranscriptionJob(language_identification=identified("en-US", LanguageOption("fr-FR", None, None, "m"))),
        "language_model is not available in fr-FR: leave it out, or use ",
    ),
    (
        "language-feature",
        lambda: TranscriptionJob(language_code="en-GB", toxicity_detection=True),
        "toxicity_detection is not available in en-GB: leave it out, or use en-US",
    ),
    (
        "language-feature",
        lambda: CallAnalyticsJob(language_code="en-NZ"),
        "call analytics is not available in en-NZ: leave it out, or use ar-AE, de-CH, ",
    ),
    (
        "language-feature",
        lambda: CallAnalyticsJob(language_options=["en-US", "nl-NL"]),
        "call analytics is not available in nl-NL: leave it out, or use ",
    ),
    (
        "language-feature",
        lambda: CallAnalyticsJob(language_code="ja-JP", content_redaction=ContentRedaction()),
        "content_redaction is not available in ja-JP: leave it out, or use ",
    ),
    (
        "language-feature",
        lambda: CallAnalyticsJob(language_options=["en-US", "de-DE"], summarization=True),
        "summarization is not available in de-DE: leave it out, or use en-AB, en-AU, en-GB, en-IE, en-IN, en-US, en-WL",
    ),
    (
        "language-feature",
        lambda: CallAnalyticsJob(language_code="fr-FR", language_model="model"),
        "language_model is not available in fr-FR: leave it out, or use ",
    ),
    (
        "language-feature",
        lambda: MedicalTranscriptionJob(type=DICTATION, language_code="en-GB"),
        "language_code='en-GB': Transcribe Medical knows en-US alone",
    ),
    (
        "multiple-languages-model",
        lambda: TranscriptionJob(language_identification=several(LanguageOption("en-US", None, None, "m"), "de-DE")),
        "language_model in language_options with multiple_languages=True: Transcribe uses no model where several "
        "languages are spoken; leave one of them out",
    ),
    (
        "multiple-languages-redaction",
        lambda: TranscriptionJob(language_identification=several(), content_redaction=ContentRedaction()),
        "content_redaction with multiple_languages=True: Transcribe redacts nothing where several languages are "
        "spoken; leave one of them out",
    ),
    *[
        (
            "toxicity-with-others",
            lambda other=other: TranscriptionJob(**{"language_code": "en-US", "toxicity_detection": True, **other}),
            f"toxicity_detection with {next(iter(other))}: Transcribe detects toxic speech with content_redaction and "
            "no other feature; make it a job of its own",
        )
        for other in (
            {"language_identification": LanguageIdentification(), "language_code": None},
            {"vocabulary": "terms"},
            {"vocabulary_filter": "um", "vocabulary_filter_method": MASK},
            {"language_model": "model"},
            {"max_speakers": 2},
            {"channel_identification": True},
            {"max_alternatives": 2},
            {"subtitles": [SubtitleFormat.VTT]},
        )
    ],
    (
        "index-without-subtitles",
        lambda: TranscriptionJob(language_code="en-US", subtitle_start_index=0),
        "subtitle_start_index needs subtitles: say which formats to write",
    ),
    (
        "speakers-or-channels",
        MedicalScribeJob,
        "max_speakers or clinician_channel: HealthScribe needs one of them, and neither is given; use "
        "clinician_channel for recordings with one person on each channel, and max_speakers for others",
    ),
    (
        "speakers-or-channels",
        lambda: MedicalScribeJob(max_speakers=2, clinician_channel=0),
        "max_speakers or clinician_channel: HealthScribe needs one of them, and both are given",
    ),
    *[
        ("tag-reserved", make, "tags: 'aws:cost' starts with 'aws:', which AWS keeps for itself")
        for make in (
            lambda: TranscriptionJob(language_code="en-US", tags={"aws:cost": "1"}),
            lambda: MedicalTranscriptionJob(type=DICTATION, tags={"aws:cost": "1"}),
            lambda: CallAnalyticsJob(tags={"aws:cost": "1"}),
            lambda: MedicalScribeJob(max_speakers=2, tags={"aws:cost": "1"}),
        )
    ],
]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [(make, sentence) for _, make, sentence in REFUSED],
    ids=[rule for rule, _, _ in REFUSED],
)
def test_fails_when_settings_do_not_go_together(make: Make, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        make()


REFUSED_RESOURCES: list[tuple[str, Callable[[Any], Job], str]] = [
    (
        "resource-language",
        lambda of: TranscriptionJob(language_code="en-US", vocabulary=of("Terms")),
        "vocabulary 'Stack/Terms' is for de-DE, and the job for en-US: Transcribe would silently not apply it; give it "
        "the job's language",
    ),
    (
        "resource-language",
        lambda of: TranscriptionJob(
            language_code="en-US", vocabulary_filter=of("Filler"), vocabulary_filter_method=MASK
        ),
        "vocabulary_filter 'Stack/Filler' is for de-DE, and the job for en-US: ",
    ),
    (
        "resource-language",
        lambda of: TranscriptionJob(
            language_identification=identified(LanguageOption("en-US", of("Terms")), LanguageOption("de-DE"))
        ),
        "vocabulary 'Stack/Terms' is for de-DE, and the job for en-US: ",
    ),
    (
        "resource-language",
        lambda of: CallAnalyticsJob(language_code="en-US", vocabulary=of("Terms")),
        "vocabulary 'Stack/Terms' is for de-DE, and the job for en-US: ",
    ),
    (
        "resource-language",
        lambda of: MedicalScribeJob(max_speakers=2, vocabulary=of("Terms")),
        "vocabulary 'Stack/Terms' is for de-DE, and the job for en-US: ",
    ),
    (
        "resource-language",
        lambda of: MedicalScribeJob(max_speakers=2, vocabulary_filter=of("Filler"), vocabulary_filter_method=MASK),
        "vocabulary_filter 'Stack/Filler' is for de-DE, and the job for en-US: ",
    ),
    *[
        (
            "key-alias",
            make,
            "output_encryption_key 'Stack/Alias' is an alias, and Transcribe takes the ARN of a key only: hand in the "
            "key",
        )
        for make in (
            lambda of: TranscriptionJob(language_code="en-US", output_encryption_key=of("Alias")),
            lambda of: MedicalTranscriptionJob(type=DICTATION, output_encryption_key=of("Alias")),
            lambda of: CallAnalyticsJob(output_encryption_key=of("Alias")),
            lambda of: MedicalScribeJob(max_speakers=2, output_encryption_key=of("Alias")),
        )
    ],
    (
        "wrong-resource",
        lambda of: TranscriptionJob(language_code="en-US", vocabulary=of("Drugs")),
        "vocabulary 'Stack/Drugs' is not a Vocabulary: hand in a Vocabulary, a CfnVocabulary, or a name",
    ),
    (
        "wrong-resource",
        lambda of: MedicalTranscriptionJob(type=DICTATION, vocabulary=of("Terms")),
        "vocabulary 'Stack/Terms' is not a MedicalVocabulary: hand in a MedicalVocabulary, a CfnMedicalVocabulary, or "
        "a name",
    ),
    (
        "wrong-resource",
        lambda of: TranscriptionJob(
            language_code="de-DE", vocabulary_filter=of("Terms"), vocabulary_filter_method=MASK
        ),
        "vocabulary_filter 'Stack/Terms' is not a VocabularyFilter: ",
    ),
]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [(make, sentence) for _, make, sentence in REFUSED_RESOURCES],
    ids=[rule for rule, _, _ in REFUSED_RESOURCES],
)
def test_fails_when_a_resource_does_not_fit(words: cdk.Stack, make: Callable[[Any], Job], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        make(words.node.find_child)


def test_fails_when_a_raw_medical_vocabulary_of_cdk_is_for_another_language(stack: cdk.Stack) -> None:
    raw = l1.CfnMedicalVocabulary(
        stack, "Raw", language_code="de-DE", vocabulary_name="raw", vocabulary_file_uri="s3://a/b"
    )

    with pytest.raises(ValueError, match=r"^vocabulary 'Stack/Raw' is for de-DE, and the job for en-US: "):
        MedicalTranscriptionJob(type=DICTATION, vocabulary=raw)


DOUBTFUL: list[tuple[str, Make, str]] = [
    (
        "language-unknown",
        lambda: TranscriptionJob(language_code="tlh-QO", content_redaction=ContentRedaction()),
        "'tlh-QO' is no language code that is known here, so what it supports is not checked: give one like 'en-US', "
        "or acknowledge this if Transcribe has learnt it since",
    ),
    (
        "language-unknown",
        lambda: TranscriptionJob(language_identification=identified("en-US", "tlh-QO")),
        "'tlh-QO' is no language code that is known here",
    ),
    (
        "call-language-fixed",
        lambda: CallAnalyticsJob(language_code="en-US"),
        "language_code is sent as the only one of the API's LanguageOptions: its model takes one, and its "
        "documentation asks for two or more; if jobs are refused, use language_options",
    ),
    (
        "language-options-few",
        lambda: TranscriptionJob(language_identification=identified("en-US")),
        "language_options has 'en-US' alone, and Transcribe's documentation asks for two or more: add one more, or "
        "give it as language_code",
    ),
    (
        "language-options-few",
        lambda: CallAnalyticsJob(language_options=["en-US"]),
        "language_options has 'en-US' alone",
    ),
    (
        "language-options-many",
        lambda: TranscriptionJob(
            language_identification=identified(*["en-US", "de-DE", "fr-FR", "it-IT", "ja-JP", "ko-KR"])
        ),
        "language_options has 6 languages, and Transcribe's documentation advises against more than five: leave out "
        "those that are rarely spoken, or the argument to allow all",
    ),
    (
        "language-settings-few",
        lambda: TranscriptionJob(language_identification=identified(LanguageOption("en-US", "terms"), "de-DE")),
        "language_options has resources for 'en-US' alone, and Transcribe's documentation speaks of two to five "
        "languages with their own: it may refuse them, or not",
    ),
    (
        "identified-filter-method",
        lambda: TranscriptionJob(
            language_identification=identified(
                LanguageOption("en-US", vocabulary_filter="um"), LanguageOption("de-DE", vocabulary_filter="aeh")
            ),
            vocabulary_filter_method=MASK,
        ),
        "vocabulary_filter_method is documented for a vocabulary_filter of the whole job, and not for those of "
        "language_options: try whether Transcribe applies it, and acknowledge this when it does",
    ),
    (
        "redaction-with-identification",
        lambda: TranscriptionJob(
            language_identification=LanguageIdentification(), content_redaction=ContentRedaction()
        ),
        "content_redaction with a language that Transcribe identifies: one page of its documentation rules it out, "
        "another says that US English and US Spanish alone are redacted; give a language_code where everything must be",
    ),
    (
        "redaction-with-identification",
        lambda: CallAnalyticsJob(content_redaction=ContentRedaction()),
        "content_redaction with a language that Transcribe identifies: ",
    ),
    (
        "medical-speakers-and-channels",
        lambda: MedicalTranscriptionJob(type=DICTATION, max_speakers=2, channel_identification=True),
        "max_speakers with channel_identification: Transcribe allows both for standard jobs, and its documentation "
        "does not say so for medical ones; leave one of them out",
    ),
    (
        "sample-rate-region",
        lambda: TranscriptionJob(language_code="ar-SA", media_sample_rate_hertz=8000),
        "media_sample_rate_hertz=8000 with ar-SA: in us-gov-west-1, us-gov-east-1, ca-west-1 and af-south-1 Transcribe "
        "needs 16000 or more",
    ),
]


@pytest.mark.parametrize(("rule", "make", "sentence"), DOUBTFUL, ids=[rule for rule, _, _ in DOUBTFUL])
def test_what_is_doubtful_is_a_warning_of_the_job(rule: str, make: Make, sentence: str) -> None:
    [(id, said)] = make().warnings

    assert id == f"cdk-transcribe:{rule}"
    assert said.startswith(sentence)


@pytest.mark.parametrize(
    "make",
    [
        lambda: TranscriptionJob(language_code="en-US", max_speakers=2, channel_identification=True),
        lambda: TranscriptionJob(language_code="en-US", vocabulary="terms", language_model="model"),
        lambda: TranscriptionJob(language_code="en-US", toxicity_detection=True, content_redaction=ContentRedaction()),
        lambda: TranscriptionJob(language_identification=LanguageIdentification()),
        lambda: TranscriptionJob(
            language_identification=identified(
                LanguageOption("en-US", "terms", None, "model"), LanguageOption("de-DE", "begriffe")
            ),
            subtitles=[SubtitleFormat.SRT],
        ),
        lambda: TranscriptionJob(language_identification=several("en-US", "de-DE"), max_speakers=2),
        lambda: TranscriptionJob(language_code="ar-SA", media_sample_rate_hertz=16000),
        lambda: MedicalTranscriptionJob(type=DICTATION, vocabulary="drugs"),
        CallAnalyticsJob,
        lambda: CallAnalyticsJob(language_options=["en-US", "en-GB"], summarization=True, agent_channel=1),
        lambda: MedicalScribeJob(clinician_channel=0, patient_pronouns=Pronouns.THEY_THEM),
    ],
)
def test_what_is_documented_to_go_together_has_no_warning(make: Make) -> None:
    assert make().warnings == ()


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(ValueError, match="max_speakers") as caught:
        TranscriptionJob(
            language_code="nl-NL", max_speakers=1, content_redaction=ContentRedaction(), tags={"aws:a": ""}
        )

    assert [line.split(" ")[0] for line in str(caught.value).splitlines()] == [
        "max_speakers=1",
        "content_redaction",
        "tags:",
    ]


def test_every_rule_is_tried_here() -> None:
    package = Path(cdk_transcribe.__file__).parent
    modules = [*package.glob("*_job.py"), package / "_job_rules.py", package / "_language_rules.py"]
    source = "".join(module.read_text() for module in modules)

    def named(severity: str) -> set[str]:
        return set(re.findall(rf'{severity}\(\s*"([a-z-]+)"', source))

    assert named("error") == {rule for rule, _, _ in [*REFUSED, *REFUSED_RESOURCES]} - {"wrong-resource"}
    assert named("warning") == {rule for rule, _, _ in DOUBTFUL}
