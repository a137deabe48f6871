"""The bot's camera and microphone: each moment's picture and sound leave together."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from meetbot.core.channels import Channel, Overflow
from meetbot.core.types import VideoFrame
from meetbot.core.voice import MOMENT_SAMPLES
from meetbot_webrtc.opus_out import FRAME, FRAME_SECONDS, LOOKAHEAD_NS, OPUS_RATE, OpusBroadcast
from meetbot_webrtc.video import VideoBroadcast

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import numpy as np
    from numpy.typing import NDArray

    from meetbot.core.voice import Moment
    from meetbot_webrtc.video import Codec

__all__ = ["AVATAR", "VOICE", "Presence"]

AVATAR = "avatar"
VOICE = "voice"
BITRATE = 1_000_000
PICTURES_PER_SECOND = 25
LONGEST_WAIT_NS = 20_000_000
NS_PER_S = 1_000_000_000


class Presence:
    """Sends moments as the video track ``avatar`` and the sound ``voice``.

    A picture leaves as soon as it is encoded; the sound is held back by what that usually takes
    longer than the codec of the sound, 20 ms at most, and so never waits for a picture that is
    slow. Of pictures that wait for the encoder the latest is taken.
    """

    def __init__(self, preferred: Codec) -> None:
        self.camera = VideoBroadcast(AVATAR, preferred, BITRATE, rate=PICTURES_PER_SECOND)
        self.voice = OpusBroadcast(VOICE)
        self._frames: deque[tuple[int, NDArray[np.int16] | None]] = deque()
        self._last_due = 0.0
        self._dropped = 0
        self._pictures: Channel[VideoFrame] | None = None

    @property
    def dropped(self) -> int:
        """Pictures that were not sent."""
        waiting = self._pictures.dropped if self._pictures is not None else 0
        return self.camera.dropped + self._dropped + waiting

    async def run(self, moments: AsyncIterator[Moment]) -> None:
        """Send ``moments`` as they come until they end."""
        self._dropped = self.dropped - self.camera.dropped
        pictures: Channel[VideoFrame] = Channel(1, Overflow.KEEP_LATEST)
        self._pictures = pictures
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.camera.run(pictures))
            try:
                async for moment in moments:
                    pictures.offer(VideoFrame(moment.pixels, moment.pts_ns))
                    self._say(moment)
            finally:
                pictures.close()

    def close(self) -> None:
        """End all tracks and the encoder's thread."""
        self._frames.clear()
        self.voice.close()
        self.camera.close()

    def _say(self, moment: Moment) -> None:
        """Send its sound as two packets, 20 ms apart; never before what was there earlier."""
        loop = asyncio.get_running_loop()
        wait_ns = min(max(0, self.camera.delay_ns - LOOKAHEAD_NS), LONGEST_WAIT_NS)
        due = max(loop.time() + wait_ns / NS_PER_S, self._last_due)
        pts = moment.pts_ns * OPUS_RATE // NS_PER_S
        for start in range(0, MOMENT_SAMPLES, FRAME):
            samples = None if moment.samples is None else moment.samples[start : start + FRAME]
            self._frames.append((pts + start, samples))
            loop.call_at(due + start / FRAME * FRAME_SECONDS, self._send)
        self._last_due = due

    def _send(self) -> None:
        if self._frames:
            pts, samples = self._frames.popleft()
            self.voice.send(samples, pts)
