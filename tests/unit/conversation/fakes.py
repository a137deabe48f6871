"""A model that writes what it is told to, a talker that notes what to say, and a meeting."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Self

from meetbot.config import ConversationSettings
from meetbot.conversation import ConversationLane
from meetbot.core.clock import MeetingClock
from meetbot.core.types import (
    Caption,
    ChatReceived,
    Participant,
    SpeechBegan,
    SpeechEnded,
    SpeechWent,
    TurnDropped,
    TurnGuessed,
    TurnTaken,
    Utterance,
)
from meetbot.core.voice import Spoken

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from meetbot.core.voice import Answer, ChatTurn

ANNA = Participant("1", "Anna")
DIANE = Participant("2", "Diane")
BORIS = Participant("3", "Борис")
BOT = Participant("bot", "Meetbot (AI)", is_bot=True)
S = 1_000_000_000


class WritingModel:
    """Answers every prompt with ``text``, a word a piece; notes what it read and wrote."""

    def __init__(self, text: str | Callable[[str], str] = "I am here.") -> None:
        self.text = text
        self.seconds_a_piece = 0.02
        self.prompts: list[list[ChatTurn]] = []
        self.read: list[list[ChatTurn]] = []
        self.prefill_seconds = 0.05
        self.written = 0
        self.stopped = 0
        self.error: Exception | None = None

    @property
    def model_id(self) -> str:
        return "writing"

    async def prefill(self, turns: Sequence[ChatTurn]) -> None:
        await asyncio.sleep(self.prefill_seconds)
        self.read.append(list(turns))

    async def reply(self, turns: Sequence[ChatTurn], *, max_tokens: int) -> AsyncGenerator[str]:
        self.prompts.append(list(turns))
        text = self.text if isinstance(self.text, str) else self.text(turns[-1].text)
        words = text.split(" ")[:max_tokens]
        try:
            for index, word in enumerate(words):
                await asyncio.sleep(self.seconds_a_piece)
                self.written += 1
                yield word if not index else f" {word}"
            if self.error is not None:
                raise self.error
        except (GeneratorExit, asyncio.CancelledError):
            self.stopped += 1
            raise

    async def close(self) -> None:
        pass


class NotingTalker:
    """Reads answers as they come; what is released counts as said once it is read to its end."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.texts: dict[str, str] = {}
        self.released: list[str] = []
        self.dropped: list[str] = []
        self.prepared_at: list[float] = []
        self.released_at: list[float] = []
        self._readers: list[asyncio.Task[None]] = []

    def prepare(self, answer: Answer) -> None:
        self.answers[answer.id] = answer
        self.texts[answer.id] = ""
        self.prepared_at.append(asyncio.get_running_loop().time())
        self._readers.append(asyncio.ensure_future(self._read(answer)))

    async def _read(self, answer: Answer) -> None:
        async for piece in answer.text:
            self.texts[answer.id] += piece

    def release(self, answer_id: str) -> None:
        self.released.append(answer_id)
        self.released_at.append(asyncio.get_running_loop().time())

    def drop(self, answer_id: str) -> None:
        self.dropped.append(answer_id)

    @property
    def said(self) -> list[str]:
        return [self.texts[answer_id] for answer_id in self.released]

    async def close(self) -> None:
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)


class Meeting:
    """A conversation lane in a room with ``present``, in virtual time."""

    def __init__(
        self,
        *present: Participant,
        model: WritingModel | None = None,
        settings: ConversationSettings | None = None,
        claimed: Callable[[str, bool], bool] = lambda _text, _by_name: False,
    ) -> None:
        self._claimed = claimed
        self.model = model or WritingModel()
        self.talker = NotingTalker()
        self.troubles: list[str] = []
        self._present = present or (ANNA, DIANE)
        self._settings = settings or ConversationSettings()
        self._turns = 0

    async def __aenter__(self) -> Self:
        self.clock = MeetingClock()
        self.lane = ConversationLane(
            self._settings,
            model=self.model,
            talker=self.talker,
            clock=self.clock,
            bot_names=["Meetbot (AI)"],
            persona_prompt="You are friendly.",
            persona_name="Meetbot",
            report=self._report,
            claimed=self._claimed,
        )
        self.lane.participants(self._present)
        self._running = asyncio.create_task(self.lane.run())
        await asyncio.sleep(0.5)
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._running
        await self.talker.close()

    async def _report(self, text: str) -> None:
        self.troubles.append(text)

    @property
    def now(self) -> int:
        return self.clock.now_ns()

    def begin(self, who: Participant) -> None:
        self.lane.noticed(SpeechBegan(who, self.now))

    async def speak(self, who: Participant, seconds: float) -> None:
        """Make voice, without words yet."""
        self.begin(who)
        for window in range(round(seconds / 0.032)):
            await asyncio.sleep(0.032)
            self.lane.noticed(SpeechWent(who, self.now, (window + 1) * 32.0))

    def guess(self, who: Participant, text: str, language: str = "en", start_s: float = 1.0) -> str:
        self._turns += 1
        turn = f"turn-{self._turns}"
        start = max(0, self.now - round(start_s * S))
        self.lane.noticed(TurnGuessed(turn, who, text, language, start, self.now))
        return turn

    def grow(self, who: Participant, text: str, language: str = "en") -> None:
        """What ``who`` has said so far."""
        turn_id = f"turn {self._turns}"
        caption = Caption(turn_id, who, None, text, language, S, 2 * S, final=False)
        self.lane.growing(caption)

    def drop(self, who: Participant, turn: str) -> None:
        self.lane.noticed(TurnDropped(turn, who))

    def take(
        self, who: Participant, turn: str, text: str, language: str = "en", start_s: float = 1.0
    ) -> None:
        self.lane.noticed(SpeechEnded(who, self.now))
        start = max(0, self.now - round(start_s * S))
        self.lane.noticed(TurnTaken(turn, who, text, language, start, self.now - S // 5))

    async def say(
        self, who: Participant, text: str, language: str = "en", *, seconds: float = 1.0
    ) -> None:
        """A whole turn: voice, a guess after a pause of 0.1 s, taken 0.1 s later, then final."""
        await self.speak(who, seconds)
        await asyncio.sleep(0.1)
        turn = self.guess(who, text, language, seconds + 0.1)
        await asyncio.sleep(0.1)
        self.take(who, turn, text, language, seconds + 0.2)
        self.hear(who, text, language, seconds=seconds, utterance_id=turn)
        await asyncio.sleep(0)

    def hear(
        self,
        who: Participant,
        text: str,
        language: str = "en",
        *,
        seconds: float = 1.0,
        utterance_id: str | None = None,
    ) -> None:
        """Only the final utterance."""
        self._turns += 1
        start = max(0, self.now - round(seconds * S))
        self.lane.heard(
            Utterance(
                utterance_id or f"u-{self._turns}", who, None, text, language, start, self.now
            )
        )

    def write(self, who: Participant, text: str) -> None:
        self.lane.chat(ChatReceived(who, text, self.now))

    async def settle(self, seconds: float = 1.0) -> None:
        await asyncio.sleep(seconds)

    def spoken(self, *, interrupted: bool = False) -> None:
        """The bot has said what it was released for last."""
        answer_id = self.talker.released[-1]
        text = self.talker.texts[answer_id]
        language = self.talker.answers[answer_id].language
        self.lane.spoken(
            Spoken(answer_id, text, language, max(0, self.now - S), self.now, interrupted)
        )
        self.hear(BOT, text, language)
