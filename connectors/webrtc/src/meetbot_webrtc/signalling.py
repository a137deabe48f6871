"""A member's signalling: joins, comes back by itself after a cut, and leaves."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from meetbot.core.errors import RoomLost, RoomRefused
from meetbot_webrtc.link import refusal
from meetbot_webrtc.messages import Leave, Refused, Welcome

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from meetbot_webrtc.link import Link
    from meetbot_webrtc.messages import ClientMessage, Hello, ServerMessage

__all__ = ["Signalling"]

log = logging.getLogger(__name__)

WELCOME_SECONDS = 10.0
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 5.0


class Signalling:
    """One member's place in a room.

    ``connect`` opens a link; ``links`` says which peers' media is up, for coming back.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[Link]],
        hello: Hello,
        links: Callable[[], tuple[str, ...]],
    ) -> None:
        self._connect = connect
        self._hello = hello
        self._links = links
        self._link: Link | None = None
        self._left = False
        self._grace = 0.0

    async def join(self) -> Welcome:
        """Come in. Raises ``RoomRefused``, or ``RoomLost`` when nothing answers."""
        link = await self._connect()
        try:
            async with asyncio.timeout(WELCOME_SECONDS):
                await link.send(self._hello)
                message = await link.receive()
        except TimeoutError:
            await link.close()
            raise RoomLost("the room's server did not answer within 10 seconds") from None
        except BaseException:
            await link.close()
            raise
        if isinstance(message, Refused):
            await link.close()
            raise refusal(message)
        if not isinstance(message, Welcome):
            await link.close()
            raise RoomLost(f"the room's server answered hello with {message.type}")
        self._link = link
        self._grace = message.grace_seconds
        self._hello = self._hello.model_copy(update={"resume": message.resume})
        return message

    async def send(self, message: ClientMessage) -> None:
        """Send, if there is a link now; what is lost is negotiated anew after coming back."""
        if self._link is not None:
            with contextlib.suppress(RoomLost):
                await self._link.send(message)

    async def receive(self) -> ServerMessage:
        """The next message; a ``Welcome`` when it had to come back.

        Raises ``RoomLost`` when it cannot come back, ``RoomRefused`` when it is put out.
        """
        if self._link is None:
            return await self._come_back()
        try:
            message = await self._link.receive()
        except RoomLost as lost:
            if self._left:
                raise
            log.warning("signalling lost, coming back: %s", lost)
            await self._drop()
            return await self._come_back()
        if isinstance(message, Refused):
            await self._drop()
            raise RoomLost(message.text) if message.code == "closing" else refusal(message)
        return message

    async def cut(self) -> None:
        """Close the link without a word, as a network that breaks would."""
        await self._drop()

    async def leave(self) -> None:
        """Go for good."""
        self._left = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                await self.send(Leave())
                await self._drop()

    async def _drop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            await link.close()

    async def _come_back(self) -> Welcome:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + max(self._grace, LONGEST_PAUSE)
        pause = FIRST_PAUSE
        while True:
            self._hello = self._hello.model_copy(update={"links": self._links()})
            try:
                return await self.join()
            except RoomRefused as refused:
                raise RoomLost(f"the room did not take this member back: {refused}") from refused
            except RoomLost:
                if self._left or loop.time() + pause > deadline:
                    raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
