"""Decoding of every container that Transcribe takes."""

import io
from typing import Any

import av
import numpy as np
import pytest

from transcribe_local.media import SAMPLE_RATE, check_as_ordered, decode
from transcribe_local.transcription_order import TranscriptionOrder, UnusableMediaError


def encoded(container: str, codec: str, rate: int = 24000, options: dict[str, str] | None = None) -> bytes:
    """Two seconds of a tone."""
    buffer = io.BytesIO()
    tone = (0.3 * np.sin(2 * np.pi * 440 * np.arange(2 * rate) / rate)).astype(np.float32)
    with av.open(buffer, "w", format=container, options=options or {}) as output:
        stream = output.add_stream(codec, rate=rate, layout="mono")
        resampler = av.AudioResampler(
            format=stream.codec_context.format, layout="mono", rate=rate, frame_size=stream.frame_size
        )
        frame = av.AudioFrame.from_ndarray(tone[None, :], format="fltp", layout="mono")
        frame.sample_rate = rate
        for resampled in (*resampler.resample(frame), *resampler.resample(None)):
            output.mux(stream.encode(resampled))
        output.mux(stream.encode(None))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("container", "codec", "rate", "media_format"),
    [
        ("wav", "pcm_s16le", 24000, "wav"),
        ("mp3", "libmp3lame", 24000, "mp3"),
        ("flac", "flac", 24000, "flac"),
        ("ogg", "libopus", 48000, "ogg"),
        ("webm", "libopus", 48000, "webm"),
        ("mp4", "aac", 24000, "m4a"),
    ],
)
def test_common_containers_are_decoded(container: str, codec: str, rate: int, media_format: str) -> None:
    sound = decode(encoded(container, codec, rate))
    assert (sound.media_format, sound.sample_rate) == (media_format, rate)
    assert sound.mono.size == pytest.approx(2 * SAMPLE_RATE, abs=SAMPLE_RATE // 10)
    assert 0.2 < float(np.abs(sound.mono[8000:24000]).max()) < 0.4


def test_channels_stay_apart(wave_file: Any) -> None:
    sound = decode(wave_file(channels=2))
    check_as_ordered(sound, TranscriptionOrder(by_channel=True))
    first, second = (np.abs(np.fft.rfft(channel)).argmax() for channel in sound.channels)
    assert (first, second) == (220, 440)


def test_what_cannot_be_used_says_why(wave_file: Any) -> None:
    for content in (b"this is no media file", b"", wave_file()[:40]):
        with pytest.raises(UnusableMediaError, match=r"Unsupported media format\."):
            decode(content)
    with pytest.raises(UnusableMediaError, match=r"Invalid file size: file size too small\."):
        decode(wave_file(seconds=0.3))


def test_a_file_is_held_against_what_the_job_said_of_it(wave_file: Any) -> None:
    sound = decode(wave_file())
    check_as_ordered(sound, TranscriptionOrder(media_format="wav", sample_rate=16000))
    with pytest.raises(UnusableMediaError, match="media format provided does not match"):
        check_as_ordered(sound, TranscriptionOrder(media_format="mp3"))
    with pytest.raises(UnusableMediaError, match="sample rate provided does not match"):
        check_as_ordered(sound, TranscriptionOrder(sample_rate=8000))


def test_a_file_is_held_against_what_its_job_needs(wave_file: Any) -> None:
    by_channel = TranscriptionOrder(by_channel=True, needs_two_channels=True)
    check_as_ordered(decode(wave_file(channels=2)), by_channel)
    with pytest.raises(UnusableMediaError, match="number of channels too large"):
        check_as_ordered(decode(wave_file(channels=3)), by_channel)
    with pytest.raises(UnusableMediaError, match="number of channels too small"):
        check_as_ordered(decode(wave_file(channels=1)), by_channel)
    with pytest.raises(UnusableMediaError, match="Invalid sample rate"):
        check_as_ordered(decode(wave_file(rate=8000)), TranscriptionOrder(lowest_sample_rate=16000))
