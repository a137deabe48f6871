"""When a connection is given up, and what the next one is made with."""

from __future__ import annotations

import asyncio

import pytest
from livekit import rtc
from livekit.rtc import DisconnectReason

from meetbot.config import RoomSettings
from meetbot.core.clock import MeetingClock
from meetbot_livekit.address import Address
from meetbot_livekit.connection import RESUME_SECONDS, Connection, room_options
from meetbot_livekit.endings import ended
from meetbot_livekit.link import ServerLink
from meetbot_livekit.tokens import TokenSource

SECRET = "0123456789abcdef0123456789abcdef"
HERE = Address("ws://127.0.0.1:1", "team")


def settings(**livekit: object) -> RoomSettings:
    """A bot's that makes its own tokens."""
    return RoomSettings.model_validate({"livekit": {"key": "k", "secret": SECRET, **livekit}})


def connection() -> Connection:
    """One that is not open."""
    return Connection(lambda _: None, lambda _: None)


@pytest.mark.virtual_time
async def test_a_connection_that_the_sdk_resumes_at_once_is_kept() -> None:
    one = connection()
    waiting = asyncio.create_task(one.gone())
    for _ in range(3):
        one.room.emit("reconnecting")
        await asyncio.sleep(RESUME_SECONDS - 0.1)
        one.room.emit("reconnected")
    await asyncio.sleep(60)
    assert not waiting.done()
    await one.close()
    assert await waiting == DisconnectReason.CLIENT_INITIATED


@pytest.mark.virtual_time
async def test_a_connection_that_is_not_resumed_at_once_is_given_up() -> None:
    one = connection()
    began = asyncio.get_running_loop().time()
    one.room.emit("reconnecting")
    one.room.emit("reconnecting")
    assert await one.gone() == DisconnectReason.CONNECTION_TIMEOUT
    assert asyncio.get_running_loop().time() - began == pytest.approx(RESUME_SECONDS)
    await one.close()


@pytest.mark.virtual_time
async def test_work_on_a_connection_ends_with_it() -> None:
    one = connection()
    assert await one.while_open(asyncio.sleep(1))
    asyncio.get_running_loop().call_later(
        1, one.room.emit, "disconnected", DisconnectReason.SIGNAL_CLOSE
    )
    assert not await one.while_open(asyncio.sleep(3600))
    assert await one.gone() == DisconnectReason.SIGNAL_CLOSE


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        (DisconnectReason.DUPLICATE_IDENTITY, "room.livekit.identity"),
        (DisconnectReason.PARTICIPANT_REMOVED, "removed"),
        (DisconnectReason.ROOM_DELETED, "closed by its host"),
    ],
)
def test_what_ends_the_meeting_is_told_in_one_line(
    reason: DisconnectReason.ValueType, says: str
) -> None:
    error = ended(reason, HERE)
    assert says in str(error)
    assert "the room “team” at ws://127.0.0.1:1" in str(error)


@pytest.mark.parametrize(
    "reason",
    [
        DisconnectReason.UNKNOWN_REASON,
        DisconnectReason.SERVER_SHUTDOWN,
        DisconnectReason.SIGNAL_CLOSE,
        DisconnectReason.STATE_MISMATCH,
        DisconnectReason.JOIN_FAILURE,
        DisconnectReason.MIGRATION,
        DisconnectReason.ROOM_CLOSED,
        DisconnectReason.CONNECTION_TIMEOUT,
        DisconnectReason.MEDIA_FAILURE,
    ],
)
def test_the_bot_comes_back_after_anything_else(reason: DisconnectReason.ValueType) -> None:
    assert ended(reason, HERE) is None


async def test_a_bot_that_is_moved_joins_again_where_it_was_moved_to() -> None:
    chosen = settings()
    tokens = TokenSource("team", "Bot", chosen.livekit)
    link = ServerLink(HERE, tokens, chosen, MeetingClock(), ())
    one = Connection(tokens.refreshed, link._moved)
    one.room._info.name = "breakout"
    one.room.emit("moved")
    assert link.address == Address(HERE.url, "breakout")
    assert tokens._room == "breakout"
    await one.close()


def test_a_room_is_joined_with_what_the_settings_say() -> None:
    plain = room_options(settings())
    assert not plain.auto_subscribe
    assert plain.rtc_config is None
    assert plain.encryption is None
    servers = [{"url": "turn:turn.example.org", "username": "u", "credential": "p"}]
    chosen = settings(relay_only=True, encryption_key="our key")
    options = room_options(
        RoomSettings.model_validate(
            {"livekit": chosen.livekit.model_dump(), "ice_servers": servers}
        )
    )
    assert options.rtc_config is not None
    assert options.rtc_config.ice_transport_type == rtc.IceTransportType.TRANSPORT_RELAY
    assert [list(one.urls) for one in options.rtc_config.ice_servers] == [["turn:turn.example.org"]]
    assert options.rtc_config.ice_servers[0].password == "p"
    assert options.encryption is not None
    assert options.encryption.key_provider_options.shared_key == b"our key"
