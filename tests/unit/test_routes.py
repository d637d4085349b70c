from __future__ import annotations

import re
from typing import Any

import aws_cdk as cdk
import pytest

from cdk_transcribe import MEDIA_SUFFIXES
from cdk_transcribe._routes import Route


def route(id: str = "English", *, prefix: str = "", suffixes: Any = (".wav",), output_prefix: str = "") -> Route:
    return Route(id=id, prefix=prefix, suffixes=tuple(suffixes), output_prefix=output_prefix)


def test_the_default_suffixes_are_the_media_formats_of_transcribe() -> None:
    botocore = pytest.importorskip("botocore.session")
    model = botocore.get_session().get_service_model("transcribe")
    formats = model.shape_for("MediaFormat").enum

    assert sorted(MEDIA_SUFFIXES) == sorted(f".{media_format}" for media_format in formats)


def test_without_a_prefix_suffixes_match_in_any_case() -> None:
    assert route(suffixes=[".wav", ".mp3"]).key_pattern() == [
        {"suffix": {"equals-ignore-case": ".wav"}},
        {"suffix": {"equals-ignore-case": ".mp3"}},
    ]


@pytest.mark.parametrize(
    ("prefix", "suffixes", "wildcards"),
    [
        ("en/", [".wav"], ["en/*.WAV", "en/*.wav"]),
        ("en/", [".Wav"], ["en/*.WAV", "en/*.Wav", "en/*.wav"]),
        ("en/", [".mp3", ".wav"], ["en/*.MP3", "en/*.WAV", "en/*.mp3", "en/*.wav"]),
        ("en/", [".wav", ".WAV"], ["en/*.WAV", "en/*.wav"]),
        ("en/", ["1"], ["en/*1"]),
        ("Grüße & 'a'+ b/", [".wav"], ["Grüße & 'a'+ b/*.WAV", "Grüße & 'a'+ b/*.wav"]),
        ("a*b/", [".wav"], [r"a\*b/*.WAV", r"a\*b/*.wav"]),
        ("a\\b/", [".wav"], [r"a\\b/*.WAV", r"a\\b/*.wav"]),
        ("a\\*b/", [".wav"], [r"a\\\*b/*.WAV", r"a\\\*b/*.wav"]),
        ("en/", ["*.wav"], [r"en/*\*.WAV", r"en/*\*.wav"]),
    ],
)
def test_with_a_prefix_each_spelling_of_a_suffix_is_a_wildcard(
    prefix: str, suffixes: list[str], wildcards: list[str]
) -> None:
    assert route(prefix=prefix, suffixes=suffixes).key_pattern() == [{"wildcard": one} for one in wildcards]


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
        ({"output_prefix": ""}, {"output_prefix": "a/"}, False),
    ],
)
def test_routes_overwrite_each_other_when_one_object_would_have_one_transcript_for_both(
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
    assert route(**arguments).takes_own_output() is takes


def test_the_default_suffixes_never_take_a_transcript() -> None:
    assert not route(suffixes=MEDIA_SUFFIXES).takes_own_output()
