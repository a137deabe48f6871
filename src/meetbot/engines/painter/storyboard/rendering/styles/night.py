"""``night``: a dark scene whose colours shine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from meetbot.engines.painter.storyboard.rendering.colour import Lab
from meetbot.engines.painter.storyboard.rendering.styles.style import Glass, Plate, Style
from meetbot.engines.painter.storyboard.rendering.textures import as_pixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.engines.painter.storyboard.rendering.styles.style import Drawn

__all__ = ["NIGHT"]


def _dimmed(colour: Lab) -> Lab:
    """Deep violet shadows; colours keep their hue."""
    light = 0.13 + 0.56 * colour.light**1.15
    return Lab(light, colour.a * 1.15 + 0.014, colour.b * 1.15 - 0.034)


def _shining(colour: Lab) -> Lab:
    light = 0.26 + 0.70 * colour.light
    return Lab(light, colour.a * 1.3, colour.b * 1.3)


def _glow(drawn: Drawn) -> NDArray[np.uint8]:
    """Light around whatever is bright, and a rim of it around things."""
    width, height = drawn.size
    quarter = (max(1, width // 4), max(1, height // 4))
    small = cv2.resize(drawn.pixels, quarter, interpolation=cv2.INTER_AREA)
    bright = np.clip(small.astype(np.float32) - 118, 0, 255)
    near = cv2.GaussianBlur(bright, (0, 0), max(0.5, height / 160))
    far = cv2.GaussianBlur(bright, (0, 0), max(0.5, height / 34))
    light = as_pixels(0.36 * near + 0.62 * far)
    light = cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
    rest = cv2.bitwise_not(drawn.pixels)
    screen = cv2.add(drawn.pixels, cv2.multiply(light, rest, scale=1 / 255))
    return np.asarray(screen, np.uint8)


NIGHT = Style(
    "night",
    tone=_dimmed,
    ink=_shining,
    finish=_glow,
    daytime="night",
    palette=("#2a1b6b", "#3a2a86", "#1f7a8c", "#3fd0e0", "#ffb84d", "#ff4f9a"),
    plate=Plate("#eef1ff", "#070918", "foot"),
    glass=Glass("#1b1c4a", "#7fe9f5", "#eef1ff"),
)
