"""Silero VAD (MIT): a small recurrent network on 32 ms windows.

Source: https://github.com/snakers4/silero-vad; each call takes the window with the 64 samples
before it, and the state of the last call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from meetbot.core.types import SAMPLE_RATE
from meetbot.engines.onnx import open_session

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.models import ModelStore

__all__ = ["SileroStream", "SileroVoiceActivity"]

WINDOW = 512
CONTEXT = 64
STATE_SHAPE = (2, 1, 128)


class SileroStream:
    """One microphone's recurrent state."""

    __slots__ = ("_input", "_rate", "_session", "_state")

    def __init__(self, session: Any) -> None:
        self._session = session
        self._rate = np.array(SAMPLE_RATE, dtype=np.int64)
        self._input = np.zeros((1, CONTEXT + WINDOW), dtype=np.float32)
        self._state = np.zeros(STATE_SHAPE, dtype=np.float32)

    def probability(self, window: NDArray[np.float32]) -> float:
        """Probability 0…1 of speech in ``window``, float32 of shape (512,)."""
        self._input[0, :CONTEXT] = self._input[0, -CONTEXT:]
        self._input[0, CONTEXT:] = window
        feed = {"input": self._input, "state": self._state, "sr": self._rate}
        output, self._state = self._session.run(None, feed)
        return float(output[0, 0])

    def reset(self) -> None:
        """Forget what was heard."""
        self._input[:] = 0
        self._state = np.zeros(STATE_SHAPE, dtype=np.float32)


class SileroVoiceActivity:
    """The model; it is shared, its streams are not."""

    def __init__(self, session: Any) -> None:
        self._session = session

    @classmethod
    def load(cls, models: ModelStore, settings: object) -> Self:
        """Open the catalogue's ``silero-vad``; it has no settings of its own."""
        del settings
        return cls(open_session(models.path("silero-vad") / "silero_vad.onnx"))

    def open(self) -> SileroStream:
        """A fresh stream."""
        return SileroStream(self._session)
