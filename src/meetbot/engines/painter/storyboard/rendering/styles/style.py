"""What a style is: how it changes colours, and what it does to the finished picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from meetbot.engines.painter.storyboard.rendering.canvas import LayerFinish
    from meetbot.engines.painter.storyboard.rendering.colour import Lab
    from meetbot.engines.painter.storyboard.values import Daytime

__all__ = ["Plate", "Style", "unchanged"]


def unchanged(colour: Lab) -> Lab:
    """The colour itself."""
    return colour


@dataclass(frozen=True, slots=True)
class Plate:
    """How the title stands: letters and what is behind them, as colours ``#rrggbb``.

    ``shape``: a dark foot of the picture, a paper strip, or nothing.
    """

    letters: str = "#ffffff"
    ground: str = "#161a2e"
    shape: Literal["foot", "strip", "none"] = "foot"


@dataclass(frozen=True, slots=True)
class Style:
    """``tone``: of the backdrop's colours; ``ink``: of the things'.

    ``finish``: what happens to the picture at last, given its pixels (uint8 RGB), the picture's
    palette and its seed. ``layer``: what happens to each layer of the backdrop. ``cut``: things
    are cut out of paper. ``daytime``: the only one that this style knows.
    """

    name: str
    tone: Callable[[Lab], Lab] = unchanged
    ink: Callable[[Lab], Lab] = unchanged
    finish: Callable[[NDArray[np.uint8], tuple[Lab, ...], int], NDArray[np.uint8]] | None = None
    layer: LayerFinish | None = None
    cut: bool = False
    daytime: Daytime | None = None
    plate: Plate = Plate()
