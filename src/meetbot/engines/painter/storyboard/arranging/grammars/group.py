"""Several of one kind: a loose cluster, the first in front, the others behind its shoulders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.arranging.placing import air, nearness_of, stand

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.arranging.cast import Cast
    from meetbot.engines.painter.storyboard.arranging.page import Page
    from meetbot.engines.painter.storyboard.arranging.setting import Setting
    from meetbot.engines.painter.storyboard.values import Reading

__all__ = ["compose", "suits"]

_CLUSTER = ((0.0, 1.0), (-0.17, 0.62), (0.19, 0.72), (-0.31, 0.95), (0.06, 0.3))
"""Across from the middle of the cluster, and nearness."""
_ELSEWHERE = (0.84, 0.70, 0.92, 0.6)
_UNIT = {2: 0.6, 3: 0.54, 4: 0.5}


def suits(reading: Reading, cast: Cast, setting: Setting) -> float:
    """There are three or more of what it is most about."""
    if not cast.actors or setting.place == "abstract":
        return 0.0
    herd = [a for a in cast.actors if a.rank == 0]
    standing = herd[0].manner in ("stand", "swim", "ride") if herd else False
    return 0.72 if len(herd) >= 3 and standing else 0.0


def compose(page: Page, reading: Reading, cast: Cast) -> None:
    """The cluster on one third, the rest on the other side."""
    rng = page.rng
    herd = [actor for actor in cast.actors if actor.rank == 0]
    rest = [actor for actor in cast.actors if actor.rank > 0]
    mirrored = rng.random() < 0.5
    middle = 0.42 if rest else 0.5
    unit = _UNIT.get(len(herd), 0.46)
    zone = page.zone(zooms=True)
    for number, actor in enumerate(herd):
        aside, near = _CLUSTER[number % len(_CLUSTER)]
        across = middle + aside * rng.uniform(0.9, 1.1)
        across = 1 - across if mirrored else across
        look = "right" if rng.random() < (0.25 if mirrored else 0.75) else "left"
        near = min(1.0, near + rng.uniform(-0.06, 0.06))
        stand(page, zone, actor, across, near=near, unit=unit, look=look)  # type: ignore[arg-type]
    grounded = [actor for actor in rest if actor.manner not in ("fly", "float")]
    for number, actor in enumerate(grounded):
        across = _ELSEWHERE[number % len(_ELSEWHERE)]
        across = 1 - across if mirrored else across
        stand(page, zone, actor, across, near=nearness_of(page, actor), unit=unit)
    air(page, [actor for actor in rest if actor.manner in ("fly", "float")], unit=0.28)
