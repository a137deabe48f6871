"""One thread per model: its blocking work runs there, in order, off the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ModelThread"]

P = ParamSpec("P")
R = TypeVar("R")


class ModelThread:
    """Runs calls one after the other on a thread of its own.

    ``niceness`` (0…19) lets the event loop's thread go first where threads have priorities
    of their own (Linux), so that a busy model does not delay sound and signalling.
    """

    def __init__(self, name: str, *, niceness: int = 0) -> None:
        self._niceness = niceness
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name, initializer=self._settle)

    def _settle(self) -> None:
        if self._niceness and hasattr(os, "setpriority"):
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), self._niceness)

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Await ``work(...)`` on the thread; cancelling drops it if it has not begun."""
        future = self._executor.submit(work, *args, **kwargs)
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Let the current call end, drop the others, end the thread."""
        self._executor.shutdown(wait=False, cancel_futures=True)
