"""The pictures' track and what is told of each picture, over real WebRTC on loopback."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import av
import httpx
import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from meetbot.config import PaintingSettings, RoomSettings, Settings, StageSettings, WebSettings
from meetbot.core.clock import monotonic_ns
from meetbot.core.pictures import Painting, PaintRequest, Picture
from meetbot.core.types import Participant, PictureShown, Speaker, VideoFrame
from meetbot.demo.pictures_seen import PicturesSeen
from meetbot.stage import PictureStage
from meetbot.web import RoomServer
from meetbot_webrtc import RoomClient
from meetbot_webrtc.ice import loopback_addresses

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from meetbot.core.clock import Clock
    from support.rooms import RecordingBot

pytestmark = pytest.mark.server

SECOND = 1_000_000_000
SDP = {"Content-Type": "application/sdp"}
RED = (190, 40, 40)
ANNA = Participant("p-1", "Anna")


async def red(clock: Clock) -> AsyncIterator[VideoFrame]:
    """A picture that is red, 15 times a second."""
    pixels = np.empty((360, 640, 3), np.uint8)
    pixels[:] = RED
    while True:
        yield VideoFrame(pixels, clock.now_ns())
        await asyncio.sleep(1 / 15)


def told(number: int) -> PictureShown:
    speakers = (Speaker("1", "Анна", "#7cc4ff"), Speaker("2", "Ben", "#ff9e7a"))
    return PictureShown(
        f"m-{number}", "кот на печке", ANNA, speakers, "request", 4 * SECOND, 5 * SECOND
    )


async def test_the_pictures_have_a_track_beside_the_captions(
    server: RoomServer, bot: RecordingBot
) -> None:
    async with RoomClient(server.url, "r", "Anna") as anna:
        await anna.bot_is_here()
        assert bot.room.capabilities.video_tracks == 3
        publishing = asyncio.create_task(bot.room.publish("pictures", red(bot.clock)))
        seen: dict[str, av.VideoFrame] = {}
        async with asyncio.timeout(5):
            while len(seen) < 2:
                picture = await anna.bot_video.receive()
                seen[picture.track] = picture.frame
        assert set(seen) == {"stage", "pictures"}
        middle = seen["pictures"].to_ndarray(format="rgb24")[180, 320].astype(int)
        assert np.abs(middle - RED).max() < 12
        assert bot.room.encoders == {"stage": ("h264",), "pictures": ("h264",)}
        publishing.cancel()
        await asyncio.gather(publishing, return_exceptions=True)


async def test_a_new_picture_is_seen_at_once_and_which_one_is_told(
    server: RoomServer, bot: RecordingBot
) -> None:
    seen, shown = PicturesSeen(), {}
    async with RoomClient(server.url, "r", "Anna") as anna:
        await anna.bot_is_here()
        stage = PictureStage(StageSettings(width=640, height=360), bot.clock)
        tasks = [
            asyncio.create_task(bot.room.publish("pictures", stage.frames())),
            asyncio.create_task(_look(anna, seen)),
            asyncio.create_task(_read(anna, seen)),
        ]
        await asyncio.sleep(1)
        for number, grey in enumerate((220, 30, 160)):
            shown[f"m-{number}"] = monotonic_ns()
            stage.show(_grey(number, grey))
            await bot.room.send(told(number))
            await asyncio.sleep(2)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    visible = seen.visible()
    delays = [(visible[name] or 0) - at for name, at in shown.items()]
    assert all(0 < delay < 1.2 * SECOND for delay in delays)


async def _look(client: RoomClient, seen: PicturesSeen) -> None:
    async for picture in client.bot_video:
        seen.picture(picture)


async def _read(client: RoomClient, seen: PicturesSeen) -> None:
    async for arrival_ns, message in client.captions:
        seen.message(message, arrival_ns)


def _grey(number: int, level: int) -> Picture:
    pixels = np.full((144, 256, 3), level, np.uint8)
    request = PaintRequest("a cat", "a cat", "en", number, 256, 144)
    return Picture(f"m-{number}", request, Painting(pixels, "x"), "timer", ANNA, (), 0, 0)


async def test_a_whep_client_watches_the_pictures(server: RoomServer, bot: RecordingBot) -> None:
    viewer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    async with (
        RoomClient(server.url, "r", "Anna", receive_video=False) as anna,
        httpx.AsyncClient(base_url=server.url) as http,
    ):
        await anna.bot_is_here()
        viewer.addTransceiver("video", "recvonly")
        with loopback_addresses(True):
            await viewer.setLocalDescription()
        offer = viewer.localDescription.sdp
        response = await http.post("/whep/r/pictures", content=offer, headers=SDP)
        assert response.status_code == 201
        await viewer.setRemoteDescription(RTCSessionDescription(response.text, "answer"))
        publishing = asyncio.create_task(bot.room.publish("pictures", red(bot.clock)))
        frame = await asyncio.wait_for(viewer.getReceivers()[0].track.recv(), 5)
        assert isinstance(frame, av.VideoFrame)
        assert (frame.width, frame.height) == (640, 360)
        publishing.cancel()
        await asyncio.gather(publishing, return_exceptions=True)
        await viewer.close()


async def test_a_bot_that_does_not_paint_offers_no_such_track(bot: RecordingBot) -> None:
    settings = Settings(
        web=WebSettings(port=0),
        room=RoomSettings(bot_name="Tester (AI)"),
        painting=PaintingSettings(enabled=False),
    )
    async with (
        RoomServer(settings, bot_factory=bot, empty_seconds=0.3) as server,
        RoomClient(server.url, "r", "Anna") as anna,
    ):
        await anna.bot_is_here()
        (link,) = anna._mesh.links.values()
        tracks = {
            t.receiver.track.id
            for t in link.connection.getTransceivers()
            if t.kind == "video" and t.receiver.track is not None
        }
        assert tracks == {"stage", "avatar"}
        assert bot.room.capabilities.video_tracks == 2


async def test_what_a_picture_shows_is_told_to_everyone_and_to_latecomers(
    server: RoomServer, bot: RecordingBot
) -> None:
    async with RoomClient(server.url, "r", "Anna", receive_video=False) as anna:
        await anna.bot_is_here()
        await bot.room.send(told(1))
        _, message = await asyncio.wait_for(anna.captions.receive(), 3)
        assert message == {
            "type": "picture",
            "id": "m-1",
            "subject": "кот на печке",
            "participant": "p-1",
            "participant_name": "Anna",
            "speakers": [
                {"name": "Анна", "colour": "#7cc4ff"},
                {"name": "Ben", "colour": "#ff9e7a"},
            ],
            "trigger": "request",
            "said_end": 4.0,
            "at": 5.0,
        }
        async with RoomClient(server.url, "r", "Late", receive_video=False) as late:
            _, message = await asyncio.wait_for(late.captions.receive(), 5)
            assert message["id"] == "m-1"
