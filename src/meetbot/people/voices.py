"""Voices as numbers: prints moved into a calibrated space, and how alike two sets of them are.

A raw print says as much about the microphone as about the person. The calibration (made once per
encoder from a cohort of people and simulated channels, ``calibration.py``) centres prints on the
cohort's mean and adds a discriminant projection (LDA with a shrunk within-class covariance). Two
sets of prints are compared by the cosine of their means, read against how much each set agrees
with itself: on a narrow channel every voice is like every other, and a set's own cohesion tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FEATURES", "KINDS", "WINDOW_SECONDS", "Scorer", "Voice", "features", "kind", "voice_of"]

WINDOW_SECONDS = 1.6
"""The sound behind one print of full weight."""
FEATURES = ("one", "likeness", "cohesion_heard", "cohesion_known", "short_heard", "short_known")
"""What a comparison is judged by, in the order of a calibration's weights."""
KINDS = 4
"""Rows of weights: by whether the heard voice, and the known one, has a cohesion (``kind``)."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A set of prints taken to be one person's, in the calibrated space.

    ``centre``: unit mean, shape ``(d,)``. ``cohesion``: mean cosine between prints that share no
    sound, NaN when there is only one such. ``seconds``: speech behind it.
    """

    centre: NDArray[np.float32]
    cohesion: float
    seconds: float


def voice_of(
    prints: NDArray[np.float32], starts: NDArray[np.float64], length: float, seconds: float
) -> Voice:
    """The voice of unit ``prints`` (n, d) of windows of ``length`` s beginning at ``starts`` s."""
    mean = prints.mean(axis=0)
    apart = np.abs(starts[:, np.newaxis] - starts[np.newaxis, :]) >= length - 1e-6
    likeness = prints @ prints.T
    cohesion = float(likeness[apart].mean()) if apart.any() else float("nan")
    centre: NDArray[np.float32] = mean / max(float(np.linalg.norm(mean)), 1e-9)
    return Voice(centre, cohesion, seconds)


@dataclass(frozen=True, slots=True)
class Scorer:
    """A calibration: the space, and what a likeness in it means.

    ``mean``: (d,), ``projection``: (d, k). ``near`` and ``far``, shape (4, 6): weights of
    ``FEATURES`` for each ``kind`` of comparison that give the log likelihood ratio "one person :
    two people", at one microphone and over two.
    """

    model_id: str
    mean: NDArray[np.float32]
    projection: NDArray[np.float32]
    near: NDArray[np.float64]
    far: NDArray[np.float64]

    def space(self, prints: NDArray[np.float32]) -> NDArray[np.float32]:
        """Raw prints (n, d) as unit rows of the calibrated space, (n, d + k)."""
        centred = prints - self.mean
        parts = [centred, centred @ self.projection] if self.projection.size else [centred]
        unit = [
            part / np.maximum(np.linalg.norm(part, axis=1, keepdims=True), 1e-9) for part in parts
        ]
        joined: NDArray[np.float32] = np.concatenate(unit, axis=1) / np.sqrt(len(unit))
        return joined.astype(np.float32)

    def same(self, heard: Voice, known: Voice, *, near: bool) -> float:
        """Log likelihood ratio that ``heard`` and ``known`` are one person; 0 is undecided."""
        weights = self.near if near else self.far
        return float(features(heard, known) @ weights[kind(heard, known)])


def features(heard: Voice, known: Voice) -> NDArray[np.float64]:
    """``FEATURES`` of a comparison, shape (6,)."""
    return np.array(
        [
            1.0,
            float(heard.centre @ known.centre),
            0.0 if np.isnan(heard.cohesion) else heard.cohesion,
            0.0 if np.isnan(known.cohesion) else known.cohesion,
            WINDOW_SECONDS / max(heard.seconds, 0.4),
            WINDOW_SECONDS / max(known.seconds, 0.4),
        ]
    )


def kind(heard: Voice, known: Voice) -> int:
    """Which row of weights judges a comparison, 0…3."""
    return 2 * int(np.isnan(heard.cohesion)) + int(np.isnan(known.cohesion))
