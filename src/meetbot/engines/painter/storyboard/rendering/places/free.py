"""Space, and backgrounds of talk that plays nowhere."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from meetbot.engines.painter.storyboard.rendering.colour import Lab, lab, mix, shade
from meetbot.engines.painter.storyboard.rendering.shapes import (
    arc,
    blob,
    circle,
    ellipse,
    polygon,
    rect,
    ridge,
    rounded,
    smooth,
    under,
)

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.rendering.places.brush import Brush

__all__ = ["FREE"]


def _moonscape(brush: Brush, deep: Lab) -> None:
    canvas, wide, tones, random = brush.canvas, brush.wide, brush.tones, brush.random
    canvas.layer()
    ground = mix(tones["far"], deep, 0.35)
    h = brush.horizon
    moon = ellipse(wide * 0.5, h + 1.2, max(1.6, wide * 1.5), 1.22)
    canvas.shaded(moon, (shade(ground, 0.03), shade(ground, -0.05)))
    for _ in range(9):
        x, y = float(random.uniform(0, wide)), float(random.uniform(h + 0.08, 0.98))
        size = 0.02 + 0.05 * (y - h)
        canvas.fill(shade(ground, -0.07), ellipse(x, y, size, size * 0.33))
        canvas.fill(shade(ground, -0.025), ellipse(x, y + size * 0.07, size * 0.88, size * 0.25))


def _space(brush: Brush) -> None:
    canvas, wide, tones, random = brush.canvas, brush.wide, brush.tones, brush.random
    deep = mix(lab("#12143a"), Lab(0.2, tones["third"].a, tones["third"].b), 0.35)
    deep = tones.tone(deep)
    canvas.gradient(0, 1, (shade(deep, -0.04), deep, shade(deep, 0.07)))
    for name in ("accent", "third", "roof2"):
        x, y = float(random.uniform(0, wide)), float(random.uniform(0.1, 0.9))
        canvas.glow(tones[name], x, y, float(random.uniform(0.35, 0.6)), 0.34)
    star = tones.tone(lab("#fff8e8"))
    for _ in range(round(130 * min(wide, 3))):
        size = 0.001 + 0.0028 * float(random.random()) ** 4
        canvas.fill(
            star,
            circle(float(random.uniform(0, wide)), float(random.random()), size),
            alpha=float(random.uniform(0.4, 0.99)),
        )
    for _ in range(5):
        _twinkle(
            brush,
            star,
            float(random.uniform(0, wide)),
            float(random.uniform(0.05, 0.7)),
            float(random.uniform(0.012, 0.024)),
        )
    canvas.layer()
    _planet(
        brush,
        wide * float(random.choice([0.16, 0.84])),
        0.22,
        float(random.uniform(0.08, 0.12)),
        tones["second"],
        ring=True,
    )
    _planet(brush, wide * float(random.uniform(0.3, 0.65)), 0.12, 0.035, tones["water"], ring=False)
    _moonscape(brush, deep)


def _twinkle(brush: Brush, colour: Lab, x: float, y: float, size: float) -> None:
    thin = size * 0.16
    brush.canvas.fill(
        colour,
        polygon(
            (x, y - size),
            (x + thin, y - thin),
            (x + size, y),
            (x + thin, y + thin),
            (x, y + size),
            (x - thin, y + thin),
            (x - size, y),
            (x - thin, y - thin),
        ),
    )


def _planet(brush: Brush, x: float, y: float, size: float, colour: Lab, *, ring: bool) -> None:
    canvas = brush.canvas
    if ring:
        canvas.line(
            shade(colour, 0.08),
            arc(x, y, size * 1.75, size * 0.42, math.pi, 2 * math.pi, -0.3),
            size * 0.12,
        )
    canvas.fill(shade(colour, -0.1), circle(x, y, size))
    canvas.fill(colour, ellipse(x - size * 0.1, y - size * 0.08, size * 0.86, size * 0.9))
    for part, wide in ((-0.4, 0.68), (0.0, 0.82), (0.35, 0.66)):
        canvas.fill(
            shade(colour, 0.05),
            rounded(
                x - size * wide,
                y + size * part,
                x + size * wide * 0.7,
                y + size * (part + 0.13),
                size * 0.06,
            ),
        )
    if ring:
        canvas.line(
            shade(colour, 0.12), arc(x, y, size * 1.75, size * 0.42, 0, math.pi, -0.3), size * 0.12
        )


def _abstract(brush: Brush) -> None:
    designs = (_blobs, _arcs, _grid, _sheets, _disc, _terraces)
    designs[int(brush.random.integers(len(designs)))](brush)
    _floor(brush)


def _base(brush: Brush) -> tuple[Lab, Lab, Lab, Lab]:
    """Ground and three soft colours of the picture."""
    tones = brush.tones
    if tones.palette:
        ground = mix(tones["room"], tones.sky()[2], 0.3)
    else:
        pairs = (
            ("room", 0.2),
            ("water", 0.62),
            ("leaf3", 0.68),
            ("blossom", 0.6),
            ("second", 0.66),
            ("roof2", 0.72),
        )
        name, part = pairs[int(brush.random.integers(len(pairs)))]
        ground = mix(tones[name], tones["light"], part)
    names = ["accent", "second", "third", "leaf", "water"]
    picked = [str(name) for name in brush.random.permutation(names)[:3]]
    soft = [mix(tones[name], ground, 0.52) for name in picked]
    return ground, soft[0], soft[1], soft[2]


def _floor(brush: Brush) -> None:
    """Something for things to stand on."""
    h, canvas = brush.horizon, brush.canvas
    haze = brush.tones["room2"]
    canvas.fill(
        shade(haze, -0.12),
        ellipse(brush.wide / 2, h + (1 - h) * 0.52, brush.wide * 0.47, (1 - h) * 0.36),
        alpha=0.20,
    )


def _blobs(brush: Brush) -> None:
    canvas, random, wide = brush.canvas, brush.random, brush.wide
    ground, *soft = _base(brush)
    canvas.gradient(0, 1, (shade(ground, 0.02), shade(ground, -0.02)))
    spots = ((0.12, 0.15, 0.36), (0.9, 0.3, 0.34), (0.3, 0.95, 0.42), (0.95, 0.98, 0.26))
    for index, (x, y, size) in enumerate(spots):
        canvas.layer()
        colour = soft[index % 3]
        canvas.fill(colour, blob(random, wide * x, y, size, size * 0.85, 0.28))
    canvas.layer()
    dots = [
        circle(wide * 0.62 + i * 0.03, 0.1 + j * 0.03, 0.005) for i in range(6) for j in range(5)
    ]
    canvas.fill_many(shade(soft[0], -0.1), dots)
    canvas.line(
        shade(soft[1], -0.1), blob(random, wide * 0.14, 0.18, 0.4, 0.36, 0.2), 0.004, closed=True
    )


def _arcs(brush: Brush) -> None:
    canvas, random, wide = brush.canvas, brush.random, brush.wide
    ground, *soft = _base(brush)
    canvas.gradient(0, 1, (ground, shade(ground, -0.03)))
    side = float(random.choice([0.0, 1.0]))
    for centre, foot, reach in ((wide * side, 1.0, 1.0), (wide * (1 - side), 0.0, 0.55)):
        for index in range(5):
            canvas.layer()
            colour = (*soft, ground, mix(soft[0], ground, 0.5))[index]
            canvas.fill(colour, circle(centre, foot, reach * (1 - index * 0.17)))


def _grid(brush: Brush) -> None:
    canvas, random, wide = brush.canvas, brush.random, brush.wide
    ground, *soft = _base(brush)
    canvas.gradient(0, 1, (ground, ground))
    size = 0.2
    for row in range(5):
        for column in range(math.ceil(wide / size)):
            x, y = column * size, row * size
            kind, colour = int(random.integers(7)), soft[int(random.integers(3))]
            colour = mix(colour, ground, 0.35)
            corner = (x + size * float(random.integers(2)), y + size * float(random.integers(2)))
            if kind == 0:
                canvas.fill(colour, rect(x, y, x + size, y + size))
            elif kind in (1, 2):
                start = math.atan2(y + size / 2 - corner[1], x + size / 2 - corner[0]) - math.pi / 4
                quarter = arc(*corner, size, size, start, start + math.pi / 2)
                canvas.fill(colour, np.concatenate([quarter, np.array([corner])]))
            elif kind == 3:
                canvas.fill(colour, circle(x + size / 2, y + size / 2, size * 0.3))
            elif kind == 4:
                canvas.fill(colour, polygon((x, y + size), (x + size, y), (x + size, y + size)))


def _sheets(brush: Brush) -> None:
    canvas, random, wide = brush.canvas, brush.random, brush.wide
    ground, *soft = _base(brush)
    canvas.gradient(0, 1, (shade(ground, 0.02), ground))
    for index in range(4):
        canvas.layer()
        colour = mix(soft[index % 3], ground, 0.45 - 0.12 * index)
        base = 0.30 + 0.2 * index
        canvas.shaded(
            under(ridge(random, wide, base + 0.08, 0.18, rough=0.0)),
            (shade(colour, 0.02), shade(colour, -0.03)),
        )


def _disc(brush: Brush) -> None:
    canvas, wide, random = brush.canvas, brush.wide, brush.random
    ground, *soft = _base(brush)
    canvas.gradient(0, 1, (ground, shade(ground, -0.02)))
    canvas.layer()
    x, y = wide * 0.5, 0.47
    canvas.fill(mix(soft[0], ground, 0.15), circle(x, y, min(0.4, wide * 0.42)))
    canvas.line(shade(soft[0], -0.06), circle(x, y, min(0.44, wide * 0.46)), 0.003, closed=True)
    for index in range(9):
        angle = index * 2 * math.pi / 9 + float(random.uniform(0, 0.5))
        reach = min(0.44, wide * 0.46)
        px, py = x + reach * math.cos(angle), y + reach * math.sin(angle)
        canvas.fill(soft[1 + index % 2], circle(px, py, float(random.uniform(0.008, 0.022))))


def _terraces(brush: Brush) -> None:
    canvas, wide, random = brush.canvas, brush.wide, brush.random
    ground, *soft = _base(brush)
    canvas.gradient(0, 1, (ground, shade(ground, -0.02)))
    count = max(5, round(wide * 7))
    step = wide / count
    for index in range(count):
        tall = 0.2 + 0.5 * abs(math.sin(index * 1.3 + float(random.uniform(0, 0.8))))
        colour = mix(soft[index % 3], ground, 0.4)
        x = step * index
        canvas.fill(colour, rounded(x + step * 0.08, 1 - tall, x + step * 0.92, 1.1, step * 0.42))
    wave = [(x, 0.2 + 0.05 * math.sin(x * 5)) for x in np.linspace(-0.1, wide + 0.1, 14)]
    canvas.line(mix(soft[2], ground, 0.3), smooth(wave, closed=False), 0.018)


FREE = {"space": _space, "abstract": _abstract}
"""How to paint each of these places."""
