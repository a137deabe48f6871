"""One video of the bot in a LiveKit room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livekit import rtc

from meetbot.core.channels import Channel, Overflow
from meetbot.core.worker import ModelThread
from meetbot_livekit.encoding import as_i420, camera_options, screen_options
from meetbot_livekit.publishing import Publisher

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator

    import numpy as np
    from numpy.typing import NDArray

    from meetbot.config import LiveKitSettings
    from meetbot.core.types import VideoFrame

__all__ = ["Video"]

ORIGIN_US = 1_000_000
"""The SDK takes a time of 0 for none."""


class Video:
    """Pictures on their way; of those that wait for the thread the latest is taken."""

    def __init__(
        self, name: str, settings: LiveKitSettings, turn: asyncio.Lock, *, screen: bool
    ) -> None:
        self.name = name
        self._screen = screen
        self._thread = ModelThread(f"video-{name}")
        self._latest: Channel[tuple[VideoFrame, bytes | None]] = Channel(1, Overflow.KEEP_LATEST)
        self._running = False
        self._source: rtc.VideoSource | None = None
        self._converted: tuple[NDArray[np.uint8], rtc.VideoFrame] | None = None
        options = screen_options(settings) if screen else camera_options(settings)
        self.publisher = Publisher(options, self._track, turn)

    @property
    def dropped(self) -> int:
        """Pictures that were not sent, since the next one was there already."""
        return self._latest.dropped

    def offer(self, frame: VideoFrame, loudness: bytes | None = None) -> None:
        """The next picture, while ``run`` runs; ``loudness`` of its sound is told with it."""
        if self._running:
            self._latest.offer((frame, loudness))

    async def show(self, frames: AsyncIterator[VideoFrame]) -> None:
        """Offer ``frames`` as they come, until they end."""
        async for frame in frames:
            self.offer(frame)

    async def run(self) -> None:
        """Send what is offered until cancelled."""
        self._running = True
        try:
            async for frame, loudness in self._latest:
                if self._source is None:
                    height, width = frame.pixels.shape[:2]
                    self._source = rtc.VideoSource(width, height, is_screencast=self._screen)
                await self._thread.run(self._capture, self._source, frame, loudness)
                self.publisher.want()
        finally:
            self._running = False

    async def close(self) -> None:
        """No more pictures."""
        self._latest.close()
        self._thread.close()
        if self._source is not None:
            await self._source.aclose()

    # ------------------------------------------------------------------ inside

    def _capture(self, source: rtc.VideoSource, frame: VideoFrame, loudness: bytes | None) -> None:
        """On the thread. An unchanged picture (the same array) is converted once only."""
        if self._converted is None or self._converted[0] is not frame.pixels:
            width, height, planes = as_i420(frame.pixels)
            picture = rtc.VideoFrame(width, height, rtc.VideoBufferType.I420, planes)
            self._converted = (frame.pixels, picture)
        time_us = ORIGIN_US + frame.pts_ns // 1000
        told = None
        if loudness is not None:
            told = rtc.FrameMetadata(user_timestamp=time_us, user_data=loudness)
        source.capture_frame(self._converted[1], timestamp_us=time_us, metadata=told)

    def _track(self) -> rtc.LocalTrack:
        if self._source is None:
            raise AssertionError("it is published once there is a picture")
        return rtc.LocalVideoTrack.create_video_track(self.name, self._source)
