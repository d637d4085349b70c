"""Sound out of audio and video files."""

import io
from collections.abc import Iterator
from typing import Any, NamedTuple

import av
import numpy as np
import numpy.typing as npt

from transcribe_local.transcription_order import TranscriptionOrder, UnusableMediaError

SAMPLE_RATE = 16000
_SHORTEST_SECONDS = 0.5
_LONGEST_SECONDS = 4 * 60 * 60
_MOST_CHANNELS = 2
_LOUDEST = 2**15
# Containers by the first of the names that FFmpeg gives them.
_FORMATS = {"wav": "wav", "mp3": "mp3", "flac": "flac", "ogg": "ogg", "matroska": "webm", "amr": "amr"}
_MP4 = "mov"

Samples = npt.NDArray[np.float32]


class Sound(NamedTuple):
    """A decoded file: what it was, and its channels at 16,000 samples per second."""

    media_format: str
    sample_rate: int
    channels: tuple[Samples, ...]

    @property
    def seconds(self) -> float:
        return self.channels[0].size / SAMPLE_RATE

    @property
    def mono(self) -> Samples:
        return np.mean(self.channels, axis=0, dtype=np.float32) if len(self.channels) > 1 else self.channels[0]


def decode(content: bytes) -> Sound:
    """Decode the first sound of a file of any format that Transcribe takes. Raises UnusableMediaError."""
    try:
        with av.open(io.BytesIO(content)) as container:
            media_format = _media_format(container)
            if media_format is None or not container.streams.audio:
                raise UnusableMediaError("Unsupported media format.")
            stream = container.streams.audio[0]
            sound = Sound(media_format, stream.rate, _channels(container, stream))
    except (av.FFmpegError, ValueError) as error:
        raise UnusableMediaError("Unsupported media format.") from error
    _check_length(sound.seconds)
    return sound


def check_as_ordered(sound: Sound, order: TranscriptionOrder) -> None:
    """Hold a file against what the job said of it and needs of it. Raises UnusableMediaError."""
    if order.media_format not in (None, sound.media_format):
        raise UnusableMediaError("The media format provided does not match the detected media format.")
    if order.sample_rate not in (None, sound.sample_rate):
        raise UnusableMediaError("The sample rate provided does not match the detected sample rate.")
    if sound.sample_rate < order.lowest_sample_rate:
        raise UnusableMediaError("Invalid sample rate for audio file.")
    if order.by_channel and len(sound.channels) > _MOST_CHANNELS:
        raise UnusableMediaError("Invalid number of channels: number of channels too large.")
    if order.needs_two_channels and len(sound.channels) < _MOST_CHANNELS:
        raise UnusableMediaError("Invalid number of channels: number of channels too small.")


def loudness(samples: Samples, start: float, end: float) -> tuple[float, ...]:
    """The decibels of each second between two times, above the quietest sound that 16 bits hold."""
    spoken = samples[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)]
    seconds = (spoken[begin : begin + SAMPLE_RATE] for begin in range(0, len(spoken), SAMPLE_RATE))
    return tuple(round(float(20 * np.log10(max(np.sqrt(np.mean(second**2)) * _LOUDEST, 1.0))), 2) for second in seconds)


def _media_format(container: Any) -> str | None:
    name = container.format.name.split(",")[0]
    if name == _MP4:
        return "mp4" if container.streams.video else "m4a"
    return _FORMATS.get(name)


def _channels(container: Any, stream: Any) -> tuple[Samples, ...]:
    layout = stream.layout.name
    resampler = av.AudioResampler(format="fltp", layout=layout, rate=SAMPLE_RATE)
    pieces = [frame.to_ndarray() for frame in _resampled(container, stream, resampler)]
    if not pieces:
        raise UnusableMediaError("Unsupported media format.")
    return tuple(np.concatenate(pieces, axis=1))


def _resampled(container: Any, stream: Any, resampler: Any) -> Iterator[Any]:
    for frame in container.decode(stream):
        yield from resampler.resample(frame)
    yield from resampler.resample(None)


def _check_length(seconds: float) -> None:
    advice = "Check the length of the file and try your request again."
    if seconds < _SHORTEST_SECONDS:
        raise UnusableMediaError(
            f"Invalid file size: file size too small. Minimum audio duration is 0.500000 seconds. {advice}"
        )
    if seconds > _LONGEST_SECONDS:
        raise UnusableMediaError(
            f"Invalid file size: file size too large. Maximum audio duration is 4.000000 hours. {advice}"
        )
