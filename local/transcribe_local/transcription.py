"""From the bytes of a media file to a transcript."""

import hashlib
from collections import OrderedDict
from typing import Any, Protocol

from transcribe_local.media import Samples, Sound, check_as_ordered, decode, loudness
from transcribe_local.recognized_words import finished
from transcribe_local.speaker_diarization import label_speakers
from transcribe_local.transcript import Segment, SpokenLine, Transcription, segment_of
from transcribe_local.transcription_order import TranscriptionOrder

_REMEMBERED_SOUNDS = 64


class SpeechRecognizer(Protocol):
    """Whatever turns sound into lines of text."""

    def recognize(self, samples: Samples) -> list[SpokenLine]: ...


class Transcriber:
    """Carries out orders; the same sound is recognised once, however many jobs want it."""

    def __init__(self, recognizer: SpeechRecognizer) -> None:
        self._recognizer = recognizer
        self._remembered: OrderedDict[bytes, list[SpokenLine]] = OrderedDict()

    def transcribe(self, content: bytes, order: TranscriptionOrder) -> Transcription:
        """Raises UnusableMediaError with the reason for which the service fails a job."""
        sound = decode(content)
        check_as_ordered(sound, order)
        segments = self._by_channel(sound, order) if order.by_channel else self._mixed(sound, order)
        heard = finished(segments, order)
        return Transcription(sound.media_format, sound.sample_rate, sound.seconds, heard, sound.channels)

    def _mixed(self, sound: Sound, order: TranscriptionOrder) -> list[Segment]:
        return self._heard(sound.mono, 0, order)

    def _by_channel(self, sound: Sound, order: TranscriptionOrder) -> list[Segment]:
        heard = [
            segment for number, samples in enumerate(sound.channels) for segment in self._heard(samples, number, order)
        ]
        return sorted(heard, key=lambda segment: segment.start)

    def _heard(self, samples: Samples, channel: int, order: TranscriptionOrder) -> list[Segment]:
        lines = self._recognized(samples)
        speakers: list[Any] = [None] * len(lines)
        if order.max_speakers:
            speakers = label_speakers(samples, lines, order.max_speakers)
        return [
            segment_of(line, channel, speaker, loudness(samples, line.start, line.end))
            for line, speaker in zip(lines, speakers, strict=True)
        ]

    def _recognized(self, samples: Samples) -> list[SpokenLine]:
        digest = hashlib.sha256(samples.tobytes()).digest()
        if digest not in self._remembered:
            self._remembered[digest] = self._recognizer.recognize(samples)
            if len(self._remembered) > _REMEMBERED_SOUNDS:
                self._remembered.popitem(last=False)
        return self._remembered[digest]
