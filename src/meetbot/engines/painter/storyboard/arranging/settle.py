"""Moves the spots of a zone apart until none hides another and all are inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meetbot.engines.painter.storyboard.arranging.page import Spot, Zone

__all__ = ["hidden", "settle"]

_ROUNDS = 40
_SHRINKINGS = 10
_SHRINK = 0.92
_SAME_PLANE = 0.035
_COVER = 0.16
_TOUCH = 0.05


def settle(zone: Zone, others: Sequence[Spot] = ()) -> None:
    """Moves, and where there is no room shrinks, the spots of ``zone``; ``others`` stay."""
    _fit(zone)
    for _ in range(_SHRINKINGS):
        if _part(zone, others):
            return
        for spot in zone.spots:
            if not spot.fixed:
                spot.height *= _SHRINK


def hidden(behind: Spot, front: Spot) -> float:
    """Which share of ``behind`` is covered by ``front``, by their boxes."""
    box = behind.box
    return box.overlap(front.box) / (box.width * box.height)


def _fit(zone: Zone) -> None:
    """No spot is larger than its zone."""
    for spot in zone.spots:
        most = min(zone.box.height / spot.height, zone.box.width / spot.width)
        if zone.level:
            most = min(most, (spot.y - zone.box.top) / spot.height)
        if most < 1:
            spot.height *= most


def _part(zone: Zone, others: Sequence[Spot]) -> bool:
    for _ in range(_ROUNDS):
        calm = True
        for spot in zone.spots:
            for other in others:
                calm = _give_way(spot, other, zone) and calm
        for number, one in enumerate(zone.spots):
            for other in zone.spots[number + 1 :]:
                calm = _push(one, other, level=zone.level) and calm
        for spot in zone.spots:
            _keep_inside(spot, zone)
        if calm:
            return True
    return False


def _give_way(spot: Spot, other: Spot, zone: Zone) -> bool:
    """Whether ``spot`` leaves ``other`` free; else it is moved a little, to the nearer side."""
    if hidden(spot, other) <= _TOUCH and hidden(other, spot) <= _TOUCH:
        return True
    a, b = spot.box, other.box
    ways = (
        (a.right - b.left, -1, 0, b.left - zone.box.left - a.width),
        (b.right - a.left, 1, 0, zone.box.right - b.right - a.width),
        (a.bottom - b.top, 0, -1, b.top - zone.box.top - a.height),
    )
    length, right, down, _ = min(ways, key=lambda way: (way[3] < -_TOUCH * a.width, way[0]))
    spot.x += right * (0.5 * length + 0.004)
    spot.y += down * (0.5 * length + 0.004)
    return False


def _push(one: Spot, other: Spot, *, level: bool) -> bool:
    """Whether the two were apart enough; else they are moved a little."""
    behind, front = (one, other) if one.y <= other.y else (other, one)
    near = abs(one.y - other.y) < _SAME_PLANE or not level
    share = max(hidden(behind, front), hidden(front, behind) if near else 0.0)
    if share <= (_TOUCH if near else _COVER):
        return True
    a, b = one.box, other.box
    across = min(a.right, b.right) - max(a.left, b.left)
    down = min(a.bottom, b.bottom) - max(a.top, b.top)
    if level or across <= down:
        step = max(across * 0.35, 0.004) * (1 if one.x <= other.x else -1)
        _shift(one, other, step, 0.0)
    else:
        middle, further = (a.top + a.bottom) / 2, (b.top + b.bottom) / 2
        step = max(down * 0.35, 0.004) * (1 if middle <= further else -1)
        _shift(one, other, 0.0, step)
    return False


def _shift(one: Spot, other: Spot, across: float, down: float) -> None:
    heavy, light = one.width * one.height, other.width * other.height
    share = light / (heavy + light)
    if one.fixed or other.fixed:
        share = 0.0 if one.fixed else 1.0
    if not one.fixed:
        one.x -= across * 2 * share
        one.y -= down * 2 * share
    if not other.fixed:
        other.x += across * 2 * (1 - share)
        other.y += down * 2 * (1 - share)


def _keep_inside(spot: Spot, zone: Zone) -> None:
    half = spot.width / 2
    spot.x = min(max(spot.x, zone.box.left + half), zone.box.right - half)
    if not zone.level:
        spot.y = min(max(spot.y, zone.box.top + spot.height), zone.box.bottom)
