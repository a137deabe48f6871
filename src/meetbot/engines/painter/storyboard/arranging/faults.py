"""What is wrong with a layout, as a number: subjects that are missing, hidden, or too small."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.arranging.cast import BALLOONS
from meetbot.engines.painter.storyboard.values import Bubble

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.arranging.cast import Actor, Cast
    from meetbot.engines.painter.storyboard.arranging.page import Page, Spot

__all__ = ["faults"]

_VISIBLE = 0.74
_SMALL = 0.085
_FIRST_SMALL = 0.16
_MISSING = 3.0


def faults(page: Page, cast: Cast) -> float:
    """0: every subject is there, to be seen, and large enough to be known; more is worse."""
    spots = [spot for zone in page.zones for spot in zone.drawn]
    order = {(spot.actor.rank, spot.actor.number): n for n, spot in enumerate(spots)}
    bubbles = any(isinstance(item, Bubble) for zone in page.zones for item in zone.under)
    total = 0.0
    for actor in cast.actors:
        if actor.subject and not (bubbles and actor.icon in BALLOONS):
            number = order.get((actor.rank, actor.number))
            total += _MISSING if number is None else _of(actor, number, spots)
    return total


def _of(actor: Actor, number: int, spots: list[Spot]) -> float:
    spot = spots[number]
    box = spot.box
    area: float = box.width * box.height
    covered = sum(box.overlap(other.box) for other in spots[number + 1 :]) / area
    unseen = max(0.0, covered - (1 - _VISIBLE))
    least = _FIRST_SMALL if actor.rank == 0 else _SMALL
    size = max(box.height, math.sqrt(area))
    small = max(0.0, 1 - size / least)
    return 2.0 * min(unseen, 1.0) + small
