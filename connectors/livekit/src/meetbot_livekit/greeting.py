"""The line in the chat that says that an AI listens: each participant gets it once per meeting."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from typing import TYPE_CHECKING

from meetbot.core.messages import BOT_ID
from meetbot_livekit.chat import write_chat

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from livekit import rtc

__all__ = ["NEWS_SECONDS", "Greeter"]

MOST_GREETED = 10_000
UNKNOWN_SECONDS = 4.0
"""A server tells of who publishes nothing within three seconds."""
NEWS_SECONDS = 0.5


class Greeter:
    """Greets who comes, over all connections of the bot.

    A chat line of somebody whom a client does not know yet has no name in LiveKit's components.
    So the first of a connection waits until the bot's first track was published, which the server
    tells everyone at once, and a moment more: that news and the line come on different ways.
    """

    def __init__(self, name: str) -> None:
        self._text = greeting(name)
        self._greeted: OrderedDict[str, None] = OrderedDict()
        self._waiting: OrderedDict[str, None] = OrderedDict()
        self._came = asyncio.Event()
        self._published = asyncio.Event()
        self._room: rtc.Room | None = None

    def attach(self, room: rtc.Room) -> None:
        """Another connection."""
        self._published.clear()
        self._room = room
        room.on("local_track_published", self._publishes)

    def detach(self) -> None:
        """It is gone; who waits is greeted on the next one."""
        if self._room is not None:
            self._room.off("local_track_published", self._publishes)
            self._room = None

    def came(self, identity: str) -> None:
        """Somebody is there; whoever was greeted before is not again."""
        if identity not in self._greeted and len(self._waiting) < MOST_GREETED:
            self._waiting[identity] = None
            self._came.set()

    async def run(
        self, room: rtc.Room, do: Callable[[Callable[[], Awaitable[None]]], Awaitable[None]]
    ) -> None:
        """Greet until cancelled; ``do`` writes, again where that fails."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(UNKNOWN_SECONDS):
                await self._published.wait()
                await asyncio.sleep(NEWS_SECONDS)
        while True:
            await self._came.wait()
            self._came.clear()
            while self._waiting:
                identity = next(iter(self._waiting))
                await do(lambda to=identity: self._greet(room, to))  # type: ignore[misc]
                self._waiting.pop(identity, None)
                self._greeted[identity] = None
                if len(self._greeted) > MOST_GREETED:
                    self._greeted.popitem(last=False)

    async def _greet(self, room: rtc.Room, identity: str) -> None:
        await write_chat(room, f"{BOT_ID}-greeting", self._text, [identity])

    def _publishes(self, *_: object) -> None:
        self._published.set()


def greeting(name: str) -> str:
    """What everyone is told, in English and in Russian."""
    return (
        f"{name} is an AI: it listens and writes down what is said. · "
        f"{name} — это ИИ: он слушает и записывает, что говорят."
    )
