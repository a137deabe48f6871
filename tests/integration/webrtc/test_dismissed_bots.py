"""A bot that was sent away stays away until somebody comes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from meetbot.web import RoomServer
from meetbot_webrtc import RoomClient
from support.rooms import until

if TYPE_CHECKING:
    from meetbot.config import Settings
    from meetbot.core.clock import Clock
    from meetbot_webrtc.room import WebRtcRoom

pytestmark = pytest.mark.server


class ObedientBot:
    """Stays in the room until ``dismissed``."""

    def __init__(self) -> None:
        self.came = 0
        self.dismissed = asyncio.Event()

    async def __call__(self, name: str, room: WebRtcRoom, clock: Clock) -> None:
        self.came += 1
        async with room:
            following = asyncio.create_task(self._follow(room))
            waiting = asyncio.create_task(self.dismissed.wait())
            await asyncio.wait({following, waiting}, return_when=asyncio.FIRST_COMPLETED)
            following.cancel()
            waiting.cancel()
            await asyncio.wait({following, waiting})
        self.dismissed.clear()

    async def _follow(self, room: WebRtcRoom) -> None:
        async for _ in room.events():
            pass


async def test_a_bot_that_was_sent_away_comes_back_when_somebody_joins(settings: Settings) -> None:
    bot = ObedientBot()
    async with RoomServer(settings, bot_factory=bot, empty_seconds=0.3) as server:
        assert server.bots is not None
        async with RoomClient(server.url, "r", "Anna") as anna:
            await anna.bot_is_here()
            bot.dismissed.set()
            await until(lambda: server.bots is not None and server.bots.rooms == ())
            await asyncio.sleep(1.5)
            assert bot.came == 1
            async with RoomClient(server.url, "r", "Boris") as boris:
                await boris.bot_is_here()
                assert bot.came == 2
        await until(lambda: server.bots is not None and server.bots.rooms == ())
        async with RoomClient(server.url, "r", "Anna") as anna:
            await anna.bot_is_here()
            assert bot.came == 3


async def test_a_room_that_was_empty_in_between_has_its_bot_again(settings: Settings) -> None:
    bot = ObedientBot()
    async with RoomServer(settings, bot_factory=bot, empty_seconds=0.3) as server:
        async with RoomClient(server.url, "r", "Anna") as anna:
            await anna.bot_is_here()
            bot.dismissed.set()
            await until(lambda: server.bots is not None and server.bots.rooms == ())
        async with RoomClient(server.url, "r", "Anna") as anna:
            await anna.bot_is_here()
    assert bot.came == 2
