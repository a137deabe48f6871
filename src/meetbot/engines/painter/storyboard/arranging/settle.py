"""Moves the spots of a page apart until none hides another and all are inside their zones."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meetbot.engines.painter.storyboard.arranging.page import Page, Spot, Zone

__all__ = ["hidden", "settle"]

_ROUNDS = 16
_SHRINKINGS = 8
_SHRINK = 0.9
_SAME_PLANE = 0.035
_COVER = 0.14
_TOUCH = 0.04
_STEP = 0.7
_LEAST_STEP = 0.004
_FILLED = 0.56
_CROWDED = 1.05
_CROWDED_AIR = 0.75
_MOST_ZOOM = 1.65
_TALLEST = 0.7


class _Pair(NamedTuple):
    """Two spots that may meet, ``front`` drawn after ``behind``; how much may be covered."""

    behind: Spot
    front: Spot
    limit: float
    mutual: bool


def settle(page: Page) -> None:
    """Fills the page, then moves, and where there is no room shrinks, what is on it."""
    for zone in page.zones:
        if not zone.apart:
            _zoom(zone)
        for spot in zone.spots:
            _fit(spot, zone)
    pairs = _pairs(page.zones)
    for _ in range(_SHRINKINGS):
        crowded = _part(page.zones, pairs)
        if not crowded:
            return
        for spot in crowded:
            if not spot.fixed:
                spot.height *= _SHRINK


def hidden(behind: Spot, front: Spot) -> float:
    """Which share of ``behind`` is covered by ``front``, by their boxes."""
    box = behind.box
    return box.overlap(front.box) / (box.width * box.height)


def _zoom(zone: Zone) -> None:
    """Enlarges a few small things until they fill the zone, and shrinks many for all to fit."""
    spots = [spot for spot in zone.spots if spot.actor.manner != "back" and not spot.fixed]
    if not spots:
        return
    if zone.level:
        filled = sum(spot.width for spot in spots) / zone.box.width
    else:
        area = sum(spot.width * spot.height for spot in spots)
        filled = math.sqrt(area / (zone.box.width * zone.box.height))
    zoom = min(1.0, (_CROWDED if zone.level else _CROWDED_AIR) / filled)
    if zone.zooms:
        tallest = max(spot.height for spot in spots)
        zoom = max(zoom, min(_FILLED / filled, _TALLEST / tallest, _MOST_ZOOM))
    for spot in zone.spots:
        if not spot.fixed:
            spot.height *= zoom


def _fit(spot: Spot, zone: Zone) -> None:
    """No spot is larger than its zone."""
    tall = spot.y - zone.box.top if zone.level else zone.box.height
    spot.height *= min(1.0, tall / spot.height, zone.box.width / spot.width)
    _keep_inside(spot, zone)


def _pairs(zones: Sequence[Zone]) -> list[_Pair]:
    found: list[_Pair] = []
    for number, zone in enumerate(zones):
        for other in zones[number + 1 :]:
            if not (zone.apart or other.apart):
                limit = _TOUCH if zone.level and not other.level else _COVER
                found += [_Pair(a, b, limit, False) for a in zone.spots for b in other.spots]
        for index, one in enumerate(zone.spots):
            for two in zone.spots[index + 1 :]:
                behind, front = (one, two) if one.y <= two.y or not zone.level else (two, one)
                near = not zone.level or front.y - behind.y < _SAME_PLANE
                found.append(_Pair(behind, front, _TOUCH if near else _COVER, near))
    return [pair for pair in found if not (pair.behind.fixed and pair.front.fixed)]


def _part(zones: Sequence[Zone], pairs: Sequence[_Pair]) -> list[Spot]:
    """Those that are still in each other's way after a while; none: all is well."""
    crowded: list[Spot] = []
    free = {id(spot) for zone in zones if not zone.level for spot in zone.spots}
    for _ in range(_ROUNDS):
        crowded = []
        for pair in pairs:
            if _meet(pair):
                crowded += pair[:2]
                _push(pair, free)
        if not crowded:
            break
        for zone in zones:
            for spot in zone.spots:
                _keep_inside(spot, zone)
    return crowded


def _meet(pair: _Pair) -> bool:
    behind, front, limit, mutual = pair
    wide, high = behind.height * behind.actor.aspect, behind.height
    broad, tall = front.height * front.actor.aspect, front.height
    across = min((wide + broad) / 2 - abs(behind.x - front.x), wide, broad)
    if across <= 0.0:
        return False
    down = min(behind.y, front.y) - max(behind.y - high, front.y - tall)
    if down <= 0.0:
        return False
    both = across * down
    return both > limit * wide * high or (mutual and both > limit * broad * tall)


def _push(pair: _Pair, free: set[int]) -> None:
    one, two = pair.behind, pair.front
    a, b = one.box, two.box
    across = min(a.right, b.right) - max(a.left, b.left)
    down = min(a.bottom, b.bottom) - max(a.top, b.top)
    movers = [spot for spot in (one, two) if id(spot) in free and not spot.fixed]
    if movers and down < across:
        step = max(down * _STEP, _LEAST_STEP) / len(movers)
        for spot in movers:
            other = two if spot is one else one
            middle = spot.y - spot.height / 2
            spot.y += step if middle > other.y - other.height / 2 else -step
        return
    step = max(across * _STEP, _LEAST_STEP) * (1 if one.x <= two.x else -1)
    heavy, light = one.width * one.height, two.width * two.height
    share = light / (heavy + light)
    if one.fixed or two.fixed:
        share = 0.0 if one.fixed else 1.0
    if not one.fixed:
        one.x -= step * share
    if not two.fixed:
        two.x += step * (1 - share)


def _keep_inside(spot: Spot, zone: Zone) -> None:
    if spot.fixed:
        return
    half = spot.width / 2
    spot.x = min(max(spot.x, zone.box.left + half), zone.box.right - half)
    if not zone.level:
        spot.y = min(max(spot.y, zone.box.top + spot.height), zone.box.bottom)
