"""How a WebRTC room is joined, and what is said where that does not work."""

from __future__ import annotations

import asyncio

import pytest

from meetbot.config import RoomSettings, Settings
from meetbot.core.clock import MeetingClock
from meetbot.core.errors import RoomLost, RoomRefused
from meetbot.web import RoomServer
from meetbot_webrtc import RoomClient, SignalingHub, WebRtcRoom
from support.rooms import RecordingBot, tone, until

pytestmark = pytest.mark.server

SECRET = "a secret of the server"


async def test_a_bot_joins_from_elsewhere_with_the_servers_secret(settings: Settings) -> None:
    async with RoomServer(settings, bot_secret=SECRET) as server:
        address = f"webrtc://127.0.0.1:{server.port}/r"
        clock = MeetingClock()
        remote = RecordingBot()
        room = WebRtcRoom(address, "Remote (AI)", clock, settings.room, bot_secret=SECRET)
        running = asyncio.create_task(remote("r", room, clock))
        async with RoomClient(address, None, "Anna", receive_video=False) as anna:
            await anna.bot_is_here()
            await anna.play(tone(500, 0.4))
            await until(lambda: remote.opened() == ["Anna"])
        room.finish()
        await running
        false = WebRtcRoom(address, "False", clock, settings.room, bot_secret=SECRET[::-1])
        with pytest.raises(RoomRefused, match="bot secret"):
            async with false:
                pass


async def test_a_full_room_says_so(settings: Settings) -> None:
    small = settings.model_copy(update={"room": RoomSettings(max_participants=1)})
    async with RoomServer(small) as server, RoomClient(server.url, "r", "Anna"):
        with pytest.raises(RoomRefused, match=r"full: 1 participants.*LiveKit"):
            async with RoomClient(server.url, "r", "Boris"):
                pass


async def test_a_server_that_is_not_there_is_a_clear_error(settings: Settings) -> None:
    async with RoomServer(settings) as server:
        url = server.url
    with pytest.raises(RoomLost, match="nothing answers at ws://"):
        async with RoomClient(url, "r", "Anna"):
            pass


async def test_the_rooms_end_ends_the_events_with_room_lost(settings: Settings) -> None:
    hub = SignalingHub(RoomSettings())
    async with WebRtcRoom(hub, "Bot (AI)", MeetingClock(), RoomSettings(), room="r") as room:
        hub.close()
        with pytest.raises(RoomLost, match="closing"):
            async for _ in room.events():
                pass
