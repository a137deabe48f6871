"""Colours of people: stable, far from one another, readable on a dark ground."""

from __future__ import annotations

import colorsys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PALETTE", "distance", "next_colour"]

PALETTE = (
    "#5eb1ff",
    "#ffb454",
    "#7fd962",
    "#ff7ab8",
    "#c79bff",
    "#4fd6c9",
    "#f2dd5c",
    "#ff8a70",
)
"""The first eight; each has a contrast of 7 : 1 or more on black-blue (#10141c)."""
HUES = 36


def next_colour(taken: Iterable[str]) -> str:
    """``#rrggbb``: the palette's first free colour, then the one farthest from those taken."""
    used = list(taken)
    free = [colour for colour in PALETTE if colour not in used]
    if free:
        return free[0]
    wheel = [_hex(hue / HUES, light) for light in (0.72, 0.82) for hue in range(HUES)]
    return max(wheel, key=lambda colour: min(distance(colour, other) for other in used))


def distance(one: str, other: str) -> float:
    """How different two ``#rrggbb`` look: "redmean", 0 (equal) to about 765.

    Source: https://www.compuphase.com/cmetric.htm.
    """
    (r1, g1, b1), (r2, g2, b2) = _rgb(one), _rgb(other)
    mean = (r1 + r2) / 2
    red = (2 + mean / 256) * (r1 - r2) ** 2
    blue = (2 + (255 - mean) / 256) * (b1 - b2) ** 2
    return float((red + 4 * (g1 - g2) ** 2 + blue) ** 0.5)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(hue: float, light: float) -> str:
    red, green, blue = colorsys.hls_to_rgb(hue, light, 0.85)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
