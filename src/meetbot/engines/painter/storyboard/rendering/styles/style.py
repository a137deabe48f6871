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
    from meetbot.engines.painter.storyboard.values import Daytime, Scene

__all__ = ["Drawn", "Glass", "Plate", "Style", "unchanged"]


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
class Glass:
    """What bubbles and cards are made of, as colours ``#rrggbb``; ``edge`` may be empty."""

    ground: str = "#ffffff"
    edge: str = ""
    letters: str = "#2a2f45"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture before its style finishes it.

    ``pixels``: uint8 RGB, shape ``(height, width, 3)``; ``things``: uint8, shape ``(height,
    width)``, 255 where a thing of the scene is, 0 where only the backdrop is.
    """

    pixels: NDArray[np.uint8]
    things: NDArray[np.uint8]
    palette: tuple[Lab, ...]
    scene: Scene

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]


@dataclass(frozen=True, slots=True)
class Style:
    """``tone``: of the backdrop's colours; ``ink``: of the things'.

    ``finish``: what happens to the picture at last. ``layer``: what happens to each layer of the
    backdrop. ``cut``: things are cut out of paper. ``daytime``: the only one that this style
    knows. ``palette``: where nobody chose one.
    """

    name: str
    tone: Callable[[Lab], Lab] = unchanged
    ink: Callable[[Lab], Lab] = unchanged
    finish: Callable[[Drawn], NDArray[np.uint8]] | None = None
    layer: LayerFinish | None = None
    cut: bool = False
    daytime: Daytime | None = None
    palette: tuple[str, ...] = ()
    plate: Plate = Plate()
    glass: Glass = Glass()
