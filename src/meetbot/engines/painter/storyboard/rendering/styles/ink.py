"""``ink``: a pen on cream paper; things have a wash of their colour, what is behind is grey."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from meetbot.engines.painter.storyboard.rendering.colour import Lab, lab, mix
from meetbot.engines.painter.storyboard.rendering.styles.lines import (
    colours,
    edges,
    fraction,
    laid,
    light_of,
    outline,
)
from meetbot.engines.painter.storyboard.rendering.styles.style import Glass, Plate, Style
from meetbot.engines.painter.storyboard.rendering.textures import (
    as_pixels,
    clouds,
    lightened,
    paper,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.engines.painter.storyboard.rendering.styles.style import Drawn

__all__ = ["INK"]


@lru_cache(maxsize=4)
def _hatching(width: int, height: int) -> NDArray[np.float32]:
    """For each pixel the darkness 0…1 over which a pen leaves ink there."""
    step = max(3.5, height / 130)
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    bend = 3.0 * (clouds(width, height, (6, 14), 9) - 0.5) * step
    one = np.abs(((down + across + bend) / step) % 2 - 1)
    other = np.abs(((down - across * 0.8 + bend) / step) % 2 - 1)
    return np.asarray(np.minimum(0.46 + 0.5 * one, 0.68 + 0.5 * other), np.float32)


@lru_cache(maxsize=4)
def _pooled(width: int, height: int) -> NDArray[np.float32]:
    """How evenly a wash lies, about 1."""
    return np.asarray(0.72 + 0.5 * clouds(width, height, (4, 9, 22), 19, 0.6), np.float32)


def _penned(drawn: Drawn) -> NDArray[np.uint8]:
    width, height = drawn.size
    deep = drawn.palette[0] if drawn.palette else lab("#4d6680")
    wash = mix(lab("#8f99a3"), Lab(0.62, deep.a * 0.9, deep.b * 0.9), 0.75)
    sheet, black, grey = colours(lab("#f8f2e4"), lab("#221f2a"), wash)
    light, things = light_of(drawn.pixels), fraction(drawn.things)
    dark = np.clip(1.04 - light * 1.04, 0, 1)
    pooled = _pooled(width, height)
    ground = laid(sheet, grey, np.clip(0.05 + dark * 0.85, 0, 0.85) * pooled)
    colour = cv2.addWeighted(drawn.pixels, 0.8, np.full_like(drawn.pixels, 250), 0.2, 0)
    ground = laid(ground, colour.astype(np.float32), things * np.clip(0.86 * pooled, 0, 1))
    hatch = np.clip((dark - _hatching(width, height)) * 9, 0, 1) * (0.62 - 0.36 * things)
    thin = edges(drawn.pixels, 0.6) * (0.62 + 0.3 * things)
    lines = np.maximum(np.maximum(thin, hatch), outline(drawn.things, height))
    return lightened(
        as_pixels(laid(ground, black, np.minimum(lines, 0.94))), paper(width, height, 0.8)
    )


INK = Style(
    "ink",
    finish=_penned,
    plate=Plate("#23212b", "#f8f2e4", "strip"),
    glass=Glass("#fdf9ef", "", "#23212b"),
)
