"""A synthesizer that hums a quarter of a second a word, a face that keeps what it is told, and a
meeting around the lane, in virtual time."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from meetbot.config import TalkingSettings
from meetbot.core.clock import MeetingClock
from meetbot.core.errors import EngineError
from meetbot.core.types import (
    Participant,
    SpeechBegan,
    SpeechEnded,
    SpeechWent,
    TurnTaken,
    Word,
)
from meetbot.core.voice import Answer, Phone, Speech, Voice
from meetbot.observe import Metrics
from meetbot.talking import TalkingLane
from support.caches import MemoryCache

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Sequence

    from numpy.typing import NDArray

    from meetbot.core.ports import Cache, Synthesizer
    from meetbot.core.voice import Moment, Spoken

RATE = 24_000
WORD_S = 0.25
MS = 1_000_000
S = 1_000_000_000
WINDOW_MS = 32

ANNA = Participant("1", "Anna")
BORIS = Participant("2", "Борис")
OTHER_BOT = Participant("3", "Notes (AI)", is_bot=True)


def hum(text: str, *, rate: int = RATE, level: float = 0.5) -> Speech:
    """A steady tone, a quarter of a second for each word of ``text``."""
    words = text.split()
    count = round(len(words) * WORD_S * rate)
    samples = level * np.sin(2 * np.pi * 200 / rate * (np.arange(count) + 1))
    ns = round(WORD_S * S)
    return Speech(
        samples.astype(np.float32),
        rate,
        text,
        phones=tuple(Phone("a", i * ns, (i + 1) * ns) for i in range(len(words))),
        words=tuple(Word(word, i * ns, (i + 1) * ns) for i, word in enumerate(words)),
    )


class HummingSynthesizer:
    """Takes ``delay_s`` for a clause; fails at texts in ``broken``; keeps what it was asked."""

    name = "humming 1"
    languages: frozenset[str] = frozenset()

    def __init__(
        self, *, delay_s: float = 0.01, broken: Iterable[str] = (), lead_s: float = 0.0
    ) -> None:
        self.delay_s = delay_s
        self.broken = frozenset(broken)
        self.lead_s = lead_s
        self.asked: list[str] = []
        self.stopped = 0

    def voices(self, language: str) -> tuple[str, ...]:
        return ("hum",)

    async def speak(self, text: str, *, language: str, voice: Voice) -> AsyncGenerator[Speech]:
        self.asked.append(text)
        done = False
        try:
            await asyncio.sleep(self.delay_s)
            if text in self.broken:
                raise EngineError("the throat is sore")
            speech = hum(text)
            silence = np.zeros(round(self.lead_s * RATE), np.float32)
            yield Speech(
                np.concatenate([silence, speech.samples]),
                RATE,
                text,
                words=tuple(
                    Word(w.text, w.start_ns + self._lead_ns, w.end_ns + self._lead_ns)
                    for w in speech.words
                ),
            )
            done = True
        finally:
            self.stopped += not done

    @property
    def _lead_ns(self) -> int:
        return round(self.lead_s * S)


class KeepingFace:
    """Pictures bear the time that they were rendered for; each takes ``render_s``."""

    size = (4, 2)

    def __init__(self, render_s: float = 0.005) -> None:
        self.render_s = render_s
        self.broken = False
        self.told: list[tuple[str, float, Speech | None]] = []
        self.rendered: list[float] = []

    def speak(self, speech: Speech, at_s: float) -> None:
        self.told.append(("speak", at_s, speech))

    def hush(self, at_s: float) -> None:
        self.told.append(("hush", at_s, None))

    async def render(self, at_s: float) -> NDArray[np.uint8]:
        assert not self.rendered or at_s > self.rendered[-1]
        self.rendered.append(at_s)
        await asyncio.sleep(self.render_s)
        if self.broken:
            raise EngineError("the mesh is torn")
        pixels = np.zeros((2, 4, 3), np.uint8)
        pixels.view().reshape(-1)[:8] = np.frombuffer(np.float64(at_s).tobytes(), np.uint8)
        return pixels

    def close(self) -> None:
        pass


def time_in(moment: Moment) -> float:
    """The time that a picture of ``KeepingFace`` was rendered for."""
    return float(np.frombuffer(moment.pixels.reshape(-1)[:8].tobytes(), np.float64)[0])


class KeepingSink:
    """What the session would be told."""

    def __init__(self) -> None:
        self.growing: list[str] = []
        self.said: list[Spoken] = []
        self.troubles: list[str] = []

    async def spoken_so_far(self, answer: Answer, text: str) -> None:
        self.growing.append(text)

    async def spoken(self, spoken: Spoken) -> None:
        self.said.append(spoken)

    async def trouble(self, text: str) -> None:
        self.troubles.append(text)


async def pieces(*texts: str, every_s: float = 0.0) -> AsyncGenerator[str]:
    """A language model's answer."""
    for text in texts:
        await asyncio.sleep(every_s)
        yield text


