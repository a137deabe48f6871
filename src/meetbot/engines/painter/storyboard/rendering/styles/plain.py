"""``flat``: clean shapes with a breath of grain; ``pastel``: the same, light and chalky."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from meetbot.engines.painter.storyboard.rendering.colour import Lab
from meetbot.engines.painter.storyboard.rendering.styles.style import Plate, Style
from meetbot.engines.painter.storyboard.rendering.textures import as_pixels, clouds, grain, paper

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FLAT", "PASTEL"]


def _grained(pixels: NDArray[np.uint8], palette: tuple[Lab, ...], seed: int) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    noise = np.rint(grain(width, height) * 1.6).astype(np.int16)[:, :, None]
    return as_pixels(pixels + noise)


def _light(colour: Lab) -> Lab:
    """Lighter and paler, dark colours most of all."""
    return Lab(0.52 + 0.46 * colour.light, colour.a * 0.62, colour.b * 0.62 + 0.006)


def _ink(colour: Lab) -> Lab:
    return Lab(0.40 + 0.58 * colour.light, colour.a * 0.72, colour.b * 0.72 + 0.005)


def _chalky(pixels: NDArray[np.uint8], palette: tuple[Lab, ...], seed: int) -> NDArray[np.uint8]:
    """Crayon on toned paper: the paper's tooth lets lighter specks through."""
    height, width = pixels.shape[:2]
    strokes = clouds(width, height, (height // 6, height // 3), 3, 0.8)
    field = paper(width, height) + 0.10 * (strokes - 0.5) + 0.018 * grain(width, height)
    return as_pixels(pixels * field[:, :, None])


FLAT = Style("flat", finish=_grained)
PASTEL = Style(
    "pastel",
    tone=_light,
    ink=_ink,
    finish=_chalky,
    plate=Plate("#4b4a66", "#fdf8f2", "strip"),
)
