"""How far the bot's face and its voice are apart, as a Python guest of a LiveKit room tells."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from meetbot.config import LiveKitSettings, RoomSettings
from meetbot.core.clock import MeetingClock
from meetbot.demo.face_seen import FaceSeen
from meetbot_livekit.client import LiveKitClient
from meetbot_livekit.room import LiveKitRoom
from meetbot_webrtc.sync import clapperboard, content_skew
from support.rooms import until

if TYPE_CHECKING:
    from meetbot.core.guests import ReceivedPicture, ReceivedSound
    from meetbot_livekit.server import LiveKitServer

pytestmark = pytest.mark.server

SECONDS = 5.0


async def test_the_skew_told_by_loudness_is_what_is_seen_and_heard(livekit: LiveKitServer) -> None:
    chosen = LiveKitSettings(key=livekit.key, secret=livekit.secret, measured=True)
    settings = RoomSettings(livekit=chosen)
    clock = MeetingClock()
    room = LiveKitRoom(livekit.target("r"), "Meetbot (AI)", clock, settings, tracks=("avatar",))
    guest = LiveKitClient(livekit.target("r"), livekit.token("anna", "Anna", "r"))
    seen = FaceSeen()
    pictures: list[ReceivedPicture] = []
    sounds: list[ReceivedSound] = []

    async def watch() -> None:
        async for picture in guest.bot_video:
            pictures.append(picture)
            seen.picture(picture)

    async def listen() -> None:
        async for sound in guest.received_audio:
            sounds.append(sound)
            seen.sound(sound)

    async with room, guest:
        following = [asyncio.create_task(watch()), asyncio.create_task(listen())]
        await guest.bot_is_here()
        await room.present(clapperboard(clock, SECONDS))
        await until(lambda: len(pictures) >= 0.9 * SECONDS * 25)
        for task in following:
            task.cancel()
        await asyncio.wait(following)
    figures, content = seen.figures(), content_skew(pictures, sounds)
    assert figures is not None
    assert content is not None
    assert figures["fps"] == pytest.approx(25, abs=2)
    assert figures["late_frames"] < 0.2 * SECONDS * 25
    assert figures["av_skew_ms"]["p50"] == pytest.approx(abs(content.median_ms), abs=25)
