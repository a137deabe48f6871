"""Time. Nothing else in the program reads a clock.

A meeting's clock counts nanoseconds from the meeting's beginning on the event loop's monotonic
time, so that a loop with virtual time (tests) makes everything above it virtual as well.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol

__all__ = ["NS_PER_S", "Clock", "MeetingClock", "monotonic_ns", "wall_now"]

NS_PER_S = 1_000_000_000


class Clock(Protocol):
    """What the lanes know of time."""

    def now_ns(self) -> int:
        """Nanoseconds since the meeting began."""

    async def sleep_until(self, deadline_ns: int) -> None:
        """Return at ``deadline_ns`` on this clock, or at once when it has passed."""


class MeetingClock:
    """The running loop's time, counted from when this clock was made."""

    __slots__ = ("_origin",)

    def __init__(self) -> None:
        self._origin = asyncio.get_running_loop().time()

    def now_ns(self) -> int:
        """Nanoseconds since this clock was made."""
        return round((asyncio.get_running_loop().time() - self._origin) * NS_PER_S)

    async def sleep_until(self, deadline_ns: int) -> None:
        """Sleep to an absolute deadline, so that lateness never adds up."""
        await asyncio.sleep(max(0.0, (deadline_ns - self.now_ns()) / NS_PER_S))


def wall_now() -> datetime:
    """The date and time, UTC, for what people read (never for measuring)."""
    return datetime.now(UTC)


def monotonic_ns() -> int:
    """Real monotonic nanoseconds, the same for all processes of a machine: for measuring."""
    return time.monotonic_ns()
