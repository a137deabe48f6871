"""``chalk``: coloured chalk on a blackboard."""

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
    outline,
)
from meetbot.engines.painter.storyboard.rendering.styles.style import Glass, Plate, Style
from meetbot.engines.painter.storyboard.rendering.textures import (
    as_pixels,
    clouds,
    grain,
    strokes,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.engines.painter.storyboard.rendering.styles.style import Drawn

__all__ = ["CHALK"]


@lru_cache(maxsize=4)
def _tooth(width: int, height: int) -> NDArray[np.float32]:
    """How much chalk the board takes at each pixel, 0…1."""
    fine = cv2.GaussianBlur(grain(width, height, 6), (0, 0), max(0.5, height / 900))
    return np.asarray(
        np.clip(0.80 + 0.08 * strokes(width, height) + 0.13 * fine / fine.std(), 0, 1), np.float32
    )


@lru_cache(maxsize=4)
def _board(width: int, height: int) -> NDArray[np.float32]:
    """What a sponge left, about 1."""
    wiped = clouds(width, height, (2, 4, 9), 12)
    return np.asarray(0.90 + 0.22 * wiped + 0.02 * strokes(width, height, 0.2), np.float32)


def _bright(colour: Lab) -> Lab:
    return Lab(0.30 + 0.68 * colour.light, colour.a * 1.02, colour.b * 1.02)


def _chalked(drawn: Drawn) -> NDArray[np.uint8]:
    width, height = drawn.size
    board = lab("#2b3b36")
    if drawn.palette:
        own = drawn.palette[0]
        board = mix(board, Lab(0.30, own.a * 0.7, own.b * 0.7), 0.7)
    (ground,) = colours(board)
    tooth, things = _tooth(width, height), fraction(drawn.things)
    base = ground * _board(width, height)[:, :, None]
    own_colour = drawn.pixels.astype(np.float32)
    fill = tooth * (0.20 + 0.77 * things)
    base = laid(base, own_colour, fill)
    lines = np.maximum(
        edges(drawn.pixels, 0.7) * (0.88 - 0.7 * things), outline(drawn.things, height)
    )
    white = np.minimum(255, own_colour * 0.5 + 140)
    return as_pixels(laid(base, white, np.clip(lines * (0.30 + 0.8 * tooth), 0, 0.95)))


CHALK = Style(
    "chalk",
    ink=_bright,
    finish=_chalked,
    daytime="day",
    plate=Plate("#f4f4ea", "#1d2826", "foot"),
    glass=Glass("#3a4a45", "#f4f4ea", "#f4f4ea"),
)
