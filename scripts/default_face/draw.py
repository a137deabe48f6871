"""Draws the face of the default persona and finds where its landmarks are.

    python scripts/default_face/draw.py src/meetbot/personas/default

Everything is made here, from curves, a height field and light; nobody's picture was used. The
landmarks are MediaPipe's, with those of lids and lips moved onto the curves that were drawn.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from canvas import UNITS, Canvas, curve, ramp, shifted
from features import lids, lips, paint_brow, paint_eye, paint_mouth
from hair import paint_back, paint_front
from PIL import Image
from skin import paint_neck, paint_skin

from meetbot.engines.face.mediapipe import MediapipeFaceFinder
from meetbot.models import ModelStore

if TYPE_CHECKING:
    from canvas import Points
    from numpy.typing import NDArray

SCALE = 4
SEED = 7
LEFT, TOP, SIDE = 36, 30, 446
"""The part of the drawing that is shown."""
REACH = 34.0
"""How far around lids and lips other landmarks follow them, in pixels."""

CLOTH = ((0, (16, 24, 44)), (0.3, (36, 56, 104)), (0.6, (70, 102, 174)), (1, (132, 168, 240)))
BAND = ((0, (26, 38, 70)), (0.5, (62, 92, 158)), (1, (118, 152, 226)))

UPPER_EYE = (
    (133, 173, 157, 158, 159, 160, 161, 246, 33),
    (362, 398, 384, 385, 386, 387, 388, 466, 263),
)
LOWER_EYE = (
    (133, 155, 154, 153, 145, 144, 163, 7, 33),
    (362, 382, 381, 380, 374, 373, 390, 249, 263),
)
OUTER_UPPER_LIP = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
OUTER_LOWER_LIP = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
INNER_UPPER_LIP = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
INNER_LOWER_LIP = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)


def paint_ground(c: Canvas) -> None:
    """A calm dark room with the stage's colours."""
    c.pixels[:] = np.array([15, 19, 27], np.float32) / 255
    c.paint(c.blob(256, 215, 190, 200), (38, 56, 92), 0.85)
    c.paint(c.blob(150, 150, 120, 130), (70, 104, 176), 0.28, screen=True)
    c.paint(c.blob(430, 300, 120, 160), (44, 120, 130), 0.16, screen=True)
    away = np.hypot((c.x - 256) / 330, (c.y - 256) / 330)
    c.paint(np.clip(away - 0.55, 0, 1), (8, 10, 15), 0.9)


def paint_clothes(c: Canvas) -> None:
    """A knitted pullover with a round neck."""
    half = [(20, 560), (44, 492), (84, 446), (140, 424), (184, 404), (206, 418), (232, 430)]
    outline = [*half, (256, 433), *[(512 - x, y) for x, y in half[::-1]]]
    body = c.area(curve(outline, 600, closed=True), 0.5)
    light = np.clip(0.60 - (c.x - 130) / 640 - (c.y - 420) / 340, 0.04, 0.9)
    light = light + 0.10 * c.blob(150, 436, 46, 10, -20) - 0.16 * c.blob(256, 470, 70, 20)
    for k in (-1, 1):
        light -= 0.10 * c.blob(256 + k * 128, 500, 9, 44, k * 22)
        light += 0.05 * c.blob(256 + k * 112, 500, 9, 44, k * 22)
    c.paint(body, ramp(np.clip(light, 0, 1), CLOTH))
    knit = 0.5 + 0.5 * np.sin(c.x * 2.1 + 0.5 * np.sin(c.y * 2.4))
    c.paint(body * knit, (150, 184, 255), 0.035, screen=True)
    c.paint(body * c.blob(432, 468, 16, 44, -34), (110, 160, 255), 0.25, screen=True)
    _paint_collar(c, body)


