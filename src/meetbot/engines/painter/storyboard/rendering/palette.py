"""The colours of a reference picture, as a palette."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from meetbot.engines.painter.storyboard.rendering.colour import Lab, hex_of, lab, mix

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["palette_after"]

COLOURS = 5
SMALL = 64


def palette_after(
    pixels: NDArray[np.uint8], palette: tuple[str, ...], part: float
) -> tuple[str, ...]:
    """``palette`` drawn towards the colours of ``pixels`` (uint8 RGB), by ``part`` in 0…1.

    Without a palette the picture's own colours: the one it has most of first, vivid ones last.
    """
    found = _main_colours(pixels)
    if not palette:
        return tuple(hex_of(colour) for colour in found)
    part = min(max(part, 0.0), 1.0)
    return tuple(
        hex_of(mix(lab(own), found[min(place, len(found) - 1)], part))
        for place, own in enumerate(palette)
    )


def _main_colours(pixels: NDArray[np.uint8]) -> list[Lab]:
    small = cv2.resize(pixels, (SMALL, SMALL), interpolation=cv2.INTER_AREA)
    points = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).reshape(-1, 3).astype(np.float32)
    cv2.setRNGSeed(1)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.5)
    _, owner, centres = cv2.kmeans(points, COLOURS, None, stop, 2, cv2.KMEANS_PP_CENTERS)
    back = cv2.cvtColor(centres[None].astype(np.uint8), cv2.COLOR_LAB2RGB)[0]
    many = np.bincount(owner.ravel(), minlength=COLOURS)
    colours = [lab("#{:02x}{:02x}{:02x}".format(*map(int, colour))) for colour in back]
    ground = colours.pop(int(np.argmax(many)))
    return [ground, *sorted(colours, key=lambda colour: colour.chroma)]
