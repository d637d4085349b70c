"""The sound of a call without its personal data."""

import io
import wave

from transcribe_local.transcript import Segment, Transcription

_SAMPLE_RATE = 16000


def redacted_audio(transcription: Transcription, redacted_segments: list[Segment]) -> bytes:
    """A WAV file that is silent, on every channel, wherever the segments are redacted; empty without sound."""
    # NumPy takes as long to import as all the rest, and is there when there is sound.
    import numpy as np  # noqa: PLC0415

    sound = np.array(transcription.channels or ((), ()), dtype=np.float32)
    for segment in redacted_segments:
        for item in segment.items:
            if item.is_redacted and item.start is not None and item.end is not None:
                sound[:, int(item.start * _SAMPLE_RATE) : int(item.end * _SAMPLE_RATE)] = 0
    file = io.BytesIO()
    with wave.open(file, "wb") as target:
        target.setnchannels(len(sound))
        target.setsampwidth(2)
        target.setframerate(_SAMPLE_RATE)
        target.writeframes((np.clip(sound, -1, 1).T * 32767).astype("<i2").tobytes())
    return file.getvalue()
