"""How often something may happen."""

from __future__ import annotations

from meetbot.core.clock import monotonic_ns

__all__ = ["RateLimit"]

NS_PER_S = 1_000_000_000


class RateLimit:
    """A token bucket: ``burst`` at once, ``per_second`` in the long run."""

    def __init__(self, *, per_second: float, burst: int) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._left = float(burst)
        self._at = monotonic_ns()

    def allows(self) -> bool:
        """Take one; False when there is none left."""
        now = monotonic_ns()
        self._left += (now - self._at) / NS_PER_S * self._per_second
        self._left, self._at = min(self._left, self._burst), now
        if self._left < 1:
            return False
        self._left -= 1
        return True
