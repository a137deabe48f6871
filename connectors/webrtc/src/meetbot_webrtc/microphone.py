"""A Python member's microphone: paced, encoded once, sent to everyone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.clock import monotonic_ns
from meetbot.core.guests import Played
from meetbot_webrtc.opus_out import FRAME, FRAME_SECONDS, OpusBroadcast

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from numpy.typing import NDArray

    from meetbot_webrtc.packets import AudioPackets

__all__ = ["Microphone"]

LATEST_SECONDS = 0.2


class Microphone:
    """Sends 20 ms Opus frames at absolute deadlines: what is played, else silence."""

    def __init__(self) -> None:
        self._sound = OpusBroadcast()
        self._frames = 0
        self._clip: AsyncIterator[NDArray[np.int16]] | None = None
        self._done: asyncio.Future[Played] | None = None
        self._first_ns = 0

    def track(self) -> AudioPackets:
        """A track for one peer."""
        track = self._sound.track()
        self._sound.listen(track)
        return track

    def release(self, track: AudioPackets) -> None:
        """That peer is gone."""
        self._sound.release(track)

    async def play(self, clip: NDArray[np.int16] | AsyncIterable[NDArray[np.int16]]) -> Played:
        """Play ``clip`` (int16 mono, 48 kHz; whole or in pieces of any length) to its end."""
        if self._done is not None:
            await asyncio.wait({self._done})
        self._done = asyncio.get_running_loop().create_future()
        self._first_ns = 0
        self._clip = _frames(clip)
        return await asyncio.shield(self._done)

    async def run(self) -> None:
        """Send until cancelled."""
        loop = asyncio.get_running_loop()
        deadline = loop.time()
        while True:
            deadline += FRAME_SECONDS
            if loop.time() - deadline > LATEST_SECONDS:
                behind = int((loop.time() - deadline) / FRAME_SECONDS)
                deadline += behind * FRAME_SECONDS
                self._frames += behind
            await asyncio.sleep(max(0.0, deadline - loop.time()))
            await self._tick()

    async def _tick(self) -> None:
        samples = await anext(self._clip, None) if self._clip is not None else None
        if samples is not None:
            self._first_ns = self._first_ns or monotonic_ns()
        elif self._clip is not None:
            self._finish()
        self._sound.send(samples, self._frames * FRAME)
        self._frames += 1

    def _finish(self) -> None:
        self._clip = None
        done, self._done = self._done, None
        if done is not None and not done.done():
            done.set_result(Played(self._first_ns, monotonic_ns()))


async def _frames(
    clip: NDArray[np.int16] | AsyncIterable[NDArray[np.int16]],
) -> AsyncIterator[NDArray[np.int16]]:
    """``clip`` in frames of 960 samples, the last one padded."""
    held = np.zeros(0, dtype=np.int16)
    if isinstance(clip, AsyncIterable):
        async for piece in clip:
            held = np.concatenate((held, piece))
            whole = len(held) - len(held) % FRAME
            for start in range(0, whole, FRAME):
                yield held[start : start + FRAME]
            held = held[whole:]
    else:
        whole = len(clip) - len(clip) % FRAME
        for start in range(0, whole, FRAME):
            yield clip[start : start + FRAME]
        held = clip[whole:]
    if len(held):
        yield np.concatenate((held, np.zeros(FRAME - len(held), dtype=np.int16)))
