"""Halls: where people travel, work with machines, and watch."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from meetbot.engines.painter.storyboard.rendering.colour import Lab, lab, mix, shade
from meetbot.engines.painter.storyboard.rendering.places.rooms import floor_boards, wall
from meetbot.engines.painter.storyboard.rendering.shapes import (
    arc,
    circle,
    ellipse,
    polygon,
    rect,
    rounded,
    smooth,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.engines.painter.storyboard.rendering.places.brush import Brush

__all__ = ["HALLS"]


def _arches(brush: Brush, steel: Lab) -> None:
    """The roof of a station hall."""
    canvas, wide, h = brush.canvas, brush.wide, brush.horizon
    middle = wide / 2
    for index in range(5):
        part = index / 4
        reach = 0.25 + 0.55 * part
        canvas.line(
            mix(steel, brush.tones["dark"], 0.12 * index),
            arc(
                middle, h, reach * max(1, wide * 0.8), h * (0.45 + 0.5 * part), math.pi, 2 * math.pi
            ),
            0.006 + 0.008 * part,
        )
    for angle in np.linspace(math.pi * 1.08, math.pi * 1.92, 9):
        x, y = math.cos(angle) * max(1, wide * 0.8), math.sin(angle) * h
        canvas.line(
            steel,
            polygon((middle + x * 0.25, h + y * 0.45), (middle + x * 0.8, h + y * 0.95)),
            0.004,
        )


def _station(brush: Brush) -> None:
    canvas, wide, h, tones = brush.canvas, brush.wide, brush.horizon, brush.tones
    canvas.gradient(0, h + 0.02, tones.sky())
    middle = wide / 2
    steel = mix(tones["metal2"], tones.haze, 0.35)
    _arches(brush, steel)
    canvas.layer()
    for x in brush.steps(0.12, 0.3):
        tall = float(brush.random.uniform(0.06, 0.14))
        canvas.fill(brush.far(0.6, "tower"), rect(x, h - tall, x + 0.1, h))
    canvas.layer()
    _departures(brush, middle, h - 0.44)
    stone = mix(tones["kerb"], tones["wall"], 0.5)
    canvas.shaded(rect(0, h, wide, 1.02), (shade(stone, -0.03), stone))
    canvas.fill(tones["second"], rect(0, h + 0.035, wide, h + 0.05))
    canvas.fill(shade(stone, -0.12), rect(0, h, wide, h + 0.012))
    for part in (0.1, 0.9):
        x = wide * part
        canvas.fill(
            tones["metal2"],
            rect(x - 0.014, h - 0.4, x + 0.014, h + 0.06),
            rounded(x - 0.03, h + 0.03, x + 0.03, h + 0.07, 0.004),
        )
        canvas.line(
            tones["metal2"], polygon((x - 0.1, h - 0.42), (x, h - 0.3), (x + 0.1, h - 0.42)), 0.012
        )


def _departures(brush: Brush, x: float, y: float) -> None:
    """A board of departures that hangs from the roof."""
    canvas, tones, random = brush.canvas, brush.tones, brush.random
    y = max(y, 0.05)
    board = tones["dark"]
    for side in (-0.14, 0.14):
        canvas.line(board, polygon((x + side, -0.01), (x + side, y)), 0.005)
    canvas.fill(board, rounded(x - 0.24, y, x + 0.24, y + 0.14, 0.008))
    for row in range(4):
        top = y + 0.018 + row * 0.03
        colour = tones.bare("lit") if row % 2 == 0 else mix(tones["light"], board, 0.25)
        for left, size in (
            (-0.22, 0.05),
            (-0.15, float(random.uniform(0.1, 0.2))),
            (0.12, 0.03),
            (0.17, 0.05),
        ):
            canvas.fill(colour, rounded(x + left, top, x + left + size, top + 0.012, 0.003))


def _airport(brush: Brush) -> None:
    canvas, wide, h, tones = brush.canvas, brush.wide, brush.horizon, brush.tones
    canvas.gradient(0, h, tones.sky())
    field = h - 0.09
    canvas.fill(mix(tones["grass"], tones.haze, 0.35), rect(0, field, wide, h))
    canvas.fill(mix(tones["road"], tones.haze, 0.4), rect(0, field + 0.035, wide, h))
    tower = wide * float(brush.random.choice([0.2, 0.78]))
    steel = brush.far(0.45, "tower")
    canvas.fill(steel, rect(tower - 0.014, field - 0.2, tower + 0.014, field + 0.01))
    canvas.fill(
        shade(steel, -0.08),
        polygon(
            (tower - 0.055, field - 0.255),
            (tower + 0.055, field - 0.255),
            (tower + 0.035, field - 0.195),
            (tower - 0.035, field - 0.195),
        ),
    )
    _plane(brush, wide * 0.5, field + 0.045, 0.3)
    canvas.layer()
    frame = mix(tones["metal2"], tones["room"], 0.35)
    for x in brush.steps(0.36, 0.0):
        canvas.fill(frame, polygon((x, 0), (x + 0.014, 0), (x + 0.014, h), (x, h)))
    canvas.fill(frame, rect(0, h * 0.3, wide, h * 0.3 + 0.008))
    canvas.fill(shade(frame, -0.07), rect(0, 0, wide, 0.05))
    _departures(brush, wide * 0.5, 0.05)
    floor_boards(brush, "tile", tiles=True)


def _hull(x: float, y: float, size: float, thick: float) -> NDArray[np.float64]:
    return smooth(
        [
            (x - size * 0.5, y - thick * 0.2),
            (x - size * 0.42, y - thick),
            (x, y - thick),
            (x + size * 0.42, y - thick * 0.95),
            (x + size * 0.56, y - thick * 1.05),
            (x + size * 0.4, y + thick * 0.1),
            (x, y + thick * 0.35),
            (x - size * 0.42, y + thick * 0.3),
        ]
    )


def _plane(brush: Brush, x: float, y: float, size: float) -> None:
    """An aircraft at the gate, from its side."""
    canvas, tones = brush.canvas, brush.tones
    body, stripe = mix(tones["light"], tones.haze, 0.15), mix(tones["accent"], tones.haze, 0.2)
    thick = size * 0.11
    hull = _hull(x, y, size, thick)
    canvas.fill(
        stripe,
        polygon(
            (x + size * 0.36, y - thick * 0.8),
            (x + size * 0.5, y - thick * 3.0),
            (x + size * 0.58, y - thick * 3.0),
            (x + size * 0.54, y - thick * 0.8),
        ),
    )
    canvas.fill(body, hull)
    canvas.fill(
        stripe,
        polygon(
            (x - size * 0.05, y - thick * 0.1),
            (x + size * 0.14, y - thick * 0.1),
            (x + size * 0.24, y + thick * 0.7),
            (x + size * 0.16, y + thick * 0.7),
        ),
    )
    canvas.fill_many(
        tones["third"],
        [
            circle(x - size * 0.34 + i * size * 0.055, y - thick * 0.5, size * 0.011)
            for i in range(12)
        ],
    )


def _factory(brush: Brush) -> None:
    canvas, wide, h, tones = brush.canvas, brush.wide, brush.horizon, brush.tones
    back = mix(tones["wall3"], tones["metal"], 0.5)
    wall(brush, back)
    for x in brush.steps(0.3, 0.0):
        canvas.shaded(
            polygon((x, h - 0.36), (x + 0.18, h - 0.46), (x + 0.18, h - 0.24), (x, h - 0.24)),
            tones.sky(),
        )
        canvas.line(shade(back, -0.12), polygon((x + 0.09, h - 0.41), (x + 0.09, h - 0.24)), 0.005)
    beam = shade(back, -0.12)
    canvas.fill(beam, rect(0, 0.06, wide, 0.085))
    for x in brush.steps(0.12, 0.0):
        canvas.line(beam, polygon((x, 0.075), (x + 0.06, 0.0), (x + 0.12, 0.075)), 0.006)
    canvas.layer()
    for part, name in ((0.14, "third"), (0.85, "accent")):
        _machine(brush, wide * part, h + 0.02, mix(tones[name], back, 0.3))
    pipe = mix(tones["second"], back, 0.25)
    canvas.fill(pipe, rect(0, h - 0.145, wide, h - 0.125))
    floor_boards(brush, "kerb", tiles=True)
    stripe = 0.07
    for index in range(math.ceil(wide / stripe) + 1):
        x = index * stripe
        colour = tones["second"] if index % 2 else tones["dark"]
        canvas.fill(
            mix(colour, tones["kerb"], 0.15),
            polygon(
                (x, h + 0.035),
                (x + stripe, h + 0.035),
                (x + stripe - 0.02, h + 0.055),
                (x - 0.02, h + 0.055),
            ),
        )


def _machine(brush: Brush, x: float, foot: float, paint: Lab) -> None:
    canvas, tones = brush.canvas, brush.tones
    body = mix(tones["metal2"], tones["room"], 0.2)
    canvas.fill(body, rounded(x - 0.11, foot - 0.22, x + 0.11, foot, 0.012))
    canvas.fill(paint, rounded(x - 0.08, foot - 0.19, x + 0.08, foot - 0.09, 0.008))
    gear = tones["second"]
    for angle in np.arange(8) * math.pi / 4:
        canvas.fill(
            gear, circle(x + 0.04 * math.cos(angle), foot - 0.14 + 0.04 * math.sin(angle), 0.009)
        )
    canvas.fill(gear, circle(x, foot - 0.14, 0.037))
    canvas.fill(shade(body, 0.08), circle(x, foot - 0.14, 0.015))
    for index in range(3):
        canvas.fill(
            tones[("accent", "leaf3", "second")[index]],
            circle(x - 0.05 + index * 0.05, foot - 0.05, 0.011),
        )


def _laboratory(brush: Brush) -> None:
    canvas, wide, h, tones, random = (
        brush.canvas,
        brush.wide,
        brush.horizon,
        brush.tones,
        brush.random,
    )
    pale = mix(tones["tile"], tones["water"], 0.25)
    wall(brush, pale)
    for row in range(2):
        y = h - 0.24 - 0.19 * row
        for left, right in ((0.03, wide * 0.34), (wide * 0.66, wide - 0.03)):
            canvas.layer()
            x = left + 0.03
            while x < right - 0.03:
                _flask(brush, x, y, float(random.uniform(0.06, 0.1)))
                x += float(random.uniform(0.06, 0.09))
            canvas.fill(mix(tones["metal"], pale, 0.2), rect(left, y, right, y + 0.012))
    screen = (wide * 0.5 - 0.15, h - 0.46, wide * 0.5 + 0.15, h - 0.2)
    canvas.fill(
        tones["metal2"],
        rounded(screen[0] - 0.012, screen[1] - 0.012, screen[2] + 0.012, screen[3] + 0.012, 0.01),
    )
    canvas.fill(tones["dark"], rect(*screen))
    along = np.linspace(screen[0] + 0.02, screen[2] - 0.02, 60)
    wave = (screen[1] + screen[3]) / 2 + 0.05 * np.sin(along * 48) * np.exp(
        -(((along - wide * 0.5) / 0.08) ** 2)
    )
    canvas.line(tones.bare("leaf3"), np.stack([along, wave], 1), 0.006)
    floor_boards(brush, "tile", tiles=True)


def _flask(brush: Brush, x: float, foot: float, tall: float) -> None:
    canvas, tones, random = brush.canvas, brush.tones, brush.random
    glass = mix(tones["glass"], lab("#ffffff"), 0.35)
    liquid = mix(tones[str(random.choice(["accent", "second", "third", "leaf3"]))], glass, 0.2)
    neck, half = tall * 0.11, tall * 0.34
    if random.random() < 0.5:
        canvas.fill(
            glass,
            polygon(
                (x - neck, foot - tall),
                (x + neck, foot - tall),
                (x + neck, foot - tall * 0.6),
                (x + half, foot),
                (x - half, foot),
                (x - neck, foot - tall * 0.6),
            ),
        )
        canvas.fill(
            liquid,
            polygon(
                (x - half * 0.6, foot - tall * 0.3),
                (x + half * 0.6, foot - tall * 0.3),
                (x + half * 0.92, foot - tall * 0.03),
                (x - half * 0.92, foot - tall * 0.03),
            ),
        )
    else:
        canvas.fill(glass, rounded(x - neck * 1.6, foot - tall, x + neck * 1.6, foot, neck * 1.5))
        canvas.fill(
            liquid,
            rounded(
                x - neck * 1.2, foot - tall * 0.55, x + neck * 1.2, foot - tall * 0.04, neck * 1.2
            ),
        )


def _stage(brush: Brush) -> None:
    canvas, wide, h, tones = brush.canvas, brush.wide, brush.horizon, brush.tones
    back = mix(tones["dark"], tones["curtain"], 0.25)
    canvas.gradient(0, h + 0.02, (shade(back, -0.05), shade(back, 0.06)))
    canvas.layer()
    floor = tones["wood2"]
    canvas.shaded(rect(0, h, wide, 1.02), (shade(floor, -0.06), shade(floor, 0.04)))
    for index in range(12):
        y = h + (1 - h) * (index / 12) ** 1.6
        canvas.line(shade(floor, -0.09), polygon((0, y), (wide, y)), 0.002)
    light = mix(tones.bare("lit"), lab("#ffffff"), 0.4)
    for start, end in ((0.25, 0.38), (0.75, 0.62), (0.5, 0.5)):
        x, foot = wide * start, wide * end
        canvas.fill(
            light,
            polygon(
                (x - 0.012, 0.0), (x + 0.012, 0.0), (foot + 0.2, h + 0.16), (foot - 0.2, h + 0.16)
            ),
            alpha=0.13,
        )
    canvas.fill(light, ellipse(wide * 0.5, h + 0.17, min(0.45, wide * 0.4), 0.075), alpha=0.28)
    canvas.layer()
    _drapes(brush)


def _drapes(brush: Brush) -> None:
    """The curtain drawn to both sides and its valance."""
    canvas, wide, h, cloth = brush.canvas, brush.wide, brush.horizon, brush.tones["curtain"]
    reach = wide * 0.17
    for side in (0, 1):
        for fold in range(6):
            low = reach * (0.95 - 0.15 * fold)
            points = [
                (low, 0.0),
                (low * 0.95, h * 0.5),
                (low * 0.7, h * 0.8),
                (low * 0.95, h + 0.10),
            ]
            edge = smooth(points, closed=False)
            shape = np.concatenate([edge, np.array([(-0.02, h + 0.10), (-0.02, 0.0)])])
            if side:
                shape = shape * (-1, 1) + (wide, 0)
            canvas.fill(shade(cloth, -0.05 * (fold % 2) - 0.01 * fold), shape)
    count = max(3, round(wide * 5))
    step = wide / count
    for index in range(count):
        x = step * (index + 0.5)
        canvas.fill(
            shade(cloth, -0.03 if index % 2 else 0.02),
            arc(x, 0.06, step * 0.52, 0.07, 0, math.pi),
            rect(x - step * 0.52, 0, x + step * 0.52, 0.062),
        )
        canvas.line(brush.tones["second"], arc(x, 0.06, step * 0.52, 0.07, 0, math.pi), 0.006)


HALLS = {
    "station": _station,
    "airport": _airport,
    "factory": _factory,
    "laboratory": _laboratory,
    "stage": _stage,
}
"""How to paint each of these places."""
