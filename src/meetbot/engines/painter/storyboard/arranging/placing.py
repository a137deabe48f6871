"""How grammars put actors on a page: on the ground, in the air, in a row, in a bubble."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from meetbot.engines.painter.storyboard.arranging.icons import looks_right, mirrors
from meetbot.engines.painter.storyboard.arranging.page import Box, Spot, Zone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meetbot.engines.painter.storyboard.arranging.cast import Actor
    from meetbot.engines.painter.storyboard.arranging.page import Page

__all__ = ["PLACES_ACROSS", "Side", "air", "flip_to", "in_row", "nearness_of", "stand", "unit_for"]

Side = Literal["left", "right"]

PLACES_ACROSS = (0.34, 0.70, 0.52, 0.17, 0.86, 0.43, 0.61, 0.26, 0.78, 0.09)
"""Where the first, the second… of several stand, by thirds, of the page's width."""

_UNITS = (0.62, 0.62, 0.55, 0.50, 0.46, 0.42)
_SMALLEST = 0.115
_LARGEST = 0.72
_TILT = 14.0
_CLEAR, _HAZE, _HAZE_OF_FIRST = 0.7, 0.7, 0.35
_WATER_OF_BEACH, _SAND_OF_BEACH = (0.2, 0.42), (0.72, 1.0)


def unit_for(number: int, width: float) -> float:
    """How tall an adult in front is, among ``number`` on the ground, in picture heights."""
    unit = _UNITS[number] if number < len(_UNITS) else 0.38
    return unit * min(1.0, 0.55 + 0.3 * width)


def nearness_of(page: Page, actor: Actor) -> float:
    """How near it naturally stands: 0 at the horizon … 1 in front."""
    rng = page.rng
    if page.setting.place == "beach":
        water = actor.manner == "swim" or actor.role == "land"
        return rng.uniform(*(_WATER_OF_BEACH if water else _SAND_OF_BEACH))
    if actor.manner == "back":
        return 0.03 if actor.role == "land" else rng.uniform(0.1, 0.22)
    if actor.manner == "lie" or actor.size <= 0.5:
        return rng.uniform(0.86, 1.0)
    if actor.rank == 0:
        return rng.uniform(0.72, 0.95)
    if actor.size >= 1.3:
        return rng.uniform(0.2, 0.4)
    return rng.uniform(0.45, 0.9)


def flip_to(actor: Actor, side: Side) -> bool:
    """Whether it must be mirrored to look to that side."""
    return mirrors(actor.icon, actor.role) and looks_right(actor.icon) != (side == "right")


def stand(
    page: Page,
    zone: Zone,
    actor: Actor,
    across: float,
    *,
    near: float,
    unit: float,
    look: Side | None = None,
) -> Spot:
    """A spot on the ground, ``across`` 0…1 of the width; it looks to the page's middle."""
    height = min(max(actor.size * unit * page.scale(near), _SMALLEST), _LARGEST)
    look = look or ("right" if across < 0.5 else "left")
    spot = Spot(
        actor,
        across * page.width,
        page.foot(near),
        height,
        flip=flip_to(actor, look),
        depth=_depth(actor, near),
    )
    zone.spots.append(spot)
    return spot


def _depth(actor: Actor, near: float) -> float:
    """How hazy it is there: nothing in the foreground, and little what the picture is about."""
    return max(0.0, _CLEAR - near) / _CLEAR * (_HAZE_OF_FIRST if actor.rank == 0 else _HAZE)


def air(page: Page, actors: Sequence[Actor], *, unit: float = 0.34) -> None:
    """Puts ``actors`` above the ground where there is room; suns and clouds behind all else."""
    if not actors:
        return
    rng, width = page.rng, page.width
    box = Box(0.04, 0.045, width - 0.04, max(page.horizon, 0.5))
    sky = page.zone(box, level=False, behind=True)
    near = page.zone(box, level=False)
    mirrored = rng.random() < 0.5
    for number, actor in enumerate(actors):
        across = PLACES_ACROSS[(number + 1) % len(PLACES_ACROSS)] + rng.uniform(-0.05, 0.05)
        across = 1 - across if mirrored else across
        height = unit * (0.55 + 0.45 * actor.size) * (1.0 if number == 0 else 0.8)
        spot = Spot(
            actor,
            across * width,
            0.1 + height + rng.uniform(0.0, 0.16),
            height,
            flip=flip_to(actor, "right" if across < 0.5 else "left"),
            grounded=False,
        )
        if actor.manner == "float" and len(actor.pieces) == 1:
            spot.turn = rng.uniform(-_TILT, _TILT)
        (sky if actor.role == "sky" else near).spots.append(spot)


def in_row(zone: Zone, actors: Sequence[Actor], *, grounded: bool = False) -> None:
    """A row on one line that fills the box of ``zone``, their sizes drawn nearer to each other."""
    if not actors:
        return
    box = zone.box
    heights = [actor.size**0.4 for actor in actors]
    widths = [height * actor.aspect for height, actor in zip(heights, actors, strict=True)]
    gap = 0.16 * sum(widths) / len(widths)
    scale = min(box.width / (sum(widths) + gap * (len(actors) - 1)), box.height / max(heights))
    x = (box.left + box.right - scale * (sum(widths) + gap * (len(actors) - 1))) / 2
    tallest = max(heights) * scale
    foot = (box.top + box.bottom + tallest) / 2
    for actor, height, width in zip(actors, heights, widths, strict=True):
        x += width * scale / 2
        zone.spots.append(Spot(actor, x, foot, height * scale, grounded=grounded, fixed=True))
        x += (width / 2 + gap) * scale
