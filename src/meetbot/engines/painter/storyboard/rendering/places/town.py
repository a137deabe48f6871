"""Places that towns are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from meetbot.engines.painter.storyboard.rendering.colour import Lab, mix, shade
from meetbot.engines.painter.storyboard.rendering.shapes import (
    blob,
    circle,
    ellipse,
    polygon,
    rect,
    rounded,
    under,
)
from meetbot.engines.painter.storyboard.rendering.sky import paint_sky

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.rendering.places.brush import Brush

__all__ = ["TOWN"]


def _skyline(brush: Brush, base: float, tall: float, haze: float, step: float) -> None:
    """A row of towers up to ``tall`` high, with windows, through ``haze``."""
    random = brush.random
    names = ("tower", "tower2", "tower3")
    for x in brush.steps(step * 0.8, 0.25):
        wide = step * float(random.uniform(0.62, 0.95))
        top = base - tall * float(random.uniform(0.35, 1.0))
        colour = brush.far(haze, str(random.choice(names)))
        _tower(brush, colour, x, top, wide, base)


def _tower(brush: Brush, colour: Lab, x: float, top: float, wide: float, base: float) -> None:
    canvas, random = brush.canvas, brush.random
    kind = int(random.integers(5))
    canvas.fill(colour, rect(x, top, x + wide, base + 0.03))
    if kind == 0:
        canvas.fill(colour, polygon((x, top), (x + wide * 0.5, top - wide * 0.45), (x + wide, top)))
    elif kind == 1:
        canvas.fill(colour, rect(x + wide * 0.2, top - 0.025, x + wide * 0.8, top))
        canvas.fill(colour, rect(x + wide * 0.47, top - 0.08, x + wide * 0.53, top))
    elif kind == 2:
        canvas.fill(colour, polygon((x, top), (x + wide, top - wide * 0.4), (x + wide, top)))
    canvas.fill(shade(colour, -0.035), rect(x + wide * 0.68, top, x + wide, base + 0.03))
    lit = brush.tones.bare("lit")
    pane = shade(colour, 0.055) if not brush.tones.dark else shade(colour, -0.05)
    columns = max(2, round(wide / 0.026))
    gap = wide / columns
    rows = int((base - top - 0.02) / 0.034)
    on: list[np.ndarray] = []
    off: list[np.ndarray] = []
    for row in range(rows):
        for column in range(columns):
            left, high = x + gap * (column + 0.25), top + 0.018 + row * 0.034
            cell = rect(left, high, left + gap * 0.5, high + 0.016)
            (on if brush.tones.dark and random.random() < 0.42 else off).append(cell)
    canvas.fill_many(pane, off)
    canvas.fill_many(mix(lit, colour, 0.12), on)


def _city(brush: Brush) -> None:
    canvas, h = brush.canvas, brush.horizon
    paint_sky(brush)
    canvas.layer()
    _skyline(brush, h, h * 0.62, 0.72, 0.10)
    canvas.layer()
    _skyline(brush, h, h * 0.50, 0.42, 0.14)
    canvas.layer()
    for x in brush.steps(0.1):
        brush.canvas.fill(brush.far(0.15, "leaf2"), blob(brush.random, x, h, 0.07, 0.05, 0.15))
    road = brush.tones["road"]
    walk = mix(brush.tones["kerb"], brush.tones.haze, 0.2)
    canvas.shaded(rect(0, h, brush.wide, 1.02), (walk, shade(walk, -0.06)))
    step = brush.wide / max(4, round(brush.wide * 6))
    joint = shade(walk, -0.05)
    middle = brush.wide / 2
    for i in range(-24, 25):
        end = middle + i * step * 2.2
        canvas.line(joint, polygon((middle + (end - middle) * 0.42, h + 0.01), (end, 1.0)), 0.002)
    for row in (0.05, 0.14, 0.28, 0.5, 0.8):
        canvas.line(joint, polygon((0, h + (1 - h) * row), (brush.wide, h + (1 - h) * row)), 0.002)
    canvas.fill(mix(road, walk, 0.25), rect(0, h - 0.002, brush.wide, h + 0.012))


def _street(brush: Brush) -> None:
    canvas, h, random = brush.canvas, brush.horizon, brush.random
    paint_sky(brush)
    canvas.layer()
    _skyline(brush, h, h * 0.45, 0.68, 0.12)
    canvas.layer()
    index = int(random.integers(6))
    x = -float(random.uniform(0.02, 0.1))
    while x < brush.wide:
        wide = float(random.uniform(0.17, 0.25))
        tall = float(random.uniform(0.30, 0.44)) * (h / 0.6)
        _facade(brush, x, h + 0.015, wide, tall, index)
        x += wide
        index += 1
    canvas.layer()
    walk = brush.tones["kerb"]
    canvas.fill(walk, rect(0, h + 0.012, brush.wide, 1.02))
    canvas.fill(shade(walk, -0.09), rect(0, h + 0.075, brush.wide, h + 0.09))
    road = brush.tones["road"]
    canvas.shaded(rect(0, h + 0.09, brush.wide, 1.02), (road, shade(road, -0.05)))
    y = h + 0.09 + (0.91 - h) * 0.45
    for left in brush.steps(0.2, 0.0):
        canvas.fill(
            mix(brush.tones["paint"], road, 0.2),
            polygon(
                (left, y), (left + 0.1, y), (left + 0.092, y + 0.014), (left - 0.008, y + 0.014)
            ),
        )
    for part in (0.12, 0.86):
        brush.street_lamp(brush.wide * part, h + 0.07, 0.34)


def _awning(brush: Brush, x: float, shop: float, wide: float, index: int) -> None:
    """A striped roof of cloth over a shop's window."""
    canvas, tones, random = brush.canvas, brush.tones, brush.random
    stripe = wide * 0.9 / 7
    for i in range(7):
        left = x + wide * 0.05 + i * stripe
        colour = (
            tones["light"]
            if i % 2
            else mix(
                tones[
                    ("accent", "third", "second")[int(random.integers(3))]
                    if i == 0
                    else ("accent", "third", "second")[index % 3]
                ],
                tones.haze,
                0.1,
            )
        )
        canvas.fill(
            colour,
            rect(left, shop, left + stripe, shop + 0.03),
            ellipse(left + stripe / 2, shop + 0.03, stripe / 2, 0.008),
        )


