"""The hub's WebSocket for FastAPI."""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.websockets import WebSocket, WebSocketDisconnect

from meetbot.config.schema import is_loopback
from meetbot_webrtc.hub import Refusal
from meetbot_webrtc.messages import Refused, parse_client_message
from meetbot_webrtc.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from meetbot_webrtc.hub import Connection, SignalingHub
    from meetbot_webrtc.messages import ClientMessage

__all__ = ["authorise", "host_is_allowed", "is_room_name", "origin_is_allowed", "signalling_router"]

HELLO_SECONDS = 10.0
CLOSE_CODES = {
    "token": 4401,
    "bot": 4403,
    "room": 4404,
    "full": 4409,
    "slow": 4408,
    "rate": 4429,
    "closing": 1001,
}
PROTOCOL_ERROR = 4400
ROOM_NAME = re.compile(r"[\w][\w .\-]{0,63}")


def is_room_name(name: str) -> bool:
    """Letters, digits, space, dot, hyphen and underscore; 1 to 64 of them."""
    return ROOM_NAME.fullmatch(name) is not None


def host_is_allowed(headers: Mapping[str, str], loopback: bool) -> bool:
    """Whether a loopback server was asked under a loopback name.

    Any other name has been pointed at this machine from outside (DNS rebinding).
    """
    if not loopback:
        return True
    host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
    return is_loopback(host)


def origin_is_allowed(headers: Mapping[str, str]) -> bool:
    """Whether a page of this very server asks; programs that are not browsers send no origin."""
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()


def authorise(hub: SignalingHub, request: Request) -> None:
    """Raise ``Problem`` unless ``request`` bears the access token, and is not another page's."""
    if not origin_is_allowed(request.headers):
        raise Problem(403, "Pages of other servers may not use this one.")
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if not hub.admits(token.strip() if scheme.lower() == "bearer" else None):
        raise Problem(
            401,
            "The access token is missing or wrong: send it as 'Authorization: Bearer …'.",
            headers={"WWW-Authenticate": "Bearer"},
        )


def signalling_router(hub: SignalingHub) -> APIRouter:
    """``/rooms/{room}/ws``: the protocol of ``messages``, one WebSocket per member."""
    router = APIRouter()

    @router.websocket("/rooms/{room}/ws")
    async def signalling(socket: WebSocket, room: str) -> None:
        allowed = host_is_allowed(socket.headers, hub.loopback)
        if not (allowed and origin_is_allowed(socket.headers)):
            await socket.close(1008)
            return
        await socket.accept()
        if not is_room_name(room):
            await _refuse(socket, Refused(code="room", text="That is not a name for a room."))
            return
        await _serve(socket, hub.connect(room))

    return router


async def _serve(socket: WebSocket, connection: Connection) -> None:
    writer = asyncio.create_task(_write(socket, connection))
    try:
        async with asyncio.timeout(HELLO_SECONDS) as patience:
            while not connection.outbox.closed:
                text = await socket.receive_text()
                connection.receive(_parsed(text))
                patience.reschedule(None)
    except Refusal as refusal:
        connection.push(refusal.refused)
    except TimeoutError:
        connection.push(Refused(code="protocol", text="No hello came within 10 seconds."))
    except (WebSocketDisconnect, KeyError):
        pass
    finally:
        connection.lost()
        await writer


def _parsed(text: str) -> ClientMessage:
    try:
        return parse_client_message(text)
    except ValueError:
        raise Refusal("protocol", "That message is not in the protocol.") from None


async def _write(socket: WebSocket, connection: Connection) -> None:
    """Send what the hub has for this member; close when there is no more."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError, OSError):
        async for message in connection.outbox:
            if isinstance(message, Refused):
                await _refuse(socket, message)
                return
            await socket.send_text(message.model_dump_json(exclude_none=True))
        await socket.close(1000)


async def _refuse(socket: WebSocket, refused: Refused) -> None:
    await socket.send_text(refused.model_dump_json())
    await socket.close(CLOSE_CODES.get(refused.code, PROTOCOL_ERROR))
