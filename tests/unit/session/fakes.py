"""A room made of channels, and a session in it with the fake engines of hearing's tests."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

from meetbot.config import (
    LeaveSettings,
    RoomSettings,
    Settings,
    StageSettings,
    StoreSettings,
)
from meetbot.core.channels import Channel, Overflow
from meetbot.core.clock import MeetingClock
from meetbot.core.errors import RoomLost
from meetbot.core.types import (
    ActivityChanged,
    AudioFrame,
    AudioOpened,
    Caption,
    ChatReceived,
    ChatSent,
    Notice,
    Participant,
    ParticipantJoined,
    ParticipantLeft,
    PictureShown,
    RoomCapabilities,
)
from meetbot.models import ModelStore
from meetbot.observe import Metrics
from meetbot.session import Engines, Parts, Session
from unit.hearing.fakes import CountingRecognizer, FixedTurn, LoudnessActivity

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from meetbot.core.ports import Recognizer, TurnDetector, VoiceActivity
    from meetbot.core.types import RoomEvent, RoomMessage, Utterance, VideoFrame
    from meetbot.core.voice import Moment
    from meetbot.session.answering import Answers
    from meetbot.session.easel import Paints
    from meetbot.store import Store

ANNA = Participant("1", "Anna")
BORIS = Participant("2", "Борис")


class FakeRoom:
    """Keeps what it is sent; ``kept`` tells, for each final, whether the file held it by then."""

    drops: Mapping[str, int] = MappingProxyType({})

    def __init__(self, database: Path, video_tracks: int = 3) -> None:
        self.capabilities = RoomCapabilities(video_tracks=video_tracks)
        self._database = database
        self._events: Channel[RoomEvent] = Channel(100, Overflow.WAIT)
        self.sent: list[tuple[float, RoomMessage]] = []
        self.kept: list[bool] = []
        self.frames = 0
        self.published: dict[str, list[VideoFrame]] = {}
        self.moments: list[Moment] = []
        self.left = False
        self.broken_pictures = 0
        self.lost: RoomLost | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.left = True

    async def events(self) -> AsyncIterator[RoomEvent]:
        async for event in self._events:
            yield event

    async def send(self, message: RoomMessage) -> None:
        if self.lost is not None:
            raise self.lost
        if isinstance(message, PictureShown):
            self.kept.append(
                await asyncio.to_thread(_has, self._database, "pictures", message.picture_id)
            )
        if isinstance(message, Caption) and message.final:
            self.kept.append(
                await asyncio.to_thread(_has, self._database, "utterances", message.utterance_id)
            )
        self.sent.append((asyncio.get_running_loop().time(), message))

    async def present(self, moments: AsyncIterator[Moment]) -> None:
        async for moment in moments:
            self.moments.append(moment)

    async def publish(self, track: str, frames: AsyncIterator[VideoFrame]) -> None:
        async for frame in frames:
            self.frames += track == "stage"
            self.published.setdefault(track, []).append(frame)
            if self.broken_pictures:
                self.broken_pictures -= 1
                raise ValueError("the fake encoder broke")

    def join(self, who: Participant) -> None:
        self._events.offer(ParticipantJoined(who, 0))

    def speak(self, who: Participant, frames: AsyncIterator[AudioFrame]) -> None:
        self._events.offer(AudioOpened(who, frames))

    def write(self, who: Participant, text: str) -> None:
        self._events.offer(ChatReceived(who, text, 0))

    def depart(self, who: Participant, reason: str = "left") -> None:
        self._events.offer(ParticipantLeft(who, 0, reason))

    def lose(self) -> None:
        self.lost = RoomLost("the room is gone")
        self._events.close(self.lost)

    @property
    def finals(self) -> list[Caption]:
        return [m for _, m in self.sent if isinstance(m, Caption) and m.final]

    @property
    def answers(self) -> list[Caption]:
        return [caption for caption in self.finals if caption.participant.is_bot]

    @property
    def seconds_of_sound(self) -> float:
        return sum(moment.samples is not None for moment in self.moments) * 0.04

    @property
    def pictures(self) -> list[PictureShown]:
        return [m for _, m in self.sent if isinstance(m, PictureShown)]

    @property
    def activities(self) -> list[str]:
        return [str(m.activity) for _, m in self.sent if isinstance(m, ActivityChanged)]

    @property
    def written(self) -> list[str]:
        return [m.text for _, m in self.sent if isinstance(m, ChatSent)]

    @property
    def notices(self) -> list[str]:
        return [m.text for _, m in self.sent if isinstance(m, Notice)]


def _has(database: Path, table: str, row: str) -> bool:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        found = connection.execute(f"SELECT 1 FROM {table} WHERE id = ?", (row,))  # noqa: S608
        return found.fetchone() is not None


class Scene:
    """A session in a fake room, with a store of its own on the disk."""

    def __init__(
        self,
        store: Store,
        folder: Path,
        *,
        recognizer: Recognizer | None = None,
        voice_activity: VoiceActivity | None = None,
        turn_detector: TurnDetector | None = None,
        answers: Answers | None = None,
        paints: Paints | None = None,
        video_tracks: int = 3,
        leave: LeaveSettings | None = None,
    ) -> None:
        self.store = store
        self.room = FakeRoom(folder / "meetbot.sqlite3", video_tracks)
        self.metrics = Metrics()
        engines = Engines(
            voice_activity or LoudnessActivity(),
            turn_detector or FixedTurn(),
            recognizer or CountingRecognizer(),
            None,
        )
        settings = Settings(
            stage=StageSettings(width=320, height=180, fps=1),
            store=StoreSettings(folder=folder),
            room=RoomSettings(leave=leave or LeaveSettings()),
        )
        parts = Parts(engines, ModelStore(folder / "models"), store, self.metrics, answers, paints)
        self.session = Session(self.room, settings, parts, MeetingClock())

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Task[None]]:
        """Run the session; it is asked to leave at the end."""
        task = asyncio.create_task(self.session.run())
        try:
            yield task
            self.session.leave()
            await task
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def stored(self) -> tuple[Utterance, ...]:
        (meeting,) = await self.store.meetings()
        return await self.store.utterances(meeting.id)
