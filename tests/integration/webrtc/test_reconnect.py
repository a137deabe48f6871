"""What a cut connection to a WebRTC room costs: nothing, or a place among the participants."""

from __future__ import annotations

import asyncio

import pytest

from meetbot.config import RoomSettings, Settings
from meetbot.core.types import (
    AudioOpened,
)
from meetbot.web import RoomServer
from meetbot_webrtc import RoomClient
from support.rooms import RATE, RecordingBot, loud, pitch, tone, until

pytestmark = pytest.mark.server


async def test_a_cut_of_the_signalling_alone_is_bridged(
    server: RoomServer, bot: RecordingBot
) -> None:
    async with RoomClient(server.url, "r", "Anna", receive_video=False) as anna:
        await anna.bot_is_here()
        identity = anna.id
        playing = asyncio.create_task(anna.play(tone(500, 2.0)))
        await asyncio.sleep(0.5)
        await anna.cut()
        await playing
        await asyncio.sleep(0.2)
        assert anna.id == identity
        assert bot.left() == {}
        assert bot.opened() == ["Anna"]
        assert len(loud(bot.heard("Anna"))) / RATE == pytest.approx(2.0, abs=0.06)


async def test_one_who_comes_back_speaks_on_as_the_same_participant(
    server: RoomServer, bot: RecordingBot
) -> None:
    async with RoomClient(server.url, "r", "Anna", receive_video=False) as anna:
        await anna.bot_is_here()
        await anna.play(tone(500, 0.3))
        await anna.reconnect()
        await until(lambda: len(anna.connected) == 1)
        await anna.play(tone(900, 0.5))
        await until(lambda: bot.opened() == ["Anna", "Anna"])
        await asyncio.sleep(0.2)
    ids = {e.participant.id for e in bot.events if isinstance(e, AudioOpened)}
    assert len(ids) == 1
    assert bot.joined() == ["Anna"]
    assert pitch(loud(bot.heard("Anna"))[-RATE // 4 :]) == pytest.approx(900, abs=10)


async def test_one_who_comes_back_too_late_is_someone_new_and_is_heard(
    settings: Settings, bot: RecordingBot
) -> None:
    settings = settings.model_copy(update={"room": RoomSettings(grace_seconds=0)})
    async with (
        RoomServer(settings, bot_factory=bot) as server,
        RoomClient(server.url, "r", "Stays", receive_video=False),
        RoomClient(server.url, "r", "Anna", receive_video=False) as anna,
    ):
        await anna.bot_is_here()
        before = anna.id
        await anna.cut()
        await until(lambda: anna.id != before)
        await until(lambda: len(anna.connected) == 2)
        await anna.play(tone(500, 0.3))
        await until(lambda: len(loud(bot.heard("Anna"))) > 0.2 * RATE)
        assert bot.left() == {"Anna": "lost"}
        assert bot.joined().count("Anna") == 2
