"""smart-turn v3.2 (BSD-2): has this person finished, judged by how it sounded?

Source: https://github.com/pipecat-ai/smart-turn. Input: log-mel (1, 80, 800) of the last 8 s,
zeros in front of shorter turns, waveform scaled to zero mean and unit variance first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor

from meetbot.core.types import SAMPLE_RATE
from meetbot.core.worker import ModelThread
from meetbot.engines.onnx import open_session

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.models import ModelStore

__all__ = ["SmartTurnDetector"]

CONTEXT_SECONDS = 8
CONTEXT_SAMPLES = CONTEXT_SECONDS * SAMPLE_RATE


class SmartTurnDetector:
    """The detector on a thread of its own; about 25 ms a call."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._features = FeatureExtractor(chunk_length=CONTEXT_SECONDS)
        self._thread = ModelThread("smart-turn")

    @classmethod
    def load(cls, models: ModelStore, settings: object) -> Self:
        """Open the catalogue's ``smart-turn-v3.2``; it has no settings of its own."""
        del settings
        return cls(open_session(models.path("smart-turn-v3.2") / "smart-turn.onnx"))

    async def completion(self, audio: NDArray[np.float32]) -> float:
        """Probability 0…1 that the turn ending with ``audio`` is complete."""
        return await self._thread.run(self._completion, audio)

    def _completion(self, audio: NDArray[np.float32]) -> float:
        recent = audio[-CONTEXT_SAMPLES:]
        padded = np.zeros(CONTEXT_SAMPLES, dtype=np.float32)
        padded[CONTEXT_SAMPLES - len(recent) :] = recent
        padded = (padded - padded.mean()) / np.sqrt(padded.var() + 1e-7)
        features = self._features(padded, padding=0)[np.newaxis].astype(np.float32)
        return float(self._session.run(None, {"input_features": features})[0].item())
