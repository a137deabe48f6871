"""What is taken of what others send: how often, and in which letters."""

from __future__ import annotations

import unicodedata

from meetbot.core.clock import NS_PER_S, monotonic_ns

__all__ = ["MAX_NAME", "RateLimit", "clean_text", "shown_name"]

MAX_NAME = 64
"""Characters of a name, as it is shown."""


class RateLimit:
    """A token bucket: ``burst`` at once, ``per_second`` in the long run."""

    __slots__ = ("_at", "_burst", "_left", "_per_second")

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


def clean_text(text: str) -> str:
    """``text`` without control or invisible characters; white space becomes single blanks."""
    visible = "".join(" " if char.isspace() else char for char in text)
    kept = "".join(char for char in visible if not unicodedata.category(char).startswith("C"))
    return " ".join(kept.split())


def shown_name(name: str) -> str:
    """``name`` as it may be shown: cleaned, 64 characters at most; empty where nothing is left."""
    return clean_text(name[: 4 * MAX_NAME])[:MAX_NAME].strip()
