"""A member's connection to the hub: over a WebSocket, or within one process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote, unquote, urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from meetbot.core.errors import ConfigError, RoomLost, RoomRefused
from meetbot_webrtc.hub import Connection, Refusal, SignalingHub
from meetbot_webrtc.messages import MAX_MESSAGE_BYTES, Refused, parse_server_message

if TYPE_CHECKING:
    import ssl

    from meetbot_webrtc.messages import ClientMessage, ServerMessage

__all__ = ["Link", "LocalLink", "WebSocketLink", "open_link", "room_address"]

DEFAULT_PORT = 8765
HEARTBEAT_SECONDS = 5.0
HEARTBEAT_TIMEOUT = 10.0


class Link(Protocol):
    """Messages to and from the hub. ``receive`` raises ``RoomLost`` when the link is gone."""

    async def send(self, message: ClientMessage) -> None: ...
    async def receive(self) -> ServerMessage: ...
    async def close(self) -> None: ...


class LocalLink:
    """A member in the hub's own process; it is trusted."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def send(self, message: ClientMessage) -> None:
        """Hand the hub a message. What it refuses comes back by ``receive``."""
        try:
            self._connection.receive(message)
        except Refusal as refusal:
            self._connection.push(refusal.refused)

    async def receive(self) -> ServerMessage:
        """The next message from the hub."""
        try:
            return await self._connection.outbox.receive()
        except StopAsyncIteration:
            raise RoomLost("the room's server has closed this member's connection") from None

    async def close(self) -> None:
        """Go; without ``leave`` before, the grace begins."""
        self._connection.lost()


class WebSocketLink:
    """A member anywhere else."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def send(self, message: ClientMessage) -> None:
        """Send a message. Raises ``RoomLost``."""
        try:
            await self._socket.send(message.model_dump_json(exclude_none=True))
        except ConnectionClosed as closed:
            raise RoomLost(f"the room's server is gone: {closed}") from None

    async def receive(self) -> ServerMessage:
        """The next message from the server."""
        try:
            text = await self._socket.recv()
        except ConnectionClosed as closed:
            raise RoomLost(f"the room's server is gone: {closed}") from None
        try:
            return parse_server_message(text)
        except ValueError as error:
            raise RoomLost(f"the room's server said what is not in the protocol: {error}") from None

    async def close(self) -> None:
        """Close the WebSocket."""
        await self._socket.close()


def room_address(target: str, room: str | None = None) -> str:
    """The WebSocket address of ``webrtc://HOST[:PORT]/ROOM``, or of a server's http(s) address.

    ``webrtc`` means plain WebSocket on loopback and TLS elsewhere. Raises ``ConfigError``.
    """
    parts = urlsplit(target)
    if parts.scheme not in {"webrtc", "http", "https", "ws", "wss"} or not parts.hostname:
        raise ConfigError(f"{target}: not the address of a room; write webrtc://HOST:PORT/ROOM")
    path = parts.path.strip("/").split("/")
    name = room or unquote(path[-1] if path[0] != "rooms" else path[1] if len(path) > 1 else "")
    if not name:
        raise ConfigError(f"{target}: names no room; write webrtc://HOST:PORT/ROOM")
    try:
        port = parts.port
    except ValueError as error:
        raise ConfigError(f"{target}: {error}") from None
    near = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    secure = parts.scheme in {"https", "wss"} or (parts.scheme == "webrtc" and not near)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    default = DEFAULT_PORT if parts.scheme == "webrtc" else 443 if secure else 80
    scheme = "wss" if secure else "ws"
    return f"{scheme}://{host}:{port or default}/rooms/{quote(name, safe='')}/ws"


async def open_link(
    target: str | SignalingHub, room: str | None, tls: ssl.SSLContext | None = None
) -> Link:
    """Connect to ``room`` at a hub of this process or at an address.

    Raises ``RoomLost`` when nothing answers there, ``RoomRefused`` when it is no such server.
    """
    if isinstance(target, SignalingHub):
        return LocalLink(target.connect(room or target.settings.name, trusted=True))
    address = room_address(target, room)
    try:
        socket = await connect(
            address,
            max_size=4 * MAX_MESSAGE_BYTES,
            ping_interval=HEARTBEAT_SECONDS,
            ping_timeout=HEARTBEAT_TIMEOUT,
            close_timeout=2,
            compression=None,
            proxy=None,
            ssl=tls if tls is not None else True if address.startswith("wss") else None,
        )
    except (OSError, TimeoutError) as error:
        raise RoomLost(f"nothing answers at {address}: {error or 'timed out'}") from None
    except (InvalidHandshake, InvalidURI) as error:
        raise RoomRefused(f"{address} does not take members: {error}") from None
    return WebSocketLink(socket)


def refusal(refused: Refused) -> RoomRefused:
    """The error for what the hub refused."""
    return RoomRefused(refused.text)
