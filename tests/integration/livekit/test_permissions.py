"""What a moderator of a LiveKit room does with the bot, and with those whom it listens to."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import pytest
from livekit import api, rtc

from meetbot.core.clock import MeetingClock
from meetbot.core.errors import RoomLost
from meetbot_livekit.room import LiveKitRoom
from support.livekit import member, microphone
from support.livekit_bot import bot_in, livekit_settings, sounding
from support.rooms import loud, moments, tone, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from meetbot_livekit.server import LiveKitServer

pytestmark = pytest.mark.server

MICROPHONE = rtc.TrackSource.SOURCE_MICROPHONE
Permission = api.ParticipantPermission


def published(room: rtc.Room, identity: str) -> list[rtc.RemoteTrackPublication]:
    """The voices of a participant that somebody sees."""
    one = room.remote_participants.get(identity)
    tracks = one.track_publications.values() if one is not None else []
    return [track for track in tracks if track.source == MICROPHONE]


@contextlib.asynccontextmanager
async def talking_bot(livekit: LiveKitServer) -> AsyncIterator[LiveKitRoom]:
    """A bot that says a tone all the time."""
    clock = MeetingClock()
    target = livekit.target("team")
    room = LiveKitRoom(target, "Meetbot (AI)", clock, livekit_settings(livekit), tracks=())
    async with room:
        talking = asyncio.create_task(room.present(moments(clock, tone(660, 60), 1_500)))
        try:
            yield room
        finally:
            talking.cancel()
            await asyncio.wait({talking})


async def change(service: api.LiveKitAPI, identity: str, **what: Any) -> None:
    """By the server's own API, as moderators do."""
    request = api.UpdateParticipantRequest(room="team", identity=identity, **what)
    await service.room.update_participant(request)


async def test_the_voice_stops_when_it_may_not_be_sent_and_comes_back_when_it_may(
    livekit: LiveKitServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        livekit.api() as service,
        member(livekit, "anna") as anna,
        talking_bot(livekit) as room,
    ):
        await until(lambda: published(anna, room.identity))
        no = Permission(can_subscribe=True, can_publish=False, can_publish_data=True)
        await change(service, room.identity, permission=no)
        await until(lambda: not published(anna, room.identity))
        await until(lambda: "must give it canPublish" in caplog.text)
        yes = Permission(can_subscribe=True, can_publish=True, can_publish_data=True)
        await change(service, room.identity, permission=yes)
        await until(lambda: published(anna, room.identity))
    told = [one for one in caplog.records if "canPublish" in one.getMessage()]
    assert len(told) == 1
    assert "microphone" in told[0].getMessage()


async def test_a_moderator_mutes_the_bot(
    livekit: LiveKitServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        livekit.api() as service,
        member(livekit, "anna") as anna,
        talking_bot(livekit) as room,
    ):
        await until(lambda: published(anna, room.identity))
        sid = published(anna, room.identity)[0].sid
        mute = api.MuteRoomTrackRequest(
            room="team", identity=room.identity, track_sid=sid, muted=True
        )
        await service.room.mute_published_track(mute)
        await until(lambda: published(anna, room.identity)[0].muted)
        await until(lambda: "a moderator has muted the bot's microphone" in caplog.text)


async def test_a_moderator_mutes_somebody_and_takes_their_microphone_and_gives_it_back(
    livekit: LiveKitServer,
) -> None:
    async with (
        livekit.api() as service,
        member(livekit, "anna") as anna,
        bot_in(livekit) as bot,
    ):
        source = await microphone(anna)
        async with sounding(source, 440):
            await until(lambda: len(loud(bot.heard("Anna"))) > 4_800)
            no = Permission(can_subscribe=True, can_publish=False, can_publish_data=True)
            await change(service, "anna", permission=no)
            await until(lambda: bot.ended == ["Anna"])
            yes = Permission(can_subscribe=True, can_publish=True, can_publish_data=True)
            await change(service, "anna", permission=yes)
            await until(lambda: anna.local_participant.permissions.can_publish)
            await microphone(anna)
            await until(lambda: bot.opened() == ["Anna", "Anna"])
        assert bot.joined() == ["Anna"]
        assert bot.left() == {}


async def test_a_bot_that_is_renamed_stays(livekit: LiveKitServer) -> None:
    async with (
        livekit.api() as service,
        member(livekit, "anna") as anna,
        bot_in(livekit) as bot,
    ):
        identity = bot.room.identity  # type: ignore[attr-defined]
        await until(lambda: identity in anna.remote_participants)
        await change(service, identity, name="The machine")
        await until(lambda: anna.remote_participants[identity].name == "The machine")
        await microphone(anna)
        await until(lambda: bot.opened() == ["Anna"])


async def test_the_same_identity_a_second_time_ends_the_bots_stay(livekit: LiveKitServer) -> None:
    with pytest.raises(RoomLost, match=r"somebody else joined .*“team”.* with the bot's identity"):
        async with bot_in(livekit) as bot, member(livekit, bot.room.identity):  # type: ignore[attr-defined]
            await until(lambda: bot.room._events.closed)  # type: ignore[attr-defined]


@pytest.mark.parametrize("closed", [False, True], ids=["removed", "room-closed"])
async def test_a_bot_that_is_put_out_does_not_come_back(
    livekit: LiveKitServer, closed: bool
) -> None:
    words = "was closed by its host" if closed else "was removed from"

    async def meet() -> None:
        async with bot_in(livekit) as bot, livekit.api() as service:
            identity = bot.room.identity  # type: ignore[attr-defined]
            if closed:
                await service.room.delete_room(api.DeleteRoomRequest(room="team"))
            else:
                gone = api.RoomParticipantIdentity(room="team", identity=identity)
                await service.room.remove_participant(gone)
            await until(lambda: bot.room._events.closed)  # type: ignore[attr-defined]

    with pytest.raises(RoomLost, match=words) as lost:
        await meet()
    assert "“team”" in str(lost.value)
