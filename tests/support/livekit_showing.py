"""Parts for tests of what a bot shows in a LiveKit room: its pictures, and who sees them."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import numpy as np
from livekit import api, rtc

from meetbot.config import LiveKitSettings
from meetbot.core.clock import NS_PER_S, MeetingClock, monotonic_ns
from meetbot.core.types import VideoFrame
from meetbot.core.voice import MOMENT_NS, VOICE_RATE, Moment
from meetbot_livekit.showing import Showing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from numpy.typing import NDArray

    from meetbot.core.clock import Clock
    from meetbot_livekit.server import LiveKitServer

TRACKS = ("avatar", "pictures")
LOUD = 2_000
DARK, WHITE = (np.full((512, 512, 3), grey, np.uint8) for grey in (30, 235))


class Guest:
    """Someone who watches and listens: publications, and when what arrived."""

    def __init__(self) -> None:
        self.room = rtc.Room()
        self.tracks: dict[int, tuple[rtc.Track, rtc.TrackPublication]] = {}
        self.pictures: dict[int, list[tuple[int, float]]] = {}
        self.loud: list[int] = []
        self.sounds = 0
        self._tasks: list[asyncio.Task[None]] = []
        self.room.on("track_subscribed", self._subscribed)

    def forget(self) -> None:
        """What arrived so far, and what is still to come of the same tracks."""
        self.tracks, self.pictures, self.loud = {}, {}, []

    def saw(self, source: int, pictures: int = 1) -> bool:
        """Whether so many pictures came."""
        return len(self.pictures.get(source, ())) >= pictures

    async def close(self) -> None:
        """Go."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.room.disconnect()

    def _subscribed(self, track: rtc.Track, publication: rtc.TrackPublication, _: object) -> None:
        self.tracks[publication.source] = (track, publication)
        is_sound = track.kind == rtc.TrackKind.KIND_AUDIO
        work = self._listen(track) if is_sound else self._look(track, publication.source)
        self._tasks.append(asyncio.create_task(work))

    async def _look(self, track: rtc.Track, source: int) -> None:
        pictures = self.pictures.setdefault(source, [])
        async for event in rtc.VideoStream(track, capacity=10):
            frame = event.frame
            luma = np.frombuffer(frame.data, np.uint8)[: frame.width * frame.height : 101]
            pictures.append((monotonic_ns(), float(luma.mean())))

    async def _listen(self, track: rtc.Track) -> None:
        loud = self.loud
        stream = rtc.AudioStream(track, sample_rate=VOICE_RATE, frame_size_ms=10, capacity=100)
        async for event in stream:
            self.sounds += 1
            samples = np.frombuffer(event.frame.data, np.int16).astype(np.int32)
            if np.abs(samples).max() > LOUD:
                loud.append(monotonic_ns())


@contextlib.asynccontextmanager
async def guest_in(server: LiveKitServer) -> AsyncIterator[Guest]:
    """A guest in the room."""
    guest = Guest()
    await guest.room.connect(server.url, server.token("anna", "Anna", "team"))
    try:
        yield guest
    finally:
        await guest.close()


@contextlib.asynccontextmanager
async def connected(
    server: LiveKitServer, showing: Showing, grants: api.VideoGrants | None = None
) -> AsyncIterator[rtc.Room]:
    """One connection of the bot's."""
    room = rtc.Room()
    showing.attach(room)
    token = server.token("bot", "Bot", "team", kind="agent", grants=grants)
    await room.connect(server.url, token, rtc.RoomOptions(auto_subscribe=False))
    await showing.up(room)
    try:
        yield room
    finally:
        await showing.down()
        await room.disconnect()


@contextlib.asynccontextmanager
async def showing_to(
    sound: Callable[[int], NDArray[np.int16] | None],
    settings: LiveKitSettings | None = None,
    *,
    pixels: Callable[[int], NDArray[np.uint8]] = lambda number: DARK if number % 2 else WHITE,
    screen: NDArray[np.uint8] = DARK,
) -> AsyncIterator[Showing]:
    """A bot that presents moments by their number, and publishes one still picture."""
    clock = MeetingClock()
    showing = Showing(TRACKS, settings or LiveKitSettings(), clock)
    tasks = [
        asyncio.create_task(showing.present(moments(clock, pixels, sound))),
        asyncio.create_task(showing.publish("pictures", still(clock, screen))),
    ]
    try:
        yield showing
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(end, asyncio.CancelledError) for end in ends), ends
        await showing.close()


async def moments(
    clock: Clock,
    pixels: Callable[[int], NDArray[np.uint8]],
    sound: Callable[[int], NDArray[np.int16] | None],
) -> AsyncIterator[Moment]:
    begin, number = clock.now_ns() + MOMENT_NS, 0
    while True:
        pts_ns = begin + number * MOMENT_NS
        await clock.sleep_until(pts_ns)
        yield Moment(pixels(number), sound(number), pts_ns)
        number += 1


async def still(clock: Clock, pixels: NDArray[np.uint8]) -> AsyncIterator[VideoFrame]:
    """The same picture, 15 times a second."""
    begin, number = clock.now_ns(), 0
    while True:
        pts_ns = begin + number * NS_PER_S // 15
        await clock.sleep_until(pts_ns)
        yield VideoFrame(pixels, pts_ns)
        number += 1
