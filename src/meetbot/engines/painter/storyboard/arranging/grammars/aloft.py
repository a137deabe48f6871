"""In the sky: what flies is large and high, what there is on the ground small and low."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.arranging.page import Box, Spot
from meetbot.engines.painter.storyboard.arranging.placing import flip_to, nearness_of, stand

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.arranging.cast import Actor, Cast
    from meetbot.engines.painter.storyboard.arranging.page import Page
    from meetbot.engines.painter.storyboard.arranging.setting import Setting
    from meetbot.engines.painter.storyboard.values import Reading

__all__ = ["compose", "suits"]

_ACROSS = (0.36, 0.72, 0.16, 0.88, 0.56)
_MIDDLE = (0.36, 0.26, 0.2, 0.44, 0.14)
_STEADY = frozenset(("airplane-arrival", "airplane-departure", "rainbow", "cloud"))


def suits(reading: Reading, cast: Cast, setting: Setting) -> float:
    """What it is most about flies."""
    if not cast.actors or setting.place == "abstract" or setting.indoors:
        return 0.0
    return 0.8 if cast.actors[0].manner == "fly" and reading.journey is None else 0.0


def compose(page: Page, reading: Reading, cast: Cast) -> None:
    """The first flies on a third; the ground is low."""
    rng = page.rng
    mirrored = rng.random() < 0.5
    flying = cast.of("fly", "float")
    grounded = [actor for actor in cast.actors if actor not in flying]
    ground = page.zone()
    for number, actor in enumerate(grounded):
        across = (0.7, 0.24, 0.86, 0.5, 0.1)[number % 5]
        across = 1 - across if mirrored else across
        stand(page, ground, actor, across, near=nearness_of(page, actor), unit=0.42)
    bottom = 0.62 if grounded else 0.8
    sky = page.zone(Box(0.05, 0.05, page.width - 0.05, bottom), level=False)
    for number, actor in enumerate(flying):
        sky.spots.append(_flying(page, actor, number, mirrored=mirrored, energy=reading.energy))


def _flying(page: Page, actor: Actor, number: int, *, mirrored: bool, energy: float) -> Spot:
    rng = page.rng
    across = _ACROSS[number % len(_ACROSS)] + rng.uniform(-0.04, 0.04)
    across = 1 - across if mirrored else across
    height = 0.44 if actor.rank == 0 else 0.12 + 0.14 * min(actor.size, 1.2)
    height *= (0.75 if actor.number else 1.0) * min(1.0, 0.6 + 0.25 * page.width)
    middle = _MIDDLE[number % len(_MIDDLE)]
    spot = Spot(actor, across * page.width, middle + height / 2, height, grounded=False)
    spot.flip = flip_to(actor, "left" if across > 0.5 else "right")
    if len(actor.pieces) == 1 and actor.icon not in _STEADY:
        spot.turn = rng.uniform(-6, 6) * (0.5 + energy)
    return spot
