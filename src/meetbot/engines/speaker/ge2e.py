"""GE2E voice-prints (Resemblyzer's weights, Apache-2.0), by ONNX Runtime, without torch.

Wan et al., "Generalized End-to-End Loss for Speaker Verification", https://arxiv.org/abs/1710.10467;
https://github.com/resemble-ai/Resemblyzer. Three LSTM layers over 40-band mel power (not its
logarithm) of sound raised to -30 dBFS; the utterance's print is the mean over 1.6 s windows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from meetbot.core.worker import ModelThread
from meetbot.engines.onnx import open_session
from meetbot.engines.speaker.mel import HOP, mel_power, raise_volume
from meetbot.engines.speaker.windows import NICENESS, embed_by_length, mean_print, partials

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from meetbot.models import ModelStore

__all__ = ["Ge2eSpeakerEncoder"]

WINDOW = 25_600
STEP = 12_800
FFT_SIZE = 400
BANDS = 40
TARGET_DBFS = -30.0


class Ge2eSpeakerEncoder:
    """The encoder on a thread of its own; about 5 ms per 1.6 s window on one core."""

    model_id = "ge2e-resemblyzer-0.1.4"

    def __init__(self, session: Any) -> None:
        self._session = session
        self._thread = ModelThread("ge2e", niceness=NICENESS)

    @classmethod
    def load(cls, models: ModelStore, settings: object) -> Self:
        """Open the catalogue's ``ge2e``; of the people section it takes ``threads``."""
        threads = int(getattr(settings, "threads", 1))
        return cls(open_session(models.path("ge2e") / "encoder.onnx", threads=threads))

    async def embed(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
        """The unit voice-print, shape ``(256,)``. Raises ``InputError`` below 0.4 s of sound."""
        slices = [audio[start:end] for start, end in partials(len(audio), WINDOW, STEP)]
        return mean_print(await self.embed_windows(slices))

    async def embed_windows(self, windows: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """One unit print for each window, shape ``(n, 256)``; windows of one length are a batch."""
        return await self._thread.run(embed_by_length, windows, self._network)

    def _network(self, windows: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        mels = np.stack([self._features(window) for window in windows])
        prints: NDArray[np.float32] = self._session.run(
            None, {self._session.get_inputs()[0].name: mels}
        )[0]
        return prints

    @staticmethod
    def _features(window: NDArray[np.float32]) -> NDArray[np.float32]:
        mel = mel_power(raise_volume(window, TARGET_DBFS), fft_size=FFT_SIZE, bands=BANDS)
        return mel[: len(window) // HOP]
