"""What is written in a WebRTC room: the bot's captions, and everyone's chat."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from meetbot.core.clock import NS_PER_S, monotonic_ns
from meetbot.core.types import (
    BotState,
    ChatReceived,
    Notice,
)
from meetbot_webrtc import RoomClient
from support.rooms import RecordingBot, caption, until

if TYPE_CHECKING:
    from meetbot.web import RoomServer

pytestmark = pytest.mark.server


async def test_captions_reach_everyone_and_latecomers(
    server: RoomServer, bot: RecordingBot
) -> None:
    async with RoomClient(server.url, "r", "Anna", receive_video=False) as anna:
        await anna.bot_is_here()
        await bot.room.send(caption(1, final=False, text="Добрый"))
        await asyncio.sleep(0.1)
        sent_ns = monotonic_ns()
        await bot.room.send(caption(1))
        await bot.room.send(Notice(BotState.DEGRADED, "Hearing was restarted."))
        got = [await asyncio.wait_for(anna.captions.receive(), 3) for _ in range(3)]
        assert [message["type"] for _, message in got] == ["caption", "caption", "notice"]
        arrival_ns, final = got[1]
        assert final == {
            "type": "caption",
            "id": "u1",
            "participant": "p-1",
            "participant_name": "Anna",
            "speaker": "Анна",
            "colour": "#7cc4ff",
            "text": "Добрый день",
            "language": "ru",
            "start": 1.0,
            "end": 2.0,
            "final": True,
        }
        assert 0 < arrival_ns - sent_ns < 0.3 * NS_PER_S
        async with RoomClient(server.url, "r", "Late", receive_video=False) as late:
            _, message = await asyncio.wait_for(late.captions.receive(), 5)
            assert message["id"] == "u1"
            assert message["final"]


async def test_captions_are_json_lines_that_any_client_can_read(
    server: RoomServer, bot: RecordingBot
) -> None:
    async with RoomClient(server.url, "r", "Anna", receive_video=False) as anna:
        await anna.bot_is_here()
        await bot.room.send(caption(1, text='"}<script>\n'))
        _, message = await asyncio.wait_for(anna.captions.receive(), 3)
        assert message["text"] == '"}<script>\n'
        assert json.loads(json.dumps(message)) == message


async def test_chat_reaches_the_bot_and_everyone_cleaned(
    server: RoomServer, bot: RecordingBot
) -> None:
    async with (
        RoomClient(server.url, "r", "Anna", receive_video=False) as anna,
        RoomClient(server.url, "r", "Борис", receive_video=False) as boris,
    ):
        await boris.bot_is_here()
        await anna.chat("  Привет,\u202e\x07\nbot <b>" + "x" * 3_000)
        _, message = await asyncio.wait_for(boris.captions.receive(), 3)
        assert (message["type"], message["participant_name"]) == ("chat", "Anna")
        assert message["participant"] == anna.id
        assert message["text"].startswith("Привет, bot <b>xxx")
        assert len(message["text"]) == 2_000
        _, echo = await asyncio.wait_for(anna.captions.receive(), 3)
        assert echo == message
        await until(lambda: isinstance(bot.events[-1], ChatReceived))
        event = bot.events[-1]
        assert isinstance(event, ChatReceived)
        assert (event.participant.name, event.text) == ("Anna", message["text"])
        async with RoomClient(server.url, "r", "Late", receive_video=False) as late:
            _, again = await asyncio.wait_for(late.captions.receive(), 5)
            assert again == message


async def test_a_flood_of_chat_is_cut_and_nonsense_is_ignored(
    server: RoomServer, bot: RecordingBot
) -> None:
    async with RoomClient(server.url, "r", "Anna", receive_video=False) as anna:
        await anna.bot_is_here()
        await anna.chat(" \n\u200b ")
        endless = '{"type": "time", "id": Infinity}'
        for nonsense in ("[", "7", '{"type": "chat"}', endless, "[" * 9_000, "x" * 20_000):
            anna._words.send(nonsense)
        for number in range(40):
            await anna.chat(f"line {number}")
        await asyncio.sleep(0.5)
        chats = [e.text for e in bot.events if isinstance(e, ChatReceived)]
        assert chats[0] == "line 0"
        assert 5 <= len(chats) <= 10
        assert await anna.meeting_offset(1) > 0