@dataclass
class Meeting:
    """A lane whose moments are taken as they come, by a reader that takes ``take_s`` for each."""

    settings: TalkingSettings = field(default_factory=TalkingSettings)
    synthesizer: Synthesizer = field(default_factory=HummingSynthesizer)
    face: KeepingFace = field(default_factory=KeepingFace)
    sink: KeepingSink = field(default_factory=KeepingSink)
    cache: Cache = field(default_factory=MemoryCache)
    metrics: Metrics = field(default_factory=Metrics)
    moments: list[Moment] = field(default_factory=list)
    came_ns: list[int] = field(default_factory=list)

    async def __aenter__(self) -> Meeting:
        self.clock = MeetingClock()
        self.lane = TalkingLane(
            self.settings,
            synthesizer=self.synthesizer,
            voice_for=lambda language: Voice("hum"),
            face=self.face,
            clock=self.clock,
            sink=self.sink,
            cache=self.cache,
            metrics=self.metrics,
        )
        self._tasks = [
            asyncio.create_task(self.lane.run()),
            asyncio.create_task(self._read()),
        ]
        await self.until(0.2)
        return self

    async def __aexit__(self, *exc: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.lane.close()

    async def _read(self) -> None:
        async with contextlib.aclosing(self.lane.moments()) as moments:
            async for moment in moments:
                self.moments.append(moment)
                self.came_ns.append(self.clock.now_ns())

    def break_once(self) -> None:
        """The lane's work is cut off, and begun again as a supervisor does."""
        self._tasks[0].cancel()
        self._tasks.append(asyncio.create_task(self.lane.run()))

    def check(self) -> None:
        """Raise what a task of the lane raised."""
        for task in self._tasks:
            if task.done():
                task.result()

    async def until(self, at_s: float) -> None:
        await self.clock.sleep_until(round(at_s * S))

    def answer(
        self, *texts: str, name: str = "a", language: str = "en", every_s: float = 0.0
    ) -> Answer:
        text = pieces(*texts, every_s=every_s)
        return Answer(name, ANNA, language, self.clock.now_ns(), text)

    async def say(
        self, *texts: str, name: str = "a", language: str = "en", every_s: float = 0.0
    ) -> None:
        """Prepare, and release a moment later."""
        self.lane.prepare(self.answer(*texts, name=name, language=language, every_s=every_s))
        await asyncio.sleep(0.1)
        self.lane.release(name)

    async def voice(self, who: Participant, seconds: float) -> None:
        """``who`` makes sounds that pass for speech, as hearing tells it."""
        start = self.clock.now_ns()
        windows = round(seconds * 1000 / WINDOW_MS)
        for window in range(1, windows + 1):
            at = start + window * WINDOW_MS * MS
            await self.clock.sleep_until(at)
            if window == 2:
                self.lane.noticed(SpeechBegan(who, start))
            if window >= 2:
                self.lane.noticed(SpeechWent(who, at, float(window * WINDOW_MS)))

    async def words(self, who: Participant, text: str, seconds: float) -> None:
        """``who`` says ``text``: sounds, then the end of the turn 250 ms later, and its words."""
        start = self.clock.now_ns()
        await self.voice(who, seconds)
        end = self.clock.now_ns()
        await asyncio.sleep(0.25)
        self.lane.noticed(SpeechEnded(who, self.clock.now_ns()))
        self.lane.noticed(TurnTaken("t", who, text, "en", start, end))

    def lateness_ns(self) -> int:
        """How far from its time the worst moment came (a loop fires a timer a hair early)."""
        pairs = zip(self.moments, self.came_ns, strict=True)
        return max(abs(came - moment.pts_ns) for moment, came in pairs)

    def sound(self) -> NDArray[np.int16]:
        """Everything that was played, from meeting time 0 on."""
        first = self.moments[0].pts_ns // (40 * MS)
        silence = np.zeros(1920, np.int16)
        heard = [silence if m.samples is None else m.samples for m in self.moments]
        return np.concatenate([silence] * first + heard)

    def loudness(self) -> NDArray[np.float64]:
        """RMS of each 10 ms from meeting time 0 on, full scale 1."""
        levels = np.zeros((self.moments[-1].pts_ns // (40 * MS) + 1, 4))
        for moment in self.moments:
            if moment.samples is not None:
                frames = moment.samples.reshape(4, 480).astype(np.float64) / 32_767
                levels[moment.pts_ns // (40 * MS)] = np.sqrt(np.mean(np.square(frames), axis=1))
        return levels.reshape(-1)


def stretches(loud: Sequence[bool] | NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Where ``loud`` 10 ms frames are, in seconds."""
    edges = np.diff(np.concatenate([[False], np.asarray(loud, bool), [False]]).astype(int))
    begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return [(b / 100, e / 100) for b, e in zip(begins, ends, strict=True)]
