"""A person speaking, in the containers that people upload."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import av
import moonshine_voice

_ASSETS = Path(moonshine_voice.__file__).parent / "assets"
WORDS = ("Ever tried", "Ever failed", "No matter")
"""What can be heard in the recording."""


@cache
def wav() -> bytes:
    """Ten seconds of Samuel Beckett."""
    return (_ASSETS / "beckett.wav").read_bytes()


@cache
def mp3() -> bytes:
    """The same as MP3."""
    target = io.BytesIO()
    with av.open(io.BytesIO(wav())) as source, av.open(target, "w", format="mp3") as encoded:
        stream = encoded.add_stream("mp3", rate=16000, layout="mono")
        for frame in source.decode(audio=0):
            encoded.mux(stream.encode(frame))
        encoded.mux(stream.encode(None))
    return target.getvalue()
