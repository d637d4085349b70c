import re
import string

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from transcribe_handlers.job_naming import job_name, output_key

PREFIX = "calls-1a2b3c4d"
NASTY_KEYS = [
    "a b.wav",
    "Grüße/Ärger.wav",
    'it\'s "quoted".wav',
    "a+b.wav",
    "a%20b.wav",
    "call 📞.wav",
    "/leading.wav",
    "a//b.wav",
    "./a.wav",
    "../a.wav",
    "a/./b/../c.wav",
    ".",
    "..",
    ".wav",
    "-.wav",
    "日本語",
    "a=1/b:2@c&d.wav",
    "\u0000\n\t.wav",
    "x" * 1024,
    "ü" * 512,
    "d/" * 511 + "aa",
]

keys = st.text(min_size=1, max_size=300) | st.sampled_from(NASTY_KEYS)
legal_keys = st.text(string.ascii_letters + string.digits + "-_.!*'()/", min_size=1, max_size=1024)
prefixes = st.from_regex(r"[0-9a-zA-Z-]{1,178}", fullmatch=True)


def test_job_name_is_readable_and_says_which_object() -> None:
    name = job_name(PREFIX, "media", "en/2024/Meeting with Zoë (final).mp3", "v1", "English")

    assert re.fullmatch(r"calls-1a2b3c4d-Meeting-with-Zoe-final-[0-9a-f]{20}", name)


@given(prefix=prefixes, key=keys)
def test_job_name_is_legal(prefix: str, key: str) -> None:
    assert re.fullmatch(r"[0-9a-zA-Z._-]{1,200}", job_name(prefix, "media", key, "v1", "English"))


@given(objects=st.lists(st.tuples(st.text(), keys, st.text(), st.text()), min_size=2, max_size=2, unique=True))
@example(objects=[("a", "b", "cd", "e"), ("a", "bc", "d", "e")])
@example(objects=[("media", "a b.wav", "1", "r"), ("media", "a-b.wav", "1", "r")])
def test_two_objects_versions_or_routes_never_share_a_job_name(objects: list[tuple[str, str, str, str]]) -> None:
    first, second = (job_name(PREFIX, *each) for each in objects)

    assert first != second


def test_job_name_is_the_same_in_every_process() -> None:
    assert job_name("p", "media", "a.wav", "v1", "English") == "p-a-aa6a1830423d638857af"


def test_output_key_keeps_a_legal_key_as_it_is() -> None:
    assert output_key("transcripts/", "en/call-1_(a)!*'.wav") == "transcripts/en/call-1_(a)!*'.wav.json"


@pytest.mark.parametrize(
    ("key", "legible"),
    [
        ("a b.wav", "a_b.wav"),
        ("Grüße.wav", "Gr__e.wav"),
        ("call 📞.wav", "call__.wav"),
        ("/leading.wav", "_/leading.wav"),
        ("a//b.wav", "a/_/b.wav"),
        ("a/../b.wav", "a/_/b.wav"),
    ],
)
def test_output_key_of_a_changed_key_carries_a_digest(key: str, legible: str) -> None:
    assert re.fullmatch(re.escape(legible) + r"-[0-9a-f]{20}\.json", output_key("", key))


@given(prefix=st.sampled_from(["", "out/", "some/prefix/"]), key=keys | legal_keys)
def test_output_key_is_legal_and_names_an_object_of_its_own(prefix: str, key: str) -> None:
    made = output_key(prefix, key)

    assert re.fullmatch(r"[a-zA-Z0-9-_.!*'()/]{1,1024}", made)
    assert made.startswith(prefix)
    assert made.endswith(".json")
    assert not {"", ".", ".."} & set(made.split("/"))


@given(first=keys | legal_keys, second=keys | legal_keys)
@example(first="a b", second="a_b")
@example(first="x" * 1024, second="x" * 1023 + "y")
@example(first="x" * 1019, second="x" * 1020)
def test_two_keys_never_share_an_output_key(first: str, second: str) -> None:
    assume(first != second)

    assert output_key("", first) != output_key("", second)


@given(key=keys)
def test_a_key_that_looks_like_another_ones_output_gets_an_output_of_its_own(key: str) -> None:
    lookalike = output_key("", key).removesuffix(".json")

    assert output_key("", lookalike) != output_key("", key) or lookalike == key
