"""Grain, paper and brush: smooth random fields, made once for each size."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["as_pixels", "clouds", "grain", "paper"]

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
    low, high = np.percentile(field, (0.5, 99.5))
    field = ((field - low) / (high - low)).clip(0, 1)
    return _sealed(field)


@lru_cache(maxsize=KEPT)
def grain(width: int, height: int, seed: int = 5) -> NDArray[np.float32]:
    """Fine noise about 0, standard deviation 1, read-only."""
    return _sealed(np.random.default_rng(seed).standard_normal((height, width), np.float32))


@lru_cache(maxsize=KEPT)
def paper(width: int, height: int) -> NDArray[np.float32]:
    """How bright a rough paper is in slanting light, about 1, read-only."""
    size = max(24, height // 3)
    rough = clouds(width, height, (size, size * 2), 11, 0.7)
    light = rough - cv2.warpAffine(
        rough, np.array([[1, 0, 1.2], [0, 1, 1.2]], np.float32), (width, height),
        borderMode=cv2.BORDER_REFLECT,
    )  # fmt: skip
    return _sealed((1 + 0.22 * light + 0.02 * (rough - 0.5)).astype(np.float32))


def _sealed(field: NDArray[np.float32]) -> NDArray[np.float32]:
    field.flags.writeable = False
    return field


def as_pixels(values: NDArray[Any]) -> NDArray[np.uint8]:
    """``values`` as a picture: cut to 0…255, uint8."""
    return np.asarray(np.clip(values, 0, 255), np.uint8)
