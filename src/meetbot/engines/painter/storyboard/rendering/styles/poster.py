"""``poster``: five inks and a halftone screen, as a press prints it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from meetbot.engines.painter.storyboard.rendering.colour import Lab, lab, mix, rgb
from meetbot.engines.painter.storyboard.rendering.styles.lines import outline
from meetbot.engines.painter.storyboard.rendering.styles.style import Plate, Style
from meetbot.engines.painter.storyboard.rendering.textures import lightened, paper

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.engines.painter.storyboard.rendering.styles.style import Drawn

__all__ = ["POSTER"]

INKS = (lab("#f5ead0"), lab("#f2b544"), lab("#e2573b"), lab("#2f7f86"), lab("#1f2742"))


def _inks(palette: tuple[Lab, ...]) -> list[Lab]:
    """Paper, three colours and a dark one."""
    if not palette:
        return list(INKS)
    light = max(palette, key=lambda colour: colour.light)
    dark = min(palette, key=lambda colour: colour.light)
    sheet = mix(Lab(max(0.9, light.light), light.a * 0.6, light.b * 0.6), lab("#fbf3e0"), 0.5)
    black = Lab(min(0.28, dark.light), dark.a * 0.6, dark.b * 0.6)
    vivid = sorted(palette, key=lambda colour: -colour.chroma)[:3]
    middle = [Lab(min(0.82, max(0.45, c.light)), c.a * 1.1, c.b * 1.1) for c in vivid]
    while len(middle) < 3:
        middle.append(mix(middle[-1], black, 0.4))
    return [sheet, *sorted(middle, key=lambda colour: -colour.light), black]


@lru_cache(maxsize=4)
def _screen(width: int, height: int) -> NDArray[np.float32]:
    """A threshold of dots, -0.5…0.5."""
    step = max(4.0, height / 105)
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    one, other = (across + down) / step, (across - down) / step
    return np.asarray(np.sin(np.pi * one) * np.sin(np.pi * other) * 0.5, np.float32)


def _printed(drawn: Drawn) -> NDArray[np.uint8]:
    width, height = drawn.size
    pixels = drawn.pixels
    table = np.array([rgb(ink) for ink in _inks(drawn.palette)], np.uint8)
    smooth = cv2.GaussianBlur(pixels, (0, 0), height / 700)
    seen = cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB).astype(np.float32)
    inks = cv2.cvtColor(table[None], cv2.COLOR_RGB2LAB)[0].astype(np.float32)
    screen = _screen(width, height)
    best = np.full((height, width), np.inf, np.float32)
    chosen = np.zeros((height, width), np.uint8)
    light = seen[..., 0] + 34 * screen
    for number, (ink_light, ink_a, ink_b) in enumerate(inks):
        far = 0.75 * np.square(light - ink_light)
        far += 1.5 * (np.square(seen[..., 1] - ink_a) + np.square(seen[..., 2] - ink_b))
        nearer = far < best
        chosen[nearer] = number
        np.minimum(best, far, out=best)
    chosen[outline(drawn.things, height) > 0.5] = len(table) - 1
    printed = cv2.GaussianBlur(table[chosen], (0, 0), 0.6)
    return lightened(printed, paper(width, height))


POSTER = Style("poster", finish=_printed, plate=Plate("#1f2742", "#f8efd8", "strip"))
