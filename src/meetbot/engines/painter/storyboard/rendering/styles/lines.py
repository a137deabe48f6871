"""``blueprint``, ``ink`` and ``chalk``: pictures of lines, drawn from the edges of the flat one."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from meetbot.engines.painter.storyboard.rendering.colour import Lab, lab, mix, rgb
from meetbot.engines.painter.storyboard.rendering.styles.style import Plate, Style
from meetbot.engines.painter.storyboard.rendering.textures import as_pixels, clouds, grain, paper

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BLUEPRINT", "CHALK", "INK"]


def _edges(pixels: NDArray[np.uint8], thick: float) -> NDArray[np.float32]:
    """Lines 0…1 where colours meet; ``thick``: in 1/500 of the height."""
    lab_pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)
    width = max(1, round(pixels.shape[0] / 500 * thick))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * width + 1, 2 * width + 1))
    change = cv2.morphologyEx(lab_pixels, cv2.MORPH_GRADIENT, kernel).astype(np.float32)
    strength = change[..., 0] + 0.9 * (change[..., 1] + change[..., 2])
    return np.asarray(np.clip((strength - 14) / 34, 0, 1), np.float32)


def _light(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return np.asarray(grey, np.float32) / np.float32(255)


def _colours(*words: Lab) -> list[NDArray[np.float32]]:
    return [np.array(rgb(word), np.float32) for word in words]


@lru_cache(maxsize=4)
def _grid(width: int, height: int) -> NDArray[np.float32]:
    """Faint lines, every fifth one stronger."""
    step = max(8, height // 30)
    field = np.zeros((height, width), np.float32)
    field[::step] = field[:, ::step] = 0.10
    field[:: 5 * step] = field[:, :: 5 * step] = 0.2
    return field


def _blueprint(pixels: NDArray[np.uint8], palette: tuple[Lab, ...], seed: int) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    base = lab("#1d4f91")
    if palette:
        drawn = palette[-1]
        base = Lab(0.42, base.a + (drawn.a - base.a) * 0.45, base.b + (drawn.b - base.b) * 0.45)
    deep, sheet, line = _colours(mix(base, lab("#081a38"), 0.35), base, lab("#eaf4ff"))
    tone = np.clip(0.25 + 0.6 * _light(pixels) + 0.12 * clouds(width, height, (2, 5), 7), 0, 1)
    ground = deep + (sheet - deep) * tone[:, :, None]
    lines = np.maximum(_edges(pixels, 1.0) * 0.95, _grid(width, height))
    lines = lines * (0.86 + 0.14 * clouds(width, height, (40, 90), 8))
    return as_pixels(ground + (line - ground) * lines[:, :, None])


@lru_cache(maxsize=4)
def _hatching(width: int, height: int) -> NDArray[np.float32]:
    """For each pixel the darkness 0…1 over which a pen leaves ink there."""
    step = max(4.0, height / 110)
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    bend = 3.0 * (clouds(width, height, (6, 14), 9) - 0.5) * step
    one = np.abs(((down + across + bend) / step) % 2 - 1)
    other = np.abs(((down - across * 0.8 + bend) / step) % 2 - 1)
    first = 0.42 + 0.5 * one
    second = 0.66 + 0.5 * other
    return np.asarray(np.minimum(first, second), np.float32)


def _ink(pixels: NDArray[np.uint8], palette: tuple[Lab, ...], seed: int) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    accent = palette[-1] if palette else lab("#d8483e")
    sheet, black, wash = _colours(lab("#f6efdf"), lab("#23212b"), accent)
    light = _light(pixels)
    spread = pixels.max(2).astype(np.float32) - pixels.min(2)
    vivid = np.clip((cv2.GaussianBlur(spread, (0, 0), height / 260) - 105) / 60, 0, 1)
    dark = np.clip(1.05 - light * 1.05, 0, 1)
    hatch = np.clip((dark - _hatching(width, height)) * 9, 0, 1) * 0.82
    lines = np.maximum(_edges(pixels, 0.9), hatch * (1 - 0.55 * vivid))
    ground = sheet + (wash - sheet) * (vivid * (0.55 + 0.35 * light))[:, :, None]
    drawn = ground + (black - ground) * np.clip(lines, 0, 0.95)[:, :, None]
    return as_pixels(drawn * paper(width, height)[:, :, None])


def _chalk(pixels: NDArray[np.uint8], palette: tuple[Lab, ...], seed: int) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    board = lab("#2c3b38")
    if palette:
        board = mix(board, Lab(0.33, palette[0].a * 0.5, palette[0].b * 0.5), 0.5)
    (ground,) = _colours(board)
    tooth = np.clip(
        0.5 + 0.42 * grain(width, height, 6) + 0.5 * (paper(width, height) - 1) * 4, 0, 1
    )
    smear = clouds(width, height, (2, 4, 9), 12)
    spread = (pixels.max(2).astype(np.float32) - pixels.min(2)) / 255
    fill = (0.16 + 0.5 * spread) * (0.35 + 0.9 * tooth) * (0.7 + 0.5 * smear)
    bright = np.minimum(255, pixels.astype(np.float32) * 0.72 + 86)
    drawn = ground * (0.92 + 0.2 * smear[:, :, None])
    drawn = drawn + (bright - drawn) * np.clip(fill, 0, 0.8)[:, :, None]
    lines = _edges(pixels, 1.4) * (0.45 + 0.65 * tooth)
    white = np.minimum(255, bright * 0.45 + 150)
    drawn = drawn + (white - drawn) * np.clip(lines, 0, 0.95)[:, :, None]
    return as_pixels(drawn)


BLUEPRINT = Style(
    "blueprint", finish=_blueprint, daytime="day", plate=Plate("#eaf4ff", "#12355f", "foot")
)
INK = Style("ink", finish=_ink, plate=Plate("#23212b", "#f6efdf", "strip"))
CHALK = Style("chalk", finish=_chalk, daytime="day", plate=Plate("#f4f4ea", "#1d2826", "foot"))
