"""Twenty questions about a phone talk: how many answers are right, and how soon they begin."""

from __future__ import annotations

import asyncio
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from meetbot.conversation import ConversationLane
from meetbot.core.clock import MeetingClock
from meetbot.core.errors import EngineError
from meetbot.core.types import Participant, TurnGuessed, TurnTaken
from meetbot.people import PeopleDirectory, VoiceIdentifier
from meetbot.session import load_engines
from meetbot.store import Store
from meetbot.transcribe import Transcriber

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from meetbot.config import ConversationSettings, Settings
    from meetbot.core.clock import Clock
    from meetbot.core.ports import LanguageModel
    from meetbot.core.types import Utterance
    from meetbot.core.voice import Answer
    from meetbot.models import ModelStore

__all__ = [
    "Asked",
    "KnownQuestion",
    "QuestionsReport",
    "ask_questions",
    "known_questions",
    "phone_talk",
]

NS_PER_S = 1_000_000_000
ASKER = Participant("asker", "Anna")
LOOK_NS = 100_000_000
LONGEST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class KnownQuestion:
    """An answer is right when it has all patterns of ``right`` and none of ``wrong``."""

    text: str
    language: str
    right: tuple[str, ...]
    wrong: tuple[str, ...]

    def judge(self, answer: str) -> bool:
        """Whether ``answer`` is right."""

        def has(pattern: str) -> bool:
            return re.search(pattern, answer, re.IGNORECASE) is not None

        return all(has(pattern) for pattern in self.right) and not any(map(has, self.wrong))


@dataclass(frozen=True, slots=True)
class Asked:
    """One question's answer; ``first_words_s``: from the question to the answer's first words."""

    question: str
    language: str
    answer: str
    right: bool
    first_words_s: float


@dataclass(frozen=True, slots=True)
class QuestionsReport:
    """How many were right, of how many, by language; seconds to the first words, median."""

    model: str
    right: dict[str, int]
    asked: dict[str, int]
    first_words_s: float
    answers: tuple[Asked, ...]


def known_questions() -> tuple[KnownQuestion, ...]:
    """The questions of ``questions.toml``."""
    text = files("meetbot.bench").joinpath("questions.toml").read_text("utf-8")
    return tuple(
        KnownQuestion(one["text"], one["language"], tuple(one["right"]), tuple(one["wrong"]))
        for one in tomllib.loads(text)["question"]
    )


async def phone_talk(settings: Settings, models: ModelStore) -> tuple[Utterance, ...]:
    """The phone talk as this program recognises it, voices told apart. Raises ``ModelError``."""
    engines = await load_engines(settings, models)
    with TemporaryDirectory() as folder:
        async with await Store.open(Path(folder)) as store:
            identifier = None
            if engines.encoder is not None:
                identifier = VoiceIdentifier(engines.encoder, PeopleDirectory(store))
            transcriber = Transcriber(settings, engines, models, identifier)
            transcript = await transcriber.transcribe(models.path("phone-talk") / "sample.wav")
    return transcript.utterances


async def ask_questions(
    settings: ConversationSettings,
    model: LanguageModel,
    talk: Sequence[Utterance],
    questions: Sequence[KnownQuestion],
    progress: Callable[[Asked], None],
) -> QuestionsReport:
    """Ask each question right after the talk, without sound. Raises ``EngineError``."""
    asked = []
    for question in questions:
        asked.append(await _ask(settings, model, talk, question))
        progress(asked[-1])
    return QuestionsReport(
        model.model_id,
        dict(Counter(one.language for one in asked if one.right)),
        dict(Counter(one.language for one in asked)),
        median(one.first_words_s for one in asked),
        tuple(asked),
    )


class _Listener:
    """A ``Talker`` that reads the answer instead of saying it."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.first_at = 0.0
        self.done = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None

    def prepare(self, answer: Answer) -> None:
        self._reading = asyncio.ensure_future(self._read(answer))

    async def _read(self, answer: Answer) -> None:
        async for piece in answer.text:
            self.first_at = self.first_at or asyncio.get_running_loop().time()
            self.pieces.append(piece)
        self.done.set()

    def release(self, answer_id: str) -> None:
        """What is said is what was prepared."""

    def drop(self, answer_id: str) -> None:
        """The lane ends."""


class _After:
    """A clock that begins when the talk is over."""

    def __init__(self, at_ns: int) -> None:
        self._clock = MeetingClock()
        self._at_ns = at_ns

    def now_ns(self) -> int:
        return self._at_ns + self._clock.now_ns()

    async def sleep_until(self, deadline_ns: int) -> None:
        await self._clock.sleep_until(deadline_ns - self._at_ns)


async def _ask(
    settings: ConversationSettings,
    model: LanguageModel,
    talk: Sequence[Utterance],
    question: KnownQuestion,
) -> Asked:
    listener = _Listener()
    clock = _After(max(utterance.end_ns for utterance in talk))
    lane = ConversationLane(
        settings,
        model=model,
        talker=listener,
        clock=clock,
        bot_names=(),
        persona_prompt="",
        persona_name="Meetbot",
        report=_fail,
    )
    present = {utterance.participant.id: utterance.participant for utterance in talk}
    lane.participants([ASKER, *present.values()])
    serving = asyncio.create_task(lane.run())
    for utterance in talk:
        lane.heard(utterance)
    try:
        await _read_ahead(lane, clock)
        began = asyncio.get_running_loop().time()
        _speak(lane, question, clock.now_ns())
        async with asyncio.timeout(LONGEST_SECONDS):
            await listener.done.wait()
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
    answer = "".join(listener.pieces).strip()
    return Asked(
        question.text, question.language, answer, question.judge(answer), listener.first_at - began
    )


async def _read_ahead(lane: ConversationLane, clock: Clock) -> None:
    """Until the model knows the talk, as it does in a meeting, where talk takes its time."""
    async with asyncio.timeout(LONGEST_SECONDS):
        while not lane.up_to_date:
            await clock.sleep_until(clock.now_ns() + LOOK_NS)


def _speak(lane: ConversationLane, question: KnownQuestion, now_ns: int) -> None:
    words = (ASKER, question.text, question.language, now_ns - 2 * NS_PER_S, now_ns)
    lane.noticed(TurnGuessed("question", *words))
    lane.noticed(TurnTaken("question", *words))


async def _fail(text: str) -> None:
    raise EngineError(text)
