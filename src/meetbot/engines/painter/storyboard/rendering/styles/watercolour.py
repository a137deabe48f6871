"""``watercolour``: washes that run a little, dark at their edges, on rough paper."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from meetbot.engines.painter.storyboard.rendering.colour import Lab
from meetbot.engines.painter.storyboard.rendering.styles.style import Plate, Style
from meetbot.engines.painter.storyboard.rendering.textures import as_pixels, clouds, grain, paper

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["WATERCOLOUR"]

SHEET = np.array([250, 246, 238], np.float32)


def _washed(colour: Lab) -> Lab:
    return Lab(0.16 + 0.84 * colour.light, colour.a * 0.92, colour.b * 0.92)


def _paint(pixels: NDArray[np.uint8], palette: tuple[Lab, ...], seed: int) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    across, down = _wobble(width, height)
    wet = cv2.remap(pixels, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    size = max(3, height // 180 | 1)
    flat = cv2.medianBlur(wet, size)
    soft = cv2.GaussianBlur(flat, (0, 0), height / 190)
    light = cv2.cvtColor(flat, cv2.COLOR_RGB2GRAY).astype(np.float32)
    around = cv2.GaussianBlur(light, (0, 0), height / 110)
    edge = np.clip((around - light) * 0.012, -0.05, 0.22)
    load = 0.78 + 0.30 * clouds(width, height, (3, 7, 15), 21) - 0.5 * edge
    load += 0.035 * grain(width, height) * (1 - light / 255)
    paint = cv2.addWeighted(flat, 0.6, soft, 0.4, 0).astype(np.float32)
    bare = _margin(width, height)
    thick = (1.06 - np.clip(load, 0.6, 1.25) * 0.24) * bare
    mixed = SHEET + (paint - SHEET) * np.clip(thick + 1.1 * edge * bare, 0, 1)[:, :, None]
    mixed *= paper(width, height)[:, :, None]
    return as_pixels(mixed)


@lru_cache(maxsize=4)
def _wobble(width: int, height: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where each pixel comes from: edges are not quite straight."""
    far = height / 95
    one = clouds(width, height, (12, 30, 70), 31, 0.6) - 0.5
    other = clouds(width, height, (12, 30, 70), 32, 0.6) - 0.5
    across = np.arange(width, dtype=np.float32)[None, :] + far * one
    down = np.arange(height, dtype=np.float32)[:, None] + far * other
    return across.astype(np.float32), down.astype(np.float32)


@lru_cache(maxsize=4)
def _margin(width: int, height: int) -> NDArray[np.float32]:
    """1 where there is paint, 0 at the ragged margin of the paper."""
    down = np.minimum(np.arange(height), np.arange(height)[::-1])[:, None] / height
    across = np.minimum(np.arange(width), np.arange(width)[::-1])[None, :] / height
    inside = np.minimum(down, across) - 0.028
    inside = inside + 0.03 * (clouds(width, height, (9, 22, 60), 41, 0.6) - 0.5)
    return np.clip(inside * 160, 0, 1).astype(np.float32)


WATERCOLOUR = Style(
    "watercolour",
    tone=_washed,
    ink=_washed,
    finish=_paint,
    plate=Plate("#3a3b52", "#fbf7ef", "strip"),
)
