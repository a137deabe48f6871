"""Parts for tests of rooms: a bot that keeps what it hears, and sounds that can be told apart."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.clock import NS_PER_S
from meetbot.core.types import (
    AudioOpened,
    Caption,
    Participant,
    ParticipantJoined,
    ParticipantLeft,
    Speaker,
    VideoFrame,
)
from meetbot.core.voice import MOMENT_NS, MOMENT_SAMPLES, Moment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from numpy.typing import NDArray

    from meetbot.core.clock import Clock
    from meetbot.core.types import AudioFrame, RoomEvent
    from meetbot_webrtc import WebRtcRoom

RATE = 48_000


def tone(hertz: float, seconds: float) -> NDArray[np.int16]:
    """A sine, int16 mono at 48 kHz."""
    time = np.arange(round(RATE * seconds)) / RATE
    return (np.sin(2 * np.pi * hertz * time) * 9_000).astype(np.int16)


def pitch(samples: NDArray[np.int16]) -> float:
    """The strongest frequency in Hz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(spectrum.argmax() * RATE / len(samples))


def loud(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """The part between the first and the last loud sample."""
    places = np.flatnonzero(np.abs(samples.astype(np.int32)) > 500)
    return samples[places[0] : places[-1] + 1] if len(places) else samples[:0]


async def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait for ``condition``; ``TimeoutError`` when it does not come true."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 (what is waited for tells nobody)
            await asyncio.sleep(0.02)


def caption(number: int, *, final: bool = True, text: str = "Добрый день") -> Caption:
    """What Anna, known by her voice, said in second ``number``."""
    return Caption(
        utterance_id=f"u{number}",
        participant=Participant("p-1", "Anna"),
        speaker=Speaker("s1", "Анна", "#7cc4ff"),
        text=text,
        language="ru",
        start_ns=number * NS_PER_S,
        end_ns=(number + 1) * NS_PER_S,
        final=final,
    )


class RecordingBot:
    """Joins, keeps events and sound by participant, and shows a grey picture that gets lighter."""

    def __init__(self, *, picture: bool = True) -> None:
        self.events: list[RoomEvent] = []
        self.sound: dict[str, list[AudioFrame]] = {}
        self.ended: list[str] = []
        self.room: WebRtcRoom
        self.clock: Clock
        self._picture = picture

    def joined(self) -> list[str]:
        """Names in order of arrival."""
        return [e.participant.name for e in self.events if isinstance(e, ParticipantJoined)]

    def left(self) -> dict[str, str]:
        """Name → reason."""
        gone = [e for e in self.events if isinstance(e, ParticipantLeft)]
        return {e.participant.name: e.reason for e in gone}

    def opened(self) -> list[str]:
        """Names of opened microphones, in order; twice for one that came back."""
        return [e.participant.name for e in self.events if isinstance(e, AudioOpened)]

    def heard(self, name: str) -> NDArray[np.int16]:
        """All that was heard from ``name``, joined together."""
        frames = self.sound.get(name, [])
        return np.concatenate([f.samples for f in frames]) if frames else np.zeros(0, np.int16)

    async def __call__(self, name: str, room: WebRtcRoom, clock: Clock) -> None:
        self.room, self.clock = room, clock
        tasks: list[asyncio.Task[None]] = []
        async with room:
            if self._picture:
                tasks.append(asyncio.create_task(room.publish("stage", self._frames(clock))))
            try:
                async for event in room.events():
                    self.events.append(event)
                    if isinstance(event, AudioOpened):
                        tasks.append(asyncio.create_task(self._keep(event)))
            finally:
                for task in tasks:
                    task.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await task

    async def _keep(self, event: AudioOpened) -> None:
        async for frame in event.frames:
            self.sound.setdefault(event.participant.name, []).append(frame)
        self.ended.append(event.participant.name)

    async def _frames(self, clock: Clock) -> AsyncIterator[VideoFrame]:
        level = 60
        while True:
            level = 60 + (level + 1) % 150
            yield VideoFrame(np.full((360, 640, 3), level, np.uint8), clock.now_ns())
            await asyncio.sleep(1 / 15)


async def moments(
    clock: Clock, sound: NDArray[np.int16] | None, count: int
) -> AsyncIterator[Moment]:
    """A grey face that gets lighter, saying ``sound`` (None: silence)."""
    begin = clock.now_ns() + MOMENT_NS
    for number in range(count):
        pts_ns = begin + number * MOMENT_NS
        await clock.sleep_until(pts_ns)
        pixels = np.full((512, 512, 3), 40 + number % 160, np.uint8)
        start = number * MOMENT_SAMPLES
        said = None if sound is None else sound[start : start + MOMENT_SAMPLES]
        yield Moment(pixels, said, pts_ns)
