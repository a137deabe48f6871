"""``papercut``: sheets of coloured paper, one above the other, each with its shadow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from meetbot.engines.painter.storyboard.rendering.colour import Lab
from meetbot.engines.painter.storyboard.rendering.styles.style import Plate, Style
from meetbot.engines.painter.storyboard.rendering.textures import grain, lightened, paper

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.engines.painter.storyboard.rendering.styles.style import Drawn

__all__ = ["PAPERCUT", "shaded_under"]


def shaded_under(
    under: NDArray[np.uint8], mask: NDArray[np.uint8], far: float
) -> NDArray[np.uint8]:
    """``under`` with the shadow of a sheet of paper; ``mask``: 255 where the sheet is.

    ``far``: how high it lies, in picture heights.
    """
    height, width = mask.shape
    small = cv2.resize(mask, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    shift = np.array([[1, 0, far * height * 0.35], [0, 1, far * height * 0.6]], np.float32)
    shadow = cv2.warpAffine(small, shift, (width // 2, height // 2))
    shadow = cv2.GaussianBlur(shadow, (0, 0), max(0.8, far * height * 0.5))
    shadow = cv2.resize(shadow, (width, height), interpolation=cv2.INTER_LINEAR)
    keep = cv2.LUT(shadow, _KEEP)
    return np.asarray(cv2.multiply(under, cv2.merge((keep, keep, keep)), scale=1 / 255), np.uint8)


_KEEP = (255 - np.arange(256) * 0.42).astype(np.uint8)


def _sheet(
    under: NDArray[np.uint8], over: NDArray[np.uint8], mask: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    shaded = shaded_under(under, mask, 0.012)
    part = cv2.merge((mask, mask, mask))
    over = np.asarray(cv2.multiply(over, part, scale=1 / 255), np.uint8)
    rest = cv2.multiply(shaded, cv2.bitwise_not(part), scale=1 / 255)
    return np.asarray(cv2.add(over, rest), np.uint8)


def _coloured(colour: Lab) -> Lab:
    return Lab(0.06 + 0.92 * colour.light, colour.a * 0.95, colour.b * 0.95)


def _fibres(drawn: Drawn) -> NDArray[np.uint8]:
    width, height = drawn.size
    field = paper(width, height, 1.3) * (1 + 0.012 * grain(width, height))
    return lightened(drawn.pixels, field)


PAPERCUT = Style(
    "papercut",
    tone=_coloured,
    ink=_coloured,
    finish=_fibres,
    layer=_sheet,
    cut=True,
    plate=Plate("#3b3550", "#fffaf2", "strip"),
)
