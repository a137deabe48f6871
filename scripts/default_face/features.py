"""Eyes, brows and mouth, and the curves of lids and lips that landmarks belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from canvas import Canvas, curve, ramp, shifted

if TYPE_CHECKING:
    from canvas import Plane, Points

__all__ = ["lids", "lips", "paint_brow", "paint_eye", "paint_mouth"]

EYE_X, EYE_Y, EYE_SCALE = 40.5, 228.0, 1.18
IRIS = (
    (0, (44, 40, 34)), (0.35, (104, 92, 66)), (0.62, (92, 116, 104)), (0.85, (50, 76, 84)),
    (1, (20, 28, 36)),
)  # fmt: skip
WHITE = ((0, (120, 110, 120)), (0.6, (214, 206, 208)), (1, (248, 245, 243)))
IRIS_RADIUS = 11.4


def _in_eye(points: object, side: int) -> Points:
    """From the eye's own axes (x outwards, y down) to the picture."""
    p = np.asarray(points, float) * EYE_SCALE
    return np.stack([256 + side * (EYE_X + p[:, 0]), EYE_Y + p[:, 1]], 1)


def lids(side: int) -> tuple[Points, Points]:
    """Upper lid from the inner to the outer corner, lower lid back."""
    upper = [(-19.5, 4), (-14, -2.6), (-5, -7.9), (4, -8.9), (12.5, -6.2), (20.5, -1.2)]
    lower = [(20.5, -1.2), (13.5, 4.8), (4, 7.6), (-7, 7.2), (-15, 5.4), (-19.5, 4)]
    return curve(_in_eye(upper, side), 80), curve(_in_eye(lower, side), 80)


def paint_eye(c: Canvas, k: int) -> None:
    """One eye; ``k`` is -1 for the left of the picture, 1 for the right."""
    upper, lower = lids(k)
    opening = c.area(np.vstack([upper, lower]), 0.35)
    x = 256 + k * EYE_X
    c.paint(c.blurred(opening, 2.5), (120, 62, 58), 0.35)
    round_off = 0.012 * np.abs(c.x - x) + 0.02 * np.clip(EYE_Y - c.y, -3, 12)
    c.paint(opening, ramp(np.clip(0.86 - round_off, 0, 1), WHITE))
    duct = _in_eye([(-21, 1), (-14.5, 2), (-15, 7), (-21, 8)], k)
    c.paint(opening * c.area(duct, 1.2), (214, 128, 120), 0.75)
    _paint_iris(c, opening, x - 0.2 * k, EYE_Y - 0.4)
    shade = c.area(np.vstack([upper, shifted(upper[::-1], 0, 4.6)]), 1.3)
    c.paint(opening * shade, (44, 26, 34), 0.55)
    for dx, dy, radius, colour, alpha in (
        (-3.0, -3.6, 2.6, (255, 255, 255), 0.96),
        (3.6, 3.6, 1.1, (220, 240, 255), 0.55),
    ):
        light = c.disc(x - 0.2 * k + dx, EYE_Y - 0.4 + dy, radius, 0.27)
        c.paint(opening * light, colour, alpha)
    c.stroke(shifted(lower, 0, 0.5), 1.6, (210, 140, 128), 0.75, ends=(0.3, 0.3), soft=0.5)
    c.stroke(shifted(lower[8:60], 0, 1.5), 1.2, (92, 48, 48), 0.5, ends=(0.6, 0), soft=0.6)
    _paint_lashes(c, k, upper, lower)
    crease = curve(_in_eye([(-16, -5.2), (-7, -12), (4, -13.6), (14, -11.2), (22, -5.6)], k), 80)
    c.stroke(crease, 1.7, (112, 56, 50), 0.62, ends=(0, 0.1), soft=0.7)
    c.paint(c.area(np.vstack([crease, upper[::-1]]), 1.6), (176, 104, 90), 0.22)
    c.paint(c.blob(x + k * 2, EYE_Y - 12, 8, 1.6), (255, 226, 208), 0.22, screen=True)


def _paint_iris(c: Canvas, opening: Plane, x: float, y: float) -> None:
    away = np.hypot(c.x - x, c.y - y)
    angle = np.arctan2(c.y - y, c.x - x)
    t = np.clip(away / IRIS_RADIUS, 0, 1)
    waves = np.sin(angle * 46 + 2.2 * np.sin(angle * 7)) * np.sin(angle * 29 + 1.3)
    fibres = np.where(t < 0.95, 0.97 + 0.17 * waves, 0.80)[..., None]
    collarette = np.exp(-(((t - 0.45) / 0.14) ** 2))[..., None]
    warm = np.array([170, 116, 60], np.float32) / 255
    colour = np.clip(ramp(t, IRIS) * fibres + 0.36 * collarette * warm, 0, 1)
    c.paint(opening * c.disc(x, y, IRIS_RADIUS, 0.28), colour)
    c.paint(opening * c.blob(x + 1, y + 5.4, 6, 3.2), (190, 200, 170), 0.36, screen=True)
    c.paint(opening * c.disc(x, y, 4.5, 0.3), (8, 9, 14))


