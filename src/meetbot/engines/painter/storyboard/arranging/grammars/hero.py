"""One big subject; what else there is stands smaller about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.arranging.placing import air, nearness_of, stand

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.arranging.cast import Cast
    from meetbot.engines.painter.storyboard.arranging.page import Page, Spot
    from meetbot.engines.painter.storyboard.arranging.setting import Setting
    from meetbot.engines.painter.storyboard.values import Reading

__all__ = ["compose", "suits"]

_ABOUT = (0.74, 0.16, 0.88, 0.60, 0.05, 0.95, 0.26, 0.81)
_GROUND = ("stand", "ride", "swim", "lie")


def suits(reading: Reading, cast: Cast, setting: Setting) -> float:
    """One thing outweighs the others and stands alone."""
    if not cast.actors or setting.place == "abstract":
        return 0.0
    first, *others = cast.actors
    if first.manner not in _GROUND or any(other.rank == 0 for other in others):
        return 0.0
    if others and any(other.human for other in others) and not first.human:
        return 0.3
    rival = max((other.weight for other in others), default=0.0)
    return 0.75 if first.weight >= 1.5 * rival or len(cast.actors) == 1 else 0.35


def compose(page: Page, reading: Reading, cast: Cast) -> None:
    """The hero on a third in front, the others small and further off."""
    rng = page.rng
    hero, *others = cast.actors
    mirrored = rng.random() < 0.5
    zone = page.zone()
    across = rng.uniform(0.34, 0.42)
    across = 1 - across if mirrored else across
    height = rng.uniform(0.5, 0.62) * min(1.0, 0.6 + 0.25 * page.width)
    spot = stand(page, zone, hero, across, near=1.0, unit=1.0)
    spot.height = height
    _keep_narrow(spot, page)
    for number, actor in enumerate(other for other in others if other.manner in (*_GROUND, "back")):
        side = _ABOUT[number % len(_ABOUT)]
        side = 1 - side if mirrored else side
        near = min(nearness_of(page, actor), 0.8)
        stand(page, zone, actor, side, near=near, unit=0.44)
    air(page, [actor for actor in others if actor.manner in ("fly", "float")], unit=0.26)


def _keep_narrow(spot: Spot, page: Page) -> None:
    spot.height *= min(1.0, 0.6 * page.width / spot.width)
