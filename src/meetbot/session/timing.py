"""Where the time goes between a question and its answer."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from meetbot.core.clock import NS_PER_S
from meetbot.core.types import TurnGuessed, TurnTaken

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from meetbot.conversation import Talker
    from meetbot.core.clock import Clock
    from meetbot.core.types import SpeechEvent
    from meetbot.core.voice import Answer
    from meetbot.observe import Metrics
    from meetbot.session.activity import Activities

__all__ = ["TimedTalker"]

MOST_ANSWERS = 64


class TimedTalker:
    """Passes answers on to ``talker``, and measures each step from the end of the question.

    In seconds, in this order: ``answer.guessed_s`` (the words are there, in case the turn ends),
    ``answer.taken_s`` (it has ended), ``answer.begun_s`` (the model is asked),
    ``answer.first_words_s``, ``answer.released_s`` (it may be said). The first sound is
    ``talking.question_to_sound_s``. ``activities`` is told of what others have to know.
    """

    def __init__(
        self, talker: Talker, clock: Clock, metrics: Metrics, activities: Activities
    ) -> None:
        self._talker = talker
        self._activities = activities
        self._clock = clock
        self._metrics = metrics
        self._ends: dict[str, int] = {}

    def noticed(self, event: SpeechEvent) -> None:
        """A turn's words are there."""
        if isinstance(event, TurnGuessed):
            self._measure("guessed", event.end_ns)
        elif isinstance(event, TurnTaken):
            self._measure("taken", event.end_ns)

    def prepare(self, answer: Answer) -> None:
        """The model begins to write."""
        self._measure("begun", answer.question_end_ns)
        while len(self._ends) >= MOST_ANSWERS:
            self._ends.pop(next(iter(self._ends)))
        self._ends[answer.id] = answer.question_end_ns
        self._activities.begun(answer.id)
        self._talker.prepare(replace(answer, text=self._timed(answer)))

    def release(self, answer_id: str) -> None:
        """It may be said."""
        end_ns = self._ends.pop(answer_id, None)
        if end_ns is not None:
            self._measure("released", end_ns)
            self._activities.asked(answer_id)
        self._talker.release(answer_id)

    def drop(self, answer_id: str) -> None:
        """It will not be said."""
        self._ends.pop(answer_id, None)
        self._activities.unasked(answer_id)
        self._talker.drop(answer_id)

    async def _timed(self, answer: Answer) -> AsyncGenerator[str]:
        first = True
        async with aclosing(answer.text) as pieces:
            async for piece in pieces:
                if first and piece.strip():
                    first = False
                    self._measure("first_words", answer.question_end_ns)
                yield piece

    def _measure(self, step: str, since_ns: int) -> None:
        seconds = (self._clock.now_ns() - since_ns) / NS_PER_S
        self._metrics.measure(f"answer.{step}_s", seconds)
