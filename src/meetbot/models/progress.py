"""How far a pull is: figures from several threads, told one at a time and never going back."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from meetbot.models.files import folder_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["Meter", "Phase", "Progress", "watched"]

Phase = Literal["waiting", "fetching", "checking", "converting", "ready"]

_POLL_S = 0.15


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the pull of one entry is. ``done`` and ``total`` are bytes."""

    name: str
    phase: Phase
    done: int
    total: int


class Meter:
    """The progress of one entry, summed over what is fetched for it at the same time."""

    def __init__(self, name: str, report: Callable[[Progress], None]) -> None:
        self._name = name
        self._report = report
        self._lock = threading.Lock()
        self._sizes: dict[str, int] = {}
        self._total = 0

    def start(self, total: int) -> None:
        """``total`` bytes are going to be fetched."""
        with self._lock:
            self._sizes.clear()
            self._total = total
            self._tell("fetching")

    def fetched(self, what: str, size: int) -> None:
        """``size`` bytes of ``what`` are here by now."""
        with self._lock:
            if size > self._sizes.get(what, -1):
                self._sizes[what] = size
                self._tell("fetching")

    def say(self, phase: Phase) -> None:
        """Fetching is over, and ``phase`` has begun."""
        with self._lock:
            self._sizes = {"": self._total}
            self._tell(phase)

    def _tell(self, phase: Phase) -> None:
        done = min(sum(self._sizes.values()), self._total)
        self._report(Progress(self._name, phase, done, self._total))


@contextmanager
def watched(folder: Path, report: Callable[[int], None]) -> Iterator[None]:
    """Report the size of ``folder`` while the body runs, since a client shows us no figures."""
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(_POLL_S):
            report(folder_size(folder))

    thread = threading.Thread(target=look, name="meetbot-models-progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
