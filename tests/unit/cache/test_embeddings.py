"""Voice-prints of the same sound are computed once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from meetbot.cache import KeptEncoder
from support.caches import MemoryCache

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class CountingEncoder:
    model_id = "counting 1"

    def __init__(self) -> None:
        self.embedded = 0

    async def embed(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
        return (await self.embed_windows([audio]))[0]

    async def embed_windows(self, windows: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        self.embedded += len(windows)
        rows = np.array([[w.mean(), w.std(), 1] for w in windows], np.float32)
        normed: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return normed


def _sound(seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal(16_000).astype(np.float32)


async def test_the_print_of_a_recording_is_computed_once() -> None:
    encoder, cache = CountingEncoder(), MemoryCache()
    first = await KeptEncoder(encoder, cache).embed(_sound(1))
    again = await KeptEncoder(encoder, cache).embed(_sound(1))
    assert encoder.embedded == 1
    np.testing.assert_array_equal(first, again)
    await KeptEncoder(encoder, cache).embed(_sound(2))
    assert encoder.embedded == 2


async def test_of_several_windows_only_the_new_ones_are_computed_and_the_order_stays() -> None:
    encoder, cache = CountingEncoder(), MemoryCache()
    kept = KeptEncoder(encoder, cache)
    await kept.embed(_sound(2))
    rows = await kept.embed_windows([_sound(1), _sound(2), _sound(3), _sound(1)])
    assert encoder.embedded == 3
    plain = await CountingEncoder().embed_windows([_sound(1), _sound(2), _sound(3), _sound(1)])
    np.testing.assert_allclose(rows, plain, rtol=1e-6)


async def test_what_is_no_print_is_computed_again() -> None:
    encoder, cache = CountingEncoder(), MemoryCache()
    kept = KeptEncoder(encoder, cache)
    wanted = await kept.embed(_sound(1))
    (key,) = cache.kept
    nonsense = [b"", b"abc", bytes(12), np.full(3, np.nan, "<f4").tobytes()]
    for odd in nonsense:
        cache.kept[key] = odd
        np.testing.assert_array_equal(await kept.embed(_sound(1)), wanted)
    assert encoder.embedded == 1 + len(nonsense)


async def test_prints_of_different_models_are_never_mixed() -> None:
    encoder, cache = CountingEncoder(), MemoryCache()
    await KeptEncoder(encoder, cache).embed(_sound(1))
    newer = CountingEncoder()
    newer.model_id = "counting 2"
    await KeptEncoder(newer, cache).embed(_sound(1))
    assert newer.embedded == 1
