"""Grain, paper and brush: smooth random fields, made once for each size."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["as_pixels", "clouds", "grain", "lightened", "paper", "strokes"]

KEPT = 24


@lru_cache(maxsize=KEPT)
def clouds(
    width: int, height: int, cells: Sequence[int], seed: int, keep: float = 0.5
) -> NDArray[np.float32]:
    """Smooth noise 0…1, shape ``(height, width)``, read-only.

    ``cells``: spots along the height, one octave each; ``keep``: each one's weight to the last's.
    """
    random = np.random.default_rng(seed)
    field = np.zeros((height, width), np.float32)
    weight = 1.0
    for count in cells:
        across = max(2, round(count * width / height))
        spots = random.random((count + 2, across + 2), np.float32)
        field += weight * cv2.resize(spots, (width, height), interpolation=cv2.INTER_CUBIC)
        weight *= keep
    middle, spread = cv2.meanStdDev(field)
    field = (0.5 + (field - middle[0, 0]) / (5.0 * spread[0, 0])).clip(0, 1)
    return _sealed(field.astype(np.float32))


@lru_cache(maxsize=KEPT)
def grain(width: int, height: int, seed: int = 5) -> NDArray[np.float32]:
    """Fine noise about 0, standard deviation 1, read-only."""
    return _sealed(np.random.default_rng(seed).standard_normal((height, width), np.float32))


@lru_cache(maxsize=KEPT)
def strokes(width: int, height: int, slant: float = -1.0) -> NDArray[np.float32]:
    """Streaks of a soft stick about 0, standard deviation 1, read-only; ``slant``: y by x."""
    length = max(7, height // 34 | 1)
    kernel = np.zeros((length, length), np.float32)
    half = length // 2
    for step in range(-half, half + 1):
        kernel[round(half + step * slant * 0.7), half + step] = 1
    noise = cv2.GaussianBlur(grain(width, height, 17), (0, 0), max(0.6, height / 900))
    field = cv2.filter2D(noise, -1, kernel, borderType=cv2.BORDER_REFLECT)
    return _sealed((field / field.std()).astype(np.float32))


@lru_cache(maxsize=KEPT)
def paper(width: int, height: int, rough: float = 1.0) -> NDArray[np.float32]:
    """How bright paper is in slanting light, about 1, read-only."""
    size = max(24, round(height / 2.4))
    field = clouds(width, height, (size // 3, size), 11, 0.9)
    light = field - cv2.warpAffine(
        field, np.array([[1, 0, 1.0], [0, 1, 1.0]], np.float32), (width, height),
        borderMode=cv2.BORDER_REFLECT,
    )  # fmt: skip
    return _sealed((1 + rough * (0.075 * light + 0.012 * (field - 0.5))).astype(np.float32))


def lightened(pixels: NDArray[np.uint8], field: NDArray[np.float32]) -> NDArray[np.uint8]:
    """``pixels`` times ``field``, shape ``(height, width)``."""
    return as_pixels(cv2.multiply(pixels, cv2.merge((field, field, field)), dtype=cv2.CV_32F))


def _sealed(field: NDArray[np.float32]) -> NDArray[np.float32]:
    field.flags.writeable = False
    return field


def as_pixels(values: NDArray[Any]) -> NDArray[np.uint8]:
    """``values`` as a picture: cut to 0…255, uint8."""
    return np.asarray(np.clip(values, 0, 255), np.uint8)
