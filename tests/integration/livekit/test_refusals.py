"""What the bot is told when it may not come into a LiveKit room: one line, and no secret in it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
import ssl
import subprocess
from typing import TYPE_CHECKING

import pytest
from livekit import api, rtc

from meetbot.config import LiveKitSettings, RoomSettings
from meetbot.core.clock import MeetingClock
from meetbot.core.errors import ConfigError, RoomError, RoomLost, RoomRefused
from meetbot_livekit import link
from meetbot_livekit.room import LiveKitRoom
from meetbot_livekit.server import running_livekit
from support.livekit import member

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from meetbot_livekit.server import LiveKitServer

pytestmark = pytest.mark.server

SECRET = secrets.token_hex(24)
Grants = api.VideoGrants


def room(server_port: int, token: str | None = None, **livekit: object) -> LiveKitRoom:
    """The bot's, at a port of this machine."""
    settings = RoomSettings(livekit=LiveKitSettings(**livekit))  # type: ignore[arg-type]
    target = f"livekit://127.0.0.1:{server_port}/team"
    return LiveKitRoom(target, "Meetbot (AI)", MeetingClock(), settings, token=token)


async def refusal(bot: LiveKitRoom, *unsaid: str) -> RoomError:
    """What joining raises: one line that names the room, without ``unsaid``."""
    with pytest.raises(RoomError) as raised:
        async with bot:
            pytest.fail("the bot is in")
    line = str(raised.value)
    assert "\n" not in line
    assert "“team”" in line
    assert len(line) < 330
    assert "eyJ" not in line
    for secret in unsaid:
        assert secret not in line
    return raised.value


async def test_a_wrong_key_and_a_wrong_secret(livekit: LiveKitServer) -> None:
    error = await refusal(room(livekit.port, key="who", secret=livekit.secret), livekit.secret)
    assert isinstance(error, RoomRefused)
    assert "does not know the API key" in str(error)
    assert "--key" in str(error)
    error = await refusal(room(livekit.port, key=livekit.key, secret=SECRET), SECRET)
    assert isinstance(error, RoomRefused)
    assert "signed with another secret" in str(error)
    assert "--secret" in str(error)


async def test_a_token_that_has_expired_or_is_for_another_room_is_told_without_asking(
    livekit: LiveKitServer,
) -> None:
    old = livekit.token("bot", "Meetbot", "team", seconds=-60)
    with pytest.raises(RoomRefused, match=r"expired at .* give a new one") as refused:
        await refusal(room(livekit.port, old), old)
    assert old not in str(refused.value)
    with pytest.raises(ConfigError, match="for the room “other”, not for “team”"):
        room(livekit.port, livekit.token("bot", "Meetbot", "other"))
    no_join = livekit.token("bot", "Meetbot", "team", grants=Grants(room="team", room_create=True))
    with pytest.raises(ConfigError, match="roomJoin"):
        room(livekit.port, no_join)


