"""Hair to the shoulders, parted at the side: locks, sheen, single hairs and their tips."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from canvas import Canvas, between, curve, ramp, shifted
from skin import face_outline

if TYPE_CHECKING:
    from collections.abc import Callable

    from canvas import Plane, Points

__all__ = ["paint_back", "paint_front"]

HAIR = (
    (0, (16, 9, 10)), (0.3, (44, 25, 22)), (0.55, (80, 48, 38)), (0.8, (134, 86, 62)),
    (1, (206, 154, 116)),
)  # fmt: skip
BACK = (
    (232, 60), (190, 68), (156, 96), (138, 146), (132, 210), (130, 270), (124, 330), (128, 380),
    (150, 408), (184, 410), (206, 388), (208, 330), (210, 250), (302, 250), (304, 330), (306, 388),
    (330, 412), (364, 408), (386, 380), (388, 330), (382, 270), (380, 210), (374, 146), (354, 96),
    (316, 66), (272, 56),
)  # fmt: skip
LEFT = (
    (226, 84), (208, 104), (190, 124), (176, 148), (168, 178), (165, 212), (167, 250), (172, 290),
    (182, 330), (192, 366), (186, 396), (168, 410), (148, 404), (132, 384), (124, 340), (130, 270),
    (132, 210), (138, 146), (156, 96), (190, 68), (224, 60), (232, 76),
)  # fmt: skip
RIGHT = (
    (221, 84), (240, 108), (268, 128), (298, 140), (322, 160), (338, 188), (346, 218), (346, 252),
    (341, 290), (332, 330), (322, 366), (328, 398), (346, 412), (366, 404), (384, 384), (390, 340),
    (383, 270), (380, 210), (374, 146), (354, 96), (316, 66), (270, 56), (232, 60), (220, 74),
)  # fmt: skip


def _flow(k: int) -> Callable[[float], Points]:
    """How the hair of a side lies, from the outside (0) to the face (1)."""
    if k < 0:
        return between(
            [(226, 66), (188, 72), (154, 104), (138, 180), (132, 270), (126, 340), (146, 402)],
            [(224, 76), (196, 88), (164, 122), (148, 190), (144, 270), (142, 340), (166, 408)],
            [(223, 86), (206, 106), (180, 140), (167, 200), (168, 270), (184, 340), (184, 398)],
            wave=3.5,
        )
    return between(
        [(226, 66), (296, 56), (354, 94), (376, 170), (383, 270), (388, 340), (368, 402)],
        [(224, 76), (280, 76), (338, 112), (362, 180), (368, 270), (370, 340), (350, 410)],
        [(222, 86), (258, 122), (318, 152), (345, 214), (344, 270), (330, 340), (330, 398)],
        wave=3.5,
    )


def _strands(
    c: Canvas,
    mask: Plane,
    flow: Callable[[float], Points],
    count: int,
    widths: tuple[float, float],
    shine: Plane | float,
    alpha: float,
) -> None:
    """Single hairs of different brightness along ``flow``; ``shine`` lights them."""
    for _ in range(count):
        line = flow(c.random.uniform(0, 1)) + c.random.normal(0, 0.8, 2)
        first = int(c.random.uniform(0, 0.25) * len(line))
        line = line[first : int(c.random.uniform(0.6, 1.0) * len(line))]
        colour = ramp(np.clip(c.random.normal(0.42, 0.17), 0.02, 0.95), HAIR)
        middle = (line[len(line) // 2] * c.scale).astype(int)
        width, strength = c.random.uniform(*widths), alpha * c.random.uniform(0.4, 1)
        for part in np.array_split(np.arange(len(line)), 5):  # lit piece by piece
            piece = line[max(part[0] - 2, 0) : part[-1] + 3]
            middle = np.clip(piece[len(piece) // 2] * c.scale, 0, c.x.shape[0] - 1).astype(int)
            lit = shine if isinstance(shine, float) else float(shine[middle[1], middle[0]])
            c.stroke(piece, width, colour * lit, strength, ends=(0.45, 0.45), within=mask)


def paint_back(c: Canvas) -> None:
    """What is behind the neck."""
    mask = c.area(curve(BACK, 700, closed=True), 0.6)
    c.paint(mask, (26, 14, 14))
    for outer, inner in (((160, 150, 146, 160), 206), ((352, 362, 366, 352), 306)):
        lean = (inner, inner, inner + np.sign(inner - 256) * 2, inner + np.sign(inner - 256) * 10)
        flow = between(
            list(zip(outer, (250, 300, 350, 404), strict=True)),
            list(zip(lean, (250, 300, 350, 400), strict=True)),
            wave=4,
        )
        _strands(c, mask, flow, 200, (0.6, 2.0), 0.5, 0.5)


def _sheen(c: Canvas, k: int) -> Plane:
    """Where the crown, the waves and the ends catch the light."""
    ragged = 3.0 * np.sin(c.x / 5.0) + 2.2 * np.sin(c.x / 2.3 + 1)
    away = np.hypot(c.x - 252, (c.y - 196) / 1.02)
    crown = np.exp(-(((away - 106 + ragged) / 11) ** 2)) * np.clip((196 - c.y) / 50, 0, 1)
    wave = np.exp(-(((c.y - 268 - 2 * ragged) / 20) ** 2))
    ends = np.exp(-(((c.y - 366 + 2 * ragged) / 14) ** 2)) * 0.35
    lit = crown + 0.55 * wave if k < 0 else 0.62 * crown + 0.32 * wave
    return np.asarray(lit + ends, np.float32)


def paint_front(c: Canvas) -> None:
    """What frames the face, with its shadow on it."""
    for outline, k in ((curve(RIGHT, 700, closed=True), 1), (curve(LEFT, 700, closed=True), -1)):
        mask = c.area(outline, 0.6)
        thrown = c.area(shifted(outline, -k * 3, 6), 5.5) * c.area(face_outline(), 0.5) * (1 - mask)
        c.paint(thrown, (112, 52, 46), 0.46)
        sheen = _sheen(c, k)
        depth = 0.10 * np.clip((c.y - 330) / 80, 0, 1) + 0.10 * c.blob(224, 92, 26, 18)
        c.paint(mask, ramp(np.clip(0.30 + 0.26 * sheen - depth, 0, 1), HAIR))
        flow = _flow(k)
        for u in c.random.uniform(0.05, 0.95, 12):
            width = c.random.uniform(3, 7)
            c.stroke(flow(u), width, (12, 6, 7), 0.34, ends=(0.1, 0.3), soft=1.4, within=mask)
        for u in c.random.uniform(0.05, 0.95, 12):
            lit, width = mask * (0.2 + sheen), c.random.uniform(2, 5)
            c.stroke(flow(u), width, (168, 112, 80), 0.3, ends=(0.1, 0.2), soft=1.2, within=lit)
        shine = np.asarray(0.62 + 1.05 * sheen - depth, np.float32)
        _strands(c, mask, flow, 900, (0.45, 1.6), shine, 0.60)
        rim = mask * np.clip(1.7 - 2 * c.blurred(mask, 1.4), 0, 1)
        if k > 0:
            rim = rim * np.clip((c.x - 300) / 60, 0, 1)
            c.paint(rim, (110, 156, 245), 0.55, screen=True)
        else:
            rim = rim * np.clip((240 - c.x) / 60, 0, 1)
            c.paint(rim, (190, 150, 140), 0.22, screen=True)
    parting = curve([(226, 62), (224, 72), (222, 82), (224, 90)], 30)
    c.stroke(parting, 2.2, (20, 10, 11), 0.7, soft=0.8)
    _paint_loose(c)


def _paint_loose(c: Canvas) -> None:
    """Hairs that lie beside the mass, over the edge of the face, and at its ends."""
    for _ in range(44):
        k = -1 if c.random.uniform() < 0.45 else 1
        line = _flow(k)(c.random.uniform(0, 0.12))
        first = int(c.random.uniform(0, 50))
        off = [k * c.random.uniform(0.5, 3.0), -c.random.uniform(0, 2.5)]
        c.stroke(line[first : first + 34] + off, 0.7, (84, 54, 44), 0.5, soft=0.15)
    for k in (-1, 1):
        for _ in range(7):
            off = [-k * c.random.uniform(0, 2.5), c.random.uniform(-1, 2)]
            first = int(c.random.uniform(8, 40))
            line = _flow(k)(c.random.uniform(0.94, 1.0))[first : first + 40] + off
            c.stroke(line, 0.8, (60, 36, 30), 0.6, soft=0.15)
        for u in np.linspace(0, 1, 70):
            line = _flow(k)(u)[-int(c.random.uniform(14, 34)) :]
            way = line[-1] - line[-6]
            end = line[-1] + way * c.random.uniform(0.4, 1.3) + [-k * 1.5, 0]
            tip = curve([line[0], line[len(line) // 2], line[-3], line[-1] + way * 0.3, end], 40)
            colour = ramp(c.random.uniform(0.16, 0.40), HAIR)
            c.stroke(tip, c.random.uniform(1.2, 3.0), colour, 0.7, soft=0.35)
