"""One connection to a LiveKit server, from the first handshake until it is gone for good."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any

from livekit import rtc
from livekit.rtc import DisconnectReason

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from livekit.rtc.room import EventTypes

    from meetbot.config import IceServer, RoomSettings

__all__ = ["RESUME_SECONDS", "Connection", "room_options"]

log = logging.getLogger(__name__)

CONNECT_SECONDS = 2.0
"""For one attempt of the SDK, which makes four."""
RESUME_SECONDS = 1.5
"""The SDK resumes at once where the server still knows us; later it tries every few seconds only,
where a new connection can be there as soon as the server is."""
DISCONNECT_SECONDS = 2.0
RUST_RECORD = "%s:%s:%s - %s"


class Connection:
    """An ``rtc.Room`` that is used once. ``refreshed`` and ``moved`` are told what they are named.

    ``moved(room)`` is told the new room's name.
    """

    def __init__(self, refreshed: Callable[[str], None], moved: Callable[[str], None]) -> None:
        self.room = rtc.Room()
        self._refreshed = refreshed
        self._moved = moved
        self._gone: asyncio.Future[DisconnectReason.ValueType] = (
            asyncio.get_running_loop().create_future()
        )
        self._patience: asyncio.TimerHandle | None = None
        self._handlers: dict[EventTypes, Callable[..., None]] = {
            "disconnected": self._end,
            "reconnecting": self._wait,
            "reconnected": self._resumed,
            "token_refreshed": self._take_token,
            "moved": self._take_room,
        }
        for event, handler in self._handlers.items():
            self.room.on(event, handler)

    async def open(self, url: str, token: str, options: rtc.RoomOptions) -> None:
        """Connect. Raises ``rtc.ConnectError``. Cancelled, it leaves nobody in the room.

        The SDK tries for a minute where no media gets through, and cannot be told to stop.
        """
        _quieten()
        connecting = asyncio.create_task(self.room.connect(url, token, options))
        try:
            await asyncio.shield(connecting)
        except asyncio.CancelledError:
            await asyncio.wait({connecting}, timeout=DISCONNECT_SECONDS)
            connecting.cancel()
            with contextlib.suppress(rtc.ConnectError, asyncio.CancelledError):
                await connecting
            await self.close()
            raise

    async def gone(self) -> DisconnectReason.ValueType:
        """Wait until it is gone for good; why."""
        return await asyncio.shield(self._gone)

    async def while_open(self, work: Coroutine[object, object, None]) -> bool:
        """Do ``work``, but no longer than the connection lasts. Whether it was done."""
        task = asyncio.create_task(work)
        try:
            either: set[asyncio.Future[Any]] = {task, self._gone}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
        if task.cancelled():
            return False
        task.result()
        return True

    async def close(self) -> None:
        """Leave the room, and let go of it."""
        self._resumed()
        for event, handler in self._handlers.items():
            self.room.off(event, handler)
        try:
            async with asyncio.timeout(DISCONNECT_SECONDS):
                await self.room.disconnect()
        except TimeoutError:
            log.warning("the SDK does not let go of a connection")
        if not self._gone.done():
            self._gone.set_result(DisconnectReason.CLIENT_INITIATED)

    # ------------------------------------------------------------------ inside

    def _end(self, reason: DisconnectReason.ValueType) -> None:
        if not self._gone.done():
            self._gone.set_result(reason)

    def _wait(self) -> None:
        if self._patience is None:
            loop = asyncio.get_running_loop()
            self._patience = loop.call_later(
                RESUME_SECONDS, self._end, DisconnectReason.CONNECTION_TIMEOUT
            )

    def _resumed(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _take_token(self) -> None:
        token = getattr(self.room, "_token", None)
        if isinstance(token, str):
            self._refreshed(token)

    def _take_room(self) -> None:
        self._moved(self.room.name)


def room_options(settings: RoomSettings) -> rtc.RoomOptions:
    """How to connect: nothing is received unasked."""
    livekit = settings.livekit
    config = None
    if livekit.relay_only or settings.ice_servers:
        config = rtc.RtcConfiguration(
            ice_servers=[_ice_server(one) for one in settings.ice_servers]
        )
        if livekit.relay_only:
            config.ice_transport_type = rtc.IceTransportType.TRANSPORT_RELAY
    encryption = None
    if livekit.encryption_key is not None:
        key = livekit.encryption_key.get_secret_value().encode()
        encryption = rtc.E2EEOptions(rtc.KeyProviderOptions(shared_key=key))
    return rtc.RoomOptions(
        auto_subscribe=False,
        encryption=encryption,
        rtc_config=config,
        connect_timeout=CONNECT_SECONDS,
    )


def _ice_server(server: IceServer) -> rtc.IceServer:
    password = server.credential.get_secret_value() if server.credential is not None else ""
    return rtc.IceServer(urls=[server.url], username=server.username or "", password=password)


def _quieten() -> None:
    """Keep the SDK's Rust records out of the log: a line for each attempt, with addresses in it."""
    logger = logging.getLogger("livekit")
    if _is_of_python not in logger.filters:
        logger.addFilter(_is_of_python)


def _is_of_python(record: logging.LogRecord) -> bool:
    return record.msg != RUST_RECORD
