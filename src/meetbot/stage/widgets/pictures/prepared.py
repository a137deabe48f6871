"""A picture of any shape, made ready to be looked at through a moving window."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from meetbot.stage.move import move_of
from meetbot.stage.scaling import covering, rounded, scaled

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Prepared"]

SPARE = 1.04
"""How much larger than its place a picture is kept: about as sharp as it is seen near by."""
CROPPED = 1.15
"""A shape that differs from its place's by more than that is shown whole, on a soft backdrop."""
MARGIN = 0.045
BACKDROP = (48, 27)
DARKER = 0.5


class Prepared:
    """``pixels`` (uint8 RGB, any size) for a place of ``width`` x ``height``, with its move."""

    def __init__(self, pixels: NDArray[np.uint8], width: int, height: int, key: str) -> None:
        self._size = (width, height)
        wide, tall = round(width * SPARE), round(height * SPARE)
        shape = (pixels.shape[1] / pixels.shape[0]) / (width / height)
        whole = max(shape, 1 / shape) > CROPPED
        self._pixels = _on_backdrop(pixels, wide, tall) if whole else covering(pixels, wide, tall)
        self._move = move_of(key)

    def at(self, age_ns: int) -> tuple[object, NDArray[np.uint8]]:
        """What is seen after ``age_ns``: uint8 RGB, new; and a value that is equal for equals."""
        view = self._move.at(age_ns)
        width, height = self._size
        tall, wide = self._pixels.shape[:2]
        across, down = wide / view.zoom, tall / view.zoom
        left = (wide - across) * (1 + view.across) / 2
        top = (tall - down) * (1 + view.down) / 2
        step_x, step_y = across / width, down / height
        shift_x, shift_y = left + step_x / 2 - 0.5, top + step_y / 2 - 0.5
        matrix = np.array([[step_x, 0, shift_x], [0, step_y, shift_y]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        seen = cv2.warpAffine(
            self._pixels, matrix, self._size, flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        return view, cast("NDArray[np.uint8]", seen)

    def view(self, age_ns: int) -> object:
        """The value alone."""
        return self._move.at(age_ns)


def _on_backdrop(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """All of the picture, before a dark and blurred one of itself."""
    soft = cv2.GaussianBlur(covering(pixels, *BACKDROP), (0, 0), 2.5)
    back = cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC)
    back = cv2.convertScaleAbs(back, alpha=DARKER)
    room_x, room_y = width * (1 - 2 * MARGIN), height * (1 - 2 * MARGIN)
    scale = min(room_x / pixels.shape[1], room_y / pixels.shape[0])
    wide, tall = round(pixels.shape[1] * scale), round(pixels.shape[0] * scale)
    whole = scaled(np.ascontiguousarray(pixels), wide, tall)
    left, top = (width - wide) // 2, (height - tall) // 2
    under = back[top : top + tall, left : left + wide]
    mask = rounded(wide, tall, max(2, height // 40))
    under[:] = (whole * mask + under * (1 - mask)).astype(np.uint8)
    return cast("NDArray[np.uint8]", back)
