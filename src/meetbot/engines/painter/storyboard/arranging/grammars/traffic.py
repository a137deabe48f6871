"""On the road: vehicles in one direction, houses behind, people at the kerb."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.arranging.placing import Side, air, stand
from meetbot.engines.painter.storyboard.values import Band

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.arranging.cast import Cast
    from meetbot.engines.painter.storyboard.arranging.page import Page
    from meetbot.engines.painter.storyboard.arranging.setting import Setting
    from meetbot.engines.painter.storyboard.values import Reading

__all__ = ["RAILS", "compose", "lay_way", "suits"]

RAILS = frozenset(
    (
        "train",
        "locomotive",
        "bullet-train",
        "high-speed-train",
        "railway-car",
        "tram",
        "light-rail",
        "tram-car",
        "monorail",
    )
)
"""What goes on rails."""
_OUTDOORS = ("city", "street", "village", "road", "station", "airport")
_TOP, _HIGH = 0.71, 0.15
_KERB = (0.2, 0.82, 0.36, 0.66, 0.5, 0.92)


def lay_way(page: Page, band: Band) -> None:
    """A road or rails across the page, where the place itself has no such road.

    The road of the place ``road`` leads into the picture; things in profile go across it.
    """
    if page.setting.place == "road":
        page.setting = replace(
            page.setting, place=page.rng.choice(("field", "mountains", "desert"))
        )
    if page.setting.place != "street" or band.kind == "rails":
        page.under.append(band)


def suits(reading: Reading, cast: Cast, setting: Setting) -> float:
    """Vehicles are what it is about, where there are roads."""
    riding = cast.of("ride")
    if not riding or setting.place not in _OUTDOORS or reading.journey is not None:
        return 0.0
    return 0.82 if riding[0].rank == 0 else 0.58


def compose(page: Page, reading: Reading, cast: Cast) -> None:
    """The vehicles on the road in front, the rest between it and the horizon."""
    rng = page.rng
    riding = cast.of("ride")
    kind = "rails" if riding[0].icon in RAILS else "road"
    lay_way(page, Band("rails" if kind == "rails" else "road", _TOP, _HIGH))
    behind = page.zone()
    others = [a for a in cast.actors if a not in riding and a.manner not in ("fly", "float")]
    for number, actor in enumerate(others):
        across = _KERB[number % len(_KERB)]
        near = 0.12 if actor.size > 1.2 else 0.4
        spot = stand(page, behind, actor, across, near=near, unit=0.52)
        spot.y = min(spot.y, _TOP + 0.012)
    look: Side = rng.choice(("left", "right"))
    way = page.zone()
    places = (0.5, 0.84, 0.16) if not others else (0.56, 0.22, 0.88)
    for number, actor in enumerate(riding):
        across = places[number % 3] if look == "right" else 1 - places[number % 3]
        spot = stand(page, way, actor, across, near=1.0, unit=0.5, look=look)
        spot.y, spot.depth = _TOP + _HIGH * (0.8 if number % 2 == 0 else 0.5), 0.0
    air(page, cast.of("fly", "float"), unit=0.26)
