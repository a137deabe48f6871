"""When each frame is due: at absolute deadlines, so that the pace never drifts."""

from __future__ import annotations

from meetbot.core.clock import NS_PER_S

__all__ = ["Pace"]


class Pace:
    """Deadlines at ``fps`` from ``begin_ns`` on. Those that were slept through are left out."""

    def __init__(self, fps: float, begin_ns: int) -> None:
        if fps <= 0:
            raise ValueError(f"a pace of {fps} frames per second")
        self._fps = fps
        self._begin_ns = begin_ns
        self._count = 0
        self.missed = 0
        """Deadlines that were left out so far."""

    @property
    def due_ns(self) -> int:
        """When the next frame is due."""
        return self._begin_ns + round(self._count * NS_PER_S / self._fps)

    def sent(self, now_ns: int) -> None:
        """A frame went out; the next is due at the first deadline after ``now_ns``."""
        self._count += 1
        following = int((now_ns - self._begin_ns) * self._fps / NS_PER_S) + 1
        if following > self._count:
            self.missed += following - self._count
            self._count = following
