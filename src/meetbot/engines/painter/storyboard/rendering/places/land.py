"""Land where few people built."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.rendering.colour import mix, shade
from meetbot.engines.painter.storyboard.rendering.shapes import (
    blob,
    circle,
    ellipse,
    polygon,
    rect,
    ridge,
    rounded,
    under,
)
from meetbot.engines.painter.storyboard.rendering.sky import paint_sky

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.rendering.places.brush import Brush

__all__ = ["LAND"]


def _field(brush: Brush) -> None:
    canvas, h = brush.canvas, brush.horizon
    paint_sky(brush)
    canvas.layer()
    brush.hills(brush.far(0.55, "leaf2"), h + 0.01, 0.10, 0.15)
    canvas.layer()
    brush.hills(brush.far(0.30, "leaf"), h + 0.03, 0.06, 0.15)
    for x in brush.steps(0.11, 0.6):
        if brush.random.random() < 0.45:
            brush.tree(
                x, h + 0.025, float(brush.random.uniform(0.05, 0.09)), brush.far(0.2, "leaf2")
            )
    canvas.layer()
    brush.ground("meadow")
    meadow = brush.tones["meadow"]
    for index in range(3):
        y = h + (1 - h) * (0.18 + 0.27 * index)
        line = ridge(brush.random, brush.wide, y, 0.035 + 0.02 * index, rough=0.0)
        canvas.fill(shade(meadow, -0.025 * (index + 1)), under(line))
    brush.tufts(shade(meadow, -0.14), h + 0.12, 16)
    _flowers(brush, h + 0.1, 26)


def _flowers(brush: Brush, top: float, count: int) -> None:
    if brush.scene.season not in ("spring", "summer"):
        return
    random = brush.random
    for _ in range(round(count * min(brush.wide, 2))):
        y = top + (1 - top) * float(random.random())
        x, size = float(random.uniform(0, brush.wide)), 0.003 + 0.006 * (y - top) / (1 - top + 0.01)
        colour = brush.tones[str(random.choice(["accent", "second", "light"]))]
        brush.canvas.fill(colour, circle(x, y, size))
        brush.canvas.fill(shade(colour, -0.12), circle(x, y, size * 0.4))


def _park(brush: Brush) -> None:
    canvas, h, random = brush.canvas, brush.horizon, brush.random
    paint_sky(brush)
    canvas.layer()
    for x in brush.steps(0.09, 0.5):
        tall = float(random.uniform(0.08, 0.22))
        canvas.fill(brush.far(0.62, "tower"), rect(x, h - tall, x + 0.07, h + 0.02))
    canvas.layer()
    for x in brush.steps(0.13):
        size = float(random.uniform(0.09, 0.14))
        canvas.fill(
            brush.far(0.3, brush.leaves()), blob(random, x, h - size * 0.35, size, size * 0.8, 0.12)
        )
    canvas.layer()
    brush.ground("grass")
    path = mix(brush.tones["sand"], brush.tones["grass"], 0.15)
    brush.path(path, brush.wide * float(random.uniform(0.35, 0.65)), h + 0.01, 0.018, 0.24)
    for side in (0.06, 0.92):
        x = brush.wide * (side + float(random.uniform(-0.02, 0.03)))
        brush.tree(x, h + 0.10, float(random.uniform(0.42, 0.5)), brush.tones[brush.leaves()])
    brush.street_lamp(brush.wide * 0.24, h + 0.05, 0.26)
    brush.tufts(shade(brush.tones["grass"], -0.1), h + 0.12, 12)
    _flowers(brush, h + 0.15, 14)


def _forest(brush: Brush) -> None:
    canvas, h, random = brush.canvas, brush.horizon, brush.random
    paint_sky(brush)
    canvas.glow(shade(brush.tones.haze, 0.08), brush.wide * 0.5, h - 0.15, 0.55, 0.7)
    pines = random.random() < 0.5
    for depth, (haze, size) in enumerate(((0.72, 0.30), (0.5, 0.42), (0.25, 0.56))):
        canvas.layer()
        colour = brush.far(haze, ("leaf2", "leaf", "leaf2")[depth])
        foot = h + 0.03 + depth * 0.03
        canvas.fill(colour, rect(0, foot - 0.05, brush.wide, foot + 0.2))
        for x in brush.steps(0.10 + 0.045 * depth):
            middle = abs(x / brush.wide - 0.5) < 0.17 * depth
            if middle:
                continue
            tall = size * float(random.uniform(0.75, 1.15))
            if pines or random.random() < 0.3:
                brush.pine(x, foot, tall, colour)
            else:
                brush.tree(x, foot, tall, colour)
    canvas.layer()
    ground = mix(brush.tones["grass"], brush.tones["leaf2"], 0.45)
    canvas.shaded(
        rect(0, h + 0.07, brush.wide, 1.02),
        (mix(ground, brush.tones.haze, 0.3), shade(ground, -0.1)),
    )
    brush.path(mix(brush.tones["soil"], ground, 0.35), brush.wide * 0.5, h + 0.07, 0.03, 0.2, 0.08)
    trunk = shade(mix(brush.tones["trunk"], brush.tones["leaf2"], 0.3), -0.08)
    for x in (-0.01, brush.wide + 0.01):
        canvas.fill(
            trunk,
            polygon(
                (x - 0.07, 1.0),
                (x - 0.035, 0.7),
                (x - 0.035, -0.02),
                (x + 0.035, -0.02),
                (x + 0.04, 0.7),
                (x + 0.085, 1.0),
            ),
        )
    brush.tufts(shade(ground, -0.1), h + 0.14, 14)


def _mountains(brush: Brush) -> None:
    canvas, h, random = brush.canvas, brush.horizon, brush.random
    paint_sky(brush)
    for index, (haze, tall) in enumerate(((0.7, 0.40), (0.45, 0.30), (0.15, 0.17))):
        canvas.layer()
        colour = brush.far(haze, "rock" if index < 2 else "rock2")
        if index < 2:
            _peaks(brush, colour, h + 0.04, tall, index)
        else:
            brush.hills(brush.far(0.2, "leaf2"), h + 0.05, tall * 0.55, 0.5, 0.3)
    for x in brush.steps(0.06, 0.7):
        brush.pine(x, h + 0.06, float(random.uniform(0.06, 0.13)), brush.far(0.12, "leaf2"))
    canvas.layer()
    brush.ground("grass", h + 0.04)
    for index in range(2):
        line = ridge(random, brush.wide, h + 0.2 + 0.2 * index, 0.06, rough=0.1)
        canvas.fill(shade(brush.tones["grass"], -0.04 * (index + 1)), under(line))
    stone = brush.tones["rock"]
    for _ in range(4):
        x, y = float(random.uniform(0, brush.wide)), float(random.uniform(h + 0.12, 0.95))
        size = 0.02 + 0.03 * (y - h)
        canvas.fill(shade(stone, -0.08), blob(random, x, y, size * 1.4, size, 0.15))
        canvas.fill(
            stone, blob(random, x + size * 0.15, y - size * 0.2, size * 1.1, size * 0.7, 0.15)
        )


def _peaks(brush: Brush, colour: object, base: float, tall: float, index: int) -> None:
    """Pointed mountains with a lit and a shaded side and snow on top."""
    canvas, random = brush.canvas, brush.random
    snow = mix(brush.tones["snow"], brush.tones.haze, 0.35 if index == 0 else 0.1)
    body = brush.far(0.7 - 0.25 * index, "rock")
    canvas.fill(body, rect(0, base - 0.04, brush.wide, base + 0.1))
    for x in brush.steps(0.34 - 0.05 * index, 0.35):
        top = base - tall * float(random.uniform(0.55, 1.0))
        half = (base - top) * float(random.uniform(0.75, 1.0))
        edge = [
            (
                x + half * part * 0.5 + float(random.uniform(-0.03, 0.03)) * half,
                top + (base - top) * part,
            )
            for part in (0.22, 0.45, 0.7)
        ]
        canvas.fill(body, polygon((x - half, base), (x, top), (x + half, base)))
        shadow = polygon(
            (x, top),
            (x + half, base),
            (x + half * 0.25, base),
            *reversed([(px - half * 0.28 * (py - top) / (base - top), py) for px, py in edge]),
        )
        canvas.fill(shade(body, -0.06), shadow)
        cap = (base - top) * 0.28
        wide = half * 0.28
        canvas.fill(
            snow,
            polygon(
                (x, top),
                (x + wide, top + cap),
                (x + wide * 0.45, top + cap * 0.72),
                (x + wide * 0.1, top + cap * 1.12),
                (x - wide * 0.4, top + cap * 0.75),
                (x - wide, top + cap),
            ),
        )


def _desert(brush: Brush) -> None:
    canvas, h, random = brush.canvas, brush.horizon, brush.random
    paint_sky(brush)
    canvas.layer()
    mesa = brush.far(0.45, "roof")
    for x in brush.steps(0.55, 0.5):
        wide, tall = float(random.uniform(0.1, 0.2)), float(random.uniform(0.08, 0.16))
        canvas.fill(
            mesa,
            polygon(
                (x - wide * 1.25, h + 0.02),
                (x - wide, h - tall),
                (x + wide, h - tall),
                (x + wide * 1.3, h + 0.02),
            ),
        )
        canvas.fill(shade(mesa, 0.04), rect(x - wide, h - tall, x + wide, h - tall * 0.75))
    for index in range(3):
        canvas.layer()
        y = h + 0.04 + (1 - h) * 0.28 * index
        line = ridge(random, brush.wide, y, 0.06 + 0.03 * index, rough=0.0)
        sand = mix(brush.far(0.3 - 0.12 * index, "dune"), brush.tones["sand"], 0.4 - 0.1 * index)
        canvas.shaded(under(line), (shade(sand, 0.03), shade(sand, -0.06)))
    for x, foot, tall in ((0.1, h + 0.10, 0.2), (0.88, h + 0.16, 0.28), (0.72, h + 0.03, 0.09)):
        _cactus(brush, brush.wide * x, foot, tall)


def _cactus(brush: Brush, x: float, foot: float, tall: float) -> None:
    canvas, green = brush.canvas, brush.tones["leaf2"]
    w = tall * 0.085
    canvas.fill(green, rounded(x - w, foot - tall, x + w, foot, w))
    for side, low, high in ((-1, 0.42, 0.75), (1, 0.55, 0.88)):
        arm = x + side * tall * 0.26
        canvas.fill(
            green,
            rounded(
                min(x, arm),
                foot - tall * low - w * 0.8,
                max(x, arm),
                foot - tall * low + w * 0.8,
                w * 0.8,
            ),
        )
        canvas.fill(
            green,
            rounded(
                arm - w * 0.8,
                foot - tall * high,
                arm + w * 0.8,
                foot - tall * low + w * 0.8,
                w * 0.8,
            ),
        )
    canvas.line(
        shade(green, 0.08),
        polygon((x - w * 0.2, foot - tall * 0.9), (x - w * 0.2, foot - tall * 0.08)),
        tall * 0.012,
    )


def _snowfield(brush: Brush) -> None:
    canvas, h, random = brush.canvas, brush.horizon, brush.random
    paint_sky(brush)
    canvas.layer()
    _peaks(brush, None, h + 0.03, 0.22, 0)
    canvas.layer()
    brush.hills(brush.far(0.5, "ice"), h + 0.04, 0.10, 0.2)
    for x in brush.steps(0.08, 0.7):
        brush.pine(x, h + 0.045, float(random.uniform(0.07, 0.17)), brush.far(0.25, "leaf2"))
    snow = brush.tones["snow"]
    for index in range(3):
        canvas.layer()
        line = ridge(random, brush.wide, h + 0.06 + 0.17 * index, 0.05 + 0.02 * index, rough=0.05)
        canvas.shaded(
            under(line),
            (shade(snow, -0.01 * index), mix(shade(snow, -0.05), brush.tones["ice"], 0.6)),
        )
    shadow = mix(brush.tones["ice"], brush.tones.sky()[0], 0.2)
    for index in range(7):
        part = index / 7
        x, y = (
            brush.wide * (0.15 + 0.3 * part + 0.05 * math.sin(part * 5)),
            0.97 - (0.93 - h) * part,
        )
        size = 0.012 * (1 - part * 0.7)
        canvas.fill(shadow, ellipse(x + (index % 2) * size * 2, y, size, size * 0.5), alpha=0.7)


LAND = {
    "field": _field,
    "park": _park,
    "forest": _forest,
    "mountains": _mountains,
    "desert": _desert,
    "snowfield": _snowfield,
}
"""How to paint each of these places."""
