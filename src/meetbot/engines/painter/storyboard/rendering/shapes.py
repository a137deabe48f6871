"""Outlines: polygons in picture heights, x to the right and y down, as float arrays ``(n, 2)``."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = [
    "arc",
    "blob",
    "circle",
    "ellipse",
    "polygon",
    "rect",
    "ridge",
    "rounded",
    "smooth",
    "under",
]


def polygon(*points: tuple[float, float]) -> NDArray[np.float64]:
    """Straight from point to point."""
    return np.array(points, np.float64)


def rect(left: float, top: float, right: float, bottom: float) -> NDArray[np.float64]:
    """An upright rectangle."""
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64)


def ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0.0) -> NDArray[np.float64]:
    """An ellipse about ``(x, y)``, turned by ``turn`` radians."""
    return arc(x, y, rx, ry, 0, 2 * math.pi, turn)[:-1]


def circle(x: float, y: float, radius: float) -> NDArray[np.float64]:
    """A circle about ``(x, y)``."""
    return ellipse(x, y, radius, radius)


def arc(
    x: float, y: float, rx: float, ry: float, start: float, end: float, turn: float = 0.0
) -> NDArray[np.float64]:
    """A part of an ellipse, angles in radians clockwise from the right."""
    steps = int(np.clip(abs(end - start) * 160 * math.sqrt(max(abs(rx), abs(ry))) / 6, 10, 160))
    angles = np.linspace(start, end, steps)
    points = np.stack([rx * np.cos(angles), ry * np.sin(angles)], 1)
    if turn:
        cos, sin = math.cos(turn), math.sin(turn)
        points = points @ np.array([[cos, sin], [-sin, cos]])
    return np.asarray(points + np.array((x, y)))


def rounded(
    left: float, top: float, right: float, bottom: float, radius: float
) -> NDArray[np.float64]:
    """A rectangle with round corners."""
    r = max(0.0, min(radius, (right - left) / 2, (bottom - top) / 2))
    quarter = math.pi / 2
    corners = (
        (right - r, bottom - r, 0.0),
        (left + r, bottom - r, quarter),
        (left + r, top + r, 2 * quarter),
        (right - r, top + r, 3 * quarter),
    )
    return np.concatenate([arc(x, y, r, r, start, start + quarter) for x, y, start in corners])


def smooth(points: Sequence[tuple[float, float]], *, closed: bool = True) -> NDArray[np.float64]:
    """A soft line (Catmull-Rom) through the points."""
    knots = np.array(points, np.float64)
    if closed:
        knots = np.concatenate([knots[-1:], knots, knots[:2]])
    else:
        knots = np.concatenate([knots[:1] * 2 - knots[1:2], knots, knots[-1:] * 2 - knots[-2:-1]])
    t = np.linspace(0, 1, 12, endpoint=False)[:, None]
    parts = []
    for p0, p1, p2, p3 in zip(knots, knots[1:], knots[2:], knots[3:], strict=False):
        parts.append(
            0.5
            * (
                2 * p1
                + (p2 - p0) * t
                + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
                + (3 * p1 - p0 - 3 * p2 + p3) * t**3
            )
        )
    curve = np.concatenate(parts)
    return curve if closed else np.concatenate([curve, knots[-2:-1]])


def blob(
    random: np.random.Generator, x: float, y: float, rx: float, ry: float, rough: float = 0.25
) -> NDArray[np.float64]:
    """A soft, uneven round shape; ``rough``: 0 (an ellipse) … 0.6."""
    count = 8
    angles = np.arange(count) * 2 * math.pi / count + random.uniform(0, math.pi)
    far = 1 + random.uniform(-rough, rough, count)
    return smooth(
        [
            (x + rx * f * math.cos(a), y + ry * f * math.sin(a))
            for a, f in zip(angles, far, strict=True)
        ]
    )


def ridge(
    random: np.random.Generator,
    width: float,
    base: float,
    height: float,
    *,
    rough: float = 0.5,
    step: float = 0.01,
) -> NDArray[np.float64]:
    """A skyline of hills from edge to edge, ``height`` high at most over ``base``.

    ``rough``: 0 (downs) … 1 (crags).
    """
    x = np.arange(-0.05, width + 0.05 + step, max(step, width / 400))
    line = np.zeros_like(x)
    size, wave = 1.0, 0.9
    for _ in range(1 + round(rough * 5)):
        line += size * np.sin(x / wave * 2 * math.pi + random.uniform(0, 2 * math.pi))
        size, wave = size * (0.35 + 0.25 * rough), wave * random.uniform(0.4, 0.55)
    line = (line - line.min()) / max(float(np.ptp(line)), 1e-6)
    return np.stack([x, base - height * line], 1)


def under(line: NDArray[np.float64], bottom: float = 1.02) -> NDArray[np.float64]:
    """The area under a line that goes from left to right."""
    ends = [(line[-1, 0], bottom), (line[0, 0], bottom)]
    return np.concatenate([line, np.array(ends)])
