"""The inside of a mouth, painted in the light of its picture: teeth, tongue, the dark behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from meetbot.engines.face.puppet.mesh import CHEEKS, EYES, INNER_LOWER, INNER_UPPER

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["paint_inside"]

IVORY = np.array([1.0, 0.965, 0.90], np.float32)
TYPICAL_CHEEK = 175.0
WHITE_OVER_CHEEK = 1.1
"""How much brighter than the cheeks teeth are at least; eyes in shadow would make them grey."""
COLOURLESS = 0.4
"""Saturation under which something in an eye or a mouth is taken for white."""
ENOUGH = 12
TEETH = 0.18
"""How long upper teeth are; the unit is the width of the mouth."""


def paint_inside(
    seam: NDArray[np.float64],
    width: float,
    box: tuple[int, int, int, int],
    pixels: NDArray[np.uint8],
    points: NDArray[np.float64],
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Upper teeth and lower teeth with the tongue (``MouthPlan``), and the colour of the dark.

    ``seam``: the line on which the shut lips meet, of this ``width``.
    """
    left, top, right, bottom = box
    ys, xs = np.mgrid[0 : bottom - top, 0 : right - left].astype(np.float32)
    centre = seam[len(seam) // 2] - (left, top)
    across = ((xs - centre[0]) / (0.5 * width)).astype(np.float32)
    down = ((ys - centre[1]) / width).astype(np.float32)
    cheek = _cheek(pixels, points)
    ivory = _white(pixels, points, cheek)
    light = float(np.clip(cheek / TYPICAL_CHEEK, 0.5, 1.05))
    teeth = _upper_teeth(across, down, width, ivory)
    tongue = _tongue(across, down, width, ivory, light)
    return teeth, tongue, np.array([46, 16, 18], np.float32) * np.float32(light)


def _upper_teeth(
    across: NDArray[np.float32],
    down: NDArray[np.float32],
    width: float,
    ivory: NDArray[np.float32],
) -> NDArray[np.float32]:
    """They hang down from the upper lip's place and are curved back at the sides."""
    below = (down + 0.085 + 0.05 * across**2) / TEETH
    number = across * 4.6 * (1 - 0.08 * np.abs(across))
    gap = np.abs(number - np.round(number)) * 2
    tips = 1.0 - 0.05 * gap**4
    rows = np.clip((tips - below) * TEETH * width / 1.5, 0, 1)
    shape = rows * np.clip((0.92 - np.abs(across)) * 8, 0, 1)
    shade = (1 - 0.45 * across**2) * (0.94 + 0.06 * np.clip(below, 0, 1)) * (1 - 0.07 * gap**6)
    return np.concatenate([ivory * shade[..., None], shape[..., None]], axis=-1).astype(np.float32)


def _tongue(
    across: NDArray[np.float32],
    down: NDArray[np.float32],
    width: float,
    ivory: NDArray[np.float32],
    light: float,
) -> NDArray[np.float32]:
    """The lower teeth, mostly hidden, and the tongue before them; both hang on the jaw."""
    low = (down - 0.035 + 0.05 * across**2) * width
    line = np.clip(low / 1.5, 0, 1) * np.clip((0.62 - np.abs(across)) * 8, 0, 1)
    height = down + 0.02
    body = np.clip(1.2 - (np.square(across / 0.62) + np.square(height / 0.16)), 0, 1)
    shape = np.clip(body * 3, 0, 1) * 0.85
    pink = np.array([168, 84, 82], np.float32) * light
    relief = 0.82 + 0.18 * np.exp(-np.square((height + 0.06) / 0.07))
    row = ivory * (0.80 - 0.35 * across[..., None] ** 2)
    colour = pink * relief[..., None] * (1 - line[..., None]) + row * line[..., None]
    alpha = np.maximum(shape, line * 0.9)
    return np.concatenate([colour, alpha[..., None]], axis=-1).astype(np.float32)


def _cheek(pixels: NDArray[np.uint8], points: NDArray[np.float64]) -> float:
    """How bright the cheeks are, 0…255."""
    height, width = pixels.shape[:2]
    places = points[list(CHEEKS)].astype(int)
    xs, ys = np.clip(places[:, 0], 0, width - 1), np.clip(places[:, 1], 0, height - 1)
    return float(pixels[ys, xs].mean())


def _white(
    pixels: NDArray[np.uint8], points: NDArray[np.float64], cheek: float
) -> NDArray[np.float32]:
    """What is white in this light: as the picture's own teeth, or as the whites of its eyes."""
    own = _whites(pixels, [points[[*INNER_UPPER, *INNER_LOWER[::-1]]]], 0.85 * cheek)
    eyes = [points[[*upper, *lower[::-1]]] for upper, lower in EYES]
    seen = own if own is not None else _whites(pixels, eyes, 0.6 * cheek)
    least = min(WHITE_OVER_CHEEK * cheek, 225.0)
    if seen is None:
        return IVORY * np.float32(np.clip(least * 1.1, 90, 245))
    bright = float(np.clip(1.08 * seen.mean(), max(90.0, least), 245))
    cast = seen / max(float(seen.mean()), 1.0)
    tint = IVORY * (0.5 + 0.5 * np.clip(cast, 0.85, 1.15))
    return np.asarray(bright * tint, np.float32)


def _whites(
    pixels: NDArray[np.uint8], outlines: list[NDArray[np.float64]], least: float
) -> NDArray[np.float32] | None:
    """RGB of what is bright and without colour inside of the outlines; None: too little is."""
    inside = np.zeros(pixels.shape[:2], np.uint8)
    for outline in outlines:
        cv2.fillPoly(inside, [np.round(outline).astype(np.int32)], 1)
    colours = pixels[inside > 0].astype(np.float32)
    if len(colours) < ENOUGH:
        return None
    most = colours.max(axis=1)
    white = (most - colours.min(axis=1) < COLOURLESS * most) & (colours.mean(axis=1) > least)
    if white.sum() < max(ENOUGH, 0.15 * len(colours)):
        return None
    return np.asarray(np.percentile(colours[white], 75, axis=0), np.float32)
