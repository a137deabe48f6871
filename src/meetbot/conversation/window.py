"""The part of the meeting that stands in every prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from meetbot.conversation.prompt import estimate_tokens, quoted

if TYPE_CHECKING:
    from meetbot.config import ConversationSettings
    from meetbot.conversation.memory import Line, Memory

__all__ = ["Window"]

KEPT_SHARE = 0.5
QUESTION_TOKENS = 500
LEAST_TOKENS = 200


class Window:
    """The latest lines of ``memory`` as the model reads them.

    Lines are only ever added at the end, so that what the model has read stays read; when they
    are too many or too old, half of them go at once.
    """

    def __init__(self, memory: Memory, *, budget_tokens: int, history_ns: int) -> None:
        self._memory = memory
        self._budget = budget_tokens
        self._history_ns = history_ns
        self._first = 0

    @classmethod
    def within(cls, settings: ConversationSettings, memory: Memory, system: str) -> Self:
        """As much as ``settings`` allow beside ``system``, a question and its answer."""
        taken = settings.max_answer_tokens + estimate_tokens(system) + QUESTION_TOKENS
        return cls(
            memory,
            budget_tokens=max(LEAST_TOKENS, settings.llm.context_tokens - taken),
            history_ns=round(settings.max_history_seconds * 1e9),
        )

    def lines(self, now_ns: int) -> list[Line]:
        """All lines in the window, the oldest first."""
        self._trim(now_ns)
        return self._memory.lines[self._first :]

    def rendered(self, now_ns: int) -> list[str]:
        """The same, as lines of a prompt."""
        return [self.render(line) for line in self.lines(now_ns)]

    def render(self, line: Line) -> str:
        """A line of the prompt."""
        return f"{quoted(self._memory.name(line.person))}: {quoted(line.text)}"

    def _trim(self, now_ns: int) -> None:
        lines = self._memory.lines
        if self._first >= len(lines):
            return
        horizon = now_ns - self._history_ns
        if lines[self._first].end_ns < horizon:
            recent = horizon + round(self._history_ns * (1 - KEPT_SHARE))
            while self._first < len(lines) - 1 and lines[self._first].end_ns < recent:
                self._first += 1
        costs = [estimate_tokens(self.render(line)) for line in lines[self._first :]]
        if (total := sum(costs)) > self._budget:
            for cost in costs:
                if total <= self._budget * KEPT_SHARE:
                    break
                total -= cost
                self._first += 1
