from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np

from meetbot.people.ahead import RememberingEncoder

if TYPE_CHECKING:
    from collections.abc import Sequence


class CountingEncoder:
    model_id = "counting"

    def __init__(self) -> None:
        self.embedded = 0

    async def embed(self, audio: np.ndarray) -> np.ndarray:
        return audio[:2]

    async def embed_windows(self, windows: Sequence[np.ndarray]) -> np.ndarray:
        await asyncio.sleep(0.01)
        self.embedded += len(windows)
        return np.stack([window[:2] for window in windows])


def window(value: float) -> np.ndarray:
    return np.full(100, value, np.float32)


async def test_a_window_is_put_through_once_and_comes_back_in_its_place() -> None:
    counting = CountingEncoder()
    encoder = RememberingEncoder(counting)
    first = await encoder.embed_windows([window(1), window(2)])
    again = await encoder.embed_windows([window(2), window(3), window(1)])
    assert first[:, 0].tolist() == [1, 2]
    assert again[:, 0].tolist() == [2, 3, 1]
    assert counting.embedded == 3


async def test_the_same_sound_asked_for_twice_at_once_is_put_through_once() -> None:
    counting = CountingEncoder()
    encoder = RememberingEncoder(counting)
    await asyncio.gather(*(encoder.embed_windows([window(1)]) for _ in range(3)))
    assert counting.embedded == 1


async def test_what_is_remembered_is_bounded() -> None:
    encoder = RememberingEncoder(CountingEncoder())
    for value in range(1_000):
        await encoder.embed_windows([window(value)])
    assert len(encoder._prints) <= 512
