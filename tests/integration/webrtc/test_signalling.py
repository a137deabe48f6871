"""The signalling protocol over a real WebSocket, as an ill-behaved client would use it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from meetbot.config import RoomSettings, Settings, WebSettings
from meetbot.core.errors import RoomRefused
from meetbot.web import RoomServer
from meetbot_webrtc import RoomClient

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.server


class Raw:
    """A WebSocket that speaks JSON."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def say(self, **message: object) -> None:
        await self.socket.send(json.dumps(message))

    async def get(self, kind: str) -> dict[str, Any]:
        """The next message of that type."""
        async with asyncio.timeout(5):
            while True:
                message: dict[str, Any] = json.loads(await self.socket.recv())
                if message["type"] == kind:
                    return message

    async def close_code(self) -> int:
        """Read to the end."""
        async with asyncio.timeout(5):
            with contextlib.suppress(ConnectionClosed):
                while True:
                    await self.socket.recv()
        return self.socket.close_code or 0


async def raw(
    server: RoomServer, room: str = "r", headers: Mapping[str, str] | None = None, **hello: object
) -> Raw:
    """Connected; ``hello`` was said if it is given."""
    address = f"ws://127.0.0.1:{server.port}/rooms/{room}/ws"
    client = Raw(await connect(address, proxy=None, additional_headers=headers, open_timeout=5))
    if hello:
        await client.say(type="hello", **hello)
    return client


@pytest.fixture
def bot() -> None:
    """No bot: the rooms are all that is looked at here."""


async def test_members_learn_of_each_other(server: RoomServer) -> None:
    anna = await raw(server, name="Anna")
    first = await anna.get("welcome")
    boris = await raw(server, name="Борис", shared_microphone=True)
    second = await boris.get("welcome")
    joined = (await anna.get("joined"))["peer"]
    assert joined["name"] == "Борис"
    assert joined["shared_microphone"] is True
    assert joined["is_bot"] is False
    assert joined["id"] == second["me"]["id"] != first["me"]["id"]
    assert [peer["name"] for peer in second["peers"]] == ["Anna"]
    assert second["loopback"] is True
    await boris.say(type="leave")
    assert (await anna.get("left")) == {"type": "left", "peer": joined["id"], "reason": "left"}
    for client in (anna, boris):
        await client.socket.close()


async def test_offers_go_to_the_addressee_alone_and_only_within_the_room(
    server: RoomServer,
) -> None:
    anna, boris = await raw(server, name="Anna"), await raw(server, name="Boris")
    other = await raw(server, room="elsewhere", name="Olga")
    ids = [(await client.get("welcome"))["me"]["id"] for client in (anna, boris, other)]
    await boris.say(type="offer", peer=ids[2], session="s", sdp="v=0")
    await boris.say(type="offer", peer=ids[0], session="s", sdp="v=0")
    got = await anna.get("offer")
    assert got["peer"] == ids[1]
    await other.say(type="ping")
    assert json.loads(await other.socket.recv()) == {"type": "pong"}
    for client in (anna, boris, other):
        await client.socket.close()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{", "no JSON"),
        ('{"type": "ping"}', "hello must come first"),
        ('{"type": "hello", "name": "x", "is_bot": true}', "an unknown key"),
        ('{"type": "hello", "name": 5}', "a wrong type"),
        ('{"type": "hello", "name": "' + "x" * 5000 + '"}', "an endless name"),
    ],
)
async def test_what_is_not_in_the_protocol_ends_the_connection(
    server: RoomServer, text: str, what: str
) -> None:
    client = await raw(server)
    await client.socket.send(text)
    assert (await client.get("refused"))["code"] == "protocol", what
    assert await client.close_code() == 4400


async def test_a_message_over_the_size_limit_ends_the_connection(server: RoomServer) -> None:
    client = await raw(server, name="Anna")
    await client.get("welcome")
    await client.socket.send("x" * 70_000)
    assert await client.close_code() == 1009


async def test_a_flood_of_messages_ends_the_connection(server: RoomServer) -> None:
    client = await raw(server, name="Anna")
    for _ in range(500):
        await client.say(type="ping")
    assert (await client.get("refused"))["code"] == "rate"
    assert await client.close_code() == 4429


