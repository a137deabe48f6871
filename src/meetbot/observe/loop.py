"""How long single callbacks hold the event loop, and whether the loop or the machine was busy."""

from __future__ import annotations

import asyncio
import functools
import heapq
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LoopMonitor", "LoopReport", "Stall"]

NS_PER_MS = 1_000_000
WORST_KEPT = 10
_LONGEST_NAME = 160


@dataclass(frozen=True, slots=True, order=True)
class Stall:
    """One callback that held the loop.

    ``cpu_ms`` is what its thread computed. The rest of ``wall_ms`` it did not run: it waited in a
    blocking call, for the interpreter's lock, or for a core that something else was using.
    """

    wall_ms: float
    cpu_ms: float
    callback: str


@dataclass(frozen=True, slots=True)
class LoopReport:
    """All callbacks of a monitored stretch. ``slow``: how many held the loop over the limit."""

    callbacks: int
    slow: int
    slow_by_cpu: int
    longest_ms: float
    longest_cpu_ms: float
    worst: tuple[Stall, ...]


class LoopMonitor:
    """Times every callback of the running loop between ``__enter__`` and ``__exit__``.

    It wraps ``asyncio.Handle._run`` at some 2 µs a callback. One at a time.
    """

    def __init__(self, limit_ms: float = 20.0) -> None:
        self._limit_ns = round(limit_ms * NS_PER_MS)
        self._callbacks = self._slow = self._slow_by_cpu = 0
        self._longest_ns = self._longest_cpu_ns = 0
        self._worst: list[Stall] = []
        self._original: Callable[[asyncio.Handle], None] | None = None

    def __enter__(self) -> Self:
        loop = asyncio.get_running_loop()
        original = asyncio.Handle._run
        clock, cpu_clock, note = time.perf_counter_ns, time.thread_time_ns, self._note

        @functools.wraps(original)
        def timed(handle: asyncio.Handle) -> None:
            if handle._loop is not loop:  # type: ignore[attr-defined]
                original(handle)
                return
            began, cpu_began = clock(), cpu_clock()
            try:
                original(handle)
            finally:
                note(handle, clock() - began, cpu_clock() - cpu_began)

        self._original = original
        asyncio.Handle._run = timed  # type: ignore[method-assign,assignment]
        return self

    def __exit__(self, *exc: object) -> None:
        if self._original is not None:
            asyncio.Handle._run = self._original  # type: ignore[method-assign,assignment]

    def _note(self, handle: asyncio.Handle, wall_ns: int, cpu_ns: int) -> None:
        self._callbacks += 1
        self._longest_cpu_ns = max(self._longest_cpu_ns, cpu_ns)
        if wall_ns > self._longest_ns:
            self._longest_ns = wall_ns
        if wall_ns <= self._limit_ns:
            return
        self._slow += 1
        self._slow_by_cpu += cpu_ns > self._limit_ns
        stall = Stall(wall_ns / NS_PER_MS, cpu_ns / NS_PER_MS, _name(handle))
        self._worst = heapq.nlargest(WORST_KEPT, [*self._worst, stall])

    def report(self) -> LoopReport:
        """What was seen so far, the worst first."""
        return LoopReport(
            self._callbacks,
            self._slow,
            self._slow_by_cpu,
            self._longest_ns / NS_PER_MS,
            self._longest_cpu_ns / NS_PER_MS,
            tuple(self._worst),
        )


def _name(handle: asyncio.Handle) -> str:
    """The task's coroutine where the callback is a task's step, else the callback's own name."""
    callback = getattr(handle, "_callback", None)
    task = getattr(callback, "__self__", None)
    if isinstance(task, asyncio.Task):
        coroutine = task.get_coro()
        return f"{task.get_name()} {getattr(coroutine, '__qualname__', coroutine)}"[:_LONGEST_NAME]
    return str(getattr(callback, "__qualname__", callback))[:_LONGEST_NAME]
