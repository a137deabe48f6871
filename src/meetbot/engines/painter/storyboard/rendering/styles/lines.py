"""Lines found in a picture, and what is drawn with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from meetbot.engines.painter.storyboard.rendering.colour import rgb

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.engines.painter.storyboard.rendering.colour import Lab

__all__ = ["colours", "edges", "fraction", "laid", "light_of", "outline"]


def edges(pixels: NDArray[np.uint8], thick: float) -> NDArray[np.float32]:
    """Lines 0…1 where colours meet; ``thick``: in 1/500 of the height."""
    lab_pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)
    width = max(1, round(pixels.shape[0] / 500 * thick))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * width + 1, 2 * width + 1))
    light, one, other = cv2.split(cv2.morphologyEx(lab_pixels, cv2.MORPH_GRADIENT, kernel))
    chroma = cv2.add(one, other)
    strength = cv2.addWeighted(light, 1.0, chroma, 0.9, 0)
    return np.asarray(np.asarray(cv2.LUT(strength, _RISE), np.float32), np.float32)


_RISE = np.clip((np.arange(256) - 14) / 34, 0, 1).astype(np.float32)


def light_of(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How bright, 0…1."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return np.asarray(grey, np.float32) * np.float32(1 / 255)


def fraction(mask: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A mask as 0…1."""
    return np.asarray(mask, np.float32) * np.float32(1 / 255)


def outline(things: NDArray[np.uint8], height: int) -> NDArray[np.float32]:
    """The outline of things, 0…1."""
    size = 2 * max(1, round(height / 420)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return fraction(np.asarray(cv2.morphologyEx(things, cv2.MORPH_GRADIENT, kernel), np.uint8))


def colours(*words: Lab) -> list[NDArray[np.float32]]:
    """Colours as RGB, 0…255."""
    return [np.array(rgb(word), np.float32) for word in words]


def laid(
    ground: NDArray[np.float32], over: NDArray[np.float32], part: NDArray[np.float32]
) -> NDArray[np.float32]:
    """``over`` on ``ground`` (one colour, or RGB of each pixel) by ``part`` of each pixel."""
    return np.asarray(ground + (over - ground) * part[:, :, None], np.float32)
