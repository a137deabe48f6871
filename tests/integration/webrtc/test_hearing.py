"""Who speaks in a WebRTC room is heard, each on their own and in time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np
import pytest

from meetbot.config import RoomSettings
from meetbot.core.channels import Channel
from meetbot.core.clock import NS_PER_S, MeetingClock
from meetbot.core.types import AudioOpened
from meetbot_webrtc import RoomClient, WebRtcRoom
from support.rooms import RATE, RecordingBot, loud, pitch, tone, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from meetbot.core.types import RoomEvent
    from meetbot.web import RoomServer

pytestmark = pytest.mark.server


async def test_hears_each_participant_on_their_own(server: RoomServer, bot: RecordingBot) -> None:
    guests = {"Anna": 440.0, "Борис": 880.0, "Chloé": 1320.0}
    clients = [RoomClient(server.url, "r", name, receive_video=False) for name in guests]
    async with clients[0], clients[1], clients[2]:
        for client in clients:
            await client.bot_is_here()
        await asyncio.gather(
            *(c.play(tone(f, 1.5)) for c, f in zip(clients, guests.values(), strict=True))
        )
        await until(lambda: all(len(bot.heard(name)) > 1.6 * RATE for name in guests))
    for name, hertz in guests.items():
        sound = loud(bot.heard(name))
        assert len(sound) / RATE == pytest.approx(1.5, abs=0.06)
        assert pitch(sound) == pytest.approx(hertz, abs=5)


async def test_time_stamps_never_go_back_and_a_silence_keeps_its_length(
    server: RoomServer, bot: RecordingBot
) -> None:
    async with RoomClient(server.url, "r", "Anna", receive_video=False) as client:
        await client.bot_is_here()
        first = await client.play(tone(500, 0.5))
        await asyncio.sleep(2.0)
        second = await client.play(tone(500, 0.5))
        await until(lambda: len(loud(bot.heard("Anna"))) > 0.9 * RATE)
        await asyncio.sleep(0.3)
    frames = bot.sound["Anna"]
    starts = [f.pts_ns for f in frames]
    assert starts == sorted(set(starts))
    speech = [f.pts_ns for f in frames if np.abs(f.samples.astype(int)).max() > 3_000]
    gaps = np.diff(speech)
    pause = (second.first_ns - first.last_ns) / NS_PER_S
    assert gaps.max() / NS_PER_S == pytest.approx(pause, abs=0.08)


async def test_the_end_of_speech_is_followed_by_silence_at_once(
    server: RoomServer, bot: RecordingBot
) -> None:
    """A turn ends after 0.2 to 0.8 s of silence: it must come, and in time, though none is sent."""
    async with RoomClient(server.url, "r", "Anna", receive_video=False) as client:
        await client.bot_is_here()
        await client.play(tone(500, 0.5))
        await asyncio.sleep(0.9)
        behind_ns = bot.clock.now_ns() - bot.sound["Anna"][-1].pts_ns
    assert behind_ns < 0.3 * NS_PER_S


async def test_participants_hear_each_other(server: RoomServer) -> None:
    anna = RoomClient(server.url, "r", "Anna", receive_video=False)
    boris = RoomClient(server.url, "r", "Boris", receive_video=False)
    async with anna, boris:
        await until(lambda: boris.id in anna.connected and anna.id in boris.connected)
        await anna.play(tone(700, 1.0))
        await asyncio.sleep(0.3)
        boris.received_audio.close()
        chunks = [chunk async for chunk in boris.received_audio]
    assert {chunk.participant_name for chunk in chunks} == {"Anna"}
    assert pitch(loud(np.concatenate([c.samples for c in chunks]))) == pytest.approx(700, abs=5)
    assert all(0 < chunk.arrival_ns - chunk.pts_ns < NS_PER_S for chunk in chunks[5:])


async def test_a_consumer_that_takes_nothing_delays_nobody(server: RoomServer) -> None:
    """Sound that is not read is dropped, oldest first, and counted."""
    clock = MeetingClock()
    lazy = WebRtcRoom(
        server.hub, "Lazy (AI)", clock, RoomSettings(), room="r", audio_queue_seconds=0.4
    )
    async with lazy, RoomClient(server.url, "r", "Anna", receive_video=False) as anna:
        await until(lambda: len(anna.connected) == 2)
        await anna.play(tone(500, 1.5))
        opened = [e async for e in _ready(lazy) if isinstance(e, AudioOpened)]
        assert lazy.drops["audio"] > 40
        assert isinstance(opened[0].frames, Channel)
        assert len(opened[0].frames) == 20


async def _ready(room: WebRtcRoom) -> AsyncIterator[RoomEvent]:
    room.finish()
    async for event in room.events():
        yield event
