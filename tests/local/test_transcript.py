"""From recognised lines to items, and what vocabularies, filters and subtitles make of them."""

from typing import Any

import pytest

from transcribe_local.subtitles import subtitles
from transcribe_local.transcript import Segment, SpokenLine, segment_of
from transcribe_local.transcript_document import DocumentParts, seconds, transcript_document
from transcribe_local.vocabulary_content import VocabularyEntry
from transcribe_local.vocabulary_display import VocabularyDisplay
from transcribe_local.word_filtering import filtered


def spoken(text: str, start: float = 1.0, end: float = 3.0) -> Segment:
    return segment_of(SpokenLine(start, end, text))


@pytest.mark.parametrize(
    ("heard", "items"),
    [
        ("It's well-known, isn't it?", ["It's", "well-known", ",", "isn't", "it", "?"]),
        ("In short,, the A.W.S. bill - $3.50!", ["In", "short", ",", "the", "A.W.S", ".", "bill", "$3.50", "!"]),
        ("Laughin'.", ["Laughin", "."]),
    ],
)
def test_a_line_becomes_words_and_punctuation(heard: str, items: list[str]) -> None:
    assert [item.content for item in spoken(heard).items] == items


def test_words_share_the_time_of_their_line() -> None:
    first, second, mark = spoken("one threes.").items
    assert (first.start, second.end) == (1.0, 3.0)
    assert first.end == second.start == pytest.approx(1.0 + 2.0 * 3 / 9)
    assert mark.start is None


@pytest.mark.parametrize(
    ("entry", "heard", "written"),
    [
        (VocabularyEntry("Los-Angeles"), "to los angeles.", "to Los Angeles."),
        (VocabularyEntry("Los-Angeles", "LA"), "to Los-Angeles now", "to LA now"),
        (VocabularyEntry("C.L.I.", "CLI"), "the cli, the c l i", "the CLI, the CLI"),
        (VocabularyEntry("C.L.I.-s", "CLIs"), "two clis here", "two CLIs here"),
        (VocabularyEntry("Dynamo-D.B.", "DynamoDB"), "with dynamo db.", "with DynamoDB."),
        (VocabularyEntry("away", "AWAY"), "a way away", "a way AWAY"),
        (VocabularyEntry("events"), "los, angeles events", "los, angeles events"),
        (VocabularyEntry("don't", "DON'T"), "I don\u2019t know", "I DON'T know"),
        (VocabularyEntry("Los-Angeles"), "los, angeles", "los, angeles"),
    ],
)
def test_words_of_a_phrase_are_written_as_the_vocabulary_says(entry: VocabularyEntry, heard: str, written: str) -> None:
    assert VocabularyDisplay([entry]).apply(spoken(heard)).text == written


def test_the_longest_phrase_wins_and_keeps_the_time_of_its_words() -> None:
    display = VocabularyDisplay([VocabularyEntry("new", "NEW"), VocabularyEntry("new-york", "NYC")])
    segment = display.apply(spoken("in new york"))
    assert segment.text == "in NYC"
    assert segment.items[-1].end == 3.0


@pytest.mark.parametrize(
    ("method", "text"),
    [
        ("mask", "***, well, it is *** good. *** yes."),
        ("remove", "well, it is good. yes."),
        ("tag", "Um, well, it is Darn good. Um yes."),
    ],
)
def test_a_filter_takes_whole_words_of_any_case(method: str, text: str) -> None:
    segment = filtered(spoken("Um, well, it is Darn good. Um yes."), frozenset({"um", "darn", "a"}), method)
    assert segment.text == text
    assert [item.content for item in segment.items if item.vocabulary_filter_match] == (
        ["Um", "Darn", "Um"] if method == "tag" else []
    )


def test_subtitles_are_numbered_timed_and_short() -> None:
    segments = [spoken("Hello there."), spoken(" ".join(["word"] * 30), 3661.5, 3670.25)]
    assert subtitles(segments[:1], "vtt", 0) == "WEBVTT\n\n0\n00:00:01.000 --> 00:00:03.000\nHello there.\n"
    cues = subtitles(segments, "srt", 1).split("\n\n")
    assert [cue.splitlines()[0] for cue in cues] == ["1", "2", "3"]
    assert cues[1].splitlines()[1].startswith("01:01:01,500 --> ")
    assert cues[2].splitlines()[1].endswith(" --> 01:01:10,250")
    assert all(len(cue.splitlines()[2]) <= 80 for cue in cues)


@pytest.mark.parametrize(("value", "written"), [(0, "0.0"), (3.04, "3.04"), (10.1239, "10.124"), (20, "20.0")])
def test_times_are_written_as_the_service_writes_them(value: float, written: str) -> None:
    assert seconds(value) == written


def document(segments: list[Segment], **parts: bool) -> Any:
    return transcript_document("job", "111122223333", segments, DocumentParts(**parts))["results"]


def test_a_plain_document_has_nothing_that_was_not_asked_for() -> None:
    results = document([spoken("Hello there."), spoken("Yes.", 4, 5)])
    assert set(results) == {"transcripts", "items", "audio_segments"}
    assert results["transcripts"] == [{"transcript": "Hello there. Yes."}]
    assert results["items"][2:4] == [
        {"id": 2, "type": "punctuation", "alternatives": [{"confidence": "0.0", "content": "."}]},
        {
            "id": 3,
            "type": "pronunciation",
            "start_time": "4.0",
            "end_time": "5.0",
            "alternatives": [{"confidence": "0.99", "content": "Yes"}],
        },
    ]
    assert results["audio_segments"][1] == {
        "id": 1,
        "transcript": "Yes.",
        "start_time": "4.0",
        "end_time": "5.0",
        "items": [3, 4],
    }


def test_speakers_channels_and_alternatives_appear_when_asked_for() -> None:
    lines = [SpokenLine(0, 1, "Hello."), SpokenLine(1, 2, "Hi.")]
    segments = [segment_of(line, number, number) for number, line in enumerate(lines)]
    results = document(segments, speaker_labels=True, channel_labels=True, alternatives=True)
    assert results["speaker_labels"]["speakers"] == 2
    assert results["speaker_labels"]["segments"][1]["items"] == [
        {"start_time": "1.0", "end_time": "2.0", "speaker_label": "spk_1"}
    ]
    channels = results["channel_labels"]
    assert channels["number_of_channels"] == 2
    assert [item["id"] for item in channels["channels"][1]["items"]] == [2, 3]
    assert results["items"][2]["speaker_label"] == "spk_1"
    assert results["segments"][0]["alternatives"][0]["transcript"] == "Hello."
