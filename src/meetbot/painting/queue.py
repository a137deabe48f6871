"""What waits to be painted: what was asked for, then a slot for each speaker, then guesses."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from meetbot.core.clock import Clock
    from meetbot.observe import Metrics
    from meetbot.painting.job import Job

__all__ = ["MOST_ASKED", "JobQueue"]

MOST_ASKED = 8
"""Explicit requests that may wait."""
MOST_GUESSES = 8


class JobQueue:
    """Jobs in the order in which they are painted.

    Explicit requests come first, in order. Each speaker has one slot, where the latest job wins;
    slots are taken in turn. Guesses (``sure`` False) are painted when nothing else waits; one
    that turns out right takes its speaker's slot. Jobs that are overdue are counted and told
    ``late``; void ones vanish.
    """

    def __init__(self, clock: Clock, metrics: Metrics, late: Callable[[Job], None]) -> None:
        self._clock = clock
        self._metrics = metrics
        self._late = late
        self._asked: deque[Job] = deque()
        self._slots: dict[str, Job] = {}
        self._guesses: deque[Job] = deque()
        self._news = asyncio.Event()

    def put(self, job: Job) -> bool:
        """One more; False where too many explicit requests wait already."""
        if not job.sure:
            if len(self._guesses) >= MOST_GUESSES:
                self._guesses.popleft()
            self._guesses.append(job)
        elif job.explicit:
            if len(self._asked) >= MOST_ASKED:
                return False
            self._asked.append(job)
        else:
            overtaken = self._slots.get(job.key)
            if overtaken is not None and not overtaken.void.is_set():
                overtaken.void.set()
                self._metrics.count("painting.overtaken.dropped")
            self._slots[job.key] = job
        self._news.set()
        return True

    def confirm(self, job: Job) -> bool:
        """A guess was right; where it still waits, it now waits as one that is sure."""
        job.sure = True
        if job not in self._guesses:
            return True
        self._guesses.remove(job)
        return self.put(job)

    async def next(self) -> Job:
        """What to paint now, as soon as there is something."""
        while True:
            job = self._take()
            if job is None:
                self._news.clear()
                await self._news.wait()
            elif job.void.is_set():
                continue
            elif job.due_ns <= self._clock.now_ns():
                self._late(job)
            else:
                return job

    def _take(self) -> Job | None:
        if self._asked:
            return self._asked.popleft()
        if self._slots:
            return self._slots.pop(next(iter(self._slots)))
        return self._guesses.popleft() if self._guesses else None