async def test_a_token_that_the_server_finds_expired_or_signed_by_somebody_else(
    livekit: LiveKitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = livekit.token("bot", "Meetbot", "team", seconds=-120)
    monkeypatch.setattr("meetbot_livekit.tokens._refuse_expired", lambda *_: None)
    error = await refusal(room(livekit.port, old), old)
    assert isinstance(error, RoomRefused)
    assert "expired" in str(error)
    assert "clock" in str(error)
    forged = api.AccessToken(livekit.key, SECRET).with_identity("bot")
    token = forged.with_grants(Grants(room_join=True, room="team")).to_jwt()
    error = await refusal(room(livekit.port, token), token)
    assert isinstance(error, RoomRefused)
    assert "signed with another secret" in str(error)


async def test_a_full_room(tmp_path: Path) -> None:
    one = {"room": {"max_participants": 1}}
    async with running_livekit(tmp_path, one) as server, member(server, "anna"):
        token = server.token("bot", "Meetbot", "team")
        error = await refusal(room(server.port, token), token)
    assert isinstance(error, RoomRefused)
    assert "is full" in str(error)


async def test_a_room_that_nobody_has_opened(tmp_path: Path) -> None:
    async with running_livekit(tmp_path, {"room": {"auto_create": False}}) as server:
        error = await refusal(room(server.port, key=server.key, secret=server.secret))
        assert isinstance(error, RoomRefused)
        assert "is not open" in str(error)


async def test_media_by_turn_alone_where_there_is_no_turn_server(
    livekit: LiveKitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "JOIN_SECONDS", 2.0)
    bot = room(livekit.port, key=livekit.key, secret=livekit.secret, relay_only=True)
    error = await refusal(bot, livekit.secret)
    assert isinstance(error, RoomLost)
    assert "no TURN server relays its media" in str(error)
    assert "room.ice_servers" in str(error)


async def test_a_server_that_keeps_no_attributes_is_too_old(
    livekit: LiveKitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rtc.LocalParticipant, "attributes", {})
    error = await refusal(room(livekit.port, key=livekit.key, secret=livekit.secret))
    assert isinstance(error, RoomRefused)
    assert "too old" in str(error)
    assert "upgrade it to 1.7" in str(error)


async def test_a_token_without_the_rights_to_listen_and_to_write_is_told_in_the_log(
    livekit: LiveKitServer, caplog: pytest.LogCaptureFixture
) -> None:
    grants = Grants(
        room_join=True, room="team", can_publish=False, can_subscribe=False, can_publish_data=False
    )
    token = livekit.token("bot", "Meetbot", "team", grants=grants)
    with caplog.at_level(logging.WARNING):
        async with room(livekit.port, token):
            pass
    said = [record.getMessage() for record in caplog.records]
    for right in ("canSubscribe", "canPublishData"):
        assert len([line for line in said if right in line and "“team”" in line]) == 1
    assert token not in caplog.text


# ---------------------------------------------------------------- what is no LiveKit server


@contextlib.asynccontextmanager
async def answering(answer: bytes | None, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A port that answers each request with ``answer``; None: it hangs up at once."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            if answer is not None:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(answer)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


def http(status: str, body: str = "no") -> bytes:
    """An HTTP answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return (head + body).encode()


CREDENTIALS = {"key": "meetbot", "secret": SECRET}
SAYS_TLS = "Client sent an HTTP request to an HTTPS server."


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (http("404 Not Found"), RoomLost, "no LiveKit server (404 Not Found); check the host"),
        (http("200 OK"), RoomLost, "no LiveKit server (200 OK)"),
        (http("502 Bad Gateway"), RoomLost, "not served now (502 Bad Gateway)"),
        (http("301 Moved Permanently"), RoomLost, "set room.livekit.tls"),
        (http("400 Bad Request", SAYS_TLS), RoomLost, "wants TLS"),
        (http("403 Forbidden"), RoomRefused, "closed to this machine (403 Forbidden)"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", RoomLost, "no LiveKit server, or one with TLS"),
        (None, RoomLost, "no LiveKit server, or one with TLS"),
    ],
)
async def test_something_else_that_answers(
    answer: bytes | None, kind: type[RoomError], words: str
) -> None:
    async with answering(answer) as port:
        error = await refusal(room(port, **CREDENTIALS), SECRET)
    assert type(error) is kind
    assert words in str(error)


async def test_what_a_server_writes_is_cleaned_and_holds_no_token() -> None:
    token = api.AccessToken("meetbot", SECRET).with_identity("bot")
    made = token.with_grants(Grants(room_join=True, room="team")).to_jwt()
    told = http("400 Bad Request", f"bad {made} and {SECRET} \x1b[2J\r\nEvil: {'x ' * 400}")
    async with answering(told) as port:
        error = await refusal(room(port, made), made, SECRET, "\x1b")
    assert "bad … and …" in str(error)


async def test_nobody_at_the_address() -> None:
    async with answering(None) as port:
        pass
    error = await refusal(room(port, **CREDENTIALS))
    assert isinstance(error, RoomLost)
    assert "nothing listens there; start the server" in str(error)


async def test_tls_where_there_is_none(livekit: LiveKitServer) -> None:
    bot = room(livekit.port, key=livekit.key, secret=livekit.secret, tls=True)
    error = await refusal(bot, livekit.secret)
    assert isinstance(error, RoomLost)
    assert "speaks no TLS; set room.livekit.tls: false" in str(error)


async def test_a_certificate_of_nobody_known_and_plain_words_to_a_port_with_tls(
    tmp_path: Path,
) -> None:
    tls = await asyncio.to_thread(self_signed, tmp_path)
    async with answering(http("404 Not Found"), tls) as port:
        error = await refusal(room(port, **CREDENTIALS, tls=True))
        assert "certificate that this machine does not trust" in str(error)
        error = await refusal(room(port, **CREDENTIALS, tls=False))
        assert "room.livekit.tls" in str(error)


def self_signed(folder: Path) -> ssl.SSLContext:
    """A server's TLS with a certificate that nobody has signed."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = (
        f"openssl req -x509 -newkey rsa:2048 -nodes -keyout {key} -out {certificate} "
        "-days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
    )
    subprocess.run(command.split(), check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    return tls


def test_the_settings_of_a_room_do_not_show_the_secret() -> None:
    settings = LiveKitSettings(key="meetbot", secret=SECRET)  # type: ignore[arg-type]
    assert SECRET not in repr(settings)
    assert SECRET not in json.dumps(settings.model_dump(mode="json"))
