"""Asks the bot questions by voice, one after the other, and notes when the answers were heard."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from meetbot.core.clock import NS_PER_S, monotonic_ns
from meetbot.demo.bot_voice import RATE, BotVoice, speech_bounds

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import numpy as np
    from numpy.typing import NDArray

    from meetbot.core.guests import RoomGuest
    from meetbot.demo.plan import PlannedQuestion

__all__ = ["Asker", "Exchange"]

PACKET_NS = 20_000_000
"""What a packet holds was said before it goes out."""
ANSWER_SECONDS = 20.0
PAUSE_NS = 400_000_000
"""A shorter one is between words, so the bot is still speaking."""
FINISHED_SECONDS = 1.4
"""Longer than the bot pauses in an answer, also where it was interrupted by a noise."""
LONGEST_SECONDS = 60.0
REPLY_SECONDS = 6.0
"""What was said into an answer may be answered as well; else that is no later question's answer."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and what was heard of its answer. Times are monotonic ns.

    ``interrupted_ns``: when the asker began to speak into the answer; None: they did not.
    ``heard``: begin and end of each stretch of the bot's sound after the question.
    """

    question: str
    question_end_ns: int
    interrupted_ns: int | None
    heard: tuple[tuple[int, int], ...]

    @property
    def voice_to_voice_s(self) -> float | None:
        """From the last sound of the question to the first of the answer; None: there was none."""
        if not self.heard:
            return None
        return (self.heard[0][0] - self.question_end_ns) / NS_PER_S

    @property
    def barge_in_s(self) -> float | None:
        """From the interruption's first sound to silence; None: the bot was not speaking then."""
        at = self.interrupted_ns
        if at is None:
            return None
        silent = at
        for begin, end in self.heard:
            if end > at and begin - silent < PAUSE_NS:
                silent = end
        return (silent - at) / NS_PER_S if silent > at else None

    def to_json(self) -> dict[str, Any]:
        """For a line between processes."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Exchange:
        """What ``to_json`` gave."""
        heard = tuple((begin, end) for begin, end in values.pop("heard"))
        return cls(**values, heard=heard)


class Asker:
    """``client``'s questions; ``load`` reads a sound file as int16 mono at 48 kHz."""

    def __init__(
        self,
        client: RoomGuest,
        voice: BotVoice,
        load: Callable[[str], Awaitable[NDArray[np.int16]]],
    ) -> None:
        self._client = client
        self._voice = voice
        self._load = load

    async def ask(self, question: PlannedQuestion, begin_ns: int) -> Exchange:
        """When it is time and the bot has finished, ask; then hear the answer out."""
        clip = await self._load(question.file)
        noise = await self._load(question.barge_in) if question.barge_in else None
        due_s = begin_ns / NS_PER_S + question.at - monotonic_ns() / NS_PER_S
        await asyncio.sleep(max(0.0, due_s))
        await self._voice.quiet(FINISHED_SECONDS)
        _, end_ns = await self._say(clip)
        begun_ns = await self._voice.begins(end_ns, ANSWER_SECONDS)
        interrupted_ns = None
        if begun_ns is not None and noise is not None:
            await _until(begun_ns + round(question.barge_in_after * NS_PER_S))
            interrupted_ns, over_ns = await self._say(noise)
            await self._voice.begins(over_ns, REPLY_SECONDS)
        async with asyncio.timeout(LONGEST_SECONDS):
            await self._voice.quiet(FINISHED_SECONDS)
        return Exchange(
            question=question.text,
            question_end_ns=end_ns,
            interrupted_ns=interrupted_ns,
            heard=tuple(self._voice.since(end_ns)),
        )

    async def _say(self, clip: NDArray[np.int16]) -> tuple[int, int]:
        """When its first and its last sound were made, as at a microphone."""
        first, last = speech_bounds(clip)
        played = await self._client.play(clip)
        begin_ns = played.first_ns - PACKET_NS
        return begin_ns + first * NS_PER_S // RATE, begin_ns + last * NS_PER_S // RATE


async def _until(at_ns: int) -> None:
    await asyncio.sleep(max(0.0, (at_ns - monotonic_ns()) / NS_PER_S))
