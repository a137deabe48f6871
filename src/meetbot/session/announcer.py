"""Tells the room what was heard: finals only after the store has them."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol

from meetbot.core.errors import StoreError
from meetbot.core.types import BotState, Caption, Notice

if TYPE_CHECKING:
    from meetbot.core.ports import Room
    from meetbot.core.types import RoomMessage, Utterance
    from meetbot.stage import Stage

__all__ = ["Announcer", "MeetingLog", "as_caption"]

log = logging.getLogger(__name__)

STORE_RETRY_SECONDS = 2.0


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
    """A ``HearingSink``: to the store, then to the room and the stage."""

    def __init__(self, room: Room, stage: Stage, store: MeetingLog, meeting_id: str) -> None:
        self._room = room
        self._stage = stage
        self._store = store
        self._meeting_id = meeting_id

    async def partial(self, caption: Caption) -> None:
        """Shown, never kept."""
        await self._announce(caption)

    async def final(self, utterance: Utterance) -> None:
        """Kept, then shown. A store that cannot write holds finals back until it can."""
        reported = False
        while True:
            try:
                await self._store.commit_utterance(self._meeting_id, utterance)
                break
            except StoreError as error:
                log.error("%s", error)
                if not reported:
                    reported = True
                    await self._notice(f"Captions are held back, none is lost: {error}")
                await asyncio.sleep(STORE_RETRY_SECONDS)
        await self._announce(as_caption(utterance))

    def level(self, participant_id: str, level: float) -> None:
        """Who speaks, for the stage's rings."""
        self._stage.speaking(participant_id, level)

    async def trouble(self, text: str) -> None:
        """A part failed: everyone is told, and the log keeps it."""
        log.warning("%s", text)
        try:
            await self._store.log_event(self._meeting_id, "trouble", text)
        except StoreError as error:
            log.warning("%s", error)
        await self._notice(text)

    async def _notice(self, text: str) -> None:
        await self._announce(Notice(BotState.DEGRADED, text))

    async def _announce(self, message: RoomMessage) -> None:
        self._stage.show(message)
        await self._room.send(message)
