"""Pictures scaled to their places, and places with round corners."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from meetbot.stage.drawing import pill

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Corners", "covering", "rounded", "scaled"]

LITTLE = 0.6
"""Down to this share of its size a picture needs no more than four pixels for one."""


def scaled(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """``pixels`` in another size; what is made a little smaller only, at a fifth of the cost."""
    if pixels.shape[:2] == (height, width):
        return pixels
    share = width / pixels.shape[1]
    how = cv2.INTER_CUBIC if share > 1 else cv2.INTER_LINEAR if share > LITTLE else cv2.INTER_AREA
    return cast("NDArray[np.uint8]", cv2.resize(pixels, (width, height), interpolation=how))


def covering(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """The middle of ``pixels``, scaled to fill ``width`` x ``height``."""
    tall, wide = pixels.shape[:2]
    scale = max(width / wide, height / tall)
    across, down = min(wide, round(width / scale)), min(tall, round(height / scale))
    left, top = (wide - across) // 2, (tall - down) // 2
    return scaled(pixels[top : top + down, left : left + across], width, height)


@lru_cache(maxsize=16)
def rounded(width: int, height: int, radius: int) -> NDArray[np.float32]:
    """How much of each pixel lies inside a rounded rectangle: float32 0…1, (height, width, 1)."""
    mask = np.asarray(pill(width, height, radius), np.float32)[..., np.newaxis]
    return mask / np.float32(255)


class Corners:
    """The four corners of a place of ``width`` x ``height``."""

    def __init__(self, width: int, height: int, radius: int) -> None:
        near, far = slice(0, radius), slice(-radius, None)
        self._at = [(rows, columns) for rows in (near, far) for columns in (near, far)]
        mask = rounded(width, height, radius)
        self._shares = [mask[at] for at in self._at]

    def under(self, place: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
        """What the place has at its corners now."""
        return [place[at].copy() for at in self._at]

    def cut(self, place: NDArray[np.uint8], under: Sequence[NDArray[np.uint8]]) -> None:
        """Let ``under`` show outside the round corners of ``place``, in place."""
        for at, share, below in zip(self._at, self._shares, under, strict=True):
            place[at] = (place[at] * share + below * (1 - share) + 0.5).astype(np.uint8)
