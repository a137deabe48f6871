"""``watercolour``: washes that run a little, dark at their edges, on rough paper."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from meetbot.engines.painter.storyboard.rendering.colour import Lab
from meetbot.engines.painter.storyboard.rendering.styles.style import Glass, Plate, Style
from meetbot.engines.painter.storyboard.rendering.textures import (
    as_pixels,
    clouds,
    grain,
    lightened,
    paper,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.engines.painter.storyboard.rendering.styles.style import Drawn

__all__ = ["WATERCOLOUR"]

SHEET = (252, 248, 240)


def _washed(colour: Lab) -> Lab:
    return Lab(0.24 + 0.76 * colour.light, colour.a * 1.02, colour.b * 1.02)


def _pigment(colour: Lab) -> Lab:
    return Lab(0.10 + 0.88 * colour.light, colour.a * 1.06, colour.b * 1.06)


def _paint(drawn: Drawn) -> NDArray[np.uint8]:
    width, height = drawn.size
    across, down = _wobble(width, height)
    wet = cv2.remap(drawn.pixels, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    things = cv2.remap(drawn.things, across, down, cv2.INTER_LINEAR)
    part = things.astype(np.float32) * np.float32(1 / 255)
    run = _run(wet, height)
    mask = cv2.merge((things, things, things))
    run = cv2.add(
        cv2.multiply(wet, mask, scale=1 / 255),
        cv2.multiply(run, cv2.bitwise_not(mask), scale=1 / 255),
    )
    load = _load(width, height) * (0.86 + 0.14 * part) + _rims(run, height)
    load = np.clip(load, 0, 1.25) * _margin(width, height)
    sheet = np.array(SHEET, np.uint8)
    bare = cv2.subtract(np.full_like(run, sheet), run)
    laid = cv2.multiply(bare, cv2.merge((load, load, load)), dtype=cv2.CV_32F)
    mixed = as_pixels(np.array(SHEET, np.float32) - laid)
    return lightened(mixed, paper(width, height, 0.9))


def _run(pixels: NDArray[np.uint8], height: int) -> NDArray[np.uint8]:
    """What is behind, wet in wet: edges run into each other, and are half kept."""
    small = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), max(0.6, height / 150))
    soft = cv2.resize(small, pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.addWeighted(pixels, 0.45, soft, 0.55, 0), np.uint8)


def _rims(pixels: NDArray[np.uint8], height: int) -> NDArray[np.float32]:
    """Where paint gathered: at the edges of what is darker than its neighbour."""
    light = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    around = cv2.GaussianBlur(light, (0, 0), max(0.6, height / 190))
    return np.asarray(np.clip((around - light) * 0.017, -0.06, 0.30), np.float32)


@lru_cache(maxsize=4)
def _load(width: int, height: int) -> NDArray[np.float32]:
    """How much pigment lies where: blooms, and grains in the hollows of the paper."""
    blooms = clouds(width, height, (3, 6, 13, 30), 21, 0.62)
    back = np.abs(clouds(width, height, (4, 9, 20), 22, 0.6) - 0.5)
    runs = np.clip(1 - back * 22, 0, 1) * 0.05
    grains = cv2.GaussianBlur(grain(width, height, 23), (0, 0), max(0.5, height / 800))
    load = 0.72 + 0.42 * (blooms - 0.35) + runs + 0.055 * grains
    return np.asarray(np.clip(load, 0.42, 1.12), np.float32)


@lru_cache(maxsize=4)
def _wobble(width: int, height: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where each pixel comes from: edges are not quite straight."""
    far = height / 110
    one = clouds(width, height, (12, 30, 70), 31, 0.6) - 0.5
    other = clouds(width, height, (12, 30, 70), 32, 0.6) - 0.5
    across = np.arange(width, dtype=np.float32)[None, :] + far * one
    down = np.arange(height, dtype=np.float32)[:, None] + far * other
    return across.astype(np.float32), down.astype(np.float32)


@lru_cache(maxsize=4)
def _margin(width: int, height: int) -> NDArray[np.float32]:
    """1 where there is paint, 0 at the ragged margin of the paper, a little more at its edge."""
    down = np.minimum(np.arange(height), np.arange(height)[::-1])[:, None] / height
    across = np.minimum(np.arange(width), np.arange(width)[::-1])[None, :] / height
    inside = np.minimum(down, across) - 0.026
    inside = inside + 0.036 * (clouds(width, height, (5, 12, 40, 110), 41, 0.6) - 0.5)
    rim = 0.10 * np.exp(-np.square((inside - 0.006) / 0.004))
    return (np.clip(inside * 190, 0, 1) * (1 + rim)).astype(np.float32)


WATERCOLOUR = Style(
    "watercolour",
    tone=_washed,
    ink=_pigment,
    finish=_paint,
    plate=Plate("#3a3b52", "#fbf7ef", "strip"),
    glass=Glass("#fdfaf3"),
)
