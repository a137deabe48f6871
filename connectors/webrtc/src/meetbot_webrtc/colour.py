"""RGB pictures as encoders want them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["as_yuv420p"]

_CHROMA = np.array([[-37.797, -74.203, 112.0, 0.0], [112.0, -93.786, -18.214, 0.0]]) / 255
_CHROMA[:, 3] = 128
"""U and V of R, G, B: ITU-R BT.601, limited range."""


def as_yuv420p(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """``pixels``, uint8 RGB of shape (height, width, 3), as packed yuv420p (BT.601, limited).

    Shape (height * 3 / 2, width); an odd last row or column is left out. Chroma is the mean of
    each four pixels. A third of the time that swscale takes.
    """
    height, width = pixels.shape[0] // 2 * 2, pixels.shape[1] // 2 * 2
    pixels = np.ascontiguousarray(pixels[:height, :width])
    packed = cast("NDArray[np.uint8]", cv2.cvtColor(pixels, cv2.COLOR_RGB2YUV_I420))
    halves = (width // 2, height // 2)
    small = cv2.resize(pixels, halves, interpolation=cv2.INTER_AREA)
    chroma = cv2.transform(small, _CHROMA)
    planes = packed[height:].reshape(2, height // 2, width // 2)
    for number, plane in enumerate(planes):
        cv2.extractChannel(chroma, number, plane)
    return packed
