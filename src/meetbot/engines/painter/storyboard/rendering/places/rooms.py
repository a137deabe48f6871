"""Rooms where people live, eat, learn, buy and are healed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.rendering.colour import Lab, lab, mix, shade
from meetbot.engines.painter.storyboard.rendering.places.view import paint_view
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
    from meetbot.engines.painter.storyboard.rendering.places.brush import Brush

__all__ = ["ROOMS", "floor_boards", "wall"]


def wall(brush: Brush, colour: Lab, *, panel: Lab | None = None) -> None:
    """The wall, a skirting board and, up to a third, a panel."""
    canvas, h = brush.canvas, brush.horizon
    canvas.gradient(0, h + 0.01, (shade(colour, -0.035), colour))
    if panel is not None:
        canvas.fill(panel, rect(0, h - 0.2, brush.wide, h))
        canvas.fill(shade(panel, 0.06), rect(0, h - 0.208, brush.wide, h - 0.196))
    canvas.layer()


def floor_boards(brush: Brush, material: str, *, tiles: bool = False) -> None:
    """The floor in perspective: boards or tiles."""
    canvas, h = brush.canvas, brush.horizon
    colour = brush.tones[material]
    canvas.layer()
    canvas.shaded(rect(0, h, brush.wide, 1.02), (shade(colour, -0.05), shade(colour, 0.02)))
    joint = shade(colour, -0.055)
    middle = brush.wide / 2
    reach = math.ceil(brush.wide * 6)
    for index in range(-reach, reach + 1):
        end = middle + index * 0.17
        canvas.line(joint, polygon((middle + (end - middle) * 0.5, h), (end, 1.0)), 0.002)
    if tiles:
        for part in (0.1, 0.24, 0.43, 0.68):
            canvas.line(
                joint, polygon((0, h + (1 - h) * part), (brush.wide, h + (1 - h) * part)), 0.002
            )
    canvas.fill(mix(brush.tones["light"], colour, 0.25), rect(0, h - 0.016, brush.wide, h + 0.004))


def _rug(brush: Brush, material: str) -> None:
    canvas, h = brush.canvas, brush.horizon
    y, deep = h + (1 - h) * 0.55, (1 - h) * 0.3
    colour = mix(brush.tones[material], brush.tones["floor"], 0.25)
    canvas.fill(colour, ellipse(brush.wide / 2, y, min(0.52, brush.wide * 0.44), deep))
    canvas.line(
        shade(colour, 0.09),
        ellipse(brush.wide / 2, y, min(0.47, brush.wide * 0.4), deep * 0.87),
        0.006,
        closed=True,
    )


def _frame(brush: Brush, x: float, y: float, wide: float, tall: float) -> None:
    """A small abstract painting on the wall."""
    canvas, tones = brush.canvas, brush.tones
    canvas.fill(
        shade(tones["room"], -0.09),
        rect(x + 0.005, y + 0.008, x + wide + 0.005, y + tall + 0.008),
        alpha=0.6,
    )
    canvas.fill(tones["wood2"], rect(x, y, x + wide, y + tall))
    canvas.fill(tones["light"], rect(x + 0.008, y + 0.008, x + wide - 0.008, y + tall - 0.008))
    canvas.fill(tones["second"], circle(x + wide * 0.6, y + tall * 0.42, min(wide, tall) * 0.2))
    canvas.fill(
        tones["third"],
        polygon(
            (x + wide * 0.15, y + tall * 0.85),
            (x + wide * 0.4, y + tall * 0.45),
            (x + wide * 0.62, y + tall * 0.85),
        ),
    )
    canvas.fill(
        tones["accent"],
        polygon(
            (x + wide * 0.45, y + tall * 0.85),
            (x + wide * 0.62, y + tall * 0.6),
            (x + wide * 0.85, y + tall * 0.85),
        ),
    )


def _shelf(brush: Brush, x: float, y: float, wide: float, rows: int = 1) -> None:
    """Shelves with books and a plant."""
    canvas, tones, random = brush.canvas, brush.tones, brush.random
    names = ("accent", "second", "third", "leaf", "roof2", "light")
    for row in range(rows):
        board = y + row * 0.125
        left = x + 0.008
        while left < x + wide - 0.03:
            thick, tall = float(random.uniform(0.012, 0.024)), float(random.uniform(0.055, 0.09))
            if random.random() < 0.12:
                left += thick * 2
                continue
            book = mix(tones[str(random.choice(names))], tones["room"], 0.25)
            canvas.fill(book, rect(left, board - tall, left + thick, board))
            canvas.fill(
                shade(book, 0.1), rect(left, board - tall * 0.82, left + thick, board - tall * 0.74)
            )
            left += thick + 0.0015
        canvas.fill(tones["wood2"], rect(x, board, x + wide, board + 0.011))


def _plant(brush: Brush, x: float, foot: float, tall: float) -> None:
    """A pot plant with broad leaves."""
    canvas, tones = brush.canvas, brush.tones
    pot = tall * 0.3
    for index, angle in enumerate((-2.6, -2.1, -1.57, -1.05, -0.5)):
        reach = tall * (0.55 if index != 2 else 0.72)
        end = (x + reach * math.cos(angle), foot - pot + reach * math.sin(angle))
        side = (math.sin(angle) * tall * 0.1, -math.cos(angle) * tall * 0.1)
        middle = ((x + end[0]) / 2, (foot - pot + end[1]) / 2)
        leaf = smooth(
            [
                (x, foot - pot),
                (middle[0] + side[0], middle[1] + side[1]),
                end,
                (middle[0] - side[0], middle[1] - side[1]),
            ]
        )
        canvas.fill(tones["leaf" if index % 2 else "leaf2"], leaf)
    canvas.fill(
        tones["roof"],
        polygon(
            (x - pot * 0.42, foot - pot),
            (x + pot * 0.42, foot - pot),
            (x + pot * 0.3, foot),
            (x - pot * 0.3, foot),
        ),
    )
    canvas.fill(
        shade(tones["roof"], 0.05),
        rounded(x - pot * 0.48, foot - pot * 1.05, x + pot * 0.48, foot - pot * 0.78, 0.004),
    )


def _lamp(brush: Brush, x: float, low: float, size: float) -> None:
    """A lamp that hangs from the ceiling."""
    canvas, tones = brush.canvas, brush.tones
    canvas.line(tones["dark"], polygon((x, -0.01), (x, low - size)), 0.003)
    if tones.dark:
        canvas.glow(tones.bare("lit"), x, low, size * 5, 0.5)
    shape = polygon(
        (x - size * 0.28, low - size),
        (x + size * 0.28, low - size),
        (x + size, low),
        (x - size, low),
    )
    canvas.fill(tones.bare("second") if tones.dark else tones["second"], shape)
    canvas.fill(tones.bare("lit"), arc(x, low, size * 0.4, size * 0.3, 0, math.pi))


def _home(brush: Brush) -> None:
    wide, h = brush.wide, brush.horizon
    wall(brush, brush.tones["room"])
    paint_view(brush, wide * 0.5 - 0.2, h - 0.47, wide * 0.5 + 0.2, h - 0.16, curtains=True)
    _frame(brush, wide * 0.07, h - 0.42, 0.13, 0.16)
    _shelf(brush, wide - 0.27, h - 0.36, 0.2, 2)
    floor_boards(brush, "floor")
    _rug(brush, str(brush.random.choice(["accent", "third", "second"])))
    _plant(brush, wide * 0.07, h + 0.05, 0.3)
    _floor_lamp(brush, wide * 0.93, h + 0.05, 0.4)


def _floor_lamp(brush: Brush, x: float, foot: float, tall: float) -> None:
    canvas, tones = brush.canvas, brush.tones
    canvas.fill(
        tones["dark"],
        rect(x - 0.004, foot - tall * 0.8, x + 0.004, foot),
        ellipse(x, foot, 0.045, 0.01),
    )
    if tones.dark:
        canvas.glow(tones.bare("lit"), x, foot - tall * 0.85, 0.4, 0.6)
    shape = polygon(
        (x - 0.045, foot - tall),
        (x + 0.045, foot - tall),
        (x + 0.075, foot - tall * 0.74),
        (x - 0.075, foot - tall * 0.74),
    )
    canvas.fill(tones.bare("lit") if tones.dark else tones["paint"], shape)


def _kitchen(brush: Brush) -> None:
    canvas, wide, h, tones = brush.canvas, brush.wide, brush.horizon, brush.tones
    wall(brush, tones["room"])
    tile = mix(tones["tile"], tones["room"], 0.25)
    canvas.fill(tile, rect(0, h - 0.36, wide, h))
    for row in range(6):
        y = h - 0.36 + row * 0.06
        canvas.line(shade(tile, -0.05), polygon((0, y), (wide, y)), 0.002)
        x = (row % 2) * 0.05 - 0.05
        while x < wide:
            canvas.line(shade(tile, -0.05), polygon((x, y), (x, y + 0.06)), 0.002)
            x += 0.1
    paint_view(brush, wide * 0.5 - 0.17, h - 0.54, wide * 0.5 + 0.17, h - 0.26, curtains=False)
    cabinet = mix(tones["third"], tones["room"], 0.3)
    for left, right in ((0.0, wide * 0.5 - 0.23), (wide * 0.5 + 0.23, wide)):
        canvas.layer()
        canvas.fill(cabinet, rect(left, 0.0, right, h - 0.4))
        for part in (1 / 3, 2 / 3):
            x = left + (right - left) * part
            canvas.line(shade(cabinet, -0.08), polygon((x, 0), (x, h - 0.4)), 0.003)
            canvas.fill(tones["light"], rounded(x - 0.02, h - 0.45, x - 0.012, h - 0.42, 0.003))
        canvas.fill(shade(cabinet, -0.1), rect(left, h - 0.406, right, h - 0.398))
    _utensils(brush, h - 0.33)
    canvas.layer()
    canvas.fill(shade(cabinet, -0.03), rect(0, h - 0.06, wide, h + 0.1))
    canvas.fill(tones["wood"], rect(0, h - 0.085, wide, h - 0.055))
    brush_h = h + 0.1
    canvas.shaded(rect(0, brush_h, wide, 1.02), (shade(tones["floor"], -0.04), tones["floor"]))
    canvas.fill(shade(cabinet, -0.14), rect(0, brush_h - 0.012, wide, brush_h))


def _utensils(brush: Brush, y: float) -> None:
    canvas, tones, wide = brush.canvas, brush.tones, brush.wide
    rail = wide * 0.5 + 0.24
    canvas.line(tones["metal2"], polygon((rail, y), (wide - 0.03, y)), 0.005)
    for index, name in enumerate(("metal", "wood", "metal2", "wood2")):
        x = rail + 0.03 + index * (wide - 0.06 - rail) / 4
        canvas.fill(
            tones[name],
            rect(x - 0.003, y, x + 0.003, y + 0.09),
            ellipse(x, y + 0.105, 0.016, 0.024),
        )


def _office(brush: Brush) -> None:
    canvas, wide, h, tones = brush.canvas, brush.wide, brush.horizon, brush.tones
    wall(brush, mix(tones["room"], tones["wall3"], 0.6))
    paint_view(brush, wide * 0.06, h - 0.5, wide * 0.58, h - 0.14, curtains=False, city=True)
    _shelf(brush, wide * 0.68, h - 0.36, wide * 0.24, 2)
    _lamp(brush, wide * 0.34, h - 0.44, 0.06)
    _lamp(brush, wide * 0.78, h - 0.50, 0.06)
    floor_boards(brush, "wall3", tiles=True)
    _plant(brush, wide * 0.95, h + 0.06, 0.32)
    canvas.fill(tones["metal"], rounded(wide * 0.01, h - 0.09, wide * 0.1, h + 0.05, 0.006))
    for y in (h - 0.04, h + 0.005):
        canvas.line(shade(tones["metal"], -0.1), polygon((wide * 0.02, y), (wide * 0.09, y)), 0.004)


def _school(brush: Brush) -> None:
    canvas, wide, h, tones = brush.canvas, brush.wide, brush.horizon, brush.tones
    wall(brush, tones["room"], panel=mix(tones["leaf3"], tones["room"], 0.55))
    left, right, top, low = wide * 0.5 - 0.36, wide * 0.5 + 0.36, h - 0.5, h - 0.15
    canvas.layer()
    canvas.fill(tones["wood"], rounded(left - 0.02, top - 0.02, right + 0.02, low + 0.02, 0.008))
    board = mix(tones["board"], tones["dark"], 0.2)
    canvas.shaded(rect(left, top, right, low), (board, shade(board, 0.03)))
    chalk = mix(tones["light"], board, 0.35)
    canvas.line(chalk, arc(right - 0.12, top + 0.13, 0.06, 0.06, 0, 6.28), 0.004)
    canvas.line(chalk, polygon((right - 0.12, top + 0.13), (right - 0.12, top + 0.07)), 0.004)
    canvas.line(
        chalk,
        polygon((left + 0.05, low - 0.06), (left + 0.14, top + 0.18), (left + 0.22, low - 0.06)),
        0.004,
        closed=True,
    )
    for index in range(3):
        y = top + 0.05 + 0.035 * index
        canvas.line(chalk, polygon((left + 0.05, y), (left + 0.24 - 0.04 * index, y)), 0.004)
    canvas.fill(tones["wood2"], rect(left, low + 0.015, right, low + 0.028))
    _clock(brush, wide - 0.09, h - 0.5, 0.05)
    floor_boards(brush, "floor")


def _clock(brush: Brush, x: float, y: float, size: float) -> None:
    canvas, tones = brush.canvas, brush.tones
    canvas.fill(tones["dark"], circle(x, y, size))
    canvas.fill(tones["light"], circle(x, y, size * 0.86))
    canvas.line(tones["dark"], polygon((x, y), (x, y - size * 0.6)), size * 0.09)
    canvas.line(tones["accent"], polygon((x, y), (x + size * 0.4, y + size * 0.2)), size * 0.09)


def _hospital(brush: Brush) -> None:
    canvas, wide, h, tones = brush.canvas, brush.wide, brush.horizon, brush.tones
    pale = mix(tones["tile"], tones["wall3"], 0.4)
    wall(brush, pale, panel=mix(tones["water"], pale, 0.45))
    paint_view(brush, wide * 0.62, h - 0.48, wide * 0.9, h - 0.24, curtains=False)
    x, y = wide * 0.16, h - 0.4
    canvas.fill(tones["light"], circle(x, y, 0.075))
    red = mix(lab("#e2504e"), tones["accent"], 0.4)
    canvas.fill(
        red,
        rounded(x - 0.016, y - 0.05, x + 0.016, y + 0.05, 0.005),
        rounded(x - 0.05, y - 0.016, x + 0.05, y + 0.016, 0.005),
    )
    canvas.layer()
    cloth = mix(tones["third"], pale, 0.55)
    canvas.line(tones["metal"], polygon((wide * 0.3, h - 0.46), (wide * 0.55, h - 0.46)), 0.006)
    for index in range(7):
        left = wide * 0.31 + index * wide * 0.03
        canvas.fill(
            shade(cloth, -0.03 * (index % 2)),
            rounded(left, h - 0.45, left + wide * 0.032, h - 0.03, 0.006),
        )
    floor_boards(brush, "tile", tiles=True)


def _shop(brush: Brush) -> None:
    canvas, wide, h, tones, random = (
        brush.canvas,
        brush.wide,
        brush.horizon,
        brush.tones,
        brush.random,
    )
    wall(brush, tones["room"])
    names = ("accent", "second", "third", "leaf3", "roof2", "light", "water")
    for row in range(4):
        y = h - 0.06 - 0.13 * row
        x = 0.02
        while x < wide - 0.03:
            size = float(random.uniform(0.03, 0.05))
            tall = size * float(random.uniform(0.9, 1.7))
            colour = mix(tones[str(random.choice(names))], tones["room"], 0.42)
            canvas.fill(
                colour, rounded(x, y - tall, x + size, y, 0.008 if random.random() < 0.6 else 0.02)
            )
            canvas.fill(
                mix(tones["light"], colour, 0.4), rect(x, y - tall * 0.6, x + size, y - tall * 0.35)
            )
            x += size + 0.008
        canvas.fill(mix(tones["wood2"], tones["room"], 0.3), rect(0, y, wide, y + 0.012))
    canvas.layer()
    stripe = 0.085
    for index in range(math.ceil(wide / stripe) + 1):
        colour = tones["accent"] if index % 2 else tones["light"]
        left = index * stripe
        canvas.fill(
            colour,
            rect(left, 0, left + stripe, 0.075),
            ellipse(left + stripe / 2, 0.075, stripe / 2, 0.026),
        )
    floor_boards(brush, "tile", tiles=True)


def _cafe(brush: Brush) -> None:
    canvas, wide, h, tones = brush.canvas, brush.wide, brush.horizon, brush.tones
    warm = mix(tones["room2"], tones["wall2"], 0.5)
    wall(brush, warm, panel=mix(tones["wood2"], warm, 0.35))
    paint_view(brush, wide * 0.42, h - 0.5, wide * 0.92, h - 0.2, curtains=False, city=True)
    board = mix(tones["dark"], tones["board"], 0.4)
    canvas.fill(tones["wood"], rounded(wide * 0.07, h - 0.5, wide * 0.07 + 0.24, h - 0.24, 0.006))
    canvas.fill(board, rect(wide * 0.07 + 0.014, h - 0.486, wide * 0.07 + 0.226, h - 0.254))
    chalk = mix(tones["light"], board, 0.3)
    for index in range(5):
        y = h - 0.45 + index * 0.04
        canvas.line(
            chalk,
            polygon((wide * 0.07 + 0.035, y), (wide * 0.07 + 0.13 - 0.015 * (index % 3), y)),
            0.004,
        )
        canvas.line(chalk, polygon((wide * 0.07 + 0.18, y), (wide * 0.07 + 0.205, y)), 0.004)
    for part in (0.2, 0.5, 0.8):
        _lamp(brush, wide * part, h - 0.5 + 0.05 * abs(part - 0.5), 0.05)
    floor_boards(brush, "wood")


ROOMS = {
    "home": _home,
    "kitchen": _kitchen,
    "office": _office,
    "school": _school,
    "hospital": _hospital,
    "shop": _shop,
    "cafe": _cafe,
}
"""How to paint each of these places."""
