"""Face and neck: a height field lit from the upper left, coloured by a ramp of skin tones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from canvas import Canvas, curve, mirrored, ramp

if TYPE_CHECKING:
    from canvas import Plane, Points

__all__ = ["SKIN", "face_outline", "paint_neck", "paint_skin"]

SIDES = (-1, 1)
SKIN = (
    (0.0, (70, 34, 36)), (0.22, (128, 70, 62)), (0.45, (188, 122, 100)), (0.66, (226, 168, 140)),
    (0.84, (244, 200, 174)), (1.0, (255, 228, 208)),
)  # fmt: skip
LEFT_HALF = (
    (256, 84), (218, 92), (186, 114), (170, 150), (164, 190), (164.5, 226), (169, 258),
    (178.5, 290), (194, 318), (214, 339), (236, 351.5), (256, 354),
)  # fmt: skip
KEY, FILL, HALF = (-0.48, -0.55, 0.72), (0.8, 0.0, 0.6), (-0.28, -0.34, 0.92)
"""Directions towards the lights, and half-way between the key light and the eye."""


def face_outline() -> Points:
    """Hairline (under the hair), cheeks, jaw, chin."""
    return curve(np.vstack([LEFT_HALF, mirrored(LEFT_HALF)[::-1]])[:-1], 600, closed=True)


def _height(c: Canvas) -> Plane:
    """How far the face stands out."""
    across, down = (c.x - 256) / 101, (c.y - 226) / 150
    z = 78 * np.sqrt(np.clip(1.2 - np.clip(across**2 + down**2, 0, 1.15), 0, None))
    z += 5 * c.blob(256, 165, 46, 26)
    for k in SIDES:
        for depth, x, y, wide, high, angle in _FORMS:
            z += depth * c.blob(256 + k * x, y, wide, high, k * angle)
    along = np.clip((c.y - 206) / 72, 0, 1)
    ridge = np.exp(-0.5 * ((c.x - 256) / (5.2 + 3.0 * along)) ** 2)
    ends = 1 / (1 + np.exp(np.clip((c.y - 281) / 2.6, -40, 40)))
    ends = ends / (1 + np.exp(np.clip((204 - c.y) / 7, -40, 40)))
    z += (4 + 11 * along**1.3) * ridge * ends
    for depth, y, wide, high in _MIDDLE:
        z += depth * c.blob(256, y, wide, high)
    return np.asarray(z, np.float32)


_FORMS = (
    (3.2, 40, 205, 24, 7, -6),  # brow
    (-9.5, 38, 228, 19, 11, 0), (-3.6, 19, 222, 8, 12, 0),  # socket
    (5.5, 40, 229, 15, 9, 0),  # eyeball
    (8.0, 55, 264, 21, 16, 18), (-4.0, 60, 308, 17, 26, 24),  # cheek and below it
    (-2.6, 34, 296, 5, 14, -28),  # fold from nose to mouth
    (-4.0, 82, 190, 14, 30, 0),  # temple
    (5.2, 12.2, 284, 5.2, 5.0, 0), (-2.0, 22, 286, 4, 7, 0),  # wing of the nose
    (-2.0, 34, 311, 4.5, 5, 0),  # corner of the mouth
    (1.5, 11, 308.5, 9, 3.6, 0), (2.2, 10, 322.5, 11, 4.6, 0),  # lips
)  # fmt: skip
_MIDDLE = (
    (8.5, 277.5, 8.4, 8.0), (3.0, 287.5, 5, 3.5),  # tip of the nose
    (6.5, 309, 28, 21), (-1.4, 297, 3.2, 6), (-2.6, 315, 15, 2.4),  # muzzle, philtrum, mouth
    (-2.6, 334, 12, 5), (6.5, 344, 17, 9),  # below the lip, chin
)  # fmt: skip


def _toward(normals: Plane, direction: tuple[float, float, float], wrap: float) -> Plane:
    """Light from ``direction``, which reaches around the form by ``wrap``."""
    unit = np.array(direction, np.float32) / np.linalg.norm(direction)
    return np.asarray(np.clip((normals @ unit + wrap) / (1 + wrap), 0, 1), np.float32)


def paint_skin(c: Canvas) -> None:
    """The face without eyes, brows and mouth."""
    down, across = np.gradient(c.blurred(_height(c), 1.1), 1 / c.scale)
    normals = np.stack([-across, -down, np.ones_like(down)], -1).astype(np.float32)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    light = 0.10 + 0.78 * _toward(normals, KEY, 0.32) + 0.13 * _toward(normals, FILL, 0.4)
    for k in SIDES:
        light -= 0.05 * c.blob(256 + k * 22, 219, 9, 9) + 0.07 * c.blob(256 + k * 40, 215, 20, 5)
        light -= 0.05 * c.blob(256 + k * 20, 291, 6, 5)
    for depth, x, y, wide, high in _SHADOWS:
        light -= depth * c.blob(x, y, wide, high)
    face = c.area(face_outline(), 0.5)
    c.paint(face, ramp(np.clip(light, 0, 1), SKIN))
    inner = c.area(face_outline(), 3) * face
    for k, strength in ((-1, 0.21), (1, 0.18)):
        c.paint(inner * c.blob(256 + k * 54, 272, 24, 15, k * 20), (226, 110, 96), strength)
        c.paint(inner * c.blob(256 + k * 40, 238, 20, 7), (196, 112, 104), 0.16)
    c.paint(inner * c.blob(256, 281, 13, 8), (224, 112, 96), 0.16)
    c.paint(inner * c.blob(256, 346, 16, 8), (224, 122, 104), 0.12)
    shine = _toward(normals, HALF, 0) ** 60
    c.paint(inner * shine, (255, 244, 232), 0.30, screen=True)
    c.paint(inner * c.blob(251.5, 274, 3.4, 4.4), (255, 246, 236), 0.42, screen=True)
    c.paint(inner * c.blob(253, 240, 2.0, 20), (255, 246, 236), 0.16, screen=True)
    rim = np.clip(1 - normals[..., 2], 0, 1) ** 2.2 * np.clip(normals[..., 0], 0, 1)
    c.paint(face * rim, (110, 160, 255), 0.8, screen=True)
    _paint_nostrils(c)


_SHADOWS = (
    (0.14, 258, 293, 14, 4.2), (0.10, 257, 333, 16, 3.2),  # under nose and lip
    (0.22, 256, 92, 110, 26), (0.20, 352, 235, 22, 90), (0.10, 160, 235, 16, 90),  # of the hair
)  # fmt: skip


def _paint_nostrils(c: Canvas) -> None:
    for k in SIDES:
        hole = [(4.2, 287.6), (7.2, 285.0), (11.2, 286.2), (10.2, 288.6), (7, 289.0)]
        outline = curve([(256 + k * x, y) for x, y in hole], 60, closed=True)
        c.paint(c.area(outline, 0.9), (84, 34, 34), 0.78)
        wing = [(14.5, 277.5), (18.6, 282.5), (17.0, 289.0), (12.5, 289.6)]
        line = curve([(256 + k * x, y) for x, y in wing], 40)
        c.stroke(line, 1.7, (150, 82, 70), 0.40, soft=1.2)
    c.stroke(curve([(250, 290.6), (256, 292.2), (262, 290.6)], 30), 2.2, (134, 66, 58), 0.5, soft=1)


def paint_neck(c: Canvas) -> None:
    """Neck and collar bones, with the shadow that the chin throws."""
    outline = [
        (196, 300), (206, 330), (208, 356), (206, 380), (194, 402), (160, 418), (150, 470),
        (362, 470), (352, 418), (318, 402), (306, 380), (304, 356), (306, 330), (316, 300),
    ]  # fmt: skip
    light = 0.66 - 0.22 * np.clip((c.x - 232) / 70, -1.4, 1.4) ** 2
    chest = 0.70 - 0.10 * np.clip((c.x - 230) / 90, -1, 1) ** 2
    light = c.blurred(np.where(c.y > 396, chest, light).astype(np.float32), 10)
    for depth, x, y, wide, high, angle in _NECK:
        light += depth * c.blob(x, y, wide, high, angle)
    c.paint(c.area(curve(outline, 400, closed=True), 0.6), ramp(np.clip(light, 0, 1), SKIN))


_NECK = (
    (-0.40, 262, 352, 66, 24, 0), (-0.12, 300, 372, 22, 34, 0), (-0.10, 256, 414, 9, 8, 0),
    (0.06, 214, 388, 5, 22, 14), (-0.05, 224, 392, 5, 22, 14),
    (0.05, 298, 388, 4, 22, -14), (-0.05, 290, 392, 5, 22, -14),
    (0.05, 226, 418, 22, 4, 10), (0.04, 288, 418, 22, 4, -10),
)  # fmt: skip
