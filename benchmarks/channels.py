"""Channels that a voice may come through, simulated: for calibrating, never for testing.

Nothing here is a recording: the rooms are decaying noise, the noise is pink.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["CHANNELS"]

RATE = 16_000
Sound = "NDArray[np.float32]"


def _filtered(audio: NDArray[np.float32], gain: Callable[..., NDArray[np.float64]]) -> Sound:
    spectrum = np.fft.rfft(audio)
    hertz = np.maximum(np.fft.rfftfreq(len(audio), 1 / RATE), 1.0)
    return np.fft.irfft(spectrum * gain(hertz), len(audio)).astype(np.float32)


def _clean(audio: NDArray[np.float32]) -> Sound:
    return audio


def _telephone(audio: NDArray[np.float32]) -> Sound:
    """300…3400 Hz and 8-bit mu-law (G.711)."""
    band = _filtered(audio, lambda f: 1 / (1 + (280 / f) ** 6) / (1 + (f / 3450) ** 16))
    level = band / max(float(np.abs(band).max()), 1e-6) * 0.7
    code = np.sign(level) * np.log1p(255 * np.abs(level)) / np.log1p(255)
    code = np.round(code * 127) / 127
    return (np.sign(code) * (256 ** np.abs(code) - 1) / 255).astype(np.float32)


def _old_telephone(audio: NDArray[np.float32]) -> Sound:
    """A softer band, 150…3600 Hz, with a little line noise."""
    band = _filtered(audio, lambda f: 1 / (1 + (160 / f) ** 4) / (1 + (f / 3600) ** 12))
    return _with_noise(band, 25.0, 3)


def _headset(audio: NDArray[np.float32]) -> Sound:
    """Thin bass and a rising treble."""
    return _filtered(audio, lambda f: (np.maximum(f, 50) / 1000) ** 0.35 / (1 + (120 / f) ** 4))


def _laptop(audio: NDArray[np.float32]) -> Sound:
    """A small microphone in a small room."""
    band = _filtered(audio, lambda f: 1 / (1 + (180 / f) ** 4) * (1 + (f / 3000) ** 2) ** 0.25)
    return _in_room(band, seconds=0.25, direct=1.0, seed=5)


def _far(audio: NDArray[np.float32]) -> Sound:
    """Across a meeting room."""
    return _in_room(audio, seconds=0.5, direct=0.5, seed=7)


def _noisy(audio: NDArray[np.float32]) -> Sound:
    return _with_noise(audio, 12.0, 11)


def _in_room(audio: NDArray[np.float32], *, seconds: float, direct: float, seed: int) -> Sound:
    count = int(seconds * RATE)
    tail = np.random.default_rng(seed).standard_normal(count)
    tail *= 10 ** (-3 * np.arange(count) / count)
    tail *= 1.0 / np.sqrt(np.sum(tail**2))
    tail[: int(0.002 * RATE)] = 0
    tail[0] = direct * 2
    size = len(audio) + count
    wet = np.fft.irfft(np.fft.rfft(audio, size) * np.fft.rfft(tail, size), size)[: len(audio)]
    return (wet / max(float(np.abs(wet).max()), 1e-6) * 0.5).astype(np.float32)


def _with_noise(audio: NDArray[np.float32], snr_db: float, seed: int) -> Sound:
    white = np.fft.rfft(np.random.default_rng(seed).standard_normal(len(audio)))
    pink = np.fft.irfft(white / np.sqrt(np.maximum(np.arange(len(white)), 1)), len(audio))
    scale = np.sqrt(np.mean(audio**2) / np.mean(pink**2)) * 10 ** (-snr_db / 20)
    return (audio + scale * pink).astype(np.float32)


CHANNELS: dict[str, Callable[[NDArray[np.float32]], NDArray[np.float32]]] = {
    "clean": _clean,
    "telephone": _telephone,
    "old-telephone": _old_telephone,
    "headset": _headset,
    "laptop": _laptop,
    "far": _far,
    "noisy": _noisy,
}
