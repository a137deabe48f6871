"""Wires the lanes of one bot in one room, and keeps them going until it leaves."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meetbot.core.errors import RoomLost
from meetbot.core.types import AudioOpened, BotState, Notice, ParticipantJoined, ParticipantLeft
from meetbot.hearing import HearingLane
from meetbot.people import PeopleDirectory, VoiceIdentifier
from meetbot.session.announcer import Announcer
from meetbot.session.engines import load_recognizer
from meetbot.session.supervise import supervise
from meetbot.stage import Stage

if TYPE_CHECKING:
    from meetbot.config import Settings
    from meetbot.core.clock import Clock
    from meetbot.core.ports import Recognizer, Room
    from meetbot.core.types import Participant, RoomEvent
    from meetbot.models import ModelStore
    from meetbot.observe import Metrics
    from meetbot.session.engines import Engines
    from meetbot.store import Store

__all__ = ["Parts", "Session"]

log = logging.getLogger(__name__)

LAST_WORDS_SECONDS = 15.0
STAGE_TRACK = "stage"


@dataclass(frozen=True, slots=True)
class Parts:
    """What a session is given: it shares them with the other sessions of its process."""

    engines: Engines
    models: ModelStore
    store: Store
    metrics: Metrics


class Session:
    """One meeting. ``run`` returns after ``leave`` was called; ``RoomLost`` ends it as well.

    On leaving, what people have said so far is still recognised, kept and announced.
    """

    def __init__(self, room: Room, settings: Settings, parts: Parts, clock: Clock) -> None:
        self._room = room
        self._settings = settings
        self._engines = parts.engines
        self._models = parts.models
        self._store = parts.store
        self._metrics = parts.metrics
        self._clock = clock
        self._leaving = asyncio.Event()
        self._participants: dict[str, Participant] = {}
        self._microphones: set[asyncio.Task[None]] = set()
        self._stage = Stage(settings.stage, clock, settings.room.bot_name)
        self._lost: RoomLost | None = None
        self._announcer: Announcer
        self._hearing: HearingLane

    def leave(self) -> None:
        """Ask the session to end well."""
        self._leaving.set()

    async def run(self) -> None:
        """Join, hear and show until told to leave or the room is lost."""
        meeting_id = await self._store.begin_meeting(self._settings.room.name)
        try:
            async with self._room:
                await self._meet(meeting_id)
        finally:
            self._stage.close()
            await asyncio.shield(self._store.end_meeting(meeting_id))
        if self._lost is not None:
            raise self._lost

    async def _meet(self, meeting_id: str) -> None:
        self._announcer = Announcer(self._room, self._stage, self._store, meeting_id)
        self._hearing = self._build_hearing()
        report = self._announcer.trouble
        async with asyncio.TaskGroup() as tasks:
            lanes = [
                tasks.create_task(supervise("Speech recognition", self._hearing.run, report)),
                tasks.create_task(supervise("The bot's picture", self._show, report)),
            ]
            events = tasks.create_task(self._follow(tasks))
            leaving = tasks.create_task(self._leaving.wait())
            await asyncio.wait({events, leaving}, return_when=asyncio.FIRST_COMPLETED)
            self._hearing.stop()
            if self._microphones:
                await asyncio.wait(self._microphones, timeout=LAST_WORDS_SECONDS)
            farewell = Notice(BotState.LEAVING, "The bot is leaving.")
            self._stage.show(farewell)
            await self._room.send(farewell)
            self._count_drops()
            for task in (*lanes, events, leaving, *self._microphones):
                task.cancel()

    def _count_drops(self) -> None:
        drops = {
            **self._room.drops,
            "late_frames": self._stage.late_frames,
            "partial_captions": self._hearing.dropped_partials,
        }
        for name, count in drops.items():
            self._metrics.count(f"{name}.dropped", count)

    def _build_hearing(self) -> HearingLane:
        encoder = self._engines.encoder
        identifier = None
        if encoder is not None:
            directory = PeopleDirectory(self._store)
            identifier = VoiceIdentifier(encoder, directory)
        return HearingLane(
            self._settings.hearing,
            voice_activity=self._engines.voice_activity,
            turn_detector=self._engines.turn_detector,
            recognizer=self._engines.recognizer,
            rebuild=self._rebuild_recognizer,
            identifier=identifier,
            sink=self._announcer,
        )

    async def _rebuild_recognizer(self) -> Recognizer:
        return await load_recognizer(self._settings, self._models)

    async def _show(self) -> None:
        await self._room.publish(STAGE_TRACK, self._stage.frames())

    async def _follow(self, tasks: asyncio.TaskGroup) -> None:
        try:
            async for event in self._room.events():
                self._react(event, tasks)
                self._stage.participants(tuple(self._participants.values()))
        except RoomLost as error:
            self._lost = error

    def _react(self, event: RoomEvent, tasks: asyncio.TaskGroup) -> None:
        match event:
            case ParticipantJoined(participant):
                self._participants[participant.id] = participant
            case ParticipantLeft(participant):
                self._participants.pop(participant.id, None)
                self._hearing.forget(participant)
            case AudioOpened(participant, frames):
                task = tasks.create_task(
                    supervise(
                        f"Hearing {participant.name}",
                        lambda: self._hearing.listen(participant, frames),
                        self._announcer.trouble,
                    )
                )
                self._microphones.add(task)
                task.add_done_callback(self._microphones.discard)
