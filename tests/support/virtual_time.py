"""An event loop whose clock jumps to the next timer when there is nothing else to do."""

from __future__ import annotations

import asyncio
import contextlib
import selectors
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["VirtualTimeLoop", "follow_threads"]

SETTLING_SECONDS = 0.002
POLL_SECONDS = 0.05


class _Threads:
    """Calls that thread pools are working on, and when the last of them ended (real time)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running = 0
        self._last_end = 0.0

    def begin(self) -> None:
        with self._lock:
            self._running += 1

    def end(self, _future: Future[Any]) -> None:
        with self._lock:
            self._running -= 1
            self._last_end = time.perf_counter()

    def quiet(self) -> bool:
        """Nothing runs, and what ended last has had the time to tell the loop."""
        with self._lock:
            return not self._running and time.perf_counter() - self._last_end > SETTLING_SECONDS


_threads = _Threads()


@contextlib.contextmanager
def follow_threads() -> Iterator[None]:
    """Count the calls given to thread pools while inside, for ``VirtualTimeLoop`` to wait for."""
    original = ThreadPoolExecutor.submit

    def submit(
        pool: ThreadPoolExecutor, work: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Future[Any]:
        _threads.begin()
        try:
            future = original(pool, work, *args, **kwargs)
        except BaseException:
            _threads.end(Future())
            raise
        future.add_done_callback(_threads.end)
        return future

    ThreadPoolExecutor.submit = submit  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        ThreadPoolExecutor.submit = original  # type: ignore[method-assign]


class _JumpingSelector(selectors.DefaultSelector):
    """Waits for real only while a thread works; otherwise lets virtual time pass at once."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        while True:
            ready = super().select(0)
            if ready or timeout == 0:
                return ready
            if not _threads.quiet():
                ready = super().select(SETTLING_SECONDS)
            elif timeout is None:
                ready = super().select(POLL_SECONDS)
            else:
                self.now += max(0.0, timeout)
                return []
            if ready:
                return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Timers fire in order and at once: an hour of sleeping takes no time.

    Time stands still while a thread pool works on a call, so what is awaited from a thread takes
    no virtual time. Real sockets are served, but nothing waits for them: use a real loop there.
    """

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Seconds of virtual time since the loop was made."""
        return self._jumping.now
