"""Pixels: smooth shapes, text of mixed scripts, and the patches that widgets hand to the painter.

Everything stands on the flat background, so images are plain RGB and nothing needs an alpha layer.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from meetbot.stage.colour import RGB
    from meetbot.stage.fonts import Fonts
    from meetbot.stage.layout import Layout

__all__ = [
    "Cache",
    "Canvas",
    "Look",
    "Overlay",
    "Patch",
    "Pixels",
    "Widget",
    "disc",
    "pill",
    "ring",
]

SceneT = TypeVar("SceneT", contravariant=True)

FINE = 4
"""Shapes are drawn this many times as large, then made smaller, for smooth edges."""
TEXT_FINE = 2


@dataclass(frozen=True, slots=True)
class Patch:
    """New pixels (RGB) for the picture, with their left top corner.

    ``mask`` (mode L): how much of them shows; None: they are opaque.
    """

    left: int
    top: int
    image: Image.Image
    mask: Image.Image | None = None

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The image, uint8 of shape (height, width, 3)."""
        return np.asarray(self.image)


@dataclass(frozen=True, slots=True, eq=False)
class Pixels:
    """A patch that is an array from the beginning: uint8 RGB of shape (height, width, 3)."""

    left: int
    top: int
    pixels: NDArray[np.uint8]
    mask: None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What every widget draws with."""

    layout: Layout
    fonts: Fonts

    def px(self, reference: float) -> int:
        """A length given in reference pixels, in pixels of this picture; at least 1."""
        return max(1, round(reference * self.layout.scale))


class Widget(Protocol[SceneT]):
    """One part of the picture. It remembers what it painted, and paints only what changed."""

    def paint(self, scene: SceneT, now_ns: int) -> Sequence[Patch | Pixels]:
        """What is new since the last call, inside the widget's own box."""


class Overlay(Protocol[SceneT]):
    """Something that floats over the widgets; overlays do not overlap each other."""

    def over(self, scene: SceneT, now_ns: int) -> Patch | None:
        """All of it; the very same patch as last time where nothing changed. None: not there."""


class Cache:
    """The last ``capacity`` images by what is on them."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._images: OrderedDict[object, Image.Image] = OrderedDict()

    def get(self, key: object, draw: Callable[[], Image.Image]) -> Image.Image:
        """The image of ``key``, drawn now if it is not there."""
        if key in self._images:
            self._images.move_to_end(key)
            return self._images[key]
        image = self._images[key] = draw()
        if len(self._images) > self._capacity:
            self._images.popitem(last=False)
        return image


class Canvas:
    """An RGB image with text and shapes on a flat ground."""

    def __init__(self, width: int, height: int, ground: RGB, fonts: Fonts) -> None:
        self.image = Image.new("RGB", (max(1, width), max(1, height)), ground)
        self._fonts = fonts

    def text(
        self, left: float, baseline: float, text: str, size: int, colour: RGB, weight: str
    ) -> float:
        """Write ``text``, its base line at ``baseline``; returns where it ends.

        Drawn twice as large and made smaller: letters then stand where they belong, not on
        the pixel grid of a hinted font.
        """
        width = self._fonts.width(text, size, weight)
        above, tall = round(size * 1.3), round(size * 1.8)
        mask = Image.new("L", ((int(width) + 2 * size) * TEXT_FINE, tall * TEXT_FINE), 0)
        draw = ImageDraw.Draw(mask)
        corner = int(left) - size
        across = (left - corner) * TEXT_FINE
        for run in self._fonts.runs(text, size * TEXT_FINE, weight):
            draw.text((across, above * TEXT_FINE), run.text, fill=255, font=run.font, anchor="ls")
            across += run.font.getlength(run.text)
        at = (corner, round(baseline) - above)
        self.image.paste(colour, at, mask.reduce(TEXT_FINE))
        return left + width

    def text_middle(
        self, middle: float, baseline: float, text: str, size: int, colour: RGB, weight: str
    ) -> None:
        """Write ``text`` centred on ``middle``."""
        wide = self._fonts.width(text, size, weight)
        self.text(middle - wide / 2, baseline, text, size, colour, weight)

    def shape(self, left: int, top: int, mask: Image.Image, colour: RGB) -> None:
        """Fill ``mask`` (mode L) with ``colour``."""
        self.image.paste(colour, (left, top), mask)


def _fine(width: int, height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("L", (width * FINE, height * FINE), 0)
    return image, ImageDraw.Draw(image)


@lru_cache(maxsize=128)
def pill(width: int, height: int, radius: int) -> Image.Image:
    """The mask of a rounded rectangle."""
    image, draw = _fine(width, height)
    edge = (0, 0, width * FINE - 1, height * FINE - 1)
    draw.rounded_rectangle(edge, min(radius, height // 2, width // 2) * FINE, fill=255)
    return image.resize((width, height), Image.Resampling.BOX)


@lru_cache(maxsize=64)
def disc(diameter: int) -> Image.Image:
    """The mask of a full circle."""
    image, draw = _fine(diameter, diameter)
    draw.ellipse((0, 0, diameter * FINE - 1, diameter * FINE - 1), fill=255)
    return image.resize((diameter, diameter), Image.Resampling.BOX)


@lru_cache(maxsize=64)
def ring(diameter: int, thickness: float) -> Image.Image:
    """The mask of a circle's line, ``thickness`` pixels, inside ``diameter``."""
    image, draw = _fine(diameter, diameter)
    wide = max(1, round(thickness * FINE))
    draw.ellipse((0, 0, diameter * FINE - 1, diameter * FINE - 1), outline=255, width=wide)
    return image.resize((diameter, diameter), Image.Resampling.BOX)
