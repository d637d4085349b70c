"""The JSON document that a finished job puts into its output bucket."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from transcribe_local.transcript import Item, Segment, text_of

# The recogniser says nothing about how sure it is.
_CONFIDENCE = "0.99"
_TOXICITY_CATEGORIES = (
    "profanity",
    "hate_speech",
    "sexual",
    "insult",
    "violence_or_threat",
    "graphic",
    "harassment_or_abuse",
)


class DocumentParts(NamedTuple):
    """Which optional parts a job asked for."""

    speaker_labels: bool = False
    channel_labels: bool = False
    alternatives: bool = False
    toxicity: bool = False
    is_redacted: bool = False

    @classmethod
    def from_request(cls, request: dict[str, Any], *, is_redacted: bool = False) -> "DocumentParts":
        """What a request asks for."""
        settings = request.get("Settings", {})
        return cls(
            settings.get("ShowSpeakerLabels", False),
            settings.get("ChannelIdentification", False),
            settings.get("ShowAlternatives", False),
            bool(request.get("ToxicityDetection")),
            is_redacted,
        )


def transcript_document(
    job_name: str,
    account_id: str,
    segments: list[Segment],
    parts: DocumentParts,
    languages: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The document, with Transcribe's own fields and types: times and confidences are strings.

    Without a measure of confidence every word has the same. `segments` has one alternative, for there is no
    other. `languages` are the results' fields that language identification adds.
    """
    numbered = _numbered(segments, parts)
    items = [item for _, described in numbered for item in described]
    results: dict[str, Any] = {
        **(languages or {}),
        "transcripts": [{"transcript": " ".join(segment.text for segment in segments if segment.text)}],
        "items": items,
        "audio_segments": [
            _audio_segment(number, segment, described, parts) for number, (segment, described) in enumerate(numbered)
        ],
    }
    if parts.speaker_labels:
        results["speaker_labels"] = _speaker_labels(segments)
    if parts.channel_labels:
        results["channel_labels"] = _channel_labels(items, segments)
    if parts.alternatives:
        results["segments"] = [_alternatives(segment) for segment in segments]
    if parts.toxicity:
        results["toxicity_detection"] = [_toxicity(segment) for segment in segments]
    redaction = {"isRedacted": True} if parts.is_redacted else {}
    return {"jobName": job_name, "accountId": account_id, **redaction, "status": "COMPLETED", "results": results}


def _numbered(segments: list[Segment], parts: DocumentParts) -> list[tuple[Segment, list[dict[str, Any]]]]:
    number = 0
    numbered = []
    for segment in segments:
        described = []
        for item in segment.items:
            described.append({"id": number, **_item(item), **_labels(segment, parts)})
            number += 1
        numbered.append((segment, described))
    return numbered


def _item(item: Item) -> dict[str, Any]:
    alternatives = [_alternative(item)]
    if item.start is None or item.end is None:
        return {"type": "punctuation", "alternatives": alternatives}
    described = {
        "type": "pronunciation",
        "start_time": seconds(item.start),
        "end_time": seconds(item.end),
        "alternatives": alternatives,
    }
    return {**described, "vocabularyFilterMatch": True} if item.vocabulary_filter_match else described


def _alternative(item: Item) -> dict[str, Any]:
    if item.is_redacted:
        return {"content": item.content, "redactions": [{"confidence": _CONFIDENCE}]}
    return {"confidence": _CONFIDENCE if item.is_word else "0.0", "content": item.content}


def _toxicity(segment: Segment) -> dict[str, Any]:
    # Nothing here judges what is said.
    return {
        "text": segment.text,
        "toxicity": 0.0,
        "categories": dict.fromkeys(_TOXICITY_CATEGORIES, 0.0),
        "start_time": segment.start,
        "end_time": segment.end,
    }


def _labels(segment: Segment, parts: DocumentParts) -> dict[str, str]:
    labels = {}
    if parts.speaker_labels:
        labels["speaker_label"] = _speaker(segment)
    if parts.channel_labels:
        labels["channel_label"] = _channel(segment.channel)
    return labels


def _audio_segment(
    number: int, segment: Segment, described: list[dict[str, Any]], parts: DocumentParts
) -> dict[str, Any]:
    return {
        "id": number,
        "transcript": segment.text,
        "start_time": seconds(segment.start),
        "end_time": seconds(segment.end),
        **_labels(segment, parts),
        "items": [item["id"] for item in described],
    }


def _speaker_labels(segments: list[Segment]) -> dict[str, Any]:
    return {
        "channel_label": _channel(0),
        "speakers": len({segment.speaker for segment in segments}),
        "segments": [
            {
                "start_time": seconds(segment.start),
                "end_time": seconds(segment.end),
                "speaker_label": _speaker(segment),
                "items": [
                    {
                        "start_time": seconds(item.start),
                        "end_time": seconds(item.end),
                        "speaker_label": _speaker(segment),
                    }
                    for item in segment.items
                    if item.start is not None and item.end is not None
                ],
            }
            for segment in segments
        ],
    }


def _channel_labels(items: list[dict[str, Any]], segments: Iterable[Segment]) -> dict[str, Any]:
    count = max((segment.channel for segment in segments), default=1) + 1
    channels = [_channel(number) for number in range(max(count, 2))]
    return {
        "channels": [
            {"channel_label": channel, "items": [item for item in items if item["channel_label"] == channel]}
            for channel in channels
        ],
        "number_of_channels": len(channels),
    }


def _alternatives(segment: Segment) -> dict[str, Any]:
    items = [_item(item) for item in segment.items]
    return {
        "start_time": seconds(segment.start),
        "end_time": seconds(segment.end),
        "alternatives": [
            {
                "transcript": text_of(segment.items),
                "items": [
                    {
                        **{key: value for key, value in item.items() if key != "alternatives"},
                        **item["alternatives"][0],
                    }
                    for item in items
                ],
            }
        ],
    }


def seconds(value: float) -> str:
    """A time as the service writes it, such as `3.04`."""
    return f"{value:.3f}".rstrip("0").ljust(len(f"{int(value)}.0"), "0")


def _speaker(segment: Segment) -> str:
    return f"spk_{segment.speaker or 0}"


def _channel(number: int) -> str:
    return f"ch_{number}"
