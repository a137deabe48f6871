"""How high a voice is: the fundamental frequency of its voiced frames, by autocorrelation.

Boersma 1993, "Accurate short-term analysis of the fundamental frequency": the autocorrelation of a
windowed frame is divided by the window's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["median_pitch"]

LOWEST_HZ, HIGHEST_HZ = 60.0, 420.0
FRAME_SECONDS = 0.05
HOP_SECONDS = 0.02
VOICED = 0.55
"""Height of the autocorrelation's peak, of 1, from which a frame has a pitch."""
LOUD = 0.15
"""Frames under this part of the loud ones' RMS are left out."""
LEAST_FRAMES = 8
OCTAVE_COST = 0.03


def median_pitch(sound: NDArray[np.float32], sample_rate: int) -> float | None:
    """Hertz, 60…420; None where hardly anything is voiced. ``sound``: float32 mono ``(n,)``."""
    size, hop = int(FRAME_SECONDS * sample_rate), int(HOP_SECONDS * sample_rate)
    if len(sound) < size:
        return None
    frames = np.lib.stride_tricks.sliding_window_view(sound, size)[::hop].astype(np.float64)
    frames = frames - frames.mean(axis=1, keepdims=True)
    level = np.sqrt(np.square(frames).mean(axis=1))
    frames = frames[level > max(LOUD * np.percentile(level, 95), 1e-5)]
    if not len(frames):
        return None
    window = np.hanning(size)
    likeness = _autocorrelation(frames * window) / np.maximum(_autocorrelation(window[None]), 1e-9)
    first, last = int(sample_rate / HIGHEST_HZ), int(sample_rate / LOWEST_HZ)
    lags = np.arange(first, min(last, size // 2) + 1)
    scored = likeness[:, lags] - OCTAVE_COST * np.log2(lags / first)
    best = scored.argmax(axis=1)
    voiced = likeness[np.arange(len(best)), lags[best]] > VOICED
    if voiced.sum() < LEAST_FRAMES:
        return None
    return float(np.median(sample_rate / lags[best[voiced]]))


def _autocorrelation(frames: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each row, 1 at lag 0."""
    spectrum = np.fft.rfft(frames, 2 * frames.shape[1], axis=1)
    raw = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, : frames.shape[1]]
    return np.asarray(raw / np.maximum(raw[:, :1], 1e-12))
