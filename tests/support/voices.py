"""Voices made by a formula: an encoder for tests that hears pitch, and its calibration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.types import SAMPLE_RATE
from meetbot.people.voices import Scorer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["PitchEncoder", "pitch_scorer", "silence", "tone"]

PITCHES = np.array([120.0, 180.0, 240.0, 300.0, 360.0, 420.0])


def tone(pitch: float, seconds: float, seed: int = 0) -> NDArray[np.float32]:
    """A "voice": a sine of this pitch with a little noise."""
    at = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    noise = np.random.default_rng(seed).standard_normal(len(at))
    return (0.3 * np.sin(2 * np.pi * pitch * at) + 0.01 * noise).astype(np.float32)


def silence(seconds: float) -> NDArray[np.float32]:
    """Nothing."""
    return np.zeros(int(seconds * SAMPLE_RATE), dtype=np.float32)


class PitchEncoder:
    """A print is how much of each of six pitches there is, with a little noise of its own."""

    model_id = "pitch"

    def __init__(self) -> None:
        self._noise = np.random.default_rng(1)

    async def embed(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
        """One print of all of it."""
        (row,) = await self.embed_windows([audio])
        return row

    async def embed_windows(self, windows: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """One print each."""
        return np.stack([self._print(window) for window in windows])

    def _print(self, window: NDArray[np.float32]) -> NDArray[np.float32]:
        at = np.arange(len(window)) / SAMPLE_RATE
        waves = np.exp(-2j * np.pi * PITCHES[:, np.newaxis] * at)
        strength = np.abs(waves @ window) + 1e-3
        noisy = strength / np.linalg.norm(strength) + 0.05 * self._noise.standard_normal(6)
        return (noisy / np.linalg.norm(noisy)).astype(np.float32)


def pitch_scorer() -> Scorer:
    """The calibration of ``PitchEncoder``: pitches are far apart, noise is small."""
    weights = np.array([0.0, 1.0, 0.0, 0.0])
    return Scorer(
        model_id="pitch",
        mean=np.full(6, 0.4),
        shift=np.zeros(6),
        projection=np.eye(6) * 8.0,
        spread=np.full(6, 12.0),
        trust=0.15,
        near=weights,
        far=weights,
    )
