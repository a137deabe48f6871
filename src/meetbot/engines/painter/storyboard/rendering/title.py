"""The title, lower left, readable over whatever is there."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from meetbot.engines.painter.storyboard.rendering.colour import lab, rgb
from meetbot.engines.painter.storyboard.rendering.lettering import (
    plain_words,
    title_lines,
    width_of,
    words_mask,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.engines.painter.storyboard.rendering.styles import Plate

__all__ = ["put_title"]

SIZE = 0.05
SMALLEST = 0.78
"""Of the size: how far it shrinks before the title takes a second line."""
MARGIN = 0.04
LONGEST = 0.84
"""Of the width."""


def put_title(pixels: NDArray[np.uint8], text: str, plate: Plate) -> NDArray[np.uint8]:
    """``pixels`` with the title; as they were where it is empty."""
    height, width = pixels.shape[:2]
    size = max(11, round(min(height, width) * SIZE))
    margin = round(min(height, width) * MARGIN)
    room = round(width * LONGEST)
    wide = width_of(plain_words(text), size)
    if room < wide <= room / SMALLEST:
        size = max(11, int(size * room / wide))
    lines = title_lines(text, size, room)
    if not lines:
        return pixels
    mask = words_mask(lines, size)
    tall, wide = mask.shape
    left, top = margin, max(0, height - margin - tall + size // 4)
    pixels = pixels.copy()
    if plate.shape == "foot":
        _darken(pixels, plate, tall + 2 * margin)
    elif plate.shape == "strip":
        left += size // 2
        _strip(pixels, plate, left, top, wide, tall, size)
    mask = mask[: height - top, : max(0, width - left)]
    place = pixels[top : top + mask.shape[0], left : left + mask.shape[1]]
    part = mask.astype(np.float32)[:, :, None] / 255
    place[:] = (place + (np.array(rgb(lab(plate.letters)), np.float32) - place) * part).astype(
        np.uint8
    )
    return pixels


@lru_cache(maxsize=8)
def _fall(tall: int) -> NDArray[np.float32]:
    """0 at the top to 1 at the bottom, smoothly."""
    at = np.linspace(0, 1, tall, dtype=np.float32)
    return (at * at * (3 - 2 * at))[:, None, None]


def _darken(pixels: NDArray[np.uint8], plate: Plate, tall: int) -> None:
    tall = min(tall, len(pixels))
    ground = np.array(rgb(lab(plate.ground)), np.float32)
    foot = pixels[-tall:].astype(np.float32)
    pixels[-tall:] = (foot + (ground - foot) * (0.72 * _fall(tall)) + 0.5).astype(np.uint8)


def _strip(
    pixels: NDArray[np.uint8], plate: Plate, left: int, top: int, wide: int, tall: int, size: int
) -> None:
    """A piece of paper behind the words."""
    ink = rgb(lab(plate.ground))
    low, high = (left - size // 2, top - size // 6), (left + wide + size // 2, top + tall)
    under = pixels.copy()
    radius = size // 4
    for first, second in (
        ((low[0] + radius, low[1]), (high[0] - radius, high[1])),
        ((low[0], low[1] + radius), (high[0], high[1] - radius)),
    ):
        cv2.rectangle(under, first, second, ink, -1, cv2.LINE_AA)
    for x in (low[0] + radius, high[0] - radius):
        for y in (low[1] + radius, high[1] - radius):
            cv2.circle(under, (x, y), radius, ink, -1, cv2.LINE_AA)
    cv2.addWeighted(under, 0.92, pixels, 0.08, 0, dst=pixels)
