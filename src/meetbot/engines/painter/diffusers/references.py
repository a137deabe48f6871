"""The outlines of a reference."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

__all__ = ["outlines"]

SPREAD = 0.33
"""Around the median brightness, where Canny's two thresholds lie."""


def outlines(picture: Image.Image) -> Image.Image:
    """White edges on black, as ControlNets for Canny edges were trained on."""
    grey = cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2GRAY)
    middle = float(np.median(grey))
    low, high = int((1 - SPREAD) * middle), int(min(255, (1 + SPREAD) * max(middle, 1)))
    edges = cv2.Canny(grey, low, high)
    return Image.fromarray(np.repeat(edges[:, :, None], 3, axis=2))
