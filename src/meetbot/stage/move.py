"""A slow move over a picture: where in it one looks at which moment. Pure."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace

from meetbot.core.clock import NS_PER_S

__all__ = ["MOVE_NS", "Move", "View", "move_of"]

MOVE_NS = 9 * NS_PER_S
"""After that long a picture stands still."""
NEAR = 1.045
BESIDE = 1.028
TURN = 0.7
"""So that no edge ever loses more than 2.4 % of the picture, where titles may stand."""


@dataclass(frozen=True, slots=True)
class View:
    """What is seen: ``1 / zoom`` of the picture's width and height.

    ``across``, ``down``: where in the picture, -1 (left, top) … 1 (right, bottom).
    """

    zoom: float
    across: float
    down: float


@dataclass(frozen=True, slots=True)
class Move:
    """From one view to another, without haste at both ends."""

    begin: View
    end: View

    def at(self, age_ns: int) -> View:
        """The view when the picture has been there for ``age_ns``."""
        share = min(1.0, max(0.0, age_ns / MOVE_NS))
        if share == 1.0:
            return self.end
        eased = share * share * (3 - 2 * share)
        return View(
            _between(self.begin.zoom, self.end.zoom, eased),
            _between(self.begin.across, self.end.across, eased),
            _between(self.begin.down, self.end.down, eased),
        )


def move_of(key: str) -> Move:
    """The move of the picture with this key: towards it, away from it, or along."""
    kind, turn, *_ = hashlib.blake2b(key.encode(), digest_size=4).digest()
    angle = 2 * math.pi * turn / 256
    across, down = math.cos(angle), math.sin(angle)
    whole, close = View(1.0, 0.0, 0.0), View(NEAR, across / 10, down / 10)
    if kind % 3 == 0:
        return Move(whole, close)
    if kind % 3 == 1:
        return Move(close, whole)
    there = View(BESIDE, TURN * across, TURN * down)
    return Move(replace(there, across=-there.across, down=-there.down), there)


def _between(one: float, other: float, share: float) -> float:
    return one + (other - one) * share
