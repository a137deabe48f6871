"""What makes a face alive besides its mouth: blinks, breathing, small movements of the head.

All of it is a sum of slow waves and of events at irregular times, computed from the time alone, so
it never repeats, has no seam, and is the same for the same seed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

__all__ = ["Life", "Pose"]

BLINK_EVERY_S = 3.8
BLINK_S = 0.26
SHUT_SHARE = 0.38
NOD_EVERY_S = 16.0
NOD_S = 1.4


@dataclass(frozen=True, slots=True)
class Pose:
    """``yaw``, ``pitch``, ``roll``, ``rise``, ``brows``: about -1…1; ``blink``: 0 open … 1 shut."""

    yaw: float
    pitch: float
    roll: float
    rise: float
    brows: float
    blink: float


class Life:
    """Poses over time. ``energy``: how lively, 0 listening … 1 talking."""

    def __init__(self, seed: int) -> None:
        chance = np.random.default_rng(seed)
        self._phases = chance.uniform(0, 2 * math.pi, 12)
        self._jitter = chance.uniform(-0.35, 0.35, 64)
        self._double = chance.uniform(0, 1, 64) < 0.18

    def pose(self, at_s: float, energy: float, stress: float) -> Pose:
        """The pose at ``at_s``; ``stress``: 0…1, how strongly a syllable is spoken just now."""
        reach = 0.55 + 0.45 * energy
        p = self._phases
        yaw = _waves(at_s, ((7.3, p[0], 0.6), (3.1, p[1], 0.25), (1.37, p[2], 0.12 * energy)))
        pitch = _waves(at_s, ((5.9, p[3], 0.4), (2.3, p[4], 0.2), (0.97, p[5], 0.14 * energy)))
        roll = _waves(at_s, ((9.1, p[6], 0.6), (4.3, p[7], 0.3)))
        rise = _waves(at_s, ((3.9, p[8], 0.8),))
        brows = _waves(at_s, ((11.0, p[9], 0.12),)) + 0.55 * stress
        pitch = pitch * reach + 0.35 * stress + 0.8 * self._nod(at_s) * (1 - energy)
        return Pose(yaw * reach, pitch, roll * reach, rise, brows, self._blink(at_s))

    def _nod(self, at_s: float) -> float:
        """0…1: a nod, down and half as far down again, every now and then."""
        number = math.floor(at_s / NOD_EVERY_S)
        begin = (number + 0.4 + self._jitter[number * 7 % 64]) * NOD_EVERY_S
        share = (at_s - begin) / NOD_S
        if not 0 < share < 1:
            return 0.0
        return math.sin(2 * math.pi * share) ** 2 * (1.0 if share < 0.5 else 0.5)

    def _blink(self, at_s: float) -> float:
        number = math.floor(at_s / BLINK_EVERY_S)
        shut = 0.0
        for slot in (number - 1, number, number + 1):
            begin = (slot + 0.5 + self._jitter[slot % 64]) * BLINK_EVERY_S
            shut = max(shut, _lid(at_s - begin))
            if self._double[slot % 64]:
                shut = max(shut, _lid(at_s - begin - 0.36))
        return shut


def _lid(since_s: float) -> float:
    """Down quickly, up more slowly."""
    share = since_s / BLINK_S
    if not 0 < share < 1:
        return 0.0
    if share < SHUT_SHARE:
        return math.sin(share / SHUT_SHARE * math.pi / 2) ** 2
    return math.cos((share - SHUT_SHARE) / (1 - SHUT_SHARE) * math.pi / 2) ** 2


def _waves(at_s: float, waves: tuple[tuple[float, float, float], ...]) -> float:
    return sum(
        size * math.sin(2 * math.pi * at_s / period + phase) for period, phase, size in waves
    )