def _facade(brush: Brush, x: float, foot: float, wide: float, tall: float, index: int) -> None:
    """A town house: shop below, windows above, cornice or gable."""
    canvas, tones = brush.canvas, brush.tones
    wall = mix(tones[("wall", "wall2", "wall3", "roof")[index % 4]], tones.haze, 0.2)
    top = foot - tall
    canvas.shaded(rect(x, top, x + wide, foot), (shade(wall, 0.01), shade(wall, -0.03)))
    roof = mix(tones[("roof2", "roof", "third")[index % 3]], tones.haze, 0.2)
    if index % 2:
        canvas.fill(
            roof,
            polygon(
                (x, top),
                (x + wide * 0.14, top - tall * 0.16),
                (x + wide * 0.86, top - tall * 0.16),
                (x + wide, top),
            ),
        )
    else:
        canvas.fill(roof, rect(x - 0.004, top - 0.02, x + wide + 0.004, top + 0.006))
    shop = foot - min(0.13, tall * 0.36)
    rows = max(1, int((shop - top - 0.03) / 0.1))
    for row in range(rows):
        for column in range(3):
            left = x + wide * (0.13 + 0.28 * column)
            brush.window(left, top + 0.035 + row * 0.1, wide * 0.17, 0.055)
    glass = tones.bare("lit") if tones.dark else tones["glass"]
    canvas.fill(shade(roof, -0.05), rect(x + wide * 0.06, shop, x + wide * 0.94, foot))
    canvas.fill(
        mix(glass, wall, 0.15), rect(x + wide * 0.1, shop + 0.035, x + wide * 0.58, foot - 0.02)
    )
    canvas.fill(tones["wood2"], rect(x + wide * 0.66, shop + 0.035, x + wide * 0.88, foot))
    _awning(brush, x, shop, wide, index)


