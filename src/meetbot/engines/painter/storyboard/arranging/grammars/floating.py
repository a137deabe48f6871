"""Talk that plays nowhere: its things float about the first of them, in balance."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.arranging.page import Box, Spot
from meetbot.engines.painter.storyboard.arranging.placing import flip_to

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.arranging.cast import Actor, Cast
    from meetbot.engines.painter.storyboard.arranging.page import Page
    from meetbot.engines.painter.storyboard.arranging.setting import Setting
    from meetbot.engines.painter.storyboard.values import Reading

__all__ = ["compose", "suits"]


def suits(reading: Reading, cast: Cast, setting: Setting) -> float:
    """Symbols and things without a place."""
    if not cast.actors:
        return 0.0
    if setting.place == "abstract":
        return 0.3 if cast.humans else 0.6
    loose = sum(a.weight for a in cast.of("float", "fly", "lie"))
    everything = sum(a.weight for a in cast.actors)
    return 0.3 * loose / everything if everything else 0.0


def compose(page: Page, reading: Reading, cast: Cast) -> None:
    """The first near the middle, the others on an ellipse about it."""
    rng, width = page.rng, page.width
    zone = page.zone(Box(0.05, 0.05, width - 0.05, 0.84), level=False)
    first, *others = cast.actors
    others = others or [replace(first, rank=90, size=0.0) for _ in range(rng.randint(3, 5))]
    tilt = 4 + 14 * reading.energy
    side = rng.choice((-1, 1))
    x = width * (0.5 + side * (0.15 if len(others) == 1 else rng.uniform(0.0, 0.06)))
    big = 0.5 if len(others) < 4 else 0.42
    big *= min(1.0, 0.5 + 0.35 * width)
    zone.spots.append(_spot(first, x, 0.46 + big / 2, big, 0.0))
    start = rng.uniform(-0.4, 0.4) + (math.pi if side > 0 else 0.0)
    for number, actor in enumerate(others):
        angle = start + math.tau * number / max(len(others), 2) + rng.uniform(-0.2, 0.2)
        height = big * (0.46 + 0.26 * min(actor.size, 1.0)) * rng.uniform(0.9, 1.1)
        at = width / 2 + math.cos(angle) * (0.2 * width + 0.19)
        foot = 0.45 + math.sin(angle) * 0.25 + height / 2
        spot = _spot(actor, at, foot, height, rng.uniform(-tilt, tilt))
        spot.flip = flip_to(actor, "right" if at < x else "left")
        zone.spots.append(spot)


def _spot(actor: Actor, x: float, y: float, height: float, turn: float) -> Spot:
    return Spot(actor, x, y, height, turn=turn if len(actor.pieces) == 1 else 0.0, grounded=False)
