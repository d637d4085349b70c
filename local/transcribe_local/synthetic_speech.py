"""A stand-in for speech recognition, where thousands of jobs matter and not what they would have heard."""

from transcribe_local.recognized_words import finished
from transcribe_local.transcript import SpokenLine, Transcription, segment_of
from transcribe_local.transcription_order import TranscriptionOrder

_LINES = (
    SpokenLine(0.0, 2.0, "This transcript is synthetic."),
    SpokenLine(2.5, 4.5, "Nobody has listened to the media."),
)
_SECONDS = 5.0


class SyntheticTranscriber:
    """Hears the same two sentences in every file, whatever it holds, without decoding it.

    The second sentence is another channel's or another speaker's where the job tells them apart.
    """

    def transcribe(self, content: bytes, order: TranscriptionOrder) -> Transcription:
        segments = (
            segment_of(line, number if order.by_channel else 0, number if (order.max_speakers or 0) > 1 else None)
            for number, line in enumerate(_LINES)
        )
        media_format, sample_rate = order.media_format or "wav", order.sample_rate or 16000
        return Transcription(media_format, sample_rate, _SECONDS, finished(segments, order))
