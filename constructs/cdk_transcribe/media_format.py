"""The formats of media files that jobs take."""

from __future__ import annotations

from enum import Enum


class MediaFormat(Enum):
    """A format of media files."""

    AMR = "amr"
    FLAC = "flac"
    M4A = "m4a"
    MP3 = "mp3"
    MP4 = "mp4"
    OGG = "ogg"
    WAV = "wav"
    WEBM = "webm"
