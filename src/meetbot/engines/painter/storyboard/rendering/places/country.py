"""Places that people built in the country."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.rendering.colour import mix, shade
from meetbot.engines.painter.storyboard.rendering.shapes import (
    arc,
    circle,
    polygon,
    rect,
    ridge,
    under,
)
from meetbot.engines.painter.storyboard.rendering.sky import paint_sky

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.rendering.places.brush import Brush

__all__ = ["COUNTRY"]


def _village(brush: Brush) -> None:
    canvas, h, random = brush.canvas, brush.horizon, brush.random
    paint_sky(brush)
    canvas.layer()
    brush.hills(brush.far(0.6, "leaf2"), h + 0.01, 0.2, 0.3)
    canvas.layer()
    brush.hills(brush.far(0.35, "leaf"), h + 0.03, 0.1, 0.2)
    index = int(random.integers(6))
    for x in brush.steps(0.2, 0.35):
        brush.house(x, h + 0.02, 0.10, 0.11, index)
        brush.tree(x + 0.09, h + 0.02, float(random.uniform(0.08, 0.13)), brush.far(0.2, "leaf2"))
        index += 1
    canvas.layer()
    brush.ground("grass", h + 0.01)
    for part, size in ((0.14, 0.20), (0.83, 0.23)):
        brush.house(brush.wide * part, h + 0.12, size, size * 1.05, index)
        index += 3
    path = mix(brush.tones["soil"], brush.tones["sand"], 0.6)
    brush.path(path, brush.wide * 0.48, h + 0.02, 0.014, 0.2, 0.2)
    _fence(brush, h + 0.17)
    brush.tufts(shade(brush.tones["grass"], -0.1), h + 0.14, 14)


def _fence(brush: Brush, y: float) -> None:
    canvas, wood = brush.canvas, mix(brush.tones["light"], brush.tones["wood"], 0.25)
    for start, end in ((-0.02, brush.wide * 0.26), (brush.wide * 0.74, brush.wide + 0.02)):
        for level in (0.02, 0.042):
            canvas.fill(wood, rect(start, y - level - 0.004, end, y - level + 0.004))
        x = start
        while x < end:
            canvas.fill(
                wood,
                polygon(
                    (x, y),
                    (x, y - 0.056),
                    (x + 0.007, y - 0.066),
                    (x + 0.014, y - 0.056),
                    (x + 0.014, y),
                ),
            )
            x += 0.032


def _farm(brush: Brush) -> None:
    canvas, h, random = brush.canvas, brush.horizon, brush.random
    paint_sky(brush)
    canvas.layer()
    brush.hills(brush.far(0.5, "leaf2"), h + 0.01, 0.13, 0.2)
    for x in brush.steps(0.08, 0.7):
        brush.tree(x, h + 0.012, float(random.uniform(0.05, 0.09)), brush.far(0.3, "leaf2"))
    canvas.layer()
    brush.ground("grass")
    middle = brush.wide * float(random.uniform(0.4, 0.6))
    colours = [brush.tones["soil"], brush.tones["leaf3"], brush.tones["meadow"]]
    pick = int(random.integers(3))
    for index in range(-26, 27):
        near, far = 0.21 * index, 0.035 * index
        colour = colours[(index + pick) % 2]
        canvas.fill(
            colour,
            polygon(
                (middle + far, h + 0.015),
                (middle + far + 0.0175, h + 0.015),
                (middle + near + 0.105, 1.02),
                (middle + near, 1.02),
            ),
        )
    x = brush.wide * float(random.choice([0.17, 0.8]))
    _barn(brush, x, h + 0.05, 0.24)
    strip = brush.tones["grass"]
    canvas.fill(strip, under(ridge(random, brush.wide, h + 0.07, 0.03, rough=0.0), h + 0.09))
    _fence(brush, h + 0.10)


def _barn(brush: Brush, x: float, foot: float, size: float) -> None:
    canvas, tones = brush.canvas, brush.tones
    red, light = tones["roof"], tones["light"]
    half, eave, top = size / 2, foot - size * 0.5, foot - size * 0.92
    silo = x + half * 1.4
    canvas.fill(
        tones["metal"],
        rect(silo - 0.035, foot - size * 0.95, silo + 0.035, foot),
        arc(silo, foot - size * 0.95, 0.035, 0.03, math.pi, 2 * math.pi),
    )
    canvas.fill(
        shade(tones["metal"], -0.07), rect(silo + 0.012, foot - size * 0.95, silo + 0.035, foot)
    )
    canvas.fill(
        red,
        polygon(
            (x - half, foot),
            (x - half, eave),
            (x - half * 0.62, foot - size * 0.78),
            (x, top),
            (x + half * 0.62, foot - size * 0.78),
            (x + half, eave),
            (x + half, foot),
        ),
    )
    edge = polygon(
        (x - half * 1.08, eave + 0.01),
        (x - half * 0.66, foot - size * 0.79),
        (x, top - 0.004),
        (x + half * 0.66, foot - size * 0.79),
        (x + half * 1.08, eave + 0.01),
    )
    canvas.line(shade(tones["dark"], 0.1), edge, 0.012)
    door = (x - half * 0.42, foot - size * 0.42, x + half * 0.42, foot)
    canvas.fill(shade(red, -0.08), rect(*door))
    canvas.line(light, rect(*door), 0.006, closed=True)
    canvas.line(light, polygon(door[:2], door[2:]), 0.006)
    canvas.line(light, polygon((door[0], door[3]), (door[2], door[1])), 0.006)
    canvas.fill(light, circle(x, foot - size * 0.63, size * 0.07))
    canvas.fill(tones["dark"], circle(x, foot - size * 0.63, size * 0.05))


def _marks(brush: Brush, middle: float, near: float) -> None:
    """The lines on a road that goes to the horizon."""
    canvas, h, road = brush.canvas, brush.horizon, brush.tones["road"]
    paint = mix(brush.tones["paint"], road, 0.1)
    for edge in (-1, 1):
        canvas.fill(
            paint,
            polygon(
                (middle + edge * 0.0085, h + 0.01),
                (middle + edge * 0.0095, h + 0.01),
                (middle + edge * near * 0.93, 1.02),
                (middle + edge * near * 0.89, 1.02),
            ),
        )
    for index in range(7):
        a, b = (0.04 + index / 7) ** 2.0, (0.04 + (index + 0.5) / 7) ** 2.0
        y0, y1 = h + 0.01 + (1 - h) * a, h + 0.01 + (1 - h) * b
        w0, w1 = 0.0008 + 0.016 * a, 0.0008 + 0.016 * b
        canvas.fill(
            paint,
            polygon((middle - w0, y0), (middle + w0, y0), (middle + w1, y1), (middle - w1, y1)),
        )


def _asphalt(brush: Brush) -> None:
    """A road from the front to the horizon, with its marks."""
    canvas, h = brush.canvas, brush.horizon
    middle, road = brush.wide * 0.5, brush.tones["road"]
    near = min(0.5, brush.wide * 0.42)
    shoulder = mix(brush.tones["soil"], brush.tones["meadow"], 0.4)
    canvas.fill(
        shoulder,
        polygon(
            (middle - 0.014, h + 0.01),
            (middle + 0.014, h + 0.01),
            (middle + near * 1.14, 1.02),
            (middle - near * 1.14, 1.02),
        ),
    )
    canvas.shaded(
        polygon(
            (middle - 0.01, h + 0.01),
            (middle + 0.01, h + 0.01),
            (middle + near, 1.02),
            (middle - near, 1.02),
        ),
        (mix(road, brush.tones.haze, 0.35), road),
    )
    _marks(brush, middle, near)


def _road(brush: Brush) -> None:
    canvas, h, random = brush.canvas, brush.horizon, brush.random
    paint_sky(brush)
    canvas.layer()
    if random.random() < 0.5:
        line = ridge(random, brush.wide, h + 0.02, 0.2, rough=0.6)
        canvas.shaded(under(line), (brush.far(0.45, "rock"), brush.far(0.75, "rock")))
    else:
        brush.hills(brush.far(0.55, "leaf2"), h + 0.02, 0.14, 0.2)
    canvas.layer()
    brush.hills(brush.far(0.3, "leaf"), h + 0.03, 0.07, 0.2)
    brush.ground("meadow", h + 0.01)
    for x in brush.steps(0.16, 0.6):
        if abs(x / brush.wide - 0.5) > 0.1:
            brush.tree(x, h + 0.03, float(random.uniform(0.06, 0.12)), brush.far(0.15, "leaf2"))
    canvas.layer()
    _asphalt(brush)
    brush.tufts(shade(brush.tones["meadow"], -0.12), h + 0.2, 10)


COUNTRY = {
    "village": _village,
    "farm": _farm,
    "road": _road,
}
"""How to paint each of these places."""
