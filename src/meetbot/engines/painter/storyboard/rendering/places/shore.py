"""Water, and the land beside it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from meetbot.engines.painter.storyboard.rendering.colour import mix, shade
from meetbot.engines.painter.storyboard.rendering.shapes import (
    circle,
    ellipse,
    rect,
    ridge,
    smooth,
    under,
)
from meetbot.engines.painter.storyboard.rendering.sky import paint_sky

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.rendering.places.brush import Brush

__all__ = ["SHORE"]


def _beach(brush: Brush) -> None:
    canvas, h, random = brush.canvas, brush.horizon, brush.random
    paint_sky(brush)
    canvas.layer()
    if random.random() < 0.6:
        island = under(ridge(random, brush.wide * 0.4, h + 0.005, 0.07, rough=0.3), h + 0.01)
        canvas.fill(
            brush.far(0.45, "leaf2"),
            island + np.array((brush.wide * float(random.uniform(0, 0.6)), 0)),
        )
    shore = h + (1 - h) * 0.34
    water = (brush.tones["water2"], brush.tones["water"])
    canvas.shaded(
        rect(0, h, brush.wide, shore + 0.12),
        (mix(water[0], brush.tones.haze, 0.25), water[0], water[1]),
    )
    _ripples(brush, h + 0.01, shore - 0.02, 20)
    canvas.layer()
    line = ridge(random, brush.wide, shore + 0.05, 0.05, rough=0.05)
    canvas.fill(mix(water[1], brush.tones["foam"], 0.45), under(line - (0, 0.03)))
    canvas.fill(brush.tones["foam"], under(line - (0, 0.012)))
    canvas.fill(mix(brush.tones["sand"], brush.tones["dune"], 0.8), under(line))
    canvas.layer()
    canvas.shaded(
        under(line + np.array((0, 0.035))),
        (brush.tones["sand"], mix(brush.tones["sand"], brush.tones["dune"], 0.5)),
    )
    for _ in range(40):
        x, y = float(random.uniform(0, brush.wide)), float(random.uniform(shore + 0.1, 1))
        canvas.fill(brush.tones["dune"], ellipse(x, y, 0.004, 0.0018))
    _palm(brush, brush.wide * float(random.choice([0.05, 0.95])), 0.86, 0.62)


def _palm(brush: Brush, x: float, foot: float, tall: float) -> None:
    canvas, lean = brush.canvas, 0.16 if x < brush.wide / 2 else -0.16
    top = (x + lean * tall, foot - tall)
    spine = smooth([(x, foot), (x + lean * tall * 0.25, foot - tall * 0.5), top], closed=False)
    wide = np.linspace(0.026, 0.014, len(spine))[:, None] * (1, 0)
    canvas.fill(brush.tones["wood2"], np.concatenate([spine - wide, (spine + wide)[::-1]]))
    for index, angle in enumerate((-2.9, -2.3, -1.5, -0.8, -0.2, 0.35, 2.8)):
        green = brush.tones["leaf" if index % 2 else "leaf2"]
        reach = tall * 0.42
        end = (
            top[0] + reach * math.cos(angle),
            top[1] + reach * math.sin(angle) * 0.6 + reach * 0.35,
        )
        high = (
            top[0] + reach * 0.55 * math.cos(angle),
            top[1] + reach * 0.75 * math.sin(angle) - 0.02,
        )
        low = (high[0], high[1] + reach * 0.24)
        leaf = np.concatenate(
            [smooth([top, high, end], closed=False), smooth([end, low, top], closed=False)]
        )
        canvas.fill(green, leaf)
    canvas.fill(
        brush.tones["trunk"],
        circle(top[0] - 0.012, top[1] + 0.02, 0.016),
        circle(top[0] + 0.016, top[1] + 0.022, 0.016),
    )


def _ripples(brush: Brush, top: float, bottom: float, count: int) -> None:
    light = mix(brush.tones["water"], brush.tones["foam"], 0.6)
    for _ in range(round(count * min(brush.wide, 2))):
        part = float(brush.random.random())
        y, x = top + (bottom - top) * part, float(brush.random.uniform(0, brush.wide))
        length, thick = 0.015 + 0.06 * part, 0.0012 + 0.0025 * part
        brush.canvas.fill(light, ellipse(x, y, length, thick), alpha=0.7)


def _sea(brush: Brush) -> None:
    canvas, h, random = brush.canvas, brush.horizon, brush.random
    paint_sky(brush)
    canvas.layer()
    canvas.shaded(
        rect(0, h, brush.wide, 1.02),
        (mix(brush.tones["water"], brush.tones.haze, 0.45), brush.tones["water2"]),
    )
    _ripples(brush, h + 0.005, h + 0.12, 14)
    for index in range(5):
        canvas.layer()
        part = index / 4
        y = h + 0.09 + (1 - h) * 0.72 * part
        swell, wave = 0.012 + 0.016 * part, 0.16 + 0.14 * part
        x = np.linspace(-0.1, brush.wide + 0.1, 220)
        phase = float(random.uniform(0, 6))
        crest = y - swell * np.abs(np.sin(x / wave * math.pi + phase)) ** 0.8
        line = np.stack([x, crest], 1)
        colour = mix(brush.tones["water"], brush.tones["water2"], part)
        canvas.fill(mix(colour, brush.tones["foam"], 0.55), under(line))
        canvas.fill(shade(colour, -0.03 * part), under(line + np.array((0, 0.006 + 0.006 * part))))


def _river(brush: Brush) -> None:
    canvas, h, random = brush.canvas, brush.horizon, brush.random
    paint_sky(brush)
    canvas.layer()
    brush.hills(brush.far(0.5, "leaf2"), h + 0.02, 0.16, 0.25)
    canvas.layer()
    for x in brush.steps(0.09, 0.5):
        brush.tree(x, h + 0.03, float(random.uniform(0.09, 0.16)), brush.far(0.2, brush.leaves()))
    brush.ground("grass", h + 0.015)
    canvas.layer()
    bank = mix(brush.tones["sand"], brush.tones["grass"], 0.4)
    state = brush.random.bit_generator.state
    brush.path(bank, brush.wide * 0.6, h + 0.02, 0.03, 0.36, 0.3)
    brush.random.bit_generator.state = state
    brush.path(brush.tones["water"], brush.wide * 0.6, h + 0.02, 0.02, 0.31, 0.3)
    light = mix(brush.tones["water"], brush.tones["foam"], 0.6)
    for index in range(5):
        y = h + 0.2 + 0.1 * index
        canvas.fill(
            light,
            ellipse(
                brush.wide * 0.5 + float(random.uniform(-0.1, 0.06)), y, 0.03 + 0.015 * index, 0.003
            ),
            alpha=0.6,
        )
    for x in (0.05, 0.9):
        brush.bush(brush.wide * x, h + 0.22, 0.09, brush.tones["leaf2"])
    brush.tufts(shade(brush.tones["grass"], -0.12), h + 0.1, 14)


SHORE = {
    "beach": _beach,
    "sea": _sea,
    "river": _river,
}
"""How to paint each of these places."""
