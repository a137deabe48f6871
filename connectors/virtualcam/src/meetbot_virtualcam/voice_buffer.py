"""What the bot says on the axis of time, between who puts it there and who plays it."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.clock import NS_PER_S
from meetbot_virtualcam.sound_ports import RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MOST_AHEAD_NS", "VoiceBuffer"]

MS = RATE // 1_000
MOST_AHEAD_NS = 70_000_000
"""Of what is to come, no more than this is kept: what is said after an interruption is less."""

MOST_SHIFT = 40 * MS
JOIN = 2 * MS


class VoiceBuffer:
    """What is to be played, on the axis of time; both ends may be on threads of their own.

    Sound that comes late is played at once, and what follows it comes as much later, 40 ms at
    most, until the next pause.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pieces: deque[tuple[int, NDArray[np.int16]]] = deque()
        self._head = 0
        self._tail = 0
        self._shift = 0
        self.underruns = 0
        """How often sound came too late for its time."""
        self.dropped = 0
        """Samples that were never played: too late, or too far ahead."""

    def put(self, samples: NDArray[np.int16], at_ns: int) -> None:
        """Play ``samples`` (int16 mono, 48 kHz), the first at ``at_ns`` (monotonic)."""
        with self._lock:
            due = at_ns * RATE // NS_PER_S
            if due >= self._tail:
                self._shift = 0
            start = due + self._shift
            if abs(start - self._tail) <= JOIN or start < self._tail:
                start = self._tail
            if start < self._head:
                self.underruns += 1
                start, samples = self._late(due, samples)
            ahead = self._head + MOST_AHEAD_NS * MS // 1_000_000
            kept = samples[: max(0, ahead - start)]
            self.dropped += len(samples) - len(kept)
            if len(kept):
                self._pieces.append((start, kept))
                self._tail = start + len(kept)

    def _late(self, due: int, samples: NDArray[np.int16]) -> tuple[int, NDArray[np.int16]]:
        self._shift = self._head - due
        skipped = min(len(samples), max(0, self._shift - MOST_SHIFT))
        self._shift = min(self._shift, MOST_SHIFT)
        self.dropped += skipped
        return self._head, samples[skipped:]

    def take(self, start: int, count: int) -> NDArray[np.int16] | None:
        """The ``count`` samples from index ``start`` of the axis on; None: silence."""
        with self._lock:
            self._head = start + count
            taken = None
            while self._pieces and self._pieces[0][0] < self._head:
                at, piece = self._pieces.popleft()
                skip = max(0, start - at)
                part = piece[skip : self._head - at]
                if len(part):
                    taken = np.zeros(count, dtype=np.int16) if taken is None else taken
                    taken[at + skip - start :][: len(part)] = part
                if self._head - at < len(piece):
                    self._pieces.appendleft((self._head, piece[self._head - at :]))
            return taken
