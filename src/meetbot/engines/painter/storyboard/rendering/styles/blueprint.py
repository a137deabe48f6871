"""``blueprint``: white lines on blue paper, measured as an engineer would."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from meetbot.engines.painter.storyboard.extents import extent
from meetbot.engines.painter.storyboard.rendering.colour import Lab, lab, mix, rgb
from meetbot.engines.painter.storyboard.rendering.lettering import words_mask
from meetbot.engines.painter.storyboard.rendering.styles.lines import (
    colours,
    edges,
    fraction,
    laid,
    light_of,
    outline,
)
from meetbot.engines.painter.storyboard.rendering.styles.style import Glass, Plate, Style
from meetbot.engines.painter.storyboard.rendering.textures import as_pixels, clouds
from meetbot.engines.painter.storyboard.values import Sprite

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.engines.painter.storyboard.rendering.styles.style import Drawn

__all__ = ["BLUEPRINT"]

LINE = lab("#eaf4ff")
MEASURED = 2
"""How many things are measured."""
METRES = 4.0
"""How high a picture is taken to be."""


@lru_cache(maxsize=4)
def _grid(width: int, height: int) -> NDArray[np.float32]:
    """Faint lines, every fifth one stronger, and a double frame."""
    step = max(8, height // 36)
    field = np.zeros((height, width), np.float32)
    field[::step] = field[:, ::step] = 0.07
    field[:: 5 * step] = field[:, :: 5 * step] = 0.15
    for inset, bright in ((0.018, 0.55), (0.028, 0.9)):
        at = round(inset * height)
        cv2.rectangle(field, (at, at), (width - at - 1, height - at - 1), bright, 1)
    return field


@lru_cache(maxsize=4)
def _wear(width: int, height: int) -> NDArray[np.float32]:
    return np.asarray(0.84 + 0.16 * clouds(width, height, (40, 90), 8), np.float32)


def _sheet(palette: tuple[Lab, ...]) -> Lab:
    base = lab("#1d4f91")
    if not palette:
        return base
    own = palette[0]
    return Lab(0.40, base.a + (own.a * 1.4 - base.a) * 0.6, base.b + (own.b * 1.4 - base.b) * 0.6)


def _plan(drawn: Drawn) -> NDArray[np.uint8]:
    width, height = drawn.size
    base = _sheet(drawn.palette)
    accent = mix(drawn.palette[-1], LINE, 0.25) if drawn.palette else lab("#ffd98a")
    deep, sheet, pale, line, mark = colours(
        mix(base, lab("#081a38"), 0.4), base, mix(base, LINE, 0.5), LINE, accent
    )
    things, light = fraction(drawn.things), light_of(drawn.pixels)
    tone = np.clip(0.35 + 0.4 * light + 0.12 * clouds(width, height, (2, 5), 7), 0, 1)
    ground = laid(laid(deep, sheet, tone), pale, things * (0.06 + 0.62 * light * light))
    lines = np.maximum(
        edges(drawn.pixels, 0.5) * (0.55 + 0.2 * things), outline(drawn.things, height)
    )
    lines = np.maximum(lines, _grid(width, height)) * _wear(width, height)
    marks = fraction(_dimensions(drawn)) * (1 - things)
    return as_pixels(laid(laid(ground, line, lines), mark, marks))


def _dimensions(drawn: Drawn) -> NDArray[np.uint8]:
    """Dimension lines of the largest things, as coverage 0…255."""
    width, height = drawn.size
    mask = np.zeros((height, width), np.uint8)
    sprites = [item for item in drawn.scene.items if isinstance(item, Sprite) and not item.turn]
    for sprite in sorted(sprites, key=lambda one: -one.height)[:MEASURED]:
        tall = sprite.height * height
        half = tall * extent(sprite.icon).aspect / 2
        x, foot = sprite.x * width, sprite.y * height
        at = x - half - height * 0.03
        if at > height * 0.08:
            _dimension(mask, round(at), round(foot - tall), round(foot), sprite.height * METRES)
    return mask


def _dimension(mask: NDArray[np.uint8], x: int, top: int, low: int, metres: float) -> None:
    size = max(9, mask.shape[0] // 46)
    tick = max(3, size // 3)
    cv2.line(mask, (x, top), (x, low), 235, 1, cv2.LINE_AA)
    for y in (top, low):
        cv2.line(mask, (x - tick, y), (x + 2 * tick, y), 235, 1, cv2.LINE_AA)
        cv2.line(mask, (x - tick, y + tick), (x + tick, y - tick), 235, 1, cv2.LINE_AA)
    words = np.rot90(words_mask([f"{metres:.2f}"], size))
    y, left = max(0, (top + low - words.shape[0]) // 2), x - words.shape[1] - 1
    place = mask[y : y + words.shape[0], max(0, left) : x - 1]
    np.maximum(place, words[: place.shape[0], : place.shape[1]], out=place)


BLUEPRINT = Style(
    "blueprint",
    finish=_plan,
    daytime="day",
    plate=Plate("#{:02x}{:02x}{:02x}".format(*rgb(LINE)), "#0d2a52", "foot"),
    glass=Glass("#f4f8ff", "", "#1d3a66"),
)
