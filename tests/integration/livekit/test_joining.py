"""How the bot comes into a real LiveKit room, and how it goes."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import aiohttp
import pytest
from livekit import api, rtc

from meetbot.core.clock import MeetingClock
from meetbot_livekit.room import LiveKitRoom
from meetbot_livekit.server import running_livekit
from support.livekit import member, microphone
from support.livekit_bot import bot_in, livekit_settings
from support.rooms import until

if TYPE_CHECKING:
    from pathlib import Path

    from meetbot_livekit.server import LiveKitServer

pytestmark = pytest.mark.server


def bots(room: rtc.Room) -> list[rtc.RemoteParticipant]:
    """The agents that somebody sees."""
    agent = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
    return [one for one in room.remote_participants.values() if one.kind == agent]


async def test_everyone_sees_that_the_bot_is_a_machine(livekit: LiveKitServer) -> None:
    async with member(livekit, "anna") as anna, bot_in(livekit) as bot:
        await until(lambda: bots(anna))
        seen = bots(anna)[0]
        assert seen.identity == bot.room.identity  # type: ignore[attr-defined]
        assert seen.name == "Meetbot (AI)"
        assert json.loads(seen.metadata)["ai"] is True
        assert seen.attributes["meetbot.ai"] == "true"


async def test_a_bot_that_leaves_is_gone_at_once(livekit: LiveKitServer) -> None:
    gone: list[rtc.RemoteParticipant] = []
    async with member(livekit, "anna") as anna:
        anna.on("participant_disconnected", gone.append)
        async with bot_in(livekit):
            await until(lambda: bots(anna))
        await until(lambda: gone)
    assert gone[0].disconnect_reason == rtc.DisconnectReason.CLIENT_INITIATED


async def test_two_bots_do_not_take_each_others_place(livekit: LiveKitServer) -> None:
    async with bot_in(livekit) as first:
        async with bot_in(livekit) as second:
            await until(lambda: first.joined() and second.joined())
            assert [e.participant.is_bot for e in first.events] == [True]  # type: ignore[union-attr]
        await until(first.left)
    assert first.left() == {"Meetbot (AI)": "left"}


async def test_the_bots_token_opens_nothing_but_its_room(livekit: LiveKitServer) -> None:
    async with bot_in(livekit) as bot, aiohttp.ClientSession() as session:
        token = bot.room._tokens()  # type: ignore[attr-defined]
        for method in ("ListRooms", "DeleteRoom", "ListParticipants", "CreateRoom"):
            async with session.post(
                f"http://127.0.0.1:{livekit.port}/twirp/livekit.RoomService/{method}",
                headers={"Authorization": f"Bearer {token}"},
                json={"room": "team", "name": "team"},
            ) as answer:
                assert answer.status in {401, 403}, method


async def test_a_token_made_by_somebody_else_is_used(livekit: LiveKitServer) -> None:
    token = livekit.token("desk", "Desk", "team")
    async with member(livekit, "anna") as anna, bot_in(livekit, token=token) as bot:
        await until(lambda: "desk" in anna.remote_participants)
        assert anna.remote_participants["desk"].name == "Desk"
        await until(lambda: bot.joined() == ["Anna"])
        assert bot.room._tokens() != token  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "room", ["план 2/3 «проект»", "a room?with#all%of it"], ids=["russian", "signs"]
)
async def test_any_name_of_a_room_will_do(livekit: LiveKitServer, room: str) -> None:
    async with member(livekit, "anna", room), bot_in(livekit, room) as bot:
        await until(lambda: bot.joined() == ["Anna"])


async def test_a_bot_that_is_stopped_while_it_joins_leaves_nobody_behind(
    livekit: LiveKitServer,
) -> None:
    async with member(livekit, "anna") as anna:
        for pause in (0.0, 0.01, 0.03, 0.06):
            room = LiveKitRoom(
                livekit.target("team"), "Bot", MeetingClock(), livekit_settings(livekit), tracks=()
            )
            joining = asyncio.create_task(room.__aenter__())
            await asyncio.sleep(pause)
            joining.cancel()
            results = await asyncio.gather(joining, return_exceptions=True)
            if not isinstance(results[0], BaseException):
                await room.__aexit__()
        service = livekit.api()
        try:
            listed = await service.room.list_participants(api.ListParticipantsRequest(room="team"))
        finally:
            await service.aclose()
        assert [one.identity for one in listed.participants] == ["anna"]
        await until(lambda: not bots(anna))


async def test_a_room_that_closes_because_only_bots_are_left_is_opened_again(
    tmp_path: Path,
) -> None:
    lonely = {"room": {"departure_timeout": 1}}
    async with running_livekit(tmp_path, lonely) as server, bot_in(server) as bot:
        async with member(server, "anna"):
            await until(lambda: bot.joined() == ["Anna"])
        await until(lambda: bot.room.reconnects == 1)  # type: ignore[attr-defined]
        async with member(server, "anna") as anna:
            await microphone(anna)
            await until(lambda: bot.opened() == ["Anna"])
