"""The bot in a LiveKit room for a test, and people there who make sounds."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from livekit import rtc

from meetbot.config import RoomSettings
from meetbot.core.clock import MeetingClock
from meetbot_livekit.room import LiveKitRoom
from support.rooms import RATE, RecordingBot, tone, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from meetbot_livekit.server import LiveKitServer

__all__ = ["bot_in", "livekit_settings", "play", "sounding"]

STEP = RATE // 100


def livekit_settings(server: LiveKitServer, **settings: object) -> RoomSettings:
    """Settings of a bot that may make its own tokens for ``server``."""
    livekit = {"key": server.key, "secret": server.secret}
    return RoomSettings.model_validate({"livekit": livekit, **settings})


@contextlib.asynccontextmanager
async def bot_in(
    server: LiveKitServer, room: str = "team", *, token: str | None = None, **settings: object
) -> AsyncIterator[RecordingBot]:
    """A bot that keeps all that it hears, as long as the block lasts."""
    clock = MeetingClock()
    chosen = livekit_settings(server, **settings)
    place = LiveKitRoom(server.target(room), "Meetbot (AI)", clock, chosen, token=token, tracks=())
    bot = RecordingBot(picture=False)
    task = asyncio.create_task(bot(room, place, clock))
    try:
        await until(lambda: place._link.connected or task.done())
        yield bot
    finally:
        place.finish()
        await task


async def play(source: rtc.AudioSource, hertz: float, seconds: float) -> None:
    """Say a tone, in real time."""
    sound = tone(hertz, seconds)
    for start in range(0, len(sound), STEP):
        piece = sound[start : start + STEP]
        await source.capture_frame(rtc.AudioFrame(piece.tobytes(), RATE, 1, len(piece)))
    await source.wait_for_playout()


@contextlib.asynccontextmanager
async def sounding(source: rtc.AudioSource, hertz: float) -> AsyncIterator[None]:
    """A tone as long as the block lasts."""
    task = asyncio.create_task(play(source, hertz, 60.0))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