def _pitch(brush: Brush) -> None:
    canvas, h = brush.canvas, brush.horizon
    grass = brush.tones["grass"]
    for index in range(-12, 12, 2):
        middle = brush.wide / 2
        canvas.fill(
            shade(grass, 0.025),
            polygon(
                (middle + index * 0.09, h + 0.012),
                (middle + (index + 1) * 0.09, h + 0.012),
                (middle + (index + 1) * 0.24, 1.02),
                (middle + index * 0.24, 1.02),
            ),
        )
    paint = mix(brush.tones["light"], grass, 0.15)
    canvas.line(paint, polygon((-0.1, h + 0.05), (brush.wide + 0.1, h + 0.05)), 0.005)
    canvas.line(
        paint, ellipse(brush.wide / 2, h + 0.05 + (1 - h) * 0.4, 0.3, 0.09), 0.006, closed=True
    )


def _stadium(brush: Brush) -> None:
    canvas, h, random = brush.canvas, brush.horizon, brush.random
    paint_sky(brush)
    canvas.layer()
    stand = brush.far(0.25, "tower2")
    bowl = [
        (x, h - 0.17 - 0.10 * (2 * x / brush.wide - 1) ** 2)
        for x in np.linspace(-0.02, brush.wide + 0.02, 30)
    ]
    canvas.fill(shade(stand, -0.08), under(polygon(*[(x, y - 0.035) for x, y in bowl])))
    canvas.fill(stand, under(polygon(*bowl)))
    crowd = [brush.tones[name] for name in ("accent", "second", "third", "light", "wall2")]
    heads: list[list[np.ndarray]] = [[] for _ in crowd]
    for x in np.arange(0.0, brush.wide, 0.0125):
        top = h - 0.155 - 0.10 * (2 * x / brush.wide - 1) ** 2
        for y in np.arange(top, h - 0.02, 0.0135):
            if random.random() < 0.8:
                heads[int(random.integers(len(crowd)))].append(
                    rect(x - 0.003, y - 0.003, x + 0.003, y + 0.0035)
                )
    for colour, shapes in zip(crowd, heads, strict=True):
        canvas.fill_many(mix(colour, stand, 0.45), shapes)
    canvas.layer()
    canvas.fill(brush.tones["third"], rect(0, h - 0.022, brush.wide, h + 0.012))
    for x in brush.steps(0.3, 0.0):
        canvas.fill(brush.tones["light"], rounded(x, h - 0.012, x + 0.16, h + 0.002, 0.004))
    brush.ground("grass", h + 0.01)
    _pitch(brush)
    _masts(brush)


def _masts(brush: Brush) -> None:
    canvas, tones, h = brush.canvas, brush.tones, brush.horizon
    for part in (0.1, 0.9):
        x, top = brush.wide * part, h - 0.45
        canvas.fill(brush.far(0.3, "metal2"), rect(x - 0.006, top, x + 0.006, h - 0.2))
        canvas.fill(
            brush.far(0.1, "metal2"), rounded(x - 0.075, top - 0.05, x + 0.075, top + 0.02, 0.006)
        )
        if tones.dark:
            canvas.glow(tones.bare("light"), x, top - 0.015, 0.3, 0.6)
        for row in (-0.032, 0.0):
            for column in range(5):
                canvas.fill(tones.bare("light"), circle(x + (column - 2) * 0.027, top + row, 0.009))


TOWN = {
    "city": _city,
    "street": _street,
    "stadium": _stadium,
}
"""How to paint each of these places."""
