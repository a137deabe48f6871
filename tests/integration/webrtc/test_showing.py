"""The bot's picture in a WebRTC room, as the others receive it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from meetbot.config import RoomSettings, Settings
from meetbot.core.clock import NS_PER_S, MeetingClock, monotonic_ns
from meetbot.core.errors import RoomError
from meetbot_webrtc import RoomClient, SignalingHub, WebRtcRoom
from support.rooms import RecordingBot

if TYPE_CHECKING:
    from meetbot.web import RoomServer

pytestmark = pytest.mark.server


async def test_everyone_sees_the_bot_from_one_encoder_and_latecomers_within_a_second(
    server: RoomServer, bot: RecordingBot
) -> None:
    async with RoomClient(server.url, "r", "Anna") as anna:
        await asyncio.wait_for(anna.bot_video.receive(), 5)
        await asyncio.sleep(0.7)
        async with RoomClient(server.url, "r", "Late") as late:
            await late.bot_is_here()
            began = monotonic_ns()
            picture = await asyncio.wait_for(late.bot_video.receive(), 5)
            assert picture.arrival_ns - began < 1.0 * NS_PER_S
            assert (picture.frame.width, picture.frame.height) == (640, 360)
            grey = picture.frame.to_ndarray(format="rgb24")[180, 320]
            assert 40 < grey.min() <= grey.max() < 230
            assert bot.room.encoders == {"stage": ("h264",)}


async def test_a_client_that_wants_no_picture_gets_none_and_costs_none(
    server: RoomServer, bot: RecordingBot
) -> None:
    async with (
        RoomClient(server.url, "r", "Anna", receive_video=False) as anna,
        RoomClient(server.url, "r", "Boris") as boris,
    ):
        await asyncio.wait_for(boris.bot_video.receive(), 5)
        await anna.bot_is_here()
        await asyncio.sleep(4)
        assert len(anna.bot_video) == 0
        assert bot.room.drops["video"] == 0


async def test_a_picture_that_was_lost_is_followed_by_a_key_frame_soon(
    server: RoomServer,
) -> None:
    """A key frame comes every 2 s; one that is asked for comes within half a second."""
    async with RoomClient(server.url, "r", "Anna") as anna:
        keys: list[int] = []
        async with asyncio.timeout(8):
            async for picture in anna.bot_video:
                if picture.frame.key_frame:
                    keys.append(picture.arrival_ns)
                if len(keys) == 2:
                    break
            await asyncio.sleep(0.6)
            asked = monotonic_ns()
            await anna.ask_for_key_frame()
            async for picture in anna.bot_video:
                if picture.frame.key_frame and picture.arrival_ns > asked:
                    break
        assert picture.arrival_ns - asked < 0.6 * NS_PER_S


async def test_an_unknown_track_is_refused(settings: Settings) -> None:
    hub = SignalingHub(RoomSettings())
    bot = RecordingBot()
    async with WebRtcRoom(hub, "Bot (AI)", MeetingClock(), RoomSettings(), room="r") as room:
        with pytest.raises(RoomError, match="no video track 'faces'"):
            await room.publish("faces", bot._frames(MeetingClock()))
