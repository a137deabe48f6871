"""What the bot is doing, told to the room whenever it changes: listening, thinking, speaking."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from meetbot.core.types import Activity, ActivityChanged

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from meetbot.core.clock import Clock

__all__ = ["Activities"]

LONGEST_THOUGHT_SECONDS = 20.0
"""An answer that makes no sound by then will make none."""
LONGEST_HASTE_SECONDS = 1.5
"""What makes way for an answer's first words does so no longer."""


class Activities:
    """Follows the answers; ``run`` tells the latest state, and never the same one twice.

    Changes that come while one is being told are told as one.
    """

    def __init__(self, tell: Callable[[ActivityChanged], Awaitable[None]], clock: Clock) -> None:
        self._tell = tell
        self._clock = clock
        self._awaited: set[str] = set()
        self._sounding: str | None = None
        self._changed = asyncio.Event()
        self._told: Activity | None = None
        self._begun: set[str] = set()
        self._at_ease = asyncio.Event()
        self._at_ease.set()

    @property
    def now(self) -> Activity:
        """What the bot does."""
        if self._sounding is not None:
            return Activity.SPEAKING
        return Activity.THINKING if self._awaited else Activity.LISTENING

    def begun(self, answer_id: str) -> None:
        """What may have to be answered is being answered, whether or not its turn is over."""
        self._begun.add(answer_id)
        self._at_ease.clear()

    async def at_ease(self) -> None:
        """Wait until nobody waits for an answer's first sound; at most 1.5 s."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_HASTE_SECONDS):
                await self._at_ease.wait()

    def asked(self, answer_id: str) -> None:
        """The question's turn is over, and its answer will be said."""
        self._awaited.add(answer_id)
        self._changed.set()

    def sounds(self, answer_id: str) -> None:
        """An answer is heard."""
        self._settle(answer_id)
        self._sounding = answer_id
        self._changed.set()

    def unasked(self, answer_id: str) -> None:
        """An answer will not be said; one that is being said has yet to end."""
        self._settle(answer_id)
        self._changed.set()

    def over(self, answer_id: str) -> None:
        """No more of an answer is heard."""
        self._settle(answer_id)
        if self._sounding == answer_id:
            self._sounding = None
        self._changed.set()

    async def run(self) -> None:
        """Tell until cancelled."""
        while True:
            self._changed.clear()
            if (now := self.now) is not self._told:
                self._told = now
                await self._tell(ActivityChanged(now, self._clock.now_ns()))
                continue
            await self._wait()

    def _settle(self, answer_id: str) -> None:
        """Nobody waits for its first sound any more."""
        self._awaited.discard(answer_id)
        self._begun.discard(answer_id)
        if not self._begun:
            self._at_ease.set()

    async def _wait(self) -> None:
        """Until something changes; what was thought about for too long is given up."""
        thinking = self._told is Activity.THINKING
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_THOUGHT_SECONDS if thinking else None):
                await self._changed.wait()
                return
        for answer_id in tuple(self._awaited):
            self._settle(answer_id)
