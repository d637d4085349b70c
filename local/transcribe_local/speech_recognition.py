"""Speech to text on the CPU, with the small English model that the moonshine_voice wheel carries."""

import contextlib
import functools
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import moonshine_voice
from moonshine_voice.transcriber import ModelArch, Transcriber

from transcribe_local.media import SAMPLE_RATE, Samples
from transcribe_local.transcript import SpokenLine


class MoonshineRecognizer:
    """Recognises English, one sound at a time.

    Speech in any other language comes out as English that sounds like it. The model is loaded by the first
    recognition and stays.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def recognize(self, samples: Samples) -> list[SpokenLine]:
        """The lines spoken in a sound; none in silence."""
        with self._lock:
            transcript = _model().transcribe_without_streaming(samples.tolist(), SAMPLE_RATE)
        return [
            SpokenLine(line.start_time, line.start_time + line.duration, line.text.strip())
            for line in transcript.lines
            if line.text.strip()
        ]


@functools.lru_cache(maxsize=1)
def _model() -> Transcriber:
    directory = Path(moonshine_voice.__file__).parent / "assets" / "tiny-en"
    with _silenced_standard_error():
        return Transcriber(directory, ModelArch.TINY)


@contextlib.contextmanager
def _silenced_standard_error() -> Iterator[None]:
    # The library warns from C++ that this model has no word timestamps, which is known.
    kept = os.dup(2)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(silence)
