from __future__ import annotations

import re
from typing import Any

import aws_cdk as cdk
import pytest

from cdk_transcribe import MEDIA_SUFFIXES
from cdk_transcribe._job_kinds import CALL_ANALYTICS, MEDICAL_SCRIBE, TRANSCRIPTION, JobKind
from cdk_transcribe._routes import Route, check_message

TRANSCRIPTS = "transcripts"


def route(
    id: str = "English",
    *,
    bucket_name: str = "media",
    prefix: str = "",
    suffixes: Any = (".wav",),
    output_prefix: str = "",
    kind: JobKind = TRANSCRIPTION,
    redacts: bool = False,
) -> Route:
    return Route(
        id=id,
        pipeline="Calls-0a1b2c3d",
        kind=kind,
        bucket_name=bucket_name,
        prefix=prefix,
        suffixes=tuple(suffixes),
        output_prefix=output_prefix,
        output_suffixes=kind.suffixes_written({"Settings": {"ContentRedaction": {}}} if redacts else {}),
    )


def keys(route: Route) -> Any:
    return route.event_detail()["object"]["key"]


def test_the_default_suffixes_are_the_media_formats_of_transcribe() -> None:
    botocore = pytest.importorskip("botocore.session")
    model = botocore.get_session().get_service_model("transcribe")
    formats = model.shape_for("MediaFormat").enum

    assert sorted(MEDIA_SUFFIXES) == sorted(f".{media_format}" for media_format in formats)


def test_without_a_prefix_suffixes_match_in_any_case() -> None:
    assert keys(route(suffixes=[".wav", ".mp3"])) == [
        {"suffix": {"equals-ignore-case": ".wav"}},
        {"suffix": {"equals-ignore-case": ".mp3"}},
    ]


@pytest.mark.parametrize("prefix", ["en/", "Grüße & 'a'+ b/", "a*b/", "a\\b/"])
def test_with_a_prefix_the_suffixes_are_left_to_the_starter(prefix: str) -> None:
    one = route(prefix=prefix, suffixes=[".wav", ".mp3"])

    assert keys(one) == [{"prefix": prefix}]
    assert one.message_job("transcripts", {})["Suffixes"] == [".wav", ".mp3"]


def test_fails_when_no_key_could_have_the_prefix() -> None:
    with pytest.raises(
        ValueError,
        match=r"^prefix='ü{40}…' of route 'English' has 1026 bytes: no key of S3 is longer than 1024$",
    ):
        route(prefix="ü" * 513)


def test_fails_when_eventbridge_would_refuse_the_pattern_as_too_long() -> None:
    with pytest.raises(
        ValueError,
        match=r"^route 'English' needs an event pattern of \d{4} characters, and EventBridge takes 2048: give it a "
        r"shorter prefix or fewer of its 60 suffixes$",
    ):
        route(suffixes=[f".{number}" for number in range(60)])


def test_a_name_that_is_known_at_deployment_counts_as_the_longest_there_is() -> None:
    suffixes = [f".{number}" for number in range(10, 57)]
    route(suffixes=suffixes)

    with pytest.raises(ValueError, match="event pattern of"):
        route(suffixes=suffixes, bucket_name=cdk.Fn.import_value("Name"))


def test_fails_when_eventbridge_would_refuse_the_message_as_too_long() -> None:
    one = route()
    choices = {f"choice-{number}": "en-US" for number in range(500)}

    with pytest.raises(
        ValueError,
        match=r"^the job of route 'English' makes a message of \d{5} characters, and EventBridge takes 8192: give its "
        r"ObjectValues fewer choices, or make several routes of it$",
    ):
        check_message(one, one.message_job("transcripts", {"LanguageCode": {"Choices": choices}}))


@pytest.mark.parametrize("text", ["<f1>", "a<aws.events.rule-arn>b"])
def test_fails_when_eventbridge_would_take_a_text_for_its_own_variable(text: str) -> None:
    one = route(text)

    with pytest.raises(ValueError, match="which EventBridge would take for a variable of its own: write it without < "):
        check_message(one, one.message_job("transcripts", {}))


def test_a_lone_angle_bracket_is_no_variable() -> None:
    one = route("a < b > c")

    check_message(one, one.message_job("transcripts", {}))


@pytest.mark.parametrize("suffixes", [(), ("",), (".wav", "")])
def test_fails_when_a_suffix_is_missing(suffixes: tuple[str, ...]) -> None:
    with pytest.raises(
        ValueError,
        match=re.escape(
            f"suffixes={list(suffixes)!r} of route 'English': give at least one ending, such as '.wav', and no empty "
            "one; leave the argument out for every format that Transcribe takes"
        ),
    ):
        route(suffixes=suffixes)


@pytest.mark.parametrize(
    "output_prefix", ["", "english/", "a", "a/b/c", "a//b", "!_.-*'()/x", "x" * 300, "x" * 299 + "/"]
)
def test_an_output_prefix_is_what_transcribe_takes(output_prefix: str) -> None:
    assert route(output_prefix=output_prefix).output_prefix == output_prefix


@pytest.mark.parametrize("output_prefix", ["/", "/a", "two words/", "über/", "a+b/", "a\n", "a&b", "x" * 301])
def test_fails_when_transcribe_would_refuse_the_output_prefix(output_prefix: str) -> None:
    with pytest.raises(
        ValueError,
        match=re.escape(
            f"output_prefix={output_prefix!r} of route 'English': Transcribe takes letters, digits and "
            "-_.!*'()/ there, at most 300 and no slash first"
        ),
    ):
        route(output_prefix=output_prefix)


def test_a_token_passes_as_output_prefix() -> None:
    token = cdk.Fn.import_value("OutputPrefix")

    assert route(output_prefix=token).output_prefix == token


