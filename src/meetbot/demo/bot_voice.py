"""When the bot was heard, told from the sound that a participant received and nothing else."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.clock import NS_PER_S, monotonic_ns

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["RATE", "BotVoice", "speech_bounds"]

RATE = 48_000
FLOOR = 200
"""Of int16: −44 dB of full scale."""
JOIN_NS = 100_000_000
SPEECH_SHARE = 0.03
FRAME = RATE // 100


class BotVoice:
    """Stretches of sound above a floor, in monotonic ns; pauses of up to 0.1 s are part of one.

    A packet's first sample is heard when the packet arrives, the others accordingly later.
    """

    def __init__(self) -> None:
        self._stretches: list[tuple[int, int]] = []
        self._heard = asyncio.Event()

    def take(self, samples: NDArray[np.int16], arrival_ns: int) -> None:
        """A packet of the bot's came: int16 mono at 48 kHz."""
        loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > FLOOR)
        if not len(loud):
            return
        begin = arrival_ns + int(loud[0]) * NS_PER_S // RATE
        end = arrival_ns + (int(loud[-1]) + 1) * NS_PER_S // RATE
        if self._stretches and begin - self._stretches[-1][1] < JOIN_NS:
            begin = self._stretches.pop()[0]
        self._stretches.append((begin, end))
        self._heard.set()

    def since(self, at_ns: int) -> list[tuple[int, int]]:
        """The stretches that ended after ``at_ns``, in order."""
        return [stretch for stretch in self._stretches if stretch[1] > at_ns]

    async def begins(self, after_ns: int, seconds: float) -> int | None:
        """When the first stretch from ``after_ns`` on began; None: not within ``seconds``."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    for begin, _ in self.since(after_ns):
                        if begin >= after_ns:
                            return begin
                    self._heard.clear()
                    await self._heard.wait()
        except TimeoutError:
            return None

    async def quiet(self, seconds: float) -> None:
        """Wait until nothing was heard for ``seconds``."""
        while self._stretches:
            left = self._stretches[-1][1] / NS_PER_S + seconds - monotonic_ns() / NS_PER_S
            if left <= 0:
                return
            await asyncio.sleep(left)


def speech_bounds(clip: NDArray[np.int16]) -> tuple[int, int]:
    """Where the sound of a clean ``clip`` (48 kHz) begins and ends, in samples, to 10 ms.

    Sound is what has 3 % of the loudest 10 ms' root mean square.
    """
    frames = clip[: len(clip) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float32)
    loudness = np.sqrt(np.mean(np.square(frames), axis=1))
    loud = np.flatnonzero(loudness >= SPEECH_SHARE * loudness.max())
    return int(loud[0]) * FRAME, (int(loud[-1]) + 1) * FRAME
