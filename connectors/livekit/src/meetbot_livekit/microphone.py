"""One microphone that somebody has published: what comes of it, while it is open."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import numpy as np
from livekit import rtc

from meetbot.core.channels import Channel, Overflow
from meetbot.core.limits import shown_name
from meetbot.core.types import AudioFrame
from meetbot_livekit.arrival import Arrival
from meetbot_livekit.problems import reason_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from meetbot.core.clock import Clock

__all__ = ["FRAME_MS", "RATE", "Microphone"]

log = logging.getLogger(__name__)

RATE = 48_000
FRAME_MS = 10
"""What the SDK has at a time. Two together would cost less and come 10 to 20 ms later."""
SDK_FRAMES = 100
QUEUE_FRAMES = 500
"""Five seconds."""
MUTED_SECONDS = 2.0
"""Whoever mutes to cough goes on with the same sentence, and silence that is heard ends a turn as
usual; later a muted microphone costs nothing."""


class Microphone:
    """One published microphone: the stream of the SDK while it is open, and what is made of it."""

    def __init__(
        self,
        identity: str,
        track: rtc.RemoteAudioTrack,
        clock: Clock,
        readable: Callable[[], bool],
        *,
        muted: bool,
    ) -> None:
        self.identity = identity
        self._readable = readable
        self.frames: Channel[AudioFrame] = Channel(QUEUE_FRAMES, Overflow.DROP_OLDEST)
        self._track = track
        self._clock = clock
        self._ending: set[asyncio.Task[None]] = set()
        self._reading: asyncio.Task[None] | None = None
        self._pausing: asyncio.TimerHandle | None = None
        if not muted:
            self._start()

    @property
    def running(self) -> bool:
        """Whether the SDK is decoding it for us."""
        return self._reading is not None

    def mute(self, muted: bool) -> None:
        """The participant has muted it, or opened it again."""
        if self._pausing is not None:
            self._pausing.cancel()
            self._pausing = None
        if not muted:
            self._start()
        elif self._reading is not None:
            loop = asyncio.get_running_loop()
            self._pausing = loop.call_later(MUTED_SECONDS, self._pause)

    async def close(self) -> None:
        """No more frames."""
        self.frames.close()
        self._pause()
        await asyncio.gather(*self._ending, return_exceptions=True)

    def _start(self) -> None:
        if self._reading is None and not self.frames.closed:
            self._reading = asyncio.create_task(self._read(), name="microphone")

    def _pause(self) -> None:
        if self._pausing is not None:
            self._pausing.cancel()
            self._pausing = None
        if self._reading is not None:
            self._ending.add(self._reading)
            self._reading.add_done_callback(self._ending.discard)
            self._reading.cancel()
            self._reading = None

    async def _read(self) -> None:
        arrival = Arrival()
        stream = rtc.AudioStream(
            self._track,
            capacity=SDK_FRAMES,
            sample_rate=RATE,
            num_channels=1,
            frame_size_ms=FRAME_MS,
        )
        try:
            async for event in stream:
                if self.frames.closed:
                    break
                if not self._readable():
                    continue
                samples = np.frombuffer(event.frame.data, np.int16)
                pts_ns = arrival.stamp(self._clock.now_ns(), len(samples), RATE)
                self.frames.offer(AudioFrame(samples, RATE, pts_ns))
        except Exception as error:  # the SDK raises whatever it likes
            name = shown_name(self.identity)
            log.error("the microphone of %s is not heard any more: %s", name, reason_of(error))
        finally:
            await stream.aclose()