@pytest.mark.parametrize(
    ("one", "other", "overwrites"),
    [
        ({}, {}, True),
        ({"prefix": "en/"}, {"prefix": "en/"}, True),
        ({"prefix": "en/"}, {"prefix": ""}, True),
        ({"prefix": "en/"}, {"prefix": "en/us/"}, True),
        ({"prefix": "en/"}, {"prefix": "de/"}, False),
        ({"suffixes": [".wav"]}, {"suffixes": [".mp3"]}, False),
        ({"suffixes": [".wav"]}, {"suffixes": [".WAV"]}, True),
        ({"suffixes": [".wav"]}, {"suffixes": [".en.wav"]}, True),
        ({"output_prefix": "a/"}, {"output_prefix": "b/"}, False),
        ({"output_prefix": "a/"}, {"output_prefix": "a/"}, True),
        ({"output_prefix": ""}, {"output_prefix": "a/"}, True),
        ({"output_prefix": "", "prefix": "a/"}, {"output_prefix": "a/"}, True),
        ({"output_prefix": "", "prefix": "b/"}, {"output_prefix": "a/"}, False),
        ({"output_prefix": "a/", "prefix": "b/c/"}, {"output_prefix": "a/b/", "prefix": "c/"}, True),
        ({"bucket_name": "one"}, {"bucket_name": "other"}, True),
        ({"bucket_name": "one", "prefix": "a/"}, {"bucket_name": "other", "prefix": "b/"}, False),
        ({"kind": MEDICAL_SCRIBE}, {"kind": MEDICAL_SCRIBE}, False),
        ({"kind": MEDICAL_SCRIBE}, {"kind": TRANSCRIPTION}, False),
        ({"kind": CALL_ANALYTICS}, {"kind": TRANSCRIPTION}, True),
    ],
)
def test_routes_overwrite_each_other_when_both_would_write_one_key(
    one: dict[str, Any], other: dict[str, Any], overwrites: bool
) -> None:
    assert (route(**one).overwrites(route(**other)), route(**other).overwrites(route(**one))) == (overwrites,) * 2


@pytest.mark.parametrize(
    ("arguments", "takes"),
    [
        ({"suffixes": [".wav"]}, False),
        ({"suffixes": [".json"]}, True),
        ({"suffixes": [".JSON"]}, True),
        ({"suffixes": ["n"]}, True),
        ({"suffixes": [".vtt"]}, True),
        ({"suffixes": [".wav", ".srt"]}, True),
        ({"suffixes": [".json"], "prefix": "in/", "output_prefix": "out/"}, False),
        ({"suffixes": [".json"], "prefix": "in/", "output_prefix": ""}, True),
        ({"suffixes": [".json"], "prefix": "in/", "output_prefix": "in/out/"}, True),
        ({"suffixes": [".json"], "prefix": "", "output_prefix": "out/"}, True),
        ({"suffixes": [".json"], "prefix": "aa", "output_prefix": "a"}, True),
        ({"suffixes": [".json"], "prefix": "in/", "output_prefix": "in"}, False),
    ],
)
def test_a_route_takes_its_own_output_when_a_transcript_has_its_prefix_and_a_suffix(
    arguments: dict[str, Any], takes: bool
) -> None:
    one = route(bucket_name=TRANSCRIPTS, **arguments)

    assert one.takes_output_of(one, TRANSCRIPTS) is takes


def test_a_route_takes_no_output_from_another_bucket() -> None:
    one = route(suffixes=[".json"])

    assert not one.takes_output_of(one, TRANSCRIPTS)


@pytest.mark.parametrize(
    ("taker", "writer", "takes"),
    [
        ({"prefix": "en/"}, {"output_prefix": "en/"}, True),
        ({"prefix": "en/us/"}, {"output_prefix": "en/"}, True),
        ({"prefix": "en/"}, {"output_prefix": "de/"}, False),
        ({"prefix": "en/"}, {"prefix": "de/", "output_prefix": "en/"}, True),
        ({"prefix": "Calls-"}, {"kind": MEDICAL_SCRIBE}, True),
        ({"prefix": "en/"}, {"kind": MEDICAL_SCRIBE}, False),
    ],
)
def test_a_route_takes_the_output_of_another_when_that_has_its_prefix(
    taker: dict[str, Any], writer: dict[str, Any], takes: bool
) -> None:
    one = route(bucket_name=TRANSCRIPTS, suffixes=[".json"], **taker)

    assert one.takes_output_of(route(**writer), TRANSCRIPTS) is takes


@pytest.mark.parametrize(
    ("kind", "redacts", "takes"),
    [(CALL_ANALYTICS, True, True), (CALL_ANALYTICS, False, False), (TRANSCRIPTION, True, False)],
)
def test_redacted_sound_is_output_that_is_media(kind: JobKind, redacts: bool, takes: bool) -> None:
    one = route(bucket_name=TRANSCRIPTS)

    assert one.takes_output_of(route(kind=kind, redacts=redacts), TRANSCRIPTS) is takes


def test_fails_when_a_scribe_route_has_an_output_prefix() -> None:
    with pytest.raises(
        ValueError,
        match=r"^output_prefix='notes/' of route 'English': a MedicalScribeJob takes none, the service writes each "
        r"job's documents below the job's name; leave it out$",
    ):
        route(kind=MEDICAL_SCRIBE, output_prefix="notes/")


def test_the_default_suffixes_never_take_a_transcript() -> None:
    one = route(bucket_name=TRANSCRIPTS, suffixes=MEDIA_SUFFIXES)

    assert not one.takes_output_of(one, TRANSCRIPTS)
