"""WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep): rooms for clients without a page.

Here too the server only signals: a client's offer is passed to a bot of the room, whose answer is
the response. A WHIP client is a participant whom the bot hears; a WHEP client watches one of the
bot's video tracks. Other members of the mesh are not connected to them.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter, Request, Response

from meetbot_webrtc.gateway import authorise, is_room_name
from meetbot_webrtc.hub import Refusal
from meetbot_webrtc.messages import Answer, Decline, Hello, Joined, Leave, Left, Offer, Welcome
from meetbot_webrtc.problems import Problem

if TYPE_CHECKING:
    from meetbot_webrtc.hub import Connection, SignalingHub

__all__ = ["whip_router"]

log = logging.getLogger(__name__)

SDP = "application/sdp"
MAX_SDP_BYTES = 48_000
BOT_SECONDS = 15.0
ANSWER_SECONDS = 15.0
REFUSED_STATUS = {"full": 503, "closing": 503, "token": 401, "room": 404}

Kind = Literal["whip", "whep"]


@dataclass(slots=True)
class Resource:
    """One client's session."""

    connection: Connection
    etag: str
    reader: asyncio.Task[None] | None = None


class Sessions:
    """The WHIP and WHEP sessions that are going on."""

    def __init__(self, hub: SignalingHub) -> None:
        self._hub = hub
        self._resources: dict[str, Resource] = {}

    async def open(self, kind: Kind, room: str, name: str, offer: str, track: str | None) -> Opened:
        """Let a client in and have its offer answered. Raises ``Problem``."""
        connection = self._hub.connect(room, kind=kind, trusted=True)
        try:
            connection.receive(Hello(name=name))
            bot = await _bot(connection)
            session = secrets.token_urlsafe(9)
            connection.receive(Offer(peer=bot, session=session, sdp=offer, track=track))
            answer = await _answer(connection)
        except Refusal as refusal:
            raise Problem(REFUSED_STATUS.get(refusal.refused.code, 400), str(refusal)) from None
        except BaseException:
            _leave(connection)
            raise
        key = secrets.token_urlsafe(16)
        resource = self._resources[key] = Resource(connection, f'"{session}"')
        resource.reader = asyncio.create_task(self._follow(key, connection, bot))
        return Opened(key, resource.etag, answer)

    def close(self, key: str) -> bool:
        """End a session; False when there is no such one."""
        resource = self._resources.pop(key, None)
        if resource is None:
            return False
        _leave(resource.connection)
        return True

    async def _follow(self, key: str, connection: Connection, bot: str) -> None:
        """The session ends when the bot goes, or says that the media has ended."""
        async for message in connection.outbox:
            if isinstance(message, Left) and message.peer == bot:
                break
        self.close(key)


@dataclass(frozen=True, slots=True)
class Opened:
    """What a client gets back."""

    key: str
    etag: str
    answer: str


def whip_router(hub: SignalingHub) -> APIRouter:
    """``POST /whip/{room}``, ``POST /whep/{room}/{track}``, and their resources."""
    router = APIRouter()
    sessions = Sessions(hub)

    @router.post("/whip/{room}", status_code=201)
    async def publish(room: str, request: Request, name: str = "WHIP") -> Response:
        return await _open(hub, sessions, "whip", room, request, name=name)

    @router.post("/whep/{room}/{track}", status_code=201)
    async def watch(room: str, track: str, request: Request) -> Response:
        return await _open(hub, sessions, "whep", room, request, track=track)

    @router.options("/whip/{room}", status_code=204)
    @router.options("/whep/{room}/{track}", status_code=204)
    async def options() -> Response:
        return Response(status_code=204, headers={"Accept-Post": SDP, "Allow": "OPTIONS, POST"})

    @router.delete("/media/{key}")
    async def delete(key: str, request: Request) -> Response:
        authorise(hub, request)
        if not sessions.close(key):
            raise Problem(404, "There is no such session; it may have ended.")
        return Response(status_code=200)

    @router.patch("/media/{key}")
    async def patch(key: str) -> Response:
        detail = "Trickle ICE is not supported: put all candidates into the offer."
        raise Problem(405, detail, headers={"Allow": "DELETE"})

    return router


async def _open(
    hub: SignalingHub,
    sessions: Sessions,
    kind: Kind,
    room: str,
    request: Request,
    *,
    name: str = "",
    track: str | None = None,
) -> Response:
    authorise(hub, request)
    if not is_room_name(room):
        raise Problem(404, "That is not a name for a room.")
    offer = await _offer(request, kind)
    opened = await sessions.open(kind, room, name[:200], offer, track)
    headers = {"Location": f"/media/{opened.key}", "ETag": opened.etag}
    servers = [f'<{server.url}>; rel="ice-server"' for server in hub.settings.ice_servers]
    if servers:
        headers["Link"] = ", ".join(servers)
    return Response(opened.answer, 201, headers, media_type=SDP)


async def _offer(request: Request, kind: Kind) -> str:
    """The body, if it is an offer with what is needed. Raises ``Problem``."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != SDP:
        raise Problem(415, f"The offer must come as {SDP}.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_SDP_BYTES:
            raise Problem(413, f"An offer may have {MAX_SDP_BYTES} bytes.")
    try:
        text = body.decode()
        wanted = "audio" if kind == "whip" else "video"
        _check(text, wanted)
    except Exception as error:
        raise Problem(400, f"That is not a usable SDP offer: {error or 'it is cut'}") from None
    return text


def _check(text: str, wanted: str) -> None:
    from aiortc.sdp import SessionDescription

    media = SessionDescription.parse(text).media
    if not any(section.kind == wanted for section in media):
        raise ValueError(f"it has no {wanted} section")
    if not all(section.ice and section.ice.usernameFragment for section in media):
        raise ValueError("it has no ICE credentials")
    if not all(section.dtls and section.dtls.fingerprints for section in media):
        raise ValueError("it has no DTLS fingerprint")


async def _bot(connection: Connection) -> str:
    """The first bot of the room; one that is being started is waited for. Raises ``Problem``."""
    try:
        async with asyncio.timeout(BOT_SECONDS):
            async for message in connection.outbox:
                peers = message.peers if isinstance(message, Welcome) else ()
                if isinstance(message, Joined):
                    peers = (message.peer,)
                for peer in peers:
                    if peer.is_bot and not peer.away:
                        return peer.id
    except TimeoutError:
        pass
    raise Problem(503, "There is no bot in that room.", headers={"Retry-After": "10"})


async def _answer(connection: Connection) -> str:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            async for message in connection.outbox:
                if isinstance(message, Answer):
                    return message.sdp
                if isinstance(message, Decline):
                    raise Problem(400, f"The bot cannot take that offer: {message.text}")
    except TimeoutError:
        pass
    raise Problem(504, "The bot did not answer in time.")


def _leave(connection: Connection) -> None:
    if connection.member is not None:
        connection.receive(Leave())
