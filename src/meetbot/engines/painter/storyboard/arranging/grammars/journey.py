"""From one place to another: a sign at each end, the way between, and who goes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from meetbot.engines.painter.storyboard.arranging.cast import extra
from meetbot.engines.painter.storyboard.arranging.grammars.traffic import RAILS, lay_way
from meetbot.engines.painter.storyboard.arranging.page import Box, Spot
from meetbot.engines.painter.storyboard.arranging.placing import air, flip_to, stand
from meetbot.engines.painter.storyboard.arranging.signpost import sign_width
from meetbot.engines.painter.storyboard.arranging.verbs import does
from meetbot.engines.painter.storyboard.values import Arrow, Band, Sign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meetbot.engines.painter.storyboard.arranging.cast import Actor, Cast
    from meetbot.engines.painter.storyboard.arranging.page import Page, Zone
    from meetbot.engines.painter.storyboard.arranging.setting import Setting
    from meetbot.engines.painter.storyboard.values import Journey, Reading

__all__ = ["compose", "draw_way", "suits"]

_AIR = ("airplane", "airplane-departure", "small-airplane", "helicopter", "rocket")
_GOING = ("ride", "fly", "lie", "back")
_ROAD_TOP, _ROAD_HIGH = 0.72, 0.13
_SIGN = 0.26


def suits(reading: Reading, cast: Cast, setting: Setting) -> float:
    """The reading names where it goes."""
    if reading.journey is None:
        return 0.0
    return 0.9 if does(reading, "travel") else 0.86


def compose(page: Page, reading: Reading, cast: Cast) -> None:
    """The way runs across the page; who goes it is in the middle, the rest at its ends."""
    rng = page.rng
    travellers = cast.of("ride") or [a for a in cast.of("fly") if a.icon in _AIR]
    travellers = travellers[:2] or [extra("automobile", "vehicle", rng)]
    flying = travellers[0].manner == "fly"
    rest = [actor for actor in cast.actors if actor not in travellers]
    rails = travellers[0].icon in RAILS
    lay_way(page, Band("rails" if rails else "road", _ROAD_TOP, _ROAD_HIGH))
    zone = page.zone()
    for number, actor in enumerate(a for a in rest if a.manner not in ("fly", "float")):
        across = (0.3, 0.72, 0.2, 0.62, 0.42, 0.82, 0.5)[number % 7]
        near = 0.12 if actor.size > 1.2 else 0.36
        stand(page, zone, actor, across, near=near, unit=0.66)
    way = page.zone()
    if flying:
        _fly_over(page, way, travellers)
    else:
        for number, actor in enumerate(travellers):
            spot = stand(page, way, actor, 0.46 + 0.24 * number, near=1.0, unit=0.46, look="right")
            spot.y, spot.depth = _ROAD_TOP + _ROAD_HIGH * 0.66, 0.0
    _signs(page, reading)
    air(page, [actor for actor in rest if actor.manner in ("fly", "float")], unit=0.24)


def _fly_over(page: Page, way: Zone, travellers: Sequence[Actor]) -> None:
    page.under.append(Arrow(0.16, 0.56, 0.84, 0.56, -0.9))
    for number, actor in enumerate(travellers):
        spot = stand(page, way, actor, 0.5 + 0.25 * number, near=0.9, unit=0.34, look="right")
        spot.y, spot.depth, spot.grounded = 0.42, 0.0, False
        spot.turn = 22.0 if actor.icon == "airplane" else 0.0


def _signs(page: Page, reading: Reading) -> None:
    journey = reading.journey
    if journey is None:
        return
    foot = _ROAD_TOP + 0.01
    for name, side in ((journey.start, "left"), (journey.end, "right")):
        if name:
            half = min(sign_width(name, _SIGN) / 2, 0.24 * page.width)
            x = half + 0.03 if side == "left" else page.width - half - 0.03
            kind: Literal["plate", "right"] = "plate" if side == "left" else "right"
            page.over.append(Sign(name, x / page.width, foot, _SIGN, kind=kind))
            page.keep_free(Box(x - half, foot - _SIGN, x + half, foot - 0.4 * _SIGN))


def draw_way(page: Page, zone: Zone, journey: Journey, actors: Sequence[Actor]) -> list[Actor]:
    """A journey in small, inside ``zone``: sign, arrow with what goes, sign. Who is on it."""
    box, width = zone.box, page.width
    sign = min(0.22, box.height * 0.66)
    line = box.bottom - 0.1 * box.height
    reach = min(0.2 * box.width, 0.26)
    if journey.start:
        page.over.append(Sign(journey.start, (box.left + reach / 2) / width, line, sign))
    if journey.end:
        page.over.append(
            Sign(journey.end, (box.right - reach / 2) / width, line, sign, kind="right")
        )
    left, right = box.left + reach * 1.2, box.right - reach * 1.2
    page.over.append(Arrow(left / width, line - 0.02, right / width, line - 0.02))
    going = [actor for actor in actors if actor.manner in _GOING][:3]
    going = going or [extra("delivery-truck", "vehicle", page.rng)]
    room = (right - left) / len(going)
    for number, actor in enumerate(going):
        height = min(0.62 * box.height, room * 0.86 / actor.aspect)
        x = left + room * (number + 0.5)
        zone.spots.append(
            Spot(
                actor,
                x,
                line - 0.05,
                height,
                flip=actor.role == "vehicle" and flip_to(actor, "right"),
                grounded=False,
                fixed=True,
            )
        )
    return going
