"""What every encoder shares: sound in slices of any length, the network on batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.errors import InputError
from meetbot.core.types import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

__all__ = ["LEAST_SAMPLES", "NICENESS", "embed_by_length", "mean_print", "partials"]

LEAST_SAMPLES = int(0.4 * SAMPLE_RATE)
"""Less speech than this has no voice-print."""

NICENESS = 10
"""Whose voice it was may come later than the words and the answer to them."""


def partials(samples: int, window: int, step: int) -> list[tuple[int, int]]:
    """Slices of ``window`` samples every ``step`` that cover ``samples``, the last one at its end.

    One shorter slice when there is less than a window.
    """
    if samples <= window:
        return [(0, samples)]
    starts = list(range(0, samples - window, step))
    return [(start, start + window) for start in [*starts, samples - window]]


def embed_by_length(
    slices: Sequence[NDArray[np.float32]],
    network: Callable[[Sequence[NDArray[np.float32]]], NDArray[np.float32]],
) -> NDArray[np.float32]:
    """Run ``network`` once per length that occurs; rows come back in the order of ``slices``.

    Raises ``InputError`` for a slice under 0.4 s or with samples that are no numbers.
    """
    for piece in slices:
        if len(piece) < LEAST_SAMPLES:
            raise InputError(
                f"{len(piece) / SAMPLE_RATE:.2f} s of sound is too short for a voice-print; "
                f"give {LEAST_SAMPLES / SAMPLE_RATE} s or more"
            )
        if not np.isfinite(piece).all():
            raise InputError("the sound has samples that are no numbers (NaN or infinity)")
    rows: dict[int, NDArray[np.float32]] = {}
    for length in sorted({len(piece) for piece in slices}):
        which = [index for index, piece in enumerate(slices) if len(piece) == length]
        rows.update(zip(which, network([slices[index] for index in which]), strict=True))
    return np.stack([rows[index] for index in range(len(slices))])


def mean_print(prints: NDArray[np.float32]) -> NDArray[np.float32]:
    """The L2-normalised mean of unit rows, shape ``(dimension,)``."""
    mean = prints.mean(axis=0)
    norm = float(np.linalg.norm(mean))
    unit: NDArray[np.float32] = (mean / norm if norm > 0 else mean).astype(np.float32)
    return unit
