"""One after another: stations from left to right with an arrow to each next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.arranging.page import Spot
from meetbot.engines.painter.storyboard.arranging.placing import flip_to
from meetbot.engines.painter.storyboard.values import Arrow

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.arranging.cast import Cast
    from meetbot.engines.painter.storyboard.arranging.page import Page
    from meetbot.engines.painter.storyboard.arranging.setting import Setting
    from meetbot.engines.painter.storyboard.values import Reading

__all__ = ["compose", "suits"]

_FOOT, _HIGH = 0.72, 0.4


def suits(reading: Reading, cast: Cast, setting: Setting) -> float:
    """Three or four things of about one weight, as many doings, and no place for all."""
    kinds = {actor.rank: actor.weight for actor in cast.actors}
    if reading.place is not None or len(kinds) not in (3, 4) or len(reading.actions) < 2:
        return 0.0
    even = min(kinds.values()) >= 0.6 * max(kinds.values())
    return 0.94 if even and len(reading.actions) >= 3 else (0.62 if even else 0.0)


def compose(page: Page, reading: Reading, cast: Cast) -> None:
    """In the order of their mention as far as it is known, each on its own station."""
    firsts = [actor for actor in cast.actors if actor.number == 0]
    narrow = page.width < 1.3
    wave = page.rng.uniform(0.02, 0.05) * (3.2 if narrow else 1.0) * page.rng.choice((-1, 1))
    zone = page.zone()
    room = page.width / len(firsts)
    for number, actor in enumerate(firsts):
        height = min(_HIGH * actor.size**0.25, (0.9 if narrow else 0.62) * room / actor.aspect)
        x = room * (number + 0.5)
        foot = _FOOT + (wave if number % 2 else -wave)
        spot = Spot(actor, x, foot, height, flip=flip_to(actor, "right"), fixed=True)
        zone.spots.append(spot)
    for one, two in zip(zone.spots, zone.spots[1:], strict=False):
        left = min(one.x + 0.6 * one.width, one.x + 0.36 * room)
        right = max(two.x - 0.6 * two.width, two.x - 0.36 * room)
        start, end = one.y - one.height / 2, two.y - two.height / 2
        page.under.append(Arrow(left / page.width, start, right / page.width, end, -0.25))
