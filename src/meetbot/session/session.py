"""Wires the lanes of one bot in one room, and keeps them going until it leaves."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meetbot.core.errors import StoreError
from meetbot.core.types import (
    AudioOpened,
    ChatReceived,
    ChatSent,
    ParticipantJoined,
    ParticipantLeft,
)
from meetbot.hearing import HearingLane
from meetbot.people import PeopleDirectory, VoiceIdentifier
from meetbot.personas import DEFAULT
from meetbot.session.activity import Activities
from meetbot.session.announcer import Announcer
from meetbot.session.answering import Outside, open_answering
from meetbot.session.ears import Ears
from meetbot.session.easel import open_easel
from meetbot.session.engines import load_recognizer
from meetbot.session.leaving import Leaver, goodbye
from meetbot.session.rescue import rescue
from meetbot.session.screens import Screens
from meetbot.session.supervise import supervise
from meetbot.stage import PICTURES_TRACK, STAGE_TRACK

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import numpy as np
    from numpy.typing import NDArray

    from meetbot.config import Settings
    from meetbot.core.clock import Clock
    from meetbot.core.ports import Recognizer, Room
    from meetbot.core.types import Participant, RoomEvent
    from meetbot.models import ModelStore
    from meetbot.observe import Metrics
    from meetbot.session.answering import Answering, Answers
    from meetbot.session.easel import Easel, Paints
    from meetbot.session.engines import Engines
    from meetbot.session.leaving import Told
    from meetbot.store import Store

__all__ = ["Parts", "Session"]

log = logging.getLogger(__name__)

LAST_WORDS_SECONDS = 15.0
LAST_WRITES_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Parts:
    """What a session is given: it shares them with the other sessions of its process.

    No ``answers``: the bot only listens. No ``paints``: it paints nothing.
    """

    engines: Engines
    models: ModelStore
    store: Store
    metrics: Metrics
    answers: Answers | None = None
    paints: Paints | None = None


class Session:
    """One meeting. ``run`` returns after ``leave`` was called; ``RoomLost`` ends it as well.

    On leaving, what people have said so far is still recognised, kept and announced. Other bots
    are not listened to.
    """

    def __init__(self, room: Room, settings: Settings, parts: Parts, clock: Clock) -> None:
        self._room = room
        self._settings = settings
        self._engines = parts.engines
        self._models = parts.models
        self._store = parts.store
        self._metrics = parts.metrics
        self._answers = parts.answers
        self._paints = parts.paints
        self._clock = clock
        self._leaving = asyncio.Event()
        self._participants: dict[str, Participant] = {}
        self._microphones: set[asyncio.Task[None]] = set()
        self._screens = Screens(room, settings, clock)
        self._failure: Exception | None = None
        self._announcer: Announcer
        self._hearing: HearingLane
        self._answering: Answering | None = None
        self._easel: Easel | None = None
        self._activities: Activities
        self._leaver: Leaver

    @property
    def easel(self) -> Easel | None:
        """The painting side; None: the bot does not paint, or is not in the room (any more)."""
        return self._easel

    def leave(self) -> None:
        """Ask the session to end well."""
        self._leaving.set()

    async def run(self) -> None:
        """Join, hear and show until told to leave or the room is lost.

        Raises ``RoomRefused``, ``RoomLost``; ``StoreError`` when something said could not be
        stored, and says where it was put instead.
        """
        try:
            async with self._room:
                self._screens.settle(talks=self._talks, paints=self._paints is not None)
                meeting_id = await self._store.begin_meeting(self._settings.room.name)
                self._announcer = Announcer(
                    self._room,
                    self._screens.captions,
                    self._store,
                    meeting_id,
                    subtitles=self._screens.pictures.caption,
                )
                try:
                    await self._meet(meeting_id)
                finally:
                    await asyncio.shield(self._close(meeting_id))
        finally:
            self._screens.close()
            if self._easel is not None:
                self._easel.close()
                self._easel = None
            if self._answering is not None:
                self._answering.close()
        if self._failure is not None:
            raise self._failure

    async def _meet(self, meeting_id: str) -> None:
        await self._open_sides(meeting_id)
        self._hearing = await self._build_hearing()
        async with asyncio.TaskGroup() as tasks:
            writing = self._begin(tasks, "Keeping captions", self._announcer.run)
            lanes = [self._begin(tasks, name, part) for name, part in self._lanes().items()]
            events = tasks.create_task(self._or_end(self._follow(tasks)))
            leaving = tasks.create_task(self._leaving.wait())
            await asyncio.wait({events, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if self._answering is not None:
                await self._answering.stop()
            await self._hear_out()
            self._announcer.finish()
            await asyncio.wait({writing}, timeout=LAST_WRITES_SECONDS)
            await self._announcer.farewell()
            self._count_drops()
            for task in (writing, *lanes, events, leaving, *self._microphones):
                task.cancel()

    async def _open_sides(self, meeting_id: str) -> None:
        """What the bot does about what it hears: it paints, answers, and leaves."""
        self._activities = Activities(self._announcer.tell, self._clock)
        self._leaver = Leaver(
            self._settings.room.leave, self._clock, self._names, self._depart_by_itself
        )
        if self._paints is not None and self._room.capabilities.video_tracks:
            self._easel = open_easel(
                self._paints,
                self._settings,
                self._screens.pictures,
                self._room,
                self._announcer,
                self._clock,
                self._metrics,
                meeting_id,
                composed=PICTURES_TRACK not in self._screens.videos,
                at_ease=self._activities.at_ease,
            )
        if self._answers is not None and self._talks:
            self._answering = await open_answering(
                self._answers,
                self._settings,
                self._room,
                self._announcer,
                self._clock,
                self._metrics,
                self._outside(),
                self._activities,
            )

    @property
    def _talks(self) -> bool:
        return self._answers is not None and self._room.capabilities.voice

    @property
    def _names(self) -> tuple[str, ...]:
        """What the bot is called by."""
        names = (self._settings.room.bot_name, *self._settings.conversation.names)
        persona = self._answers.persona.name if self._answers is not None else DEFAULT
        return names if persona == DEFAULT else (*names, persona)

    async def _depart_by_itself(self, told: Told | None, reason: str) -> None:
        """Say goodbye to who sent the bot away, or why it goes; then go."""
        if told is None:
            await self._announcer.remark(reason)
        else:
            text = goodbye(told.language)
            if told.written or self._answering is None:
                await self._announcer.tell(ChatSent(text, self._clock.now_ns()))
            if self._answering is not None:
                await self._answering.say_last(text, told.language, told.by)
        self._leaving.set()

    def _outside(self) -> Outside:
        """What answering has to do with the rest of the session; hearing is made after it."""

        def played(samples: NDArray[np.int16], rate: int, pts_ns: int) -> None:
            self._hearing.played(samples, rate, pts_ns)

        easel = self._easel
        if easel is None:
            return Outside(played, claimed=self._leaver.claims)

        def claimed(text: str, called: bool) -> bool:
            return self._leaver.claims(text, called) or easel.claims(text, called)

        return Outside(played, easel.heard, claimed, easel.composed)

    def _lanes(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """What runs from the beginning to the end, by its name."""
        stage = {"The bot's picture": self._screens.show}
        if STAGE_TRACK not in self._screens.videos:
            stage = {}
        return {
            "Speech recognition": self._hearing.run,
            "Telling what the bot does": self._activities.run,
            "Leaving by itself": self._leaver.run,
            **stage,
            **(self._answering.parts if self._answering is not None else {}),
            **(self._easel.parts if self._easel is not None else {}),
        }

    @property
    def _listeners(self) -> list[Answering | Easel | Leaver]:
        """Who does something about what is heard; who has to fall silent comes first."""
        sides = (self._answering, self._easel)
        return [*(one for one in sides if one is not None), self._leaver]

    async def _hear_out(self) -> None:
        """What people have said so far is recognised; a microphone that takes too long is left."""
        self._hearing.stop()
        if not self._microphones:
            return
        _, late = await asyncio.wait(self._microphones, timeout=LAST_WORDS_SECONDS)
        for microphone in late:
            log.error("%s was still unheard when the bot left", microphone.get_name())
            microphone.cancel()
        if late:
            await asyncio.wait(late, timeout=1)

    async def _close(self, meeting_id: str) -> None:
        """End the meeting's record; what could not be kept is rescued, and reported by ``run``."""
        unkept = await self._announcer.unkept()
        if unkept:
            path = await rescue(unkept, meeting_id, self._settings.store.location)
            place = f"they are in {path}" if path else "nor written to a file: they are lost"
            error = StoreError(
                f"{len(unkept)} utterances of meeting {meeting_id} could not be stored; {place} "
                f"({self._announcer.problem or 'the store did not answer in time'})"
            )
            log.error("%s", error)
            self._failure = self._failure or error
        try:
            await self._store.end_meeting(meeting_id)
        except StoreError as error:
            log.warning("%s", error)

    def _begin(
        self, tasks: asyncio.TaskGroup, name: str, part: Callable[[], Awaitable[None]]
    ) -> asyncio.Task[None]:
        """Run a part under supervision."""
        supervised = supervise(name, part, self._announcer.trouble)
        return tasks.create_task(self._or_end(supervised), name=name)

    async def _or_end(self, part: Awaitable[None]) -> None:
        """A part that cannot be restarted ends the meeting in good order; ``run`` raises why."""
        try:
            await part
        except Exception as error:
            log.error("the meeting ends: %s", error)
            self._failure = self._failure or error
            self._leaving.set()

    def _count_drops(self) -> None:
        drops = {
            **self._room.drops,
            "late_frames": self._screens.late_frames,
            "partial_captions": self._hearing.dropped_partials,
        }
        for name, count in drops.items():
            self._metrics.count(f"{name}.dropped", count)

    async def _build_hearing(self) -> HearingLane:
        encoder = self._engines.encoder
        identifier = None
        if encoder is not None:
            directory = PeopleDirectory(self._store)
            identifier = await asyncio.to_thread(VoiceIdentifier, encoder, directory)
        return HearingLane(
            self._settings.hearing,
            voice_activity=self._engines.voice_activity,
            turn_detector=self._engines.turn_detector,
            recognizer=self._engines.recognizer,
            rebuild=self._rebuild_recognizer,
            identifier=identifier,
            sink=Ears(self._announcer, self._listeners),
        )

    async def _rebuild_recognizer(self) -> Recognizer:
        return await load_recognizer(self._settings, self._models)

    async def _follow(self, tasks: asyncio.TaskGroup) -> None:
        async for event in self._room.events():
            self._react(event, tasks)
            present = tuple(self._participants.values())
            self._screens.captions.participants(present)
            for listener in self._listeners:
                listener.participants(present)

    def _react(self, event: RoomEvent, tasks: asyncio.TaskGroup) -> None:
        match event:
            case ParticipantJoined(participant):
                self._participants[participant.id] = participant
            case ParticipantLeft(participant):
                self._participants.pop(participant.id, None)
                self._hearing.forget(participant)
            case ChatReceived():
                for listener in self._listeners:
                    listener.chat(event)
            case AudioOpened(participant, frames) if not participant.is_bot:
                task = self._begin(
                    tasks,
                    f"Hearing {participant.name}",
                    lambda: self._hearing.listen(participant, frames),
                )
                self._microphones.add(task)
                task.add_done_callback(self._microphones.discard)
