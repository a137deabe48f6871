"""Voice-prints of recordings that come again: samples of a persona, an enrolment done twice."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from meetbot.core.ports import Cache, SpeakerEncoder

__all__ = ["KeptEncoder"]


class KeptEncoder:
    """A ``SpeakerEncoder`` that computes the print of a sound once, and keeps it by its samples.

    For recordings. What is heard live never comes again, and is not worth keeping.
    """

    def __init__(self, encoder: SpeakerEncoder, cache: Cache) -> None:
        self._encoder = encoder
        self._cache = cache

    @property
    def model_id(self) -> str:
        """The encoder's own."""
        return self._encoder.model_id

    async def embed(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
        """As the encoder's, float32 ``(dimension,)``."""
        key = self._key(audio)
        kept = _print(await self._cache.get(key))
        if kept is not None:
            return kept
        made = await self._encoder.embed(audio)
        await self._cache.put(key, made.astype("<f4").tobytes())
        return made

    async def embed_windows(self, windows: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """As the encoder's, float32 ``(n, dimension)``; only what is new goes through it."""
        keys = [self._key(window) for window in windows]
        prints = {key: _print(await self._cache.get(key)) for key in keys}
        new = {
            key: window for key, window in zip(keys, windows, strict=True) if prints[key] is None
        }
        if new:
            rows = await self._encoder.embed_windows(list(new.values()))
            for key, row in zip(new, rows, strict=True):
                prints[key] = row
                await self._cache.put(key, row.astype("<f4").tobytes())
        return np.stack([kept for key in keys if (kept := prints[key]) is not None])

    def _key(self, audio: NDArray[np.float32]) -> str:
        digest = hashlib.blake2b(audio.astype("<f4").tobytes(), digest_size=20).hexdigest()
        return f"voice-print/1/{self.model_id}/{digest}"


def _print(kept: bytes | None) -> NDArray[np.float32] | None:
    """The voice-print in ``kept``; None where it is none: not whole numbers of unit length."""
    if not kept or len(kept) % 4:
        return None
    vector = np.frombuffer(kept, "<f4").astype(np.float32)
    return vector if abs(float(np.linalg.norm(vector)) - 1) < 0.01 else None
