"""What the bot sends into a LiveKit room: its camera, its screen share, and its voice."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from meetbot.core.errors import RoomError
from meetbot.core.types import VideoFrame
from meetbot.core.voice import MOMENT_SAMPLES
from meetbot_livekit.loudness import loudness_of
from meetbot_livekit.video import Video
from meetbot_livekit.voice import Voice

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Mapping

    from livekit import rtc

    from meetbot.config import LiveKitSettings
    from meetbot.core.clock import Clock
    from meetbot.core.voice import Moment
    from meetbot_livekit.publishing import Publisher

__all__ = ["AVATAR", "Showing"]

AVATAR = "avatar"
PICTURE_HOLD_SECONDS = 0.07
"""How long a moment's picture is held back, so that it is seen when its sound is heard.

Sound takes longer: 20 ms for an even pace, 20 ms for a packet, and the receiver's buffer. Seen on
loopback: at 70 ms the picture comes 4 ms late in a Chromium and 22 ms late in a Python receiver, at
40 ms 50 and 14 ms early.
"""


class Showing:
    """A ``Part``: ``tracks[0]`` is the camera, ``tracks[1]`` the screen share; there are no more.

    ``avatar`` is what ``present`` fills, the others are ``publish``'s. All that comes is taken at
    its pace, with or without a connection; ``close`` it at the end.
    """

    def __init__(self, tracks: tuple[str, ...], settings: LiveKitSettings, clock: Clock) -> None:
        self._clock = clock
        self._measured = settings.measured
        turn = asyncio.Lock()
        self._videos = {
            name: Video(name, settings, turn, screen=number > 0)
            for number, name in enumerate(tracks[:2])
        }
        self._voice = Voice(turn)
        if AVATAR in self._videos:
            self._voice.publisher.want()

    @property
    def drops(self) -> Mapping[str, int]:
        """What was not sent so far, by video, and of the ``voice``, since it came too late."""
        shown = {name: video.dropped for name, video in self._videos.items()}
        return {**shown, "voice": self._voice.dropped}

    async def publish(self, track: str, frames: AsyncIterator[VideoFrame]) -> None:
        """Show ``frames`` as ``track`` until they end. Raises ``RoomError`` for another name."""
        video = self._videos.get(track)
        if video is None or track == AVATAR:
            names = ", ".join(name for name in self._videos if name != AVATAR)
            raise RoomError(f"the room has no video track {track!r}; it was joined with: {names}")
        async with _beside(video.run()):
            await video.show(frames)

    async def present(self, moments: AsyncIterator[Moment]) -> None:
        """Be the bot's camera and microphone until ``moments`` end; one call at a time."""
        camera = self._videos.get(AVATAR)
        loop = asyncio.get_running_loop()
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(_beside(self._voice.run()))
            if camera is not None:
                await stack.enter_async_context(_beside(camera.run()))
            async for moment in moments:
                self._voice.say(moment.samples, MOMENT_SAMPLES)
                if camera is not None:
                    frame = VideoFrame(moment.pixels, moment.pts_ns)
                    told = loudness_of(moment.samples) if self._measured else None
                    loop.call_later(PICTURE_HOLD_SECONDS, camera.offer, frame, told)

    async def close(self) -> None:
        """The bot leaves."""
        await self._voice.close()
        for video in self._videos.values():
            await video.close()

    # ------------------------------------------------------------------ Part

    def attach(self, room: rtc.Room) -> None:
        """Nothing is heard of before the room is connected."""

    async def up(self, room: rtc.Room) -> None:
        """Publish what there is to show and to say, now or as soon as there is something."""
        for publisher in self._publishers():
            publisher.up(room)

    async def down(self) -> None:
        """Go on without a room."""
        for publisher in self._publishers():
            await publisher.down()

    def _publishers(self) -> list[Publisher]:
        return [self._voice.publisher, *(video.publisher for video in self._videos.values())]


@contextlib.asynccontextmanager
async def _beside(work: Coroutine[object, object, None]) -> AsyncIterator[None]:
    """``work`` goes on meanwhile; when it breaks, so does what is done beside it."""
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(work)
        try:
            yield
        finally:
            task.cancel()
