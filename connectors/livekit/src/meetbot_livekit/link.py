"""The bot's place in a LiveKit room: kept over restarts of the server and cuts of the network."""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import replace
from typing import TYPE_CHECKING

from livekit import rtc

from meetbot.core.clock import NS_PER_S
from meetbot.core.errors import RoomError, RoomLost, RoomRefused
from meetbot_livekit.connection import Connection, room_options
from meetbot_livekit.endings import ended
from meetbot_livekit.presence import AI
from meetbot_livekit.problems import (
    RoomFull,
    missing_rights,
    no_media,
    reason_of,
    refused,
    too_old,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meetbot.config import RoomSettings
    from meetbot.core.clock import Clock
    from meetbot_livekit.address import Address
    from meetbot_livekit.parts import Part
    from meetbot_livekit.tokens import TokenSource

__all__ = ["ServerLink"]

log = logging.getLogger(__name__)

RETRY_SECONDS = 0.5
JOIN_SECONDS = 25.0
"""For the first connection; the SDK says after 20 that a server does not answer."""
JITTER = 0.2
"""Of the wait, so that not all bots of a server come back at once."""


class ServerLink:
    """A member of a room, made of ``parts``, whichever connection it has.

    ``join``, then ``run`` until it raises or is cancelled, then ``leave``. A connection that the
    SDK does not resume by itself at once is replaced by a new one with a new token, every half
    second, for ``settings.livekit.give_up_seconds``. ``parts`` are told in their order.
    """

    def __init__(
        self,
        address: Address,
        tokens: TokenSource,
        settings: RoomSettings,
        clock: Clock,
        parts: Sequence[Part],
    ) -> None:
        self._address = address
        self._tokens = tokens
        self._settings = settings
        self._clock = clock
        self._parts = tuple(parts)
        self._connection: Connection | None = None
        self.reconnects = 0

    @property
    def address(self) -> Address:
        """Where it is; another room of the server than at first when it was moved."""
        return self._address

    @property
    def connected(self) -> bool:
        """Whether there is a connection that works, as far as is known."""
        connection = self._connection
        state = rtc.ConnectionState.CONN_CONNECTED
        return connection is not None and connection.room.connection_state == state

    async def join(self) -> None:
        """Come in. Raises ``RoomRefused``, or ``RoomLost`` where no server answers."""
        try:
            async with asyncio.timeout(JOIN_SECONDS):
                await self._connect()
        except TimeoutError:
            relay_only = self._settings.livekit.relay_only
            raise no_media(self._address, relay_only=relay_only) from None

    async def run(self) -> None:
        """Stay. Raises ``RoomLost`` when the meeting is over for the bot, or the server is gone."""
        while (connection := self._connection) is not None:
            reason = await connection.gone()
            await self._drop()
            error = ended(reason, self._address)
            if error is not None:
                raise error
            log.warning("the connection to %s is gone; joining again", self._address)
            await self._come_back()
            self.reconnects += 1
            log.info("back in %s", self._address)

    async def leave(self) -> None:
        """Go; nothing is left behind."""
        await self._drop()

    # ------------------------------------------------------------------ inside

    async def _connect(self) -> None:
        connection = Connection(self._tokens.refreshed, self._moved)
        self._connection = connection
        try:
            for part in self._parts:
                part.attach(connection.room)
            await self._open(connection)
            if not await connection.while_open(self._bring_up(connection.room)):
                raise RoomLost(f"{self._address} was lost again at once")
        except BaseException:
            await self._drop()
            raise

    async def _open(self, connection: Connection) -> None:
        token = self._tokens()
        try:
            await connection.open(self._address.url, token, room_options(self._settings))
        except rtc.ConnectError as error:
            relay_only = self._settings.livekit.relay_only
            raise refused(error, self._address, relay_only=relay_only) from None
        me = connection.room.local_participant
        if self._tokens.own and me.attributes.get(AI) != "true":
            raise too_old(self._address)
        for line in missing_rights(me.permissions, self._address):
            log.warning("%s", line)

    async def _bring_up(self, room: rtc.Room) -> None:
        for part in self._parts:
            await part.up(room)

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        for part in reversed(self._parts):
            try:
                await part.down()
            except Exception:
                log.exception("a part of the room could not let go")
        await connection.close()

    async def _come_back(self) -> None:
        gone_ns = self._clock.now_ns()
        patience = self._settings.livekit.give_up_seconds
        while True:
            try:
                await self._connect()
            except Exception as error:
                if isinstance(error, RoomRefused) and not isinstance(error, RoomFull):
                    raise
                why = str(error) if isinstance(error, RoomError) else reason_of(error)
                if not isinstance(error, RoomError):
                    log.warning("joining again failed: %s: %s", type(error).__name__, why)
                if self._clock.now_ns() - gone_ns > patience * NS_PER_S:
                    raise RoomLost(
                        f"{self._address} did not come back within {patience:g} s: {why}"
                    ) from None
            else:
                return
            await asyncio.sleep(RETRY_SECONDS * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311

    def _moved(self, room: str) -> None:
        if room and room != self._address.room:
            log.info("moved from %s to “%s”", self._address, room)
            self._address = replace(self._address, room=room)
            self._tokens.moved(room)
