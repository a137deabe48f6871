"""A feast: the cake or the hero in the middle, guests at both sides, balloons above."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.arranging.cast import extra
from meetbot.engines.painter.storyboard.arranging.page import Spot
from meetbot.engines.painter.storyboard.arranging.placing import Side, stand
from meetbot.engines.painter.storyboard.arranging.verbs import does

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.arranging.cast import Actor, Cast
    from meetbot.engines.painter.storyboard.arranging.page import Page, Zone
    from meetbot.engines.painter.storyboard.arranging.setting import Setting
    from meetbot.engines.painter.storyboard.values import Reading

__all__ = ["compose", "suits"]

_FESTIVE = frozenset(
    (
        "birthday-cake",
        "balloon",
        "wrapped-gift",
        "party-popper",
        "confetti-ball",
        "clinking-glasses",
        "bottle-with-popping-cork",
        "trophy",
        "fireworks",
        "partying-face",
        "wedding",
        "christmas-tree",
        "sports-medal",
        "1st-place-medal",
    )
)
_GUESTS = (0.22, 0.78, 0.36, 0.64, 0.1, 0.9)
_AIR = ((0.12, 0.34), (0.88, 0.36), (0.26, 0.22), (0.74, 0.24), (0.5, 0.2), (0.4, 0.3))


def suits(reading: Reading, cast: Cast, setting: Setting) -> float:
    """There is something to celebrate."""
    festive = sum(actor.weight for actor in cast.actors if actor.icon in _FESTIVE)
    if not cast.actors or not festive:
        return 0.0
    glad = does(reading, "celebrate") or reading.mood > 0.6
    return 0.92 if glad or festive >= 0.4 * sum(a.weight for a in cast.actors) else 0.2


def compose(page: Page, reading: Reading, cast: Cast) -> None:
    """Nearly a mirror, as feasts are drawn."""
    aloft = cast.of("fly", "float")
    grounded = [actor for actor in cast.actors if actor not in aloft]
    middle = next((actor for actor in grounded if not actor.human), None)
    middle = middle or (grounded[0] if grounded else None)
    zone = page.zone(zooms=True)
    if middle is not None:
        spot = stand(page, zone, middle, 0.5, near=1.0, unit=0.5)
        spot.height = max(spot.height, 0.34)
    others = [actor for actor in grounded if actor is not middle]
    for number, actor in enumerate(sorted(others, key=lambda actor: not actor.human)):
        across = _GUESTS[number % len(_GUESTS)] + page.rng.uniform(-0.02, 0.02)
        near = 0.14 if actor.manner == "back" else (0.8 if actor.human else 1.0)
        stand(page, zone, actor, across, near=near, unit=0.5)
    _decorate(page, aloft)


def _decorate(page: Page, aloft: list[Actor]) -> None:
    rng = page.rng
    balloons = [extra("balloon", "object", rng) for _ in range(max(0, 4 - len(aloft)))]
    zone: Zone = page.zone(level=False)
    for number, actor in enumerate((*aloft, *balloons)):
        across, foot = _AIR[number % len(_AIR)]
        height = (0.24 if actor in aloft else 0.17) * rng.uniform(0.9, 1.12)
        side: Side = "right" if across < 0.5 else "left"
        spot = Spot(actor, across * page.width, foot + rng.uniform(0, 0.1), height, grounded=False)
        spot.turn = rng.uniform(-8, 8) if len(actor.pieces) == 1 else 0.0
        spot.flip = actor.icon == "party-popper" and side == "left"
        zone.spots.append(spot)
