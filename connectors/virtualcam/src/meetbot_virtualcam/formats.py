"""Pictures as a camera device takes them: its size, its pixel format, converted once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["FORMATS", "Fitting", "letterboxed", "sizes_to_try"]

BLURRED, DIMMED = (32, 18), 0.45
SIZES = ((1280, 720), (1920, 1080), (640, 360), (640, 480))
FORMATS = {"v4l2loopback": ("I420", "RGB"), "obs": ("NV12", "RGB"), "unitycapture": ("RGBA", "RGB")}
"""Backend of pyvirtualcam → the pixel formats to try: the one that costs it least comes first."""


def sizes_to_try(wanted: tuple[int, int], has: tuple[int, int] | None) -> list[tuple[int, int]]:
    """Sizes (width, height), the best first; ``has``: what the device is held to by a reader."""
    first = (has,) if has is not None else (wanted,)
    return list(dict.fromkeys((*first, wanted, *SIZES)))


def letterboxed(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """``pixels`` (RGB) whole in ``size`` (width, height), beside it itself, blurred and dim."""
    height, width = pixels.shape[:2]
    if (width, height) == size:
        return pixels
    scale = min(size[0] / width, size[1] / height)
    inner = (max(1, round(width * scale)), max(1, round(height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    whole = _surroundings(pixels, size)
    left, top = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    whole[top : top + inner[1], left : left + inner[0]] = cv2.resize(
        pixels, inner, interpolation=how
    )
    return whole


def _surroundings(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """``pixels`` stretched over ``size``, so soft and dim that nothing in it is seen twice."""
    little = cv2.resize(pixels, BLURRED, interpolation=cv2.INTER_AREA)
    soft = cv2.convertScaleAbs(cv2.GaussianBlur(little, (0, 0), 3), alpha=DIMMED)
    return np.asarray(cv2.resize(soft, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


class Fitting:
    """Fits RGB pictures to ``size`` (width, height, both even) in the pixel format ``name``.

    ``conversions`` counts how often there was something to do: the same array is done once.
    """

    def __init__(self, size: tuple[int, int], name: str) -> None:
        self._size = size
        self._convert = _CONVERT[name]
        self._given: NDArray[np.uint8] | None = None
        self._fitted = self._convert(np.zeros((size[1], size[0], 3), np.uint8))
        self.conversions = 0

    def fit(self, pixels: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
        """As the device takes it; None: black."""
        if pixels is not None and pixels is not self._given:
            self._given = pixels
            self._fitted = self._convert(letterboxed(pixels, self._size))
            self.conversions += 1
        return self._fitted


def _rgb(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(pixels)


def _rgba(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2RGBA), dtype=np.uint8)


def _i420(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2YUV_I420), dtype=np.uint8)


def _nv12(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    planes = _i420(pixels).reshape(-1)
    luma = pixels.shape[0] * pixels.shape[1]
    together = planes.copy()
    together[luma::2], together[luma + 1 :: 2] = np.split(planes[luma:], 2)
    return together


_CONVERT: dict[str, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
    "RGB": _rgb,
    "RGBA": _rgba,
    "I420": _i420,
    "NV12": _nv12,
}
