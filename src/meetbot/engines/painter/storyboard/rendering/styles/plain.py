"""``flat``: clean shapes with a breath of grain; ``pastel``: soft sticks on toned paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from meetbot.engines.painter.storyboard.rendering.colour import Lab
from meetbot.engines.painter.storyboard.rendering.styles.style import Glass, Plate, Style
from meetbot.engines.painter.storyboard.rendering.textures import (
    as_pixels,
    clouds,
    grain,
    lightened,
    paper,
    strokes,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.engines.painter.storyboard.rendering.styles.style import Drawn

__all__ = ["FLAT", "PASTEL"]


def _grained(drawn: Drawn) -> NDArray[np.uint8]:
    noise = np.rint(grain(*drawn.size) * 1.6).astype(np.int16)[:, :, None]
    return as_pixels(drawn.pixels + noise)


def _light(colour: Lab) -> Lab:
    """Lighter and paler, dark colours most of all."""
    return Lab(0.50 + 0.46 * colour.light, colour.a * 0.72, colour.b * 0.72 + 0.004)


def _ink(colour: Lab) -> Lab:
    return Lab(0.36 + 0.58 * colour.light, colour.a * 0.84, colour.b * 0.84 + 0.004)


def _rubbed(drawn: Drawn) -> NDArray[np.uint8]:
    """Broad streaks behind, finer ones on things, blended with a finger at their edges."""
    width, height = drawn.size
    soft = cv2.GaussianBlur(drawn.pixels, (0, 0), height / 260)
    pixels = cv2.addWeighted(drawn.pixels, 0.55, soft, 0.45, 0)
    behind = 0.021 * strokes(width, height) + 0.05 * (clouds(width, height, (3, 8), 3) - 0.5)
    before = 0.016 * strokes(width, height, 0.6)
    part = drawn.things.astype(np.float32) * np.float32(1 / 255)
    field = 1.0 + behind + (before - behind) * part + 0.010 * grain(width, height)
    return lightened(pixels, field * paper(width, height, 0.8))


FLAT = Style("flat", finish=_grained)
PASTEL = Style(
    "pastel",
    tone=_light,
    ink=_ink,
    finish=_rubbed,
    plate=Plate("#4b4a66", "#fdf8f2", "strip"),
    glass=Glass("#fffaf3"),
)
