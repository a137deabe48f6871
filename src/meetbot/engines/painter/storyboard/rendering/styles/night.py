"""``night``: a dark scene whose colours shine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from meetbot.engines.painter.storyboard.rendering.colour import Lab
from meetbot.engines.painter.storyboard.rendering.styles.style import Plate, Style
from meetbot.engines.painter.storyboard.rendering.textures import as_pixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NIGHT"]


def _dimmed(colour: Lab) -> Lab:
    """Deep violet shadows; colours keep their hue."""
    light = 0.10 + 0.50 * colour.light**1.25
    return Lab(light, colour.a * 1.05 + 0.012, colour.b * 1.05 - 0.035)


def _shining(colour: Lab) -> Lab:
    light = 0.22 + 0.74 * colour.light
    return Lab(light, colour.a * 1.28, colour.b * 1.28)


def _glow(pixels: NDArray[np.uint8], palette: tuple[Lab, ...], seed: int) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    small = cv2.resize(pixels, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
    bright = np.clip(small.astype(np.float32) - 120, 0, 255) * 1.15
    near = cv2.GaussianBlur(bright, (0, 0), height / 140)
    far = cv2.GaussianBlur(bright, (0, 0), height / 34)
    light = cv2.resize(0.42 * near + 0.5 * far, (width, height), interpolation=cv2.INTER_LINEAR)
    part = pixels.astype(np.float32) / 255
    screen = 255 - (1 - part) * (255 - np.minimum(light, 255))
    return as_pixels(screen)


NIGHT = Style(
    "night",
    tone=_dimmed,
    ink=_shining,
    finish=_glow,
    daytime="night",
    plate=Plate("#eef1ff", "#070918", "foot"),
)
