"""Mel features in numpy, as the voice-print networks were trained on them.

Slaney's mel scale with area-normalised triangles on the power spectrum of a Hann window, which is
``librosa.feature.melspectrogram``'s default (librosa.org; ISC licence), the front end of both
networks here.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.types import SAMPLE_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["HOP", "mel_filters", "mel_power", "raise_volume"]

HOP = 160
"""Samples from one frame to the next: 10 ms."""
WINDOW = 400
"""Samples in a frame: 25 ms."""
BREAK_HZ = 1000.0
HZ_PER_MEL = 200.0 / 3
LOG_STEP = np.log(6.4) / 27.0


@lru_cache(maxsize=4)
def mel_filters(fft_size: int, bands: int) -> NDArray[np.float32]:
    """Filter bank of shape ``(bands, fft_size // 2 + 1)``, 0 Hz to half the sample rate."""
    bins = np.linspace(0.0, SAMPLE_RATE / 2, fft_size // 2 + 1)
    edges = _to_hz(np.linspace(0.0, _to_mel(SAMPLE_RATE / 2), bands + 2))
    rising = (bins - edges[:-2, np.newaxis]) / np.diff(edges)[:-1, np.newaxis]
    falling = (edges[2:, np.newaxis] - bins) / np.diff(edges)[1:, np.newaxis]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    scaled = triangles * (2.0 / (edges[2:] - edges[:-2]))[:, np.newaxis]
    return np.asarray(scaled, dtype=np.float32)


def mel_power(audio: NDArray[np.float32], *, fft_size: int, bands: int) -> NDArray[np.float32]:
    """Mel power, shape ``(1 + n // 160, bands)``, of float32 ``audio`` at 16 kHz.

    Frames are centred on every 160th sample; half a window of zeros stands on either side.
    """
    padded = np.pad(audio, fft_size // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, fft_size)[::HOP]
    spectrum = np.fft.rfft(frames * _hann(fft_size), axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    mel: NDArray[np.float32] = power.astype(np.float32) @ mel_filters(fft_size, bands).T
    return mel


def raise_volume(audio: NDArray[np.float32], target_dbfs: float) -> NDArray[np.float32]:
    """``audio`` scaled so that its RMS reaches ``target_dbfs``; louder sound stays as it is."""
    rms = float(np.sqrt(np.mean(np.square(audio, dtype=np.float64)))) if len(audio) else 0.0
    if rms <= 1e-9:
        return audio
    gain = 10 ** (target_dbfs / 20) / rms
    return (audio * gain).astype(np.float32) if gain > 1 else audio


@lru_cache(maxsize=4)
def _hann(fft_size: int) -> NDArray[np.float32]:
    """A periodic Hann window of 25 ms in the middle of ``fft_size`` samples."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    front = (fft_size - WINDOW) // 2
    return np.pad(window, (front, fft_size - WINDOW - front)).astype(np.float32)


def _to_mel(hz: float) -> float:
    if hz < BREAK_HZ:
        return hz / HZ_PER_MEL
    return float(BREAK_HZ / HZ_PER_MEL + np.log(hz / BREAK_HZ) / LOG_STEP)


def _to_hz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    linear = mels * HZ_PER_MEL
    start = BREAK_HZ / HZ_PER_MEL
    curved = BREAK_HZ * np.exp(LOG_STEP * (np.maximum(mels, start) - start))
    return np.where(mels < start, linear, curved)
