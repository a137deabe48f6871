"""A window of a room, with the weather and the hour behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from meetbot.engines.painter.storyboard.rendering.colour import lab, mix, shade
from meetbot.engines.painter.storyboard.rendering.shapes import (
    circle,
    polygon,
    rect,
    rounded,
    smooth,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.engines.painter.storyboard.rendering.places.brush import Brush

__all__ = ["paint_view"]


def _green(brush: Brush, left: float, right: float, low: float, tall: float) -> None:
    """Hills behind the panes."""
    canvas, tones, wide = brush.canvas, brush.tones, right - left
    green = mix(tones["leaf"], tones.sky()[2], 0.35)
    hill = smooth(
        [
            (left, low - tall * 0.25),
            (left + wide * 0.3, low - tall * 0.4),
            (left + wide * 0.65, low - tall * 0.2),
            (right, low - tall * 0.34),
        ],
        closed=False,
    )
    canvas.fill(green, _closed(hill, left, right, low))
    canvas.fill(shade(green, -0.05), _closed(hill + np.array((0, tall * 0.14)), left, right, low))


def paint_view(
    brush: Brush,
    left: float,
    top: float,
    right: float,
    low: float,
    *,
    curtains: bool,
    city: bool = False,
) -> None:
    """A window from ``(left, top)`` to ``(right, low)``: sky, what stands outside, frame."""
    canvas, tones = brush.canvas, brush.tones
    top, wide, tall = max(top, 0.03), right - left, low - max(top, 0.03)
    frame = tones["light"]
    canvas.fill(frame, rounded(left - 0.018, top - 0.018, right + 0.018, low + 0.018, 0.006))
    canvas.shaded(rect(left, top, right, low), tones.sky())
    night = brush.scene.daytime == "night"
    light = mix(tones.bare("lit"), lab("#ffffff"), 0.5)
    canvas.fill(
        light, circle(left + wide * 0.76, top + tall * 0.27, min(wide, tall) * 0.09), alpha=0.9
    )
    if city:
        _roofs(brush, left, right, low, tall)
    else:
        _green(brush, left, right, low, tall)
    _outside(brush, left, top, right, low)
    bar = 0.006
    middle = (left + right) / 2
    canvas.fill(frame, rect(middle - bar, top, middle + bar, low))
    canvas.fill(frame, rect(left, top + tall * 0.38 - bar, right, top + tall * 0.38 + bar))
    if not night:
        glint = polygon(
            (left + wide * 0.06, low - tall * 0.1),
            (left + wide * 0.3, top + tall * 0.46),
            (left + wide * 0.38, top + tall * 0.46),
            (left + wide * 0.14, low - tall * 0.1),
        )
        canvas.fill(lab("#ffffff"), glint, alpha=0.18)
    canvas.fill(
        shade(frame, -0.06), rounded(left - 0.03, low + 0.012, right + 0.03, low + 0.03, 0.004)
    )
    if curtains:
        _curtains(brush, left, top, right, low)


def _closed(
    line: NDArray[np.float64], left: float, right: float, low: float
) -> NDArray[np.float64]:
    points = line.copy()
    points[:, 0] = points[:, 0].clip(left, right)
    points[:, 1] = points[:, 1].clip(-1, low)
    return np.concatenate([points, np.array([(right, low), (left, low)])])


def _roofs(brush: Brush, left: float, right: float, low: float, tall: float) -> None:
    canvas, tones, random = brush.canvas, brush.tones, brush.random
    x = left
    while x < right - 1e-6:
        end = min(right, x + float(random.uniform(0.04, 0.09)))
        top = low - tall * float(random.uniform(0.2, 0.62))
        colour = mix(tones["tower"], tones.sky()[2], float(random.uniform(0.2, 0.6)))
        canvas.fill(colour, rect(x, top, end, low))
        if tones.dark or brush.scene.daytime == "night":
            lit = tones.bare("lit")
            for _ in range(4):
                px, py = (
                    float(random.uniform(x, max(x, end - 0.01))),
                    float(random.uniform(top, low - 0.012)),
                )
                canvas.fill(lit, rect(px, py, min(px + 0.007, end), py + 0.009))
        x = end


def _outside(brush: Brush, left: float, top: float, right: float, low: float) -> None:
    """Rain or snow behind the panes."""
    weather, random, canvas = brush.scene.weather, brush.random, brush.canvas
    white = mix(brush.tones.sky()[2], lab("#ffffff"), 0.6)
    if weather in ("rain", "storm"):
        for _ in range(26):
            x, y = (
                float(random.uniform(left + 0.012, right)),
                float(random.uniform(top, low - 0.03)),
            )
            canvas.line(white, polygon((x, y), (x - 0.008, y + 0.026)), 0.002)
    elif weather == "snow":
        for _ in range(30):
            x, y = float(random.uniform(left, right)), float(random.uniform(top, low))
            canvas.fill(white, circle(x, y, float(random.uniform(0.002, 0.005))))


def _curtains(brush: Brush, left: float, top: float, right: float, low: float) -> None:
    canvas, tones = brush.canvas, brush.tones
    cloth = mix(tones["accent"], tones["room"], 0.35)
    canvas.fill(tones["wood2"], rounded(left - 0.1, top - 0.034, right + 0.1, top - 0.026, 0.004))
    for side in (-1, 1):
        edge = left - 0.075 if side < 0 else right + 0.075
        for fold in range(3):
            x = edge - side * fold * 0.03
            inner = x - side * 0.036
            shape = rounded(min(x, inner), top - 0.03, max(x, inner), low + 0.05, 0.008)
            canvas.fill(shade(cloth, -0.035 * (fold % 2)), shape)
