"""The two documents of a medical scribe job: the conversation, and the note made from it.

What was said is recognised; who said it in what part of the visit, and the note, are synthetic.
"""

import uuid
from typing import Any

from transcribe_local.job import Job
from transcribe_local.transcript import Item, Segment, Transcription

_CONFIDENCE = 0.99
_SECTION = "SUBJECTIVE"
_NOTE_SECTIONS = (
    "CHIEF_COMPLAINT",
    "HISTORY_OF_PRESENT_ILLNESS",
    "REVIEW_OF_SYSTEMS",
    "PAST_MEDICAL_HISTORY",
    "ASSESSMENT",
    "PLAN",
)


def conversation_document(job: Job, transcription: Transcription) -> dict[str, Any]:
    """What was said, by whom; the first speaker is taken for the clinician where channels do not tell."""
    roles = _roles(job.request)
    segments = [_segment(job, number, segment, roles) for number, segment in enumerate(transcription.segments)]
    items = [_item(item, segment, roles) for segment in transcription.segments for item in segment.items]
    return {
        "Conversation": {
            "ConversationId": str(uuid.uuid5(uuid.NAMESPACE_URL, job.arn)),
            "JobName": job.name,
            "JobType": "ASYNC",
            "LanguageCode": job.plan.language_code,
            "ClinicalInsights": [],
            "TranscriptItems": items,
            "TranscriptSegments": segments,
        }
    }


def clinical_document(conversation: dict[str, Any]) -> dict[str, Any]:
    """A note that says of itself that it is none, with the whole conversation for evidence."""
    segments = conversation["Conversation"]["TranscriptSegments"]
    evidence = [{"SegmentId": segment["SegmentId"]} for segment in segments]
    summary = {"EvidenceLinks": evidence, "SummarizedSegment": "This note is synthetic: nothing was summarised."}
    return {
        "ClinicalDocumentation": {
            "Sections": [{"SectionName": name, "Summary": [summary] if evidence else []} for name in _NOTE_SECTIONS]
        }
    }


def _segment(job: Job, number: int, segment: Segment, roles: dict[int, str]) -> dict[str, Any]:
    return {
        "SegmentId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{job.arn}/{number}")),
        "BeginAudioTime": round(segment.start, 3),
        "EndAudioTime": round(segment.end, 3),
        "Content": segment.text,
        "ParticipantDetails": _participant(segment, roles),
        "SectionDetails": {"SectionName": _SECTION},
    }


def _item(item: Item, segment: Segment, roles: dict[int, str]) -> dict[str, Any]:
    return {
        "Alternatives": [{"Confidence": _CONFIDENCE if item.is_word else 0, "Content": item.content}],
        "BeginAudioTime": round(item.start or 0, 3),
        "EndAudioTime": round(item.end or 0, 3),
        "ParticipantDetails": _participant(segment, roles),
        "Type": "PRONUNCIATION" if item.is_word else "PUNCTUATION",
    }


def _participant(segment: Segment, roles: dict[int, str]) -> dict[str, str]:
    if roles:
        return {"ParticipantRole": roles[segment.channel]}
    speaker = segment.speaker or 0
    return {"ParticipantRole": f"PATIENT_{speaker - 1}" if speaker else "CLINICIAN_0"}


def _roles(request: dict[str, Any]) -> dict[int, str]:
    definitions = request.get("ChannelDefinitions", [])
    return {definition["ChannelId"]: f"{definition['ParticipantRole']}_0" for definition in definitions}
