"""A Python guest's microphone: what is played, else silence, sent as it is made."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable
from typing import TYPE_CHECKING

import numpy as np
from livekit import rtc

from meetbot.core.clock import monotonic_ns
from meetbot.core.guests import Played

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from numpy.typing import NDArray

    from meetbot.core.guests import Clip

__all__ = ["GuestMicrophone"]

log = logging.getLogger(__name__)

RATE = 48_000
FRAME = RATE // 100
FRAME_SECONDS = 0.01
FRAME_NS = 10_000_000
"""The SDK passes 10 ms on at once, where it is told to keep no queue; two of them are a packet."""
LATEST_SECONDS = 0.2


class GuestMicrophone:
    """A ``Part``: sends 10 ms at absolute deadlines. ``heard``: somebody has subscribed to it.

    A clip that is cut by the connection goes on with the next one.
    """

    def __init__(self) -> None:
        self.heard = asyncio.Event()
        self._clip: AsyncIterator[NDArray[np.int16]] | None = None
        self._done: asyncio.Future[Played] | None = None
        self._first_ns = 0
        self._source: rtc.AudioSource | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def play(self, clip: Clip) -> Played:
        """Play ``clip`` (int16 mono, 48 kHz; whole or in pieces of any length) to its end."""
        if self._done is not None:
            await asyncio.wait({self._done})
        self._done = asyncio.get_running_loop().create_future()
        self._first_ns = 0
        self._clip = _frames(clip)
        return await asyncio.shield(self._done)

    # ------------------------------------------------------------------ Part

    def attach(self, room: rtc.Room) -> None:
        """Nothing to listen to."""

    async def up(self, room: rtc.Room) -> None:
        """Publish, and go on."""
        source = self._source = rtc.AudioSource(RATE, 1, queue_size_ms=0)
        track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        publication = await room.local_participant.publish_track(track, options)
        self._tasks = [
            asyncio.create_task(self._run(source), name="microphone"),
            asyncio.create_task(self._wait_for_ears(publication), name="ears"),
        ]

    async def down(self) -> None:
        """Nobody hears it."""
        self.heard.clear()
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception):
                log.error("a guest's microphone broke: %r", result)
        source, self._source = self._source, None
        if source is not None:
            await source.aclose()

    # ------------------------------------------------------------------ inside

    async def _wait_for_ears(self, publication: rtc.LocalTrackPublication) -> None:
        await publication.wait_for_subscription()
        self.heard.set()

    async def _run(self, source: rtc.AudioSource) -> None:
        loop = asyncio.get_running_loop()
        silence = rtc.AudioFrame(bytes(2 * FRAME), RATE, 1, FRAME)
        deadline = loop.time()
        while True:
            deadline += FRAME_SECONDS
            if loop.time() - deadline > LATEST_SECONDS:
                deadline = loop.time()
            await asyncio.sleep(max(0.0, deadline - loop.time()))
            await source.capture_frame(await self._next() or silence)

    async def _next(self) -> rtc.AudioFrame | None:
        """What is played now; None: nothing."""
        if self._clip is None:
            return None
        samples = await anext(self._clip, None)
        if samples is None:
            self._finish()
            return None
        self._first_ns = self._first_ns or monotonic_ns() + FRAME_NS
        return rtc.AudioFrame(samples.tobytes(), RATE, 1, FRAME)

    def _finish(self) -> None:
        self._clip = None
        done, self._done = self._done, None
        if done is not None and not done.done():
            done.set_result(Played(self._first_ns, monotonic_ns()))


async def _frames(clip: Clip) -> AsyncIterator[NDArray[np.int16]]:
    """``clip`` in frames of 480 samples, the last one padded."""
    held = np.zeros(0, dtype=np.int16)
    async for piece in _pieces(clip):
        held = np.concatenate((held, piece)) if len(held) else piece
        whole = len(held) - len(held) % FRAME
        for start in range(0, whole, FRAME):
            yield held[start : start + FRAME]
        held = held[whole:]
    if len(held):
        yield np.concatenate((held, np.zeros(FRAME - len(held), dtype=np.int16)))


async def _pieces(clip: Clip) -> AsyncIterator[NDArray[np.int16]]:
    if isinstance(clip, AsyncIterable):
        async for piece in clip:
            yield piece
    else:
        yield clip
