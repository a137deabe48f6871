"""What a painter takes from a reference: its layout, or its outlines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image, ImageOps

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["fit", "outlines"]

SPREAD = 0.33
"""Around the median brightness, where Canny's two thresholds lie."""


def fit(pixels: NDArray[np.uint8], width: int, height: int) -> Image.Image:
    """A uint8 RGB picture ``(h, w, 3)`` that fills ``width`` × ``height``, its edges cropped."""
    return ImageOps.fit(Image.fromarray(pixels), (width, height), Image.Resampling.LANCZOS)


def outlines(picture: Image.Image) -> Image.Image:
    """White edges on black, as ControlNets for Canny edges were trained on."""
    grey = cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2GRAY)
    middle = float(np.median(grey))
    low, high = int((1 - SPREAD) * middle), int(min(255, (1 + SPREAD) * max(middle, 1)))
    edges = cv2.Canny(grey, low, high)
    return Image.fromarray(np.repeat(edges[:, :, None], 3, axis=2))