def _paint_lashes(c: Canvas, k: int, upper: Points, lower: Points) -> None:
    line = curve(np.vstack([upper[::8], _in_eye([(23.2, -2.6)], k)]), 90)
    c.stroke(line - [0, 0.4], 3.6, (28, 16, 20), 0.95, ends=(0.15, 0.35), soft=0.35)
    for i in np.linspace(14, 79, 34).astype(int):
        f = (i - 14) / 65
        long = (1.6 + 4.2 * f) * c.random.uniform(0.75, 1.1)
        out = np.array([k * (0.25 + 0.85 * f), 0.35 * f - 1.0]) * long
        tip = upper[i] + out + [k * 0.6 * f, -0.8]
        lash = curve([upper[i], upper[i] + out / 2 + [0, 0.5], tip], 14)
        c.stroke(lash, 0.8, (30, 18, 20), 0.75, ends=(1, 0), soft=0.22)
    for i in np.linspace(10, 56, 13).astype(int):
        root = shifted(lower[i], 0, 1.0)
        lash = np.linspace(root, shifted(root, k * 0.9, 2.0), 6)
        c.stroke(lash, 0.55, (70, 40, 40), 0.32, ends=(1, 0), soft=0.2)


def paint_brow(c: Canvas, k: int) -> None:
    """One brow: a soft shape with hairs."""
    top = [(20.5, 198.4), (31, 194.4), (44, 190.4), (57, 190.8), (73, 199.5)]
    low = [(21.0, 202.4), (31, 199.6), (44, 195.8), (57, 195.0), (73, 200.2)]
    above, below = (curve([(256 + k * x, y) for x, y in line], 100) for line in (top, low))
    c.paint(c.area(np.vstack([above, below[::-1]]), 1.3), (92, 56, 45), 0.58)
    for _ in range(230):
        t, v = c.random.uniform(0, 1) ** 0.9, c.random.uniform(0, 1)
        i = int(t * 99)
        root = above[i] * (1 - v) + below[i] * v + c.random.normal(0, 0.35, 2)
        lean = np.array([k * (0.35 + 0.9 * t), 0.95 * t - 1.0 + (0.5 - v) * 0.5])
        lean *= (5.0 - 1.4 * t) * (0.75 + 0.25 * min(1, t * 5)) / np.linalg.norm(lean)
        hair = curve(
            [root - lean * 0.4, shifted(root, k * 0.2, -0.2), root + lean * 0.6 + [k * 0.8, 0.5]],
            12,
        )
        dark = c.random.uniform() < 0.7
        c.stroke(hair, 0.75, (58, 34, 28) if dark else (112, 72, 56), 0.5, ends=(0.3, 0), soft=0.25)


def lips() -> tuple[Points, Points, Points]:
    """Upper edge, the line between the lips, lower edge; each from left to right."""
    middle = [(224.5, 309.4), (235, 314), (247, 315.4), (256, 316.8)]
    upper = [(224.5, 309.4), (238, 307.2), (249, 304.6), (256, 306.4)]
    lower = [(224.5, 309.4), (235.5, 320), (247, 326.4), (256, 327.6)]
    whole = [[*half, *[(512 - x, y) for x, y in half[-2::-1]]] for half in (upper, middle, lower)]
    return curve(whole[0], 120), curve(whole[1], 120), curve(whole[2], 120)


def paint_mouth(c: Canvas) -> None:
    """Closed, with the beginning of a smile."""
    above, line, below = lips()
    upper = c.area(np.vstack([above, line[::-1]]), 0.7)
    lower = c.area(np.vstack([line, below[::-1]]), 0.8)
    c.paint(upper, (168, 76, 78), 0.80)
    c.paint(lower, (196, 98, 96), 0.80)
    c.paint(upper * c.blob(256, 307, 24, 2.4), (214, 120, 114), 0.5)
    c.paint(lower * c.blob(256, 326, 22, 2.4), (158, 72, 72), 0.45)
    c.paint(lower * c.blob(251, 320.2, 9, 2.0), (255, 206, 196), 0.55, screen=True)
    c.paint(lower * c.blob(268, 320.6, 5, 1.6), (255, 206, 196), 0.25, screen=True)
    for x in np.linspace(-20, 20, 15):
        fold = curve([(256 + x, 316.4), (256 + x * 1.06, 319.5), (256 + x * 1.12, 323)], 14)
        c.stroke(fold, 0.7, (150, 66, 68), 0.28, ends=(0.2, 0), soft=0.3, within=lower)
    c.stroke(line, 2.2, (92, 32, 38), 0.88, ends=(0.35, 0.35), soft=0.45)
    c.stroke(shifted(line, 0, 1.6), 2.6, (120, 48, 52), 0.45, ends=(0.1, 0.1), soft=1, within=lower)
    for k in (-1, 1):
        c.paint(c.blob(256 + k * 32.2, 309, 2.8, 2.2), (112, 50, 48), 0.55)
        corner = [(256 + k * 31, 310.2), (256 + k * 33.6, 308), (256 + k * 34.6, 305.2)]
        c.stroke(curve(corner, 20), 1.1, (112, 50, 48), 0.45, ends=(1, 0), soft=0.5)
    c.stroke(above - [0, 0.9], 1.2, (255, 220, 204), 0.28, soft=0.6, screen=True)
