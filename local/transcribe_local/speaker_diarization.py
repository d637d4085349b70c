"""Who speaks when: lines of speech grouped by voice.

Each line is one speaker's. Voices are told apart by pitch first and by the colour of their spectrum second,
so a man and a woman are kept apart reliably, two voices of the same pitch often are not.
"""

import itertools
import math

import numpy as np
import numpy.typing as npt

from transcribe_local.media import SAMPLE_RATE, Samples
from transcribe_local.transcript import SpokenLine

_Array = npt.NDArray[np.float64]

# How far apart two voices must be, where 4 semitones of pitch or 40 units of cepstrum make a distance of 1.
_SEPARATE_VOICES = 1.4
_SEMITONES = 4.0
_CEPSTRUM_UNITS = 40.0

_HOP = SAMPLE_RATE // 100
_PITCH_WINDOW = 1024
_SPECTRUM_WINDOW = 512
_LOWEST_PITCH = 64
_HIGHEST_PITCH = 400
_VOICED = 0.4
_MEL_BANDS = 26
_CEPSTRAL_COEFFICIENTS = 19


def label_speakers(samples: Samples, lines: list[SpokenLine], max_speakers: int) -> list[int]:
    """The speaker of each line, numbered by first appearance; never more than `max_speakers`."""
    voices = [_voice(samples[int(line.start * SAMPLE_RATE) : int(line.end * SAMPLE_RATE)]) for line in lines]
    groups = _grouped(_distances(voices), max_speakers)
    order = sorted(groups, key=min)
    return [next(number for number, group in enumerate(order) if line in group) for line in range(len(lines))]


def _grouped(distances: _Array, max_speakers: int) -> list[set[int]]:
    groups = [{line} for line in range(len(distances))]
    while len(groups) > 1:
        nearest = min(itertools.combinations(groups, 2), key=lambda pair: _apart(distances, *pair))
        if _apart(distances, *nearest) > _SEPARATE_VOICES and len(groups) <= max_speakers:
            break
        groups = [group for group in groups if group not in nearest] + [nearest[0] | nearest[1]]
    return groups


def _apart(distances: _Array, one: set[int], other: set[int]) -> float:
    return float(distances[np.ix_(sorted(one), sorted(other))].mean())


def _distances(voices: list[tuple[float, _Array]]) -> _Array:
    distances = np.zeros((len(voices), len(voices)))
    for one, other in itertools.combinations(range(len(voices)), 2):
        distances[one, other] = distances[other, one] = _distance(voices[one], voices[other])
    return distances


def _distance(one: tuple[float, _Array], other: tuple[float, _Array]) -> float:
    # Lines without a pitch, such as a whisper, are compared by spectrum alone.
    semitones = 12 * abs(math.log2(one[0] / other[0])) if one[0] and other[0] else 0.0
    cepstrum = float(np.linalg.norm(one[1] - other[1]))
    return math.hypot(semitones / _SEMITONES, cepstrum / _CEPSTRUM_UNITS)


def _voice(samples: Samples) -> tuple[float, _Array]:
    return _median_pitch(samples), _mean_cepstrum(samples)


def _median_pitch(samples: Samples) -> float:
    frames = _loudest(_windows(samples, _PITCH_WINDOW), 0.5)
    frames = frames - frames.mean(axis=1, keepdims=True)
    spectrum = np.abs(np.fft.rfft(frames, 2 * _PITCH_WINDOW)) ** 2
    correlation = np.fft.irfft(spectrum)
    correlation /= np.maximum(correlation[:, :1], 1e-12)
    shortest, longest = SAMPLE_RATE // _HIGHEST_PITCH, SAMPLE_RATE // _LOWEST_PITCH
    periods = correlation[:, shortest:longest]
    voiced = periods.max(axis=1) > _VOICED
    if not voiced.any():
        return 0.0
    return float(np.median(SAMPLE_RATE / (periods.argmax(axis=1)[voiced] + shortest)))


def _mean_cepstrum(samples: Samples) -> _Array:
    frames = _loudest(_windows(samples, _SPECTRUM_WINDOW), 0.6) * np.hamming(_SPECTRUM_WINDOW)
    power = np.abs(np.fft.rfft(frames)) ** 2
    bands = np.log(power @ _mel_filters().T + 1e-9)
    numbers = np.arange(1, _CEPSTRAL_COEFFICIENTS + 1)
    cosines = np.cos(np.pi * np.outer(numbers, (np.arange(_MEL_BANDS) + 0.5) / _MEL_BANDS))
    mean: _Array = (bands @ cosines.T).mean(axis=0)
    return mean


def _windows(samples: Samples, size: int) -> _Array:
    padded = np.pad(samples.astype(np.float64), (0, max(0, size - samples.size)))
    return np.lib.stride_tricks.sliding_window_view(padded, size)[::_HOP]


def _loudest(frames: _Array, share: float) -> _Array:
    loudness = (frames**2).sum(axis=1)
    kept: _Array = frames[loudness >= np.quantile(loudness, 1 - share)]
    return kept


def _mel_filters() -> _Array:
    edges = _hertz(np.linspace(_mel(60.0), _mel(7600.0), _MEL_BANDS + 2))
    low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    frequencies = np.fft.rfftfreq(_SPECTRUM_WINDOW, 1 / SAMPLE_RATE)
    filters: _Array = np.clip(
        np.minimum((frequencies - low) / (centre - low), (high - frequencies) / (high - centre)), 0, None
    )
    return filters


def _mel(hertz: float) -> float:
    return 2595 * math.log10(1 + hertz / 700)


def _hertz(mels: _Array) -> _Array:
    hertz: _Array = 700 * (10 ** (mels / 2595) - 1)
    return hertz
