"""Reads the prompt ahead, in small steps, while nobody waits for an answer."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from meetbot.conversation.prompt import ask, before_question, build_prompt, estimate_tokens
from meetbot.core.channels import Channel, Overflow
from meetbot.core.errors import EngineError
from meetbot.wording.words import as_language

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from meetbot.core.clock import Clock
    from meetbot.core.ports import LanguageModel
    from meetbot.core.voice import ChatTurn

__all__ = ["ReadAhead"]

log = logging.getLogger(__name__)

STEP_TOKENS = 48
REST_NS = 1_500_000_000
SETTLE_NS = 700_000_000
"""What was just said is first told to people and painted, by the same processor."""
LEAST_WORDS = 3
"""Less of a question than this is not worth a step."""
RETRY_NS = 10_000_000_000


class ReadAhead:
    """Keeps ``model`` up to date with ``lines()``; ``hold`` stops it at once, ``go_on`` lets it.

    ``quiet()`` False: many talk, so the processor is left to recognition.
    """

    def __init__(
        self,
        model: LanguageModel,
        clock: Clock,
        *,
        system: str,
        lines: Callable[[], Sequence[str]],
        quiet: Callable[[], bool],
    ) -> None:
        self._model = model
        self._clock = clock
        self._system = system
        self._lines = lines
        self._quiet = quiet
        self._read: list[str] = []
        self._wanted = asyncio.Event()
        self._holders = 0
        self._step: asyncio.Task[None] | None = None
        self._one_step = asyncio.Lock()
        self._expected: Channel[tuple[str, str]] = Channel(1, Overflow.DROP_OLDEST)
        self._begun = False

    @property
    def up_to_date(self) -> bool:
        """Whether nothing of the prompt is left to be read."""
        return self._begun and not self.unread_tokens(self._lines())

    def changed(self) -> None:
        """There are new lines."""
        self._wanted.set()

    def expect(self, question: str, language: str) -> None:
        """Somebody is asking ``question``, which is not at its end yet."""
        self._expected.offer((question, language))

    def hold(self) -> None:
        """An answer is being written: stop reading."""
        self._holders += 1
        if self._step is not None:
            self._step.cancel()

    def go_on(self) -> None:
        """The counterpart of ``hold``."""
        self._holders -= 1
        self._wanted.set()

    def has_read(self, lines: Sequence[str]) -> None:
        """A reply to a prompt with ``lines`` was begun."""
        self._read = list(lines)

    def unread_tokens(self, lines: Sequence[str]) -> int:
        """About how many tokens of ``lines`` the model has not read."""
        common = 0
        for known, line in zip(self._read, lines, strict=False):
            if known != line:
                break
            common += 1
        return sum(estimate_tokens(line) for line in lines[common:])

    async def run(self) -> None:
        """Read until cancelled."""
        self._begun = await self._prefill(build_prompt(self._system, [], before_question("en")))
        while True:
            await self._wanted.wait()
            await self._rest(SETTLE_NS)
            self._wanted.clear()
            while not self._holders and (step := self._next_step()) is not None:
                while not self._quiet():
                    await self._rest(REST_NS)
                if not self._holders:
                    await self._read_step(step)
            await self._rest(REST_NS)

    async def read_questions(self) -> None:
        """Read what is being asked, until cancelled; only where all else has been read."""
        async for question, language in self._expected:
            sure = question.split()[:-1]
            free = self._quiet() and not self._one_step.locked() and self.up_to_date
            if len(sure) >= LEAST_WORDS and free:
                lines = list(self._lines())
                await self._prefill(
                    build_prompt(self._system, lines, ask(" ".join(sure), language))
                )

    def _next_step(self) -> list[str] | None:
        """The lines up to which to read now."""
        lines = list(self._lines())
        known = len(lines) - len(self._unread(lines))
        if known == len(lines):
            return None
        tokens, end = 0, known
        while end < len(lines) and (end == known or tokens < STEP_TOKENS):
            tokens += estimate_tokens(lines[end])
            end += 1
        return lines[:end]

    def _unread(self, lines: list[str]) -> list[str]:
        if lines[: len(self._read)] == self._read:
            return lines[len(self._read) :]
        self._read = []
        return lines

    async def _read_step(self, lines: list[str]) -> None:
        ahead = before_question(as_language(lines[-1])) if lines == list(self._lines()) else ""
        if await self._prefill(build_prompt(self._system, lines, ahead)):
            self._read, self._begun = lines, True

    async def _prefill(self, turns: list[ChatTurn]) -> bool:
        """Whether it was done; ``hold`` breaks it off, and so does an engine that fails."""
        async with self._one_step:
            if self._holders:
                return False
            self._step = asyncio.ensure_future(self._model.prefill(turns))
            try:
                await asyncio.wait({self._step})
            finally:
                step, self._step = self._step, None
                step.cancel()
        if step.cancelled():
            return False
        if isinstance(error := step.exception(), EngineError):
            log.warning("the prompt was not read ahead: %s", error)
            await self._rest(RETRY_NS)
        return step.exception() is None

    async def _rest(self, for_ns: int) -> None:
        await self._clock.sleep_until(self._clock.now_ns() + for_ns)
