"""Writes one answer: looked up, written by the model, and held against what was said."""

from __future__ import annotations

import logging
from contextlib import aclosing
from typing import TYPE_CHECKING

from meetbot.conversation.grounding import Grounds
from meetbot.conversation.phrases import Phrase
from meetbot.conversation.prompt import ask, build_prompt
from meetbot.conversation.questions import Aim
from meetbot.conversation.writing import clauses, is_whole
from meetbot.core.errors import EngineError
from meetbot.wording.words import content_stems

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from meetbot.config import ConversationSettings
    from meetbot.conversation.ahead import ReadAhead
    from meetbot.conversation.lookup import Lookup, Plan
    from meetbot.conversation.memory import Line
    from meetbot.conversation.questions import Question
    from meetbot.conversation.window import Window
    from meetbot.core.clock import Clock
    from meetbot.core.ports import LanguageModel
    from meetbot.core.types import Participant

__all__ = ["Answerer"]

log = logging.getLogger(__name__)

MOST_UNREAD_TOKENS = 250
"""More of the talk than this is not read first: the question waits for its answer."""
SHORT_LINES = 6


class Answerer:
    """Answers questions with ``model``. ``persona``: its name, and the prompt's beginning."""

    def __init__(
        self,
        settings: ConversationSettings,
        model: LanguageModel,
        clock: Clock,
        persona: tuple[str, str],
        lookup: Lookup,
        window: Window,
        ahead: ReadAhead,
        report: Callable[[str], Awaitable[None]],
    ) -> None:
        self._settings = settings
        self._model = model
        self._clock = clock
        self._name, self._system = persona
        self._lookup = lookup
        self._window = window
        self._ahead = ahead
        self._report = report

    async def write(
        self, question: str, language: str, asker: Participant, line_id: str = ""
    ) -> AsyncGenerator[str]:
        """The answer to ``question`` in pieces that can be spoken; never empty, never raises.

        ``line_id``: the line of the talk that asks it, if it is one already.
        """
        plan = self._lookup.plan(question, language, asker.id, self._clock.now_ns())
        if plan.direct is not None:
            yield plan.direct
            return
        said = ""
        self._ahead.hold()
        try:
            async with aclosing(self._written(plan, asker, line_id)) as pieces:
                async for piece in pieces:
                    said += piece
                    yield piece
        except EngineError as error:
            log.warning("%s", error)
            await self._report(f"An answer was not written to its end: {error}")
            if not said:
                yield Phrase.BROKEN.text(language)
            return
        finally:
            self._ahead.go_on()
        if not said:
            yield plan.fallback or Phrase.SPEECHLESS.text(language)
        elif not is_whole(said):
            yield f"… {Phrase.UNSURE.text(language)} {plan.fallback or ''}".rstrip()

    def _written(self, plan: Plan, asker: Participant, line_id: str) -> AsyncGenerator[str]:
        question = plan.question
        window = self._window_lines(line_id)
        held = {line.id for line in window} if question.since_ns is None else set()
        held.add(line_id)
        lines = [self._window.render(line) for line in window]
        evidence = [self._window.render(line) for line in plan.evidence if line.id not in held]
        prompt = build_prompt(self._system, lines, ask(question.text, question.language, evidence))
        self._ahead.has_read(lines)
        limit = self._settings.max_answer_tokens
        grounds = self._grounds(plan, asker)
        return clauses(
            self._model.reply(prompt, max_tokens=limit),
            labels=self._labels(question, lines),
            max_tokens=limit,
            holds=lambda clause, before: grounds is None or grounds.hold(clause, before),
            tells=lambda text: not plan.about_meeting or self._tells(question, text),
        )

    def _labels(self, question: Question, lines: list[str]) -> set[str]:
        """Who a line of the prompt may begin with; a name may be what was asked for."""
        others = () if question.asks_who else (line.partition(":")[0] for line in lines)
        return {self._name, *others}

    def _tells(self, question: Question, text: str) -> bool:
        """Whether an answer has anything to it; a summary must have words of the meeting."""
        if question.aim is Aim.SUMMARY:
            return any(self._lookup.heard.lines_with(word) for word in content_stems(text))
        return question.is_told_by(text)

    def _window_lines(self, without: str) -> list[Line]:
        """The window, or its end where the model would have to read too much of it first.

        A small model takes a question that is among the lines for something that was told.
        """
        window = self._window.lines(self._clock.now_ns())
        lines = [line for line in window if line.id != without]
        unread = self._ahead.unread_tokens([self._window.render(line) for line in lines])
        return lines if unread <= MOST_UNREAD_TOKENS else lines[-SHORT_LINES:]

    def _grounds(self, plan: Plan, asker: Participant) -> Grounds | None:
        """What the answer's names and numbers are held against; None: it is not of the meeting."""
        if not plan.about_meeting:
            return None
        return Grounds(
            self._lookup.heard,
            self._lookup.find_people,
            question=plan.question.text,
            beside=[asker.name, self._name],
            asked_who=plan.question.asks_who,
        )
