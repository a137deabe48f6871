"""How much of its 32 × 32 box each icon fills: what makes its feet stand on the ground.

``data/extents.csv`` was measured on the icon set (Fluent Emoji Flat) at 128 pixels, in quarters
of a unit, for the icons without their skin tones, which have the same extents.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["Extent", "extent"]

_TABLE = Path(__file__).parent / "data" / "extents.csv"
_TONE = re.compile(r"-(medium-light|medium-dark|medium|light|dark)$")
_PER_UNIT = 4


class Extent(NamedTuple):
    """The box of what is drawn of an icon, in units of its 32 × 32 view box, y downwards."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def aspect(self) -> float:
        """Width by height."""
        return (self.right - self.left) / (self.bottom - self.top)


_WHOLE = Extent(1.0, 1.0, 31.0, 31.0)


@cache
def _extents() -> dict[str, Extent]:
    with _TABLE.open(newline="", encoding="utf-8") as file:
        return {
            name: Extent(*(int(quarters) / _PER_UNIT for quarters in box))
            for name, *box in csv.reader(file)
        }


def extent(icon: str) -> Extent:
    """The extent of an icon by its name; nearly the whole box for one that is unknown."""
    extents = _extents()
    return extents.get(icon) or extents.get(_TONE.sub("", icon)) or _WHOLE
