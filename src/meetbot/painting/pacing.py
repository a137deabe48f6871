"""Whether it is time for a picture: by the clock, or because the talk has turned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.config import PaintingSettings
    from meetbot.core.pictures import Trigger

__all__ = ["Pacing"]

NS_PER_S = 1_000_000_000
LEAST_GAP_NS = 4 * NS_PER_S
"""Between two pictures that nobody asked for, however the talk turns."""
LATEST = 3
"""Utterances that make the running talk."""


class Pacing:
    """Remembers the last picture, and what was said since.

    Vectors are of whole utterances, L2-normalised, or zeros where they are not known.
    """

    def __init__(self, settings: PaintingSettings) -> None:
        self._interval_ns = round(settings.trigger_interval_seconds * NS_PER_S)
        self._topic_distance = settings.topic_distance
        self._same = settings.same_prompt
        self._last_ns: int | None = None
        self._talk: list[NDArray[np.float32]] = []
        self._painted: NDArray[np.float32] | None = None
        self._prompts: dict[str, tuple[str, NDArray[np.float32]]] = {}

    def due(self, end_ns: int, vector: NDArray[np.float32]) -> Trigger | None:
        """Why words that ended at ``end_ns`` should be painted; None: they need not."""
        if self._last_ns is None or end_ns - self._last_ns >= self._interval_ns:
            return "timer"
        if end_ns - self._last_ns < LEAST_GAP_NS or self._painted is None or not vector.any():
            return None
        return "topic" if 1 - float(self._painted @ vector) > self._topic_distance else None

    def same(self, key: str, prompt: str, vector: NDArray[np.float32]) -> bool:
        """Whether ``key``'s last picture was of barely another prompt."""
        if key not in self._prompts:
            return False
        last, known = self._prompts[key]
        if last == prompt:
            return True
        return bool(vector.any() and known.any()) and float(known @ vector) >= self._same

    def said(self, vector: NDArray[np.float32]) -> None:
        """Somebody has said something."""
        if vector.any():
            self._talk = [*self._talk, vector][-LATEST:]

    def painted(self, key: str, end_ns: int, prompt: str, vector: NDArray[np.float32]) -> None:
        """A picture will be shown of words that ended at ``end_ns``, ``vector`` of its prompt."""
        self._last_ns = max(end_ns, self._last_ns or 0)
        if self._talk:
            mean = np.mean(self._talk, axis=0)
            self._painted = (mean / max(float(np.linalg.norm(mean)), 1e-9)).astype(np.float32)
        self._prompts.pop(key, None)
        self._prompts[key] = (prompt, vector)
        while len(self._prompts) > 64:
            self._prompts.pop(next(iter(self._prompts)))
