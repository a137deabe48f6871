"""Who comes into a WebRTC room, who goes, and who is only cut off."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from meetbot.config import RoomSettings
from meetbot.core.clock import NS_PER_S, MeetingClock, monotonic_ns
from meetbot.core.types import (
    ParticipantJoined,
)
from meetbot_webrtc import RoomClient, WebRtcRoom
from support.rooms import RATE, RecordingBot, caption, loud, tone, until

if TYPE_CHECKING:
    from meetbot.web import RoomServer

pytestmark = pytest.mark.server


async def test_the_roster_comes_first_and_names_are_made_safe(
    server: RoomServer, bot: RecordingBot
) -> None:
    evil = "\u202eAnna\x07\n<b>" + "x" * 90
    async with (
        RoomClient(server.url, "r", evil, receive_video=False, shared_microphone=True) as client,
    ):
        await client.bot_is_here()
        joined = bot.events[0]
        assert isinstance(joined, ParticipantJoined)
        assert joined.participant.name.startswith("Anna <b>xxx")
        assert len(joined.participant.name) == 64
        assert joined.participant.shared_microphone
        assert [peer.name for peer in client.roster.values()] == ["Tester (AI)"]
        assert [peer.is_bot for peer in client.roster.values()] == [True]


async def test_leaving_is_told_at_once(server: RoomServer, bot: RecordingBot) -> None:
    async with RoomClient(server.url, "r", "Stays", receive_video=False) as stays:
        async with RoomClient(server.url, "r", "Anna", receive_video=False):
            await until(lambda: "Anna" in bot.opened())
        await until(lambda: bot.left() == {"Anna": "left"}, 1.0)
        await until(lambda: bot.ended == ["Anna"], 1.0)
        assert [peer.name for peer in stays.roster.values()] == ["Tester (AI)"]


async def test_one_who_vanishes_is_kept_for_the_grace_and_their_sound_ends(
    server: RoomServer, bot: RecordingBot
) -> None:
    async with RoomClient(server.url, "r", "Stays", receive_video=False):
        async with RoomClient(server.url, "r", "Anna", receive_video=False) as anna:
            await anna.bot_is_here()
            await anna.play(tone(500, 0.5))
            await anna.vanish()
            vanished = monotonic_ns()
        await until(lambda: "Anna" in bot.left(), 8)
        waited = (monotonic_ns() - vanished) / NS_PER_S
        assert bot.left() == {"Anna": "lost"}
        assert 1.4 < waited < 2.5
        assert "Anna" in bot.ended
        assert len(loud(bot.heard("Anna"))) / RATE == pytest.approx(0.5, abs=0.06)


async def test_two_bots_are_both_listed_and_do_not_hear_each_other(
    server: RoomServer, bot: RecordingBot
) -> None:
    other = RecordingBot()
    clock = MeetingClock()
    room = WebRtcRoom(server.hub, "Second (AI)", clock, RoomSettings(), room="r")
    async with RoomClient(server.url, "r", "Anna", receive_video=False) as anna:
        running = asyncio.create_task(other("r", room, clock))
        await until(lambda: len(anna.connected) == 2)
        await anna.play(tone(500, 0.4))
        await until(lambda: bot.opened() == ["Anna"] and other.opened() == ["Anna"])
        listed = {p.name: p.is_bot for p in anna.roster.values()}
        assert listed == {"Tester (AI)": True, "Second (AI)": True}
        assert bot.joined() == ["Anna", "Second (AI)"]
        await bot.room.send(caption(1))
        await other.room.send(caption(2))
        got = {(await asyncio.wait_for(anna.captions.receive(), 3))[1]["id"] for _ in range(2)}
        assert got == {"u1", "u2"}
        room.finish()
        await running


async def test_an_empty_room_loses_its_bot_and_gets_one_again(
    server: RoomServer, bot: RecordingBot
) -> None:
    assert server.bots is not None
    async with RoomClient(server.url, "r", "Anna", receive_video=False) as anna:
        await anna.bot_is_here()
    await until(lambda: server.bots is not None and not server.bots.rooms)
    async with RoomClient(server.url, "r", "Boris", receive_video=False) as boris:
        await boris.bot_is_here()
    assert bot.joined() == ["Anna", "Boris"]
