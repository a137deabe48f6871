"""How loud the sound of a picture is, told with the picture, so that a receiver can match them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.voice import MOMENT_SAMPLES

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PIECES", "loudness_of", "told_loudness"]

PIECES = 8
"""Of a moment's 40 ms: 5 ms each."""
SHIFT = 7
"""From 15 bits to 8."""


def loudness_of(samples: NDArray[np.int16] | None) -> bytes:
    """The peak of each 5 ms of a moment's sound (int16, 48 kHz), a byte each; None: silence."""
    if samples is None or len(samples) != MOMENT_SAMPLES:
        return bytes(PIECES)
    peaks = np.abs(samples.astype(np.int32)).reshape(PIECES, -1).max(axis=1) >> SHIFT
    told: bytes = np.minimum(peaks, 255).astype(np.uint8).tobytes()
    return told


def told_loudness(data: bytes) -> bytes | None:
    """What ``loudness_of`` made, out of a picture's metadata; None: it is something else."""
    return data if len(data) == PIECES else None
