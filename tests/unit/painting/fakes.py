"""A painter that notes what it is asked for, and a meeting around the lane, in virtual time."""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import TYPE_CHECKING, Self

import numpy as np

from meetbot.config import PainterSettings, PaintingSettings
from meetbot.core.clock import MeetingClock
from meetbot.core.pictures import Painting, PaintPreset
from meetbot.core.types import (
    ChatReceived,
    Participant,
    Speaker,
    TurnDropped,
    TurnGuessed,
    TurnTaken,
    Utterance,
)
from meetbot.engines.painter.storyboard.styles import STYLES
from meetbot.observe import Metrics
from meetbot.painting import PaintingLane

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from numpy.typing import NDArray

    from meetbot.core.errors import StoreError
    from meetbot.core.pictures import PaintRequest, Picture, Reference
    from meetbot.core.ports import Painter, SafetyFilter

ANNA = Participant("1", "Anna")
DIANE = Participant("2", "Diane")
BORIS = Participant("3", "Борис")
BOT = Participant("bot", "Meetbot (AI)", is_bot=True)
ANNAS = Speaker("p-anna", "Anna", "#5eb1ff")
DIANES = Speaker("p-diane", "Diane", "#ffb454")
BORISES = Speaker("p-boris", "Борис", "#7fd962")
VOICES = {ANNA.id: ANNAS, DIANE.id: DIANES, BORIS.id: BORISES}
S = 1_000_000_000


class NotingPainter:
    """Paints a flat colour in ``seconds``; ``errors`` are raised first, one a picture."""

    def __init__(self, name: str = "noting") -> None:
        self.name = name
        self.seconds = 0.15
        self.asked: list[PaintRequest] = []
        self.errors: list[BaseException] = []
        self.most_pixels: int | None = None
        self.hangs = 0
        self.cancelled = 0
        self.painting = 0
        self.most_at_once = 0

    async def paint(self, request: PaintRequest) -> Painting:
        from meetbot.core.errors import OutOfMemory

        self.asked.append(request)
        self.painting += 1
        self.most_at_once = max(self.most_at_once, self.painting)
        try:
            if self.errors:
                raise self.errors.pop(0)
            if self.most_pixels is not None and request.width * request.height > self.most_pixels:
                raise OutOfMemory("the device has not enough memory")
            await self._work()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.painting -= 1
        pixels = np.full((request.height, request.width, 3), 128, np.uint8)
        return Painting(pixels, self.name)

    async def _work(self) -> None:
        if self.hangs:
            self.hangs -= 1
            until = asyncio.get_running_loop().time() + 60
            while (left := until - asyncio.get_running_loop().time()) > 0:
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.sleep(left)
        await asyncio.sleep(self.seconds)

    async def close(self) -> None:
        pass

    @property
    def subjects(self) -> list[str]:
        return [request.subject for request in self.asked]


class SettledFilter:
    """Finds pictures unsafe in the order told; then all of them safe."""

    name = "settled"

    def __init__(self, *answers: float | Exception) -> None:
        self.answers = list(answers)
        self.looked = 0

    async def unsafe(self, pixels: NDArray[np.uint8]) -> float:
        self.looked += 1
        await asyncio.sleep(0.01)
        answer = self.answers.pop(0) if self.answers else 0.0
        if isinstance(answer, Exception):
            raise answer
        return answer


