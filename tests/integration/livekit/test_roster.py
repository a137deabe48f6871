"""Who the bot takes to be in a real LiveKit room."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from livekit import api

from meetbot.core.types import ParticipantJoined
from support.livekit import member, microphone
from support.livekit_bot import bot_in
from support.rooms import until

if TYPE_CHECKING:
    from meetbot_livekit.server import LiveKitServer

pytestmark = pytest.mark.server


async def test_those_already_there_come_first_and_each_goes_once(livekit: LiveKitServer) -> None:
    async with member(livekit, "anna"), bot_in(livekit) as bot:
        async with member(livekit, "boris") as boris:
            await microphone(boris)
            await until(lambda: bot.joined() == ["Anna", "Boris"])
        await until(bot.left)
    assert bot.left() == {"Boris": "left"}
    assert bot.joined() == ["Anna", "Boris"]


async def test_a_new_name_comes_in_anew_under_the_same_id(livekit: LiveKitServer) -> None:
    service = livekit.api()
    try:
        async with member(livekit, "anna") as anna, bot_in(livekit) as bot:
            await microphone(anna)
            await until(lambda: bot.opened() == ["Anna"])
            await service.room.update_participant(
                api.UpdateParticipantRequest(room="team", identity="anna", name="Anna\u202e Berg ")
            )
            await until(lambda: bot.opened() == ["Anna", "Anna Berg"])
            await until(lambda: bot.ended == ["Anna"])
            await until(lambda: bot.sound.get("Anna Berg"))
    finally:
        await service.aclose()
    joined = [e.participant for e in bot.events if isinstance(e, ParticipantJoined)]
    assert {one.id for one in joined} == {"anna"}
    assert [one.name for one in joined] == ["Anna", "Anna Berg"]
    assert bot.left() == {}


async def test_who_says_that_several_sit_at_the_microphone_is_known(
    livekit: LiveKitServer,
) -> None:
    service = livekit.api()
    try:
        async with member(livekit, "anna"), bot_in(livekit) as bot:
            await until(lambda: bot.joined() == ["Anna"])
            await service.room.update_participant(
                api.UpdateParticipantRequest(
                    room="team",
                    identity="anna",
                    attributes={"meetbot.shared_microphone": "true"},
                )
            )
            await until(lambda: bot.joined() == ["Anna", "Anna"])
    finally:
        await service.aclose()
    joined = [e.participant for e in bot.events if isinstance(e, ParticipantJoined)]
    assert [one.shared_microphone for one in joined] == [False, True]


async def test_who_is_put_out_is_gone_at_once(livekit: LiveKitServer) -> None:
    service = livekit.api()
    try:
        async with member(livekit, "anna"), bot_in(livekit) as bot:
            await until(lambda: bot.joined() == ["Anna"])
            await service.room.remove_participant(
                api.RoomParticipantIdentity(room="team", identity="anna")
            )
            await until(bot.left)
    finally:
        await service.aclose()
    assert bot.left() == {"Anna": "removed"}


async def test_who_comes_back_by_another_connection_never_left(livekit: LiveKitServer) -> None:
    async with member(livekit, "anna") as first, bot_in(livekit) as bot:
        await microphone(first)
        await until(lambda: bot.opened() == ["Anna"])
        async with member(livekit, "anna") as second:
            await microphone(second)
            await until(lambda: bot.opened() == ["Anna", "Anna"])
            assert bot.left() == {}
    assert bot.joined() == ["Anna"]


async def test_recorders_are_nobody(livekit: LiveKitServer) -> None:
    hidden = api.VideoGrants(room_join=True, room="team", hidden=True)
    async with bot_in(livekit) as bot, member(livekit, "tape", kind="egress"):
        token = livekit.token("spy", "Spy", "team", grants=hidden)
        async with bot_in(livekit, token=token), member(livekit, "anna"):
            await until(lambda: "Anna" in bot.joined())
    assert bot.joined() == ["Anna"]


@pytest.mark.parametrize("away_seconds", [0.0, 2.0], ids=["sdk-resumes", "joins-anew"])
async def test_nobody_is_announced_twice_when_the_server_was_gone(
    livekit: LiveKitServer, away_seconds: float
) -> None:
    async with bot_in(livekit, grace_seconds=2.0) as bot:
        async with member(livekit, "anna") as anna, member(livekit, "boris") as boris:
            await microphone(anna)
            await microphone(boris)
            await until(lambda: len(bot.joined()) == len(bot.opened()) == 2)
            await livekit.stop(kill=True)
        await asyncio.sleep(away_seconds)
        await livekit.start()
        async with member(livekit, "anna") as anna:
            await microphone(anna)
            await until(lambda: len(bot.opened()) == 3)
            await until(bot.left)
            assert bot.left() == {"Boris": "lost"}
            assert bot.room.reconnects == (1 if away_seconds else 0)  # type: ignore[attr-defined]
    assert sorted(bot.joined()) == ["Anna", "Boris"]
    assert bot.opened()[2] == "Anna"
