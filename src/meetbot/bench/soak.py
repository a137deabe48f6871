"""Memory of a long meeting: an hour of talk through a whole session, as fast as it goes."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

import numpy as np
import psutil

from meetbot.core.clock import MeetingClock
from meetbot.core.types import (
    SAMPLE_RATE,
    AudioFrame,
    AudioOpened,
    Caption,
    Participant,
    ParticipantJoined,
    RoomCapabilities,
)
from meetbot.observe import Metrics
from meetbot.session import Parts, Session, load_engines
from meetbot.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from numpy.typing import NDArray

    from meetbot.config import Settings
    from meetbot.core.types import RoomEvent, RoomMessage, VideoFrame
    from meetbot.core.voice import Moment
    from meetbot.models import ModelStore

__all__ = ["Soak", "measure_soak"]

BLOCK = 1_600
PAUSE_SECONDS = 2.0
NS_PER_S = 1_000_000_000
MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Soak:
    """Resident memory in MB by minute of meeting; ``growth_mb``: from minute five to the end."""

    minutes: int
    utterances: int
    rss_mb: tuple[float, ...]
    growth_mb: float
    peak_mb: float
    wall_s: float


class RecordedRoom:
    """A room whose one participant plays recordings, each followed by a pause, for some minutes.

    Sound is handed over as fast as the session takes it, so that an hour does not take one.
    """

    capabilities = RoomCapabilities()
    drops: Mapping[str, int] = MappingProxyType({})

    def __init__(
        self,
        recordings: list[NDArray[np.float32]],
        minutes: int,
        at_minute: Callable[[int], None],
    ) -> None:
        self._recordings = recordings
        self._minutes = minutes
        self._at_minute = at_minute
        self.finals = 0
        self.done = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.done.set()

    async def events(self) -> AsyncIterator[RoomEvent]:
        """One participant joins and speaks until the meeting is over."""
        talker = Participant("1", "Talker", shared_microphone=True)
        yield ParticipantJoined(talker, 0)
        yield AudioOpened(talker, self._sound())
        await self.done.wait()

    async def send(self, message: RoomMessage) -> None:
        """Count the final captions."""
        self.finals += isinstance(message, Caption) and message.final

    async def present(self, moments: AsyncIterator[Moment]) -> None:
        """Take the bot's camera and microphone and throw them away."""
        async for _ in moments:
            pass

    async def publish(self, track: str, frames: AsyncIterator[VideoFrame]) -> None:
        """Take the bot's picture and throw it away."""
        async for _ in frames:
            pass

    async def _sound(self) -> AsyncIterator[AudioFrame]:
        silence = np.zeros(round(PAUSE_SECONDS * SAMPLE_RATE), np.float32)
        position = 0
        minute = 0
        for recording in itertools.cycle(self._recordings):
            sound = np.concatenate((recording, silence))
            for start in range(0, len(sound) - BLOCK + 1, BLOCK):
                pts_ns = position * NS_PER_S // SAMPLE_RATE
                yield AudioFrame(sound[start : start + BLOCK], SAMPLE_RATE, pts_ns)
                position += BLOCK
                await asyncio.sleep(0)
            if position // (60 * SAMPLE_RATE) > minute:
                minute = position // (60 * SAMPLE_RATE)
                self._at_minute(minute)
            if minute >= self._minutes:
                self.done.set()
                return


async def measure_soak(
    settings: Settings,
    models: ModelStore,
    recordings: list[NDArray[np.float32]],
    minutes: int,
    progress: Callable[[int], None] = lambda _: None,
) -> Soak:
    """Run a session over ``minutes`` of recorded talk and watch this process's memory."""
    process = psutil.Process()
    rss: list[float] = []

    def at_minute(minute: int) -> None:
        rss.append(process.memory_info().rss / MB)
        progress(minute)

    engines = await load_engines(settings, models)
    room = RecordedRoom(recordings, minutes, at_minute)
    clock = MeetingClock()
    with tempfile.TemporaryDirectory() as folder:
        async with await Store.open(Path(folder)) as store:
            session = Session(room, settings, Parts(engines, models, store, Metrics()), clock)
            running = asyncio.create_task(session.run())
            await asyncio.wait(
                {running, asyncio.ensure_future(room.done.wait())},
                return_when=asyncio.FIRST_COMPLETED,
            )
            session.leave()
            await running
    settled = rss[min(4, len(rss) - 1)]
    return Soak(
        minutes=minutes,
        utterances=room.finals,
        rss_mb=tuple(round(value, 1) for value in rss),
        growth_mb=round(rss[-1] - settled, 1),
        peak_mb=round(max(rss), 1),
        wall_s=round(clock.now_ns() / NS_PER_S, 1),
    )