class BagOfWords:
    """A vector of hashed words: texts with the same words lie close."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.seconds = 0.005

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        await asyncio.sleep(self.seconds)
        if self.error is not None:
            raise self.error
        vectors = np.zeros((len(texts), 4_096), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in re.findall(r"\w{3,}", text.lower()):
                row[sum(ord(letter) * 31**place for place, letter in enumerate(word)) % 4_096] += 1
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(norms, 1e-9), np.float32)


class MemoryPresets:
    """Presets in a dictionary."""

    def __init__(self) -> None:
        self.presets: dict[str, PaintPreset] = {}
        self.kept_references: dict[str, tuple[Reference, ...]] = {}
        self.recents: dict[str, tuple[str, ...]] = {}
        self.error: StoreError | None = None
        self.reading_error: StoreError | None = None

    async def preset(self, person_id: str) -> PaintPreset:
        await asyncio.sleep(0.005)
        if self.reading_error is not None:
            raise self.reading_error
        return self.presets.get(person_id, PaintPreset())

    async def save(self, person_id: str, preset: PaintPreset) -> None:
        if self.error is not None:
            raise self.error
        self.presets[person_id] = preset

    async def references(self, person_id: str) -> tuple[Reference, ...]:
        return self.kept_references.get(person_id, ())

    async def recent(self, person_id: str, n: int) -> tuple[str, ...]:
        return self.recents.get(person_id, ())[:n]


class KeepingSink:
    """What the session would be told, and when."""

    def __init__(self) -> None:
        self.pictures: list[Picture] = []
        self.times: list[float] = []
        self.began: list[tuple[str | None, str]] = []
        self.lines: list[str] = []
        self.troubles: list[str] = []
        self.errors: list[StoreError] = []
        self.seconds = 0.02

    async def painted(self, picture: Picture) -> None:
        await asyncio.sleep(self.seconds)
        if self.errors:
            raise self.errors.pop(0)
        self.pictures.append(picture)
        self.times.append(asyncio.get_running_loop().time())

    def begun(self, participant: Participant | None, text: str) -> None:
        self.began.append((participant.name if participant else None, text))

    async def told(self, text: str) -> None:
        self.lines.append(text)

    async def trouble(self, text: str) -> None:
        self.troubles.append(text)

    @property
    def subjects(self) -> list[str]:
        return [picture.request.subject for picture in self.pictures]

    @property
    def speakers(self) -> list[str]:
        return [picture.speakers[0].name if picture.speakers else "" for picture in self.pictures]


def quick(**values: object) -> PaintingSettings:
    """Settings with small pictures."""
    painter = PainterSettings(width=128, height=72)
    return PaintingSettings.model_validate({"painter": painter, **values})


async def at_once() -> None:
    """Nothing is more urgent than a picture."""


class Meeting:
    """A painting lane in a room with ``present``, whose voices are known from the beginning."""

    def __init__(
        self,
        *present: Participant,
        settings: PaintingSettings | None = None,
        painter: Painter | None = None,
        load_spare: Callable[[], Awaitable[Painter]] | None = None,
        rebuild: Callable[[], Awaitable[Painter]] | None = None,
        safety: SafetyFilter | None = None,
        known: bool = True,
        at_ease: Callable[[], Awaitable[None]] = at_once,
    ) -> None:
        self._at_ease = at_ease
        self.noting = NotingPainter()
        self._painter = painter or self.noting
        self._load_spare = load_spare
        self._rebuild = rebuild
        self._safety = safety
        self._known = known
        self._present = present or (ANNA, DIANE)
        self._settings = settings or quick()
        self._turns = 0
        self.sink = KeepingSink()
        self.presets = MemoryPresets()
        self.metrics = Metrics()
        self.encoder = BagOfWords()

    async def __aenter__(self) -> Self:
        self.clock = MeetingClock()
        self.lane = PaintingLane(
            self._settings,
            painter=self._painter,
            load_spare=self._load_spare,
            rebuild=self._rebuild,
            safety=self._safety,
            text=self.encoder,
            presets=self.presets,
            clock=self.clock,
            sink=self.sink,
            metrics=self.metrics,
            bot_names=["Meetbot", "Митбот"],
            styles=STYLES,
            at_ease=self._at_ease,
        )
        self.lane.participants(self._present)
        self.running = asyncio.create_task(self.lane.run())
        await asyncio.sleep(0.1)
        if self._known:
            for who in self._present:
                await self.say(who, "Mm-hm.")
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.running
        self.lane.close()

    @property
    def now(self) -> int:
        return self.clock.now_ns()

    def guess(self, who: Participant, text: str, language: str = "en") -> str:
        """The first words of a pause that began 0.25 s ago."""
        self._turns += 1
        turn = f"turn-{self._turns}"
        end = max(0, self.now - S // 4)
        self.lane.noticed(TurnGuessed(turn, who, text, language, max(0, end - 2 * S), end))
        return turn

    def drop(self, who: Participant, turn: str) -> None:
        self.lane.noticed(TurnDropped(turn, who))

    def take(self, who: Participant, turn: str, text: str, language: str = "en") -> None:
        end = max(0, self.now - S // 2)
        self.lane.noticed(TurnTaken(turn, who, text, language, max(0, end - 2 * S), end))

    def hear(
        self,
        who: Participant,
        turn: str,
        text: str,
        language: str = "en",
        speaker: Speaker | None = None,
    ) -> None:
        voice = speaker or VOICES.get(who.id)
        end = max(0, self.now - S)
        self.lane.heard(Utterance(turn, who, voice, text, language, max(0, end - 2 * S), end))

    async def say(
        self,
        who: Participant,
        text: str,
        language: str = "en",
        *,
        speaker: Speaker | None = None,
        settle: float = 0.5,
    ) -> None:
        """A whole turn: guessed 0.25 s after its end, taken 0.25 s later, final 0.5 s later."""
        turn = self.guess(who, text, language)
        await asyncio.sleep(0.25)
        self.take(who, turn, text, language)
        await asyncio.sleep(0.5)
        self.hear(who, turn, text, language, speaker)
        await asyncio.sleep(settle)

    def write(self, who: Participant, text: str) -> None:
        self.lane.chat(ChatReceived(who, text, self.now))