def _paint_collar(c: Canvas, body: NDArray[np.float32]) -> None:
    halves = ([(180, 404), (204, 422), (230, 438)], [(190, 398), (208, 412), (232, 426)])
    outer, inner = (
        curve([*half, (256, half[-1][1] + 4), *[(512 - x, y) for x, y in half[::-1]]])
        for half in halves
    )
    band = c.area(np.vstack([outer, inner[::-1]]), 0.5)
    below = c.area(np.vstack([shifted(outer, 2, 7), inner[::-1]]), 3.0)
    c.paint(below * body * (1 - band), (8, 12, 24), 0.55)
    above = c.area(np.vstack([inner, inner[::-1] - [0, 8]]), 2.6) * (1 - band)
    skin = c.area(np.vstack([inner, [(322, 360), (190, 360)]]), 0.5)
    c.paint(above * skin, (96, 44, 42), 0.40)
    c.paint(band, ramp(np.clip(0.66 - (c.x - 180) / 460, 0, 1), BAND))
    for i in range(4, 156, 3):
        rib = np.linspace(shifted(inner[i], 0, 1.5), outer[i] - [0, 1.5], 5)
        c.stroke(rib, 0.8, (14, 22, 44), 0.36, ends=(1, 1), soft=0.4, within=band)
    c.stroke(shifted(inner, 0, 0.8), 1.3, (170, 200, 255), 0.36, ends=(0.4, 0.4), soft=0.5)


def draw(scale: int = SCALE) -> NDArray[np.uint8]:
    """The picture, uint8 RGB ``(512, 512, 3)``; a minute at four times its size."""
    c = Canvas(scale, SEED)
    paint_ground(c)
    paint_back(c)
    paint_neck(c)
    paint_clothes(c)
    paint_skin(c)
    for k in (-1, 1):
        paint_eye(c, k)
        paint_brow(c, k)
    paint_mouth(c)
    paint_front(c)
    return c.finished(LEFT, TOP, SIDE)


def on_the_curves(landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Landmarks of lids and lips on what was drawn; those around them follow."""
    goals: dict[int, NDArray[np.float64]] = {}
    for k, upper, lower in zip((-1, 1), UPPER_EYE, LOWER_EYE, strict=True):
        above, below = lids(k)
        goals |= _along(upper, landmarks, above) | _along(lower, landmarks, below[::-1])
    above, line, below = lips()
    goals |= _along(OUTER_UPPER_LIP, landmarks, above) | _along(OUTER_LOWER_LIP, landmarks, below)
    inset = line[6:-6]
    goals |= _along(INNER_UPPER_LIP, landmarks, inset) | _along(INNER_LOWER_LIP, landmarks, inset)
    fixed = np.array(list(goals))
    shifts = np.array([goals[i] for i in fixed]) - landmarks[fixed, :2]
    away = np.linalg.norm(landmarks[:, None, :2] - landmarks[None, fixed, :2], axis=-1)
    weights = 1 / (away + 1.0) ** 3
    pulled = (weights @ shifts) / weights.sum(1, keepdims=True)
    pulled *= np.exp(-((away.min(1) / REACH) ** 2))[:, None]
    pulled[fixed] = shifts
    moved = landmarks.copy()
    moved[:, :2] += pulled
    return moved


def _along(
    indices: tuple[int, ...], landmarks: NDArray[np.float32], line: Points
) -> dict[int, NDArray[np.float64]]:
    """Places on ``line`` for a row of landmarks, as far along it as they are along their own."""
    steps = np.linalg.norm(np.diff(landmarks[list(indices), :2], axis=0), axis=1)
    share = np.concatenate([[0], np.cumsum(steps)]) / steps.sum()
    shown = (line - [LEFT, TOP]) * (UNITS / SIDE)
    lengths = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(shown, axis=0), axis=1))])
    places = share * lengths[-1]
    return {
        index: np.array([np.interp(place, lengths, shown[:, axis]) for axis in (0, 1)])
        for index, place in zip(indices, places, strict=True)
    }


def main(folder: Path) -> None:
    """Write ``face.png`` and ``landmarks.npy``."""
    pixels = draw()
    finder = MediapipeFaceFinder.load(ModelStore(), None)
    (found,) = asyncio.run(finder.find(pixels))
    Image.fromarray(pixels).save(folder / "face.png", optimize=True)
    np.save(folder / "landmarks.npy", on_the_curves(found.landmarks))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
