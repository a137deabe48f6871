"""What the session is told of the answers, in order and off the player's way."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from meetbot.core.voice import Answer, Spoken

__all__ = ["Narrator", "TalkSink"]

MOST_UNTOLD = 256


class TalkSink(Protocol):
    """Where it goes what the bot says."""

    async def spoken_so_far(self, answer: Answer, text: str) -> None:
        """``text``: the clauses of ``answer`` that have begun to sound."""

    async def spoken(self, spoken: Spoken) -> None:
        """A released answer is over: what was really said of it, perhaps nothing."""

    async def trouble(self, text: str) -> None:
        """A line for people: a part failed, or an answer in writing; the meeting goes on."""


@dataclass(frozen=True, slots=True)
class _Growing:
    answer: Answer
    text: str


class Narrator:
    """A queue to the sink: of growing captions the latest is kept, and 256 things in all."""

    def __init__(self, sink: TalkSink) -> None:
        self._sink = sink
        self._untold: deque[_Growing | Spoken | str] = deque(maxlen=MOST_UNTOLD)
        self._something = asyncio.Event()

    def grow(self, answer: Answer, text: str) -> None:
        """Another clause of ``answer`` began to sound."""
        last = self._untold[-1] if self._untold else None
        if isinstance(last, _Growing) and last.answer is answer:
            self._untold.pop()
        self._tell(_Growing(answer, text))

    def end(self, spoken: Spoken) -> None:
        """An answer is over."""
        self._tell(spoken)

    def trouble(self, text: str) -> None:
        """Something failed."""
        self._tell(text)

    async def run(self) -> None:
        """Tell the sink, until cancelled."""
        while True:
            while self._untold:
                match self._untold.popleft():
                    case _Growing(answer, text):
                        await self._sink.spoken_so_far(answer, text)
                    case str(text):
                        await self._sink.trouble(text)
                    case spoken:
                        await self._sink.spoken(spoken)
            self._something.clear()
            await self._something.wait()

    def _tell(self, what: _Growing | Spoken | str) -> None:
        self._untold.append(what)
        self._something.set()
