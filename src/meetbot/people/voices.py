"""Voices as numbers: what a set of prints tells of a person, and how alike two of them are.

The model is probabilistic linear discriminant analysis (PLDA; Ioffe 2006, Prince & Elder 2007): in
the calibrated space a print is its person's place plus noise, where places vary between people by
``spread`` per axis and the noise by one. So a voice is two sums over its prints, more speech is
more certain, and "one person or two?" has an answer in closed form. That answer is too sure of
itself, since neighbouring windows of one recording are not independent; ``near`` and ``far`` scale
it back, as fitted on people the model had not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["UNIT_SECONDS", "WINDOW_SECONDS", "Scorer", "Voice"]

WINDOW_SECONDS = 1.6
"""The sound behind one full print."""
UNIT_SECONDS = 0.4
"""The speech that counts as one observation."""
LEAST_SECONDS = 0.4


@dataclass(frozen=True, slots=True)
class Voice:
    """What was heard of one person: ``total`` (k,) of their weighted prints over ``seconds``."""

    total: NDArray[np.float64]
    seconds: float

    def __add__(self, other: Voice) -> Voice:
        """Both taken as one person's."""
        return Voice(self.total + other.total, self.seconds + other.seconds)


@dataclass(frozen=True, slots=True)
class Scorer:
    """A calibration: the space, and what a likeness in it means.

    ``mean`` (d,): the cohort's mean print; ``shift`` (d,) and ``projection`` (d, k): from unit
    prints about that mean into the space; ``spread`` (k,): variance between people where that
    within one is 1. ``trust``: what one observation counts. ``near``, ``far`` (4,): weights of
    ``(1, s, q, s q)``, ``s`` the raw ratio and ``q`` 1.6 s over the time heard, for voices at one
    microphone and at two.
    """

    model_id: str
    mean: NDArray[np.float64]
    shift: NDArray[np.float64]
    projection: NDArray[np.float64]
    spread: NDArray[np.float64]
    trust: float
    near: NDArray[np.float64]
    far: NDArray[np.float64]

    def space(self, prints: NDArray[np.float32]) -> NDArray[np.float64]:
        """Raw prints (n, d) in the calibrated space, (n, k)."""
        centred = prints - self.mean
        unit = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
        placed: NDArray[np.float64] = (unit - self.shift) @ self.projection
        return placed

    def voice(self, placed: NDArray[np.float64], seconds: float) -> Voice:
        """The voice behind prints (n, k) of one person that cover ``seconds`` of speech."""
        observations = max(seconds, LEAST_SECONDS) / UNIT_SECONDS
        return Voice(placed.mean(axis=0) * np.sqrt(self.spread) * observations, seconds)

    def raw(self, heard: Voice, known: Voice) -> float:
        """Log of "one person" over "two people", as the model has it."""
        both = self._evidence(heard + known)
        return both - self._evidence(heard) - self._evidence(known)

    def same(self, heard: Voice, known: Voice, *, near: bool) -> float:
        """Calibrated log likelihood ratio that two voices are one person's; 0 is undecided."""
        raw = self.raw(heard, known)
        short = WINDOW_SECONDS / max(heard.seconds, LEAST_SECONDS)
        weights = self.near if near else self.far
        return float(weights @ np.array([1.0, raw, short, raw * short]))

    def _evidence(self, voice: Voice) -> float:
        observations = self.trust * max(voice.seconds, LEAST_SECONDS) / UNIT_SECONDS
        certainty = 1 / (1 + observations * self.spread)
        pull = self.trust * voice.total
        return 0.5 * float(np.sum(np.log(certainty) + certainty * pull**2))
