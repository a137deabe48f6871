"""Voice-prints made before they are asked for: the same sound is never put through twice."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from meetbot.core.ports import SpeakerEncoder

__all__ = ["RememberingEncoder"]

KEPT = 512


class RememberingEncoder:
    """A ``SpeakerEncoder`` that remembers the prints of the last 512 windows by their samples."""

    def __init__(self, encoder: SpeakerEncoder) -> None:
        self._encoder = encoder
        self._prints: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()
        self._lock = asyncio.Lock()

    @property
    def model_id(self) -> str:
        """The encoder's own."""
        return self._encoder.model_id

    async def embed(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
        """The encoder's own; not remembered."""
        return await self._encoder.embed(audio)

    async def embed_windows(self, windows: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """As the encoder's, float32 (n, d); only windows that are new go through it."""
        keys = [hashlib.blake2b(window.tobytes(), digest_size=16).digest() for window in windows]
        async with self._lock:
            return np.stack(await self._rows(keys, windows))

    async def _rows(
        self, keys: list[bytes], windows: Sequence[NDArray[np.float32]]
    ) -> list[NDArray[np.float32]]:
        known = {key: self._prints[key] for key in keys if key in self._prints}
        new = {key: window for key, window in zip(keys, windows, strict=True) if key not in known}
        if new:
            prints = await self._encoder.embed_windows(list(new.values()))
            known.update(zip(new, prints, strict=True))
        self._prints.update(known)
        while len(self._prints) > KEPT:
            self._prints.popitem(last=False)
        return [known[key] for key in keys]