async def test_nobody_is_a_bot_without_the_secret(server: RoomServer) -> None:
    client = await raw(server, name="I am the bot", bot_secret="guess")
    assert (await client.get("refused"))["code"] == "bot"
    assert await client.close_code() == 4403


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_pages_of_other_sites_are_shut_out(server: RoomServer, origin: str) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        await raw(server, headers={"Origin": origin})


@pytest.mark.parametrize("origin", [None, "http://evil.example"])
async def test_a_name_that_was_pointed_at_this_machine_is_shut_out(
    server: RoomServer, origin: str | None
) -> None:
    """DNS rebinding: the page is the attacker's, the address is ours."""
    address = f"ws://evil.example:{server.port}/rooms/r/ws"
    headers = {"Origin": f"{origin}:{server.port}"} if origin else None
    with pytest.raises(InvalidStatus, match="403"):
        await connect(
            address, host="127.0.0.1", port=server.port, proxy=None, additional_headers=headers
        )


async def test_a_token_is_needed_where_one_is_set(settings: Settings) -> None:
    web = WebSettings(port=0, token="long enough, no spaces".replace(" ", "-"))
    async with RoomServer(settings.model_copy(update={"web": web})) as server:
        for wrong in ({}, {"token": "long"}, {"token": "Ключ"}):
            client = await raw(server, name="Anna", **wrong)
            assert (await client.get("refused"))["code"] == "token"
            assert await client.close_code() == 4401
        with pytest.raises(RoomRefused, match="token is missing or wrong"):
            async with RoomClient(server.url, "r", "Anna", token="long"):
                pass
        client = await raw(server, name="Anna", token="long-enough,-no-spaces")
        assert (await client.get("welcome"))["me"]["name"] == "Anna"
        await client.socket.close()


async def test_a_name_that_is_no_rooms_is_refused(server: RoomServer) -> None:
    client = await raw(server, room="%2e%2e%3c")
    assert (await client.get("refused"))["code"] == "room"
    assert await client.close_code() == 4404


async def test_the_resume_secret_brings_the_identity_back(server: RoomServer) -> None:
    anna, boris = await raw(server, name="Anna"), await raw(server, name="Boris")
    welcome = await anna.get("welcome")
    await anna.socket.close()
    identity = welcome["me"]["id"]
    assert (await boris.get("away"))["peer"] == identity
    again = await raw(server, name="ignored", resume=welcome["resume"], links=[])
    back = await again.get("welcome")
    assert back["me"]["id"] == identity
    assert back["me"]["name"] == "Anna"
    assert (await boris.get("back"))["peer"] == identity
    forged = await raw(server, name="Forger", resume="x" * 32)
    assert (await forged.get("welcome"))["me"]["id"] != identity
    for client in (boris, again, forged):
        await client.socket.close()


async def test_a_second_connection_takes_the_place_over(server: RoomServer) -> None:
    anna = await raw(server, name="Anna")
    welcome = await anna.get("welcome")
    again = await raw(server, name="Anna", resume=welcome["resume"])
    assert (await again.get("welcome"))["me"]["id"] == welcome["me"]["id"]
    assert await anna.close_code() == 1000
    await again.socket.close()


async def test_the_grace_runs_out(server: RoomServer) -> None:
    anna, boris = await raw(server, name="Anna"), await raw(server, name="Boris")
    welcome = await anna.get("welcome")
    await anna.socket.close()
    left = await boris.get("left")
    assert left == {"type": "left", "peer": welcome["me"]["id"], "reason": "lost"}
    late = await raw(server, name="Anna", resume=welcome["resume"])
    assert (await late.get("welcome"))["me"]["id"] != welcome["me"]["id"]
    for client in (boris, late):
        await client.socket.close()


async def test_a_full_room_says_so(settings: Settings) -> None:
    small = settings.model_copy(update={"room": RoomSettings(max_participants=2)})
    async with RoomServer(small) as server:
        clients = [await raw(server, name=f"P{n}") for n in range(2)]
        for client in clients:
            await client.get("welcome")
        third = await raw(server, name="P3")
        assert "LiveKit" in (await third.get("refused"))["text"]
        assert await third.close_code() == 4409
        for client in clients:
            await client.socket.close()


async def test_the_server_says_that_it_closes(settings: Settings) -> None:
    async with RoomServer(settings) as server:
        client = await raw(server, name="Anna")
        await client.get("welcome")
    assert (await client.get("refused"))["code"] == "closing"
    assert await client.close_code() == 1001
