"""A table in front with things on it, people behind it: a meal, or work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.arranging.page import Box, Spot
from meetbot.engines.painter.storyboard.arranging.placing import air, in_row, stand
from meetbot.engines.painter.storyboard.arranging.verbs import does
from meetbot.engines.painter.storyboard.values import Band, Panel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meetbot.engines.painter.storyboard.arranging.cast import Actor, Cast
    from meetbot.engines.painter.storyboard.arranging.page import Page, Zone
    from meetbot.engines.painter.storyboard.arranging.setting import Setting
    from meetbot.engines.painter.storyboard.values import Reading

__all__ = ["compose", "suits"]

_ROOMS = (
    "kitchen",
    "cafe",
    "office",
    "school",
    "home",
    "laboratory",
    "shop",
    "hospital",
    "factory",
)
_TOP = 0.66


def suits(reading: Reading, cast: Cast, setting: Setting) -> float:
    """Several small things in a room, or somebody is at work on one."""
    small = [actor for actor in cast.of("lie") if actor.size <= 0.75]
    if not small or not setting.indoors or setting.place not in _ROOMS:
        return 0.0
    if does(reading, "table"):
        return 0.85
    if len(cast.actors) == 1:
        return 0.78
    return 0.7 if len(small) >= 2 or cast.humans else 0.5


def compose(page: Page, reading: Reading, cast: Cast) -> None:
    """People behind, a board or window above them, the things on the table."""
    small = list(cast.of("lie", "swim"))[:6]
    signs = cast.of("float", "fly")
    humans = [actor.as_bust() for actor in cast.humans[:4]]
    rest = [a for a in cast.actors if a not in small and a not in signs and not a.human]
    small += [a for a in rest if a.size <= 0.6][:3]
    rest = [a for a in rest if a not in small]
    _behind(page, humans, rest)
    if signs and not (humans and page.width < 1.25):
        _board(page, signs[:3], beside=bool(humans))
    elif signs:
        air(page, signs)
    on = page.zone(Box(0.05, 0.2, page.width - 0.05, 0.9))
    on.under.append(Band("table", _TOP, 1 - _TOP))
    _lay(page, on, small, 0.44 if len(humans) < 2 else 0.3)


def _behind(page: Page, humans: Sequence[Actor], rest: Sequence[Actor]) -> None:
    zone = page.zone()
    left = page.rng.random() < 0.5
    places = {1: (0.3,), 2: (0.2, 0.44), 3: (0.16, 0.38, 0.6)}.get(
        len(humans), (0.14, 0.36, 0.6, 0.84)
    )
    for human, place in zip(humans, places, strict=False):
        across = place if left else 1 - place
        spot = stand(page, zone, human, across, near=0.5, unit=1.0)
        spot.height = 0.46 * human.size / max(h.size for h in humans)
        spot.y, spot.depth, spot.grounded = _TOP + 0.04, 0.0, False
    for number, actor in enumerate(rest):
        across = (0.8, 0.62, 0.92, 0.5)[number % 4]
        spot = stand(page, zone, actor, across if left else 1 - across, near=0.1, unit=0.46)
        spot.y = min(spot.y, _TOP + 0.02)


def _board(page: Page, signs: Sequence[Actor], *, beside: bool) -> None:
    crowd = page.zones[0].spots
    middle = sum(spot.x for spot in crowd) / len(crowd) if crowd else 0.0
    across = (0.74 if middle < page.width / 2 else 0.26) if beside else 0.5
    panel = Panel("board", across, 0.3, 0.4 if beside else 0.5, 0.42)
    half = panel.width * page.width / 2 - 0.05
    x = across * page.width
    zone = page.zone(Box(x - half, 0.14, x + half, 0.46), level=False, apart=True)
    zone.under.append(panel)
    in_row(zone, signs)


def _lay(page: Page, zone: Zone, small: Sequence[Actor], most: float) -> None:
    rng = page.rng
    0.46 if len(small) < 3 else 0.36
    places = (0.5, 0.76, 0.26, 0.9, 0.1, 0.63)
    mirrored = rng.random() < 0.5
    for number, actor in enumerate(small):
        loose = 0.14 if len(small) == 1 else 0.03
        across = places[number % len(places)] + rng.uniform(-loose, loose)
        across = 1 - across if mirrored else across
        height = (
            (0.46 if len(small) < 3 else 0.36)
            * (actor.size / 0.4) ** 0.5
            * (1.1 if number == 0 else 0.85)
        )
        foot = page.front - 0.045 - 0.05 * (number % 2)
        zone.spots.append(Spot(actor, across * page.width, foot, min(height, most)))
