"""Where the voice changes inside a turn: two people can share one with hardly a pause between.

Short windows slide over the turn; at every place where one person may stop and another begin
(between words, or in a pause) what is on the left is compared with what is on the right. The
likeliest changes are kept, then neighbours that turn out to be one voice are joined again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.types import SAMPLE_RATE
from meetbot.people.voices import voice_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.people.sound import Pause
    from meetbot.people.voices import Scorer

__all__ = ["LOOK_SECONDS", "LOOK_STEP", "Look", "changes", "look_starts"]

LOOK_SECONDS = 1.2
"""Windows that a change is looked for with."""
LOOK_STEP = 0.2
REACH_SECONDS = 2.6
"""How far to either side of a place its neighbourhood goes."""
SLACK_SECONDS = 0.15
"""How much of a window may hang over a place."""
LEAST_SECONDS = 0.7
"""Less than this of anyone is not parted from its neighbours."""


@dataclass(frozen=True, slots=True)
class Look:
    """Prints (n, d), in the calibrated space, of windows beginning at ``starts`` s of the turn."""

    prints: NDArray[np.float32]
    starts: NDArray[np.float64]


def look_starts(first: int, last: int) -> list[int]:
    """Where the windows begin, in samples, to cover speech from ``first`` to ``last``."""
    size, step = int(LOOK_SECONDS * SAMPLE_RATE), int(LOOK_STEP * SAMPLE_RATE)
    return list(range(first, last - size + 1, step))


def changes(
    look: Look, pauses: list[Pause], scorer: Scorer, *, first: int, last: int, least: float
) -> list[int]:
    """The samples where another voice takes over, in order.

    ``least``: how strong the evidence of a change must be (log odds).
    """
    spots = [
        (pause.at, _evidence(look, pause, scorer)) for pause in pauses if first < pause.at < last
    ]
    chosen: list[int] = []
    margin = LEAST_SECONDS * SAMPLE_RATE
    for at, odds in sorted(spots, key=lambda spot: -spot[1]):
        edges = [first, last, *chosen]
        if odds >= least and all(abs(at - edge) >= margin for edge in edges):
            chosen.append(at)
    return sorted(chosen)


def _evidence(look: Look, pause: Pause, scorer: Scorer) -> float:
    """Log odds that the voices on the two sides of a pause are two people's."""
    at = pause.at / SAMPLE_RATE
    ends = look.starts + LOOK_SECONDS
    left = (ends <= at + SLACK_SECONDS) & (look.starts >= at - REACH_SECONDS)
    right = (look.starts >= at - SLACK_SECONDS) & (ends <= at + REACH_SECONDS)
    if not left.any() or not right.any():
        return float("-inf")
    sides = [
        voice_of(
            look.prints[side],
            look.starts[side],
            LOOK_SECONDS,
            LOOK_SECONDS + LOOK_STEP * (np.count_nonzero(side) - 1),
        )
        for side in (left, right)
    ]
    return _turn_taking(pause.seconds) - scorer.same(sides[0], sides[1], near=True)


def _turn_taking(pause: float) -> float:
    """Log odds, from the pause alone, that someone else goes on after it."""
    if pause >= 0.3:
        return -1.0
    return -2.0 if pause >= 0.1 else -3.0
