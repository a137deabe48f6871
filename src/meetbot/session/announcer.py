"""Tells the room what was heard: finals only after the store has them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Protocol

from meetbot.core.channels import Channel, ChannelClosed, Overflow
from meetbot.core.errors import MeetbotError, RoomError
from meetbot.core.types import BotState, Caption, Notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from meetbot.core.ports import Room
    from meetbot.core.types import RoomMessage, SpeechEvent, Utterance
    from meetbot.stage import Stage

__all__ = ["Announcer", "MeetingLog", "as_caption"]

log = logging.getLogger(__name__)

STORE_RETRY_SECONDS = 2.0
BACKLOG = 10_000
"""Finals that wait for a store that cannot write: some hours of talk."""


class MeetingLog(Protocol):
    """The part of the store that a session writes to."""

    async def commit_utterance(self, meeting_id: str, utterance: Utterance) -> None: ...
    async def log_event(self, meeting_id: str, kind: str, text: str) -> None: ...


def as_caption(utterance: Utterance) -> Caption:
    """The final caption of an utterance."""
    return Caption(
        utterance_id=utterance.id,
        participant=utterance.participant,
        speaker=utterance.speaker,
        text=utterance.text,
        language=utterance.language,
        start_ns=utterance.start_ns,
        end_ns=utterance.end_ns,
        final=True,
    )


class Announcer:
    """A ``HearingSink``: to the store, then to the room and the stage.

    ``run`` writes; a store that cannot write holds finals back until it can, while people are
    heard on. What it still refuses after ``finish`` is left to ``unkept`` and announced to nobody.
    ``subtitles`` is given every caption that is announced.
    """

    def __init__(
        self,
        room: Room,
        stage: Stage,
        store: MeetingLog,
        meeting_id: str,
        *,
        subtitles: Callable[[Caption], None] = lambda _: None,
    ) -> None:
        self._subtitles = subtitles
        self._room = room
        self._stage = stage
        self._store = store
        self._meeting_id = meeting_id
        self._finals: Channel[Utterance] = Channel(BACKLOG, Overflow.WAIT)
        self._finishing = asyncio.Event()
        self._refused: list[Utterance] = []
        self._problem: MeetbotError | None = None
        self._gave_up = False

    @property
    def problem(self) -> MeetbotError | None:
        """Why the store does not write; None while it does."""
        return self._problem

    async def run(self) -> None:
        """Keep, then announce, one final after the other; returns after ``finish``."""
        async for utterance in self._finals:
            try:
                kept = await self._keep(utterance)
            except BaseException:
                self._refused.append(utterance)
                raise
            if kept:
                await self._announce(as_caption(utterance))
            else:
                self._refused.append(utterance)

    def finish(self) -> None:
        """No more finals come; those that wait go to the store now, or are left to ``unkept``."""
        self._finals.close()
        self._finishing.set()

    async def unkept(self) -> list[Utterance]:
        """After ``run`` has ended: what the store never took, in order."""
        self.finish()
        self._refused += [utterance async for utterance in self._finals]
        return sorted(self._refused, key=lambda utterance: utterance.start_ns)

    def noticed(self, event: SpeechEvent) -> None:
        """Nothing of this is announced: captions tell it."""

    async def partial(self, caption: Caption) -> None:
        """Shown, never kept."""
        await self._announce(caption)

    async def final(self, utterance: Utterance) -> None:
        """To be kept, then shown, by ``run``."""
        try:
            await self._finals.send(utterance)
        except ChannelClosed:
            self._refused.append(utterance)

    def level(self, participant_id: str, level: float) -> None:
        """Who speaks, for the stage's rings."""
        self._stage.speaking(participant_id, level)

    async def trouble(self, text: str) -> None:
        """A part failed: everyone is told, and the log keeps it."""
        log.warning("%s", text)
        await self._notice(BotState.DEGRADED, text)
        try:
            await self._store.log_event(self._meeting_id, "trouble", text)
        except MeetbotError as error:
            log.warning("%s", error)

    async def remark(self, text: str) -> None:
        """The bot has something to say of what it does; not kept."""
        await self._notice(BotState.LISTENING, text)

    async def tell(self, message: RoomMessage) -> None:
        """Give everyone a message; a room that is lost is told of by its events."""
        try:
            await self._room.send(message)
        except RoomError as error:
            log.warning("%s", error)

    async def farewell(self) -> None:
        """The bot goes."""
        await self._notice(BotState.LEAVING, "The bot is leaving.")

    async def _keep(self, utterance: Utterance) -> bool:
        """Commit, as often as it takes; False when the session ends before that."""
        while not self._gave_up:
            last = self._finishing.is_set()
            try:
                await self._store.commit_utterance(self._meeting_id, utterance)
            except MeetbotError as error:
                await self._hold_back(error)
                self._gave_up = last
            else:
                await self._recover()
                return True
        return False

    async def _hold_back(self, error: MeetbotError) -> None:
        """Say so once, then wait a little, or until the session ends."""
        log.error("%s", error)
        first, self._problem = self._problem is None, error
        if first:
            text = f"Captions are held back, none is lost: {error}"
            await self._notice(BotState.DEGRADED, text)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._finishing.wait(), STORE_RETRY_SECONDS)

    async def _recover(self) -> None:
        if self._problem is not None:
            self._problem = None
            text = "The store can be written again: here are the captions held back."
            await self._notice(BotState.LISTENING, text)

    async def _notice(self, state: BotState, text: str) -> None:
        await self._announce(Notice(state, text))

    async def _announce(self, message: Caption | Notice) -> None:
        """Show it to whoever is there."""
        self._stage.show(message)
        if isinstance(message, Caption):
            self._subtitles(message)
        await self.tell(message)
