"""One answer on its way: its text is read, cut into clauses and voiced onto its own track.

All work behind an answer belongs to its ``Reply``, and so does the track it writes on: when the
answer is cancelled, whatever still comes of it has nowhere to go.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from meetbot.core.channels import Channel, Overflow
from meetbot.core.voice import VOICE_RATE
from meetbot.observe.traces import unexpected
from meetbot.talking.clauses import ClauseSplitter
from meetbot.talking.speakable import speakable
from meetbot.talking.track import Track

if TYPE_CHECKING:
    from collections.abc import Callable

    from meetbot.core.voice import Answer
    from meetbot.talking.voicing import Voicer

__all__ = ["Reply"]

log = logging.getLogger(__name__)

CLAUSES_AHEAD = 16
AHEAD_SAMPLES = 6 * VOICE_RATE
LAST_CLAUSE_BEFORE = 0.9
"""Share of the longest answer after which no clause begins, so that it need not be cut in one."""
LONGEST_TEXT_PER_S = 40
"""Nobody says more characters in a second; an answer's text is read no further."""


class Reply:
    """An answer being made. ``work`` makes it; the player plays ``track`` once ``released``."""

    def __init__(
        self,
        answer: Answer,
        voicer: Voicer,
        *,
        longest_s: float,
        came: Callable[[Reply], None],
        trouble: Callable[[str], None],
    ) -> None:
        self.answer = answer
        self.track = Track()
        self.released = False
        self.withdrawn = False
        self.complete = False
        self._voicer = voicer
        self._enough = round(longest_s * LAST_CLAUSE_BEFORE * VOICE_RATE)
        self._most_text = round(longest_s * LONGEST_TEXT_PER_S)
        self._came = came
        self._trouble = trouble
        self._clauses: Channel[str] = Channel(CLAUSES_AHEAD, Overflow.WAIT)
        self._wanted = asyncio.Event()
        self._unsaid: list[str] = []
        self._unread: Exception | None = None
        self._broken: Exception | None = None
        self._task: asyncio.Task[None] | None = None

    def begin(self, tasks: asyncio.TaskGroup) -> None:
        """Start the work in ``tasks``."""
        if not self.withdrawn:
            self._task = tasks.create_task(self._work(), name=f"answer {self.answer.id}")

    def release(self) -> None:
        """It will be said: go on beyond the first clause."""
        self.released = True
        self._wanted.set()

    def played(self) -> None:
        """Some of the track was played, so there is room for more."""
        self._wanted.set()

    def cancel(self) -> None:
        """Nothing more is wanted."""
        self.withdrawn = True
        if self._task is not None:
            self._task.cancel()

    async def _work(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                reading = tasks.create_task(self._read())
                cut_short = not await self._voice()
                reading.cancel()
            problem = self._problem()
            self.complete = not (cut_short or self._unread or self._broken)
        finally:
            self.track.finish()
        self._came(self)
        if problem:
            await self._until_released()
            self._trouble(problem)

    def _problem(self) -> str:
        """What people do not hear they get in writing; empty: they hear everything."""
        written = " ".join(self._unsaid)
        if self._broken is not None:
            return f"The voice failed ({self._broken}); the answer in writing: {written}"
        if written and not self.track.length:
            return f"The answer, which cannot be spoken: {written}"
        if self._unread is not None:
            return f"The answer breaks off: {self._unread}"
        return ""

    async def _read(self) -> None:
        """The answer's text to clauses; a text that breaks off ends there."""
        splitter = ClauseSplitter()
        read = 0
        try:
            async with contextlib.aclosing(self.answer.text) as text:
                async for piece in text:
                    for clause in splitter.push(piece):
                        await self._clauses.send(clause)
                    read += len(piece)
                    if read > self._most_text:
                        break
            for clause in splitter.finish():
                await self._clauses.send(clause)
        except Exception as error:
            log.error("an answer's text broke off: %s", error, exc_info=unexpected(error))
            self._unread = error
        finally:
            self._clauses.close()

    async def _voice(self) -> bool:
        """Clauses to sound, a little ahead of what is played. False: they were too many."""
        async for clause in self._clauses:
            await self._room_for_more()
            if self.track.length >= self._enough:
                return False
            if not await self._say(clause):
                self._unsaid.append(clause)
        return True

    async def _say(self, clause: str) -> bool:
        """False: it has no sound, or the voice failed."""
        language = self.answer.language
        spoken = speakable(clause, language)
        if not spoken or self._broken is not None:
            return False
        try:
            await self._voicer.say(clause, spoken, language, self.track, self._grown)
        except Exception as error:
            log.error("the voice failed: %s", error, exc_info=unexpected(error))
            self._broken = error
            return False
        return True

    def _grown(self) -> None:
        self._came(self)

    async def _until_released(self) -> None:
        while not self.released:
            self._wanted.clear()
            await self._wanted.wait()

    async def _room_for_more(self) -> None:
        """The first clause at once; the next ones once it is sure that they will be said."""
        while self.track.length and not (self.released and self.track.ahead <= AHEAD_SAMPLES):
            self._wanted.clear()
            await self._wanted.wait()
