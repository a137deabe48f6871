"""Brings a bot into every room where people are, and takes it out when they have gone.

A bot that went by itself (it was told to leave, or nobody said anything) comes back when somebody
comes into its room.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from meetbot.core.clock import Clock, MeetingClock
from meetbot.core.errors import MeetbotError
from meetbot_webrtc.room import WebRtcRoom

if TYPE_CHECKING:
    from meetbot.config import RoomSettings
    from meetbot_webrtc.hub import SignalingHub

__all__ = ["BotFactory", "BotKeeper"]

log = logging.getLogger(__name__)

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0


class BotFactory(Protocol):
    """Runs a bot in ``room`` (not joined yet), whose meeting time is ``clock``.

    It returns after the room's ``events`` have ended, in good order.
    """

    async def __call__(self, name: str, room: WebRtcRoom, clock: Clock) -> None: ...


@dataclass(slots=True)
class Bot:
    """The bot of one room."""

    task: asyncio.Task[None]
    room: WebRtcRoom | None = None


class BotKeeper:
    """Watches a hub. ``empty_seconds``: how long an empty room keeps its bot.

    ``tracks``: the videos that its bots send.
    """

    def __init__(
        self,
        hub: SignalingHub,
        factory: BotFactory,
        settings: RoomSettings,
        *,
        tracks: tuple[str, ...] = ("stage",),
        empty_seconds: float = 5.0,
        farewell_seconds: float = 20.0,
    ) -> None:
        self._hub = hub
        self._factory = factory
        self._settings = settings
        self._tracks = tracks
        self._empty_seconds = empty_seconds
        self._farewell_seconds = farewell_seconds
        self._bots: dict[str, Bot] = {}
        self._unwanted: dict[str, frozenset[str]] = {}
        self._closing = False
        hub.watch(self._changed)

    @property
    def rooms(self) -> tuple[str, ...]:
        """The rooms that have a bot."""
        return tuple(self._bots)

    async def close(self) -> None:
        """Take all bots out; what was said last is still kept and announced."""
        self._closing = True
        tasks = [bot.task for bot in self._bots.values()]
        for bot in self._bots.values():
            if bot.room is not None:
                bot.room.finish()
            else:
                bot.task.cancel()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=self._farewell_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _changed(self, room: str) -> None:
        if room in self._unwanted:
            people = self._people(room)
            if people and people <= self._unwanted[room]:
                return
            del self._unwanted[room]
        if self._hub.people(room) and room not in self._bots and not self._closing:
            task = asyncio.create_task(self._keep(room), name=f"bot of {room}")
            self._bots[room] = Bot(task)

    def _people(self, room: str) -> frozenset[str]:
        return frozenset(who.id for who in self._hub.roster(room) if not who.is_bot)

    async def _keep(self, name: str) -> None:
        """Run the room's bot until the room is empty; one that fails comes back."""
        bot = self._bots[name]
        pause = FIRST_PAUSE
        try:
            while self._hub.people(name) and not self._closing:
                try:
                    if await self._run(name, bot):
                        self._unwanted[name] = self._people(name)
                        return
                except MeetbotError as error:
                    log.warning("the bot of room %s: %s", name, error)
                except Exception:
                    log.exception("the bot of room %s failed", name)
                else:
                    continue
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
        finally:
            self._bots.pop(name, None)

    async def _run(self, name: str, bot: Bot) -> bool:
        """Whether the bot went by itself while people were there."""
        clock = MeetingClock()
        bot.room = WebRtcRoom(
            self._hub,
            self._settings.bot_name,
            clock,
            self._settings,
            room=name,
            tracks=self._tracks,
        )
        usher = asyncio.create_task(self._usher(name, bot.room))
        try:
            await self._factory(name, bot.room, clock)
            return not usher.done() and not self._closing and self._hub.people(name) > 0
        finally:
            bot.room = None
            usher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await usher

    async def _usher(self, name: str, room: WebRtcRoom) -> None:
        """Ask the bot to leave once the room has been empty for a while."""
        empty = 0.0
        step = min(0.5, self._empty_seconds)
        while empty < self._empty_seconds:
            await asyncio.sleep(step)
            empty = 0.0 if self._hub.people(name) else empty + step
        room.finish()
