"""Frames at a steady pace: absolute times, late ones left out and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.core.clock import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from meetbot.core.clock import Clock

__all__ = ["Pacer"]


class Pacer:
    """Says when the next frame of a track is due. ``late``: how many were left out so far."""

    def __init__(self, clock: Clock, fps: int) -> None:
        self._clock = clock
        self._fps = fps
        self._closed = False
        self.late = 0

    async def times(self) -> AsyncIterator[int]:
        """Meeting times ``1/fps`` apart, each when it is due, until ``close``.

        Those that passed while the one before was painted are left out. May be iterated again.
        """
        origin, number = self._clock.now_ns(), 0
        while not self._closed:
            due = origin + number * NS_PER_S // self._fps
            await self._clock.sleep_until(due)
            yield due
            number = self._next(number, self._clock.now_ns() - origin)

    def close(self) -> None:
        """No more times after the present one."""
        self._closed = True

    def _next(self, number: int, passed_ns: int) -> int:
        """The number of the next frame that is due, or is due next."""
        number += 1
        latest = ((passed_ns + 1) * self._fps - 1) // NS_PER_S
        if latest > number:
            self.late += latest - number
            return latest
        return number
