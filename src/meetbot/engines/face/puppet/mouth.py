"""The mouth: lips that move over what is behind them.

The upper and the lower lip each have displacement fields of their own, which meet along the seam
of the lips and agree beyond its corners; between the displaced lips the inside of the mouth shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from meetbot.core.errors import EngineError
from meetbot.engines.face.puppet.fields import Spline
from meetbot.engines.face.puppet.inside import paint_inside
from meetbot.engines.face.puppet.mesh import (
    INNER_LOWER,
    INNER_UPPER,
    JAW,
    OUTER_LOWER,
    OUTER_UPPER,
    STILL,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MOVES", "MouthPlan", "MouthRenderer", "plan_mouth"]

MOVES = ("jaw", "wide", "round", "press", "bite")
"""The parts of a mouth shape that move the lips, in this order."""

LEAST_SIDE = 24
OVERLAP = 0.12
"""How far each lip of an open mouth goes over the seam when it is shut, so that no teeth are left
at its edge; the unit is the gap."""
CORNER = 0.14
"""How far into an open mouth its corners keep the light out, over its width."""
TIMES = 3
TEETH_COVER = 0.07
"""How much of the upper teeth rounded lips hide, over the width of the mouth."""
GRID = 4
"""Fields are computed at every fourth pixel and enlarged."""


@dataclass(frozen=True, slots=True)
class MouthPlan:
    """What was computed once for a face. Lengths in pixels.

    ``box``: left, top, right, bottom of the part of the picture that the mouth moves. ``close``:
    fields (upper, lower) that shut the mouth of the picture, ``(2, h, w, 2)``; ``moves``: those of
    each part of a shape, ``(5, 2, h, w, 2)``. ``upper``, ``lower``: shut inner lips, ``(m, 2)``;
    ``upper_moves``, ``lower_moves``: how their points move, ``(5, m, 2)``. ``teeth``: RGBA 0…1 of
    the upper teeth, ``tongue``: likewise of the lower teeth and tongue, both of the box's size;
    ``hollow``: RGB of the dark behind.
    """

    box: tuple[int, int, int, int]
    close: NDArray[np.float32]
    moves: NDArray[np.float32]
    upper: NDArray[np.float32]
    lower: NDArray[np.float32]
    upper_moves: NDArray[np.float32]
    lower_moves: NDArray[np.float32]
    teeth: NDArray[np.float32]
    tongue: NDArray[np.float32]
    hollow: NDArray[np.float32]


def plan_mouth(pixels: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> MouthPlan:
    """Fields, lips and the inside of the mouth for an upright face."""
    points = landmarks[:, :2].astype(np.float64)
    face = float(np.linalg.norm(points[152] - points[10]))
    width = float(np.linalg.norm(points[308] - points[78]))
    upper, lower = points[list(INNER_UPPER)], points[list(INNER_LOWER)]
    seam = 0.4 * upper + 0.6 * lower
    box = _box(points, face, pixels.shape)
    fields = _Fields(points, face, width, seam, box)
    close = np.stack([fields.upper(fields.closing(True)), fields.lower(fields.closing(False))])
    moves = np.stack(
        [
            np.stack(
                [fields.upper(fields.move(name, True)), fields.lower(fields.move(name, False))]
            )
            for name in MOVES
        ]
    )
    teeth, tongue, hollow = paint_inside(seam, width, box, pixels, points)
    inner = len(INNER_UPPER)
    ups = np.stack([fields.move(name, True)[:inner] for name in MOVES])
    downs = np.stack([fields.move(name, False)[:inner] for name in MOVES])
    f32 = np.float32
    origin = np.array(box[:2])
    return MouthPlan(
        box, close, moves, (seam - origin).astype(f32), (seam - origin).astype(f32),
        ups.astype(f32), downs.astype(f32), teeth, tongue, hollow,
    )  # fmt: skip


def _box(
    points: NDArray[np.float64], face: float, shape: tuple[int, ...]
) -> tuple[int, int, int, int]:
    """From under the nose's bridge to below the chin, as wide as the jaw; multiples of the grid."""
    left = min(points[234, 0], points[172, 0]) - 0.02 * face
    right = max(points[454, 0], points[397, 0]) + 0.02 * face
    top = points[1, 1] - 0.05 * face
    bottom = points[152, 1] + 0.22 * face
    height, width = shape[:2]
    x0, y0 = max(0, int(left)), max(0, int(top))
    x1, y1 = min(width, int(right)), min(height, int(bottom))
    x1, y1 = x0 + (x1 - x0) // GRID * GRID, y0 + (y1 - y0) // GRID * GRID
    if x1 - x0 < LEAST_SIDE or y1 - y0 < LEAST_SIDE:
        raise EngineError(
            "the mouth of this portrait is too small, or outside of it; take a larger one"
        )
    return x0, y0, x1, y1


class _Fields:
    """Splines for the upper and the lower side of the mouth, and what moves them."""

    def __init__(
        self,
        points: NDArray[np.float64],
        face: float,
        width: float,
        seam: NDArray[np.float64],
        box: tuple[int, int, int, int],
    ) -> None:
        self._face, self._width, self._seam = face, width, seam
        self._points = points
        self._centre = seam[len(seam) // 2]
        frame = _frame(box)
        self._up = np.array([*INNER_UPPER, *OUTER_UPPER])
        self._down = np.array([*INNER_LOWER, *OUTER_LOWER])
        still_up = points[[*STILL, *JAW]]
        still_down = points[list(STILL)]
        chin = points[list(JAW)]
        self._rest_up = np.vstack([still_up, frame])
        self._rest_down = np.vstack([still_down, frame])
        below = chin + np.array([0, 0.12 * face])
        self._jaw_points = np.vstack([chin, below])
        self._upper = Spline(np.vstack([points[self._up], self._rest_up]))
        self._lower = Spline(np.vstack([points[self._down], self._jaw_points, self._rest_down]))
        left, top, right, bottom = box
        self._xs = np.arange(left, right, GRID, dtype=np.float64) + GRID / 2 - 0.5
        self._ys = np.arange(top, bottom, GRID, dtype=np.float64) + GRID / 2 - 0.5
        self._size = (right - left, bottom - top)

    def upper(self, vectors: NDArray[np.float64]) -> NDArray[np.float32]:
        """The dense field of the upper side for the vectors of its lips."""
        rest = np.zeros((len(self._rest_up), 2))
        return self._dense(self._upper, np.vstack([vectors, rest]))

    def lower(self, vectors: NDArray[np.float64]) -> NDArray[np.float32]:
        """The dense field of the lower side; ``vectors``: of its lips, then of the jaw's points."""
        if len(vectors) == len(self._down):
            vectors = np.vstack([vectors, np.zeros((len(self._jaw_points), 2))])
        rest = np.zeros((len(self._rest_down), 2))
        return self._dense(self._lower, np.vstack([vectors, rest]))

    def closing(self, up: bool) -> NDArray[np.float64]:
        """From the lips of the picture to shut ones."""
        inner = list(INNER_UPPER if up else INNER_LOWER)
        shift = self._seam - self._points[inner]
        gap = self._points[list(INNER_LOWER), 1] - self._points[list(INNER_UPPER), 1]
        shift[:, 1] += (OVERLAP if up else -OVERLAP) * np.maximum(gap, 0)
        return np.vstack([shift, shift * 0.9])

    def move(self, name: str, up: bool) -> NDArray[np.float64]:
        """The vectors of one part of a shape at its full strength."""
        lips = self._points[self._up if up else self._down].copy()
        half = self._width / 2
        across = np.clip((lips[:, 0] - self._centre[0]) / half, -1.15, 1.15)
        middle = np.clip(1 - np.square(across / 1.08), 0, 1)
        outer = np.concatenate([np.zeros(11), np.ones(11)])
        vectors: NDArray[np.float64] = np.zeros_like(lips)
        if name == "jaw":
            depth = 0.105 * self._face
            if up:
                vectors[:, 1] = -0.12 * depth * middle
            else:
                vectors[:, 1] = depth * (0.10 + 0.90 * middle**0.8) * (1 - 0.06 * outer)
                vectors[np.abs(across) > 0.97, 1] *= 0.5
            vectors[:, 0] = -0.10 * half * across
        elif name == "wide":
            vectors[:, 0] = 0.13 * half * across
            vectors[:, 1] = -0.03 * self._face * np.abs(across) ** 3
            vectors[:, 1] += (0.006 if up else -0.004) * self._face * middle * outer
        elif name == "round":
            vectors[:, 0] = -0.30 * half * across
            vectors[:, 1] = (-0.012 if up else 0.018) * self._face * middle
            vectors[:, 1] += (-0.006 if up else 0.008) * self._face * middle * outer
        elif name == "press":
            vectors[:, 1] = (0.008 if up else -0.008) * self._face * middle * outer
        elif name == "bite":
            if up:
                vectors[:, 1] = -0.016 * self._face * middle
            else:
                vectors[:, 1] = -0.004 * self._face * middle * (1 + outer)
        if not up:
            vectors = np.vstack([vectors, self._chin(name)])
        return vectors

    def _chin(self, name: str) -> NDArray[np.float64]:
        """The jaw's own points: the chin drops most, the angles of the jaw hardly."""
        vectors: NDArray[np.float64] = np.zeros_like(self._jaw_points)
        if name == "jaw":
            count = len(JAW)
            place = np.abs(np.arange(count) - count // 2) / (count // 2)
            drop = 0.095 * self._face * np.clip(1 - 0.85 * place**1.6, 0, 1)
            vectors[:count, 1] = drop
            vectors[count:, 1] = 0.25 * drop
        return vectors

    def _dense(self, spline: Spline, vectors: NDArray[np.float64]) -> NDArray[np.float32]:
        coarse = spline.field(vectors, self._xs, self._ys)
        dense = cv2.resize(coarse, self._size, interpolation=cv2.INTER_CUBIC)
        return np.ascontiguousarray(dense * _edge(self._size)[..., None], np.float32)


def _frame(box: tuple[int, int, int, int]) -> NDArray[np.float64]:
    """Points around the box, where nothing moves."""
    left, top, right, bottom = box
    xs, ys = np.linspace(left, right, 6), np.linspace(top, bottom, 6)
    sides = [(left - 2, y) for y in ys] + [(right + 2, y) for y in ys]
    ends = [(x, top - 2) for x in xs] + [(x, bottom + 2) for x in xs]
    return np.array(sides + ends, dtype=np.float64)


def _edge(size: tuple[int, int]) -> NDArray[np.float32]:
    """1 inside, down to 0 at the border of the box, so that it leaves no seam."""
    width, height = size
    margin = max(8, min(size) // 10)
    ramp_x = np.clip(np.minimum(np.arange(width), np.arange(width)[::-1]) / margin, 0, 1)
    ramp_y = np.clip(np.minimum(np.arange(height), np.arange(height)[::-1]) / margin, 0, 1)
    both = np.outer(ramp_y, ramp_x)
    return (both * both * (3 - 2 * both)).astype(np.float32)


class MouthRenderer:
    """Draws the box of a plan in any mouth shape."""

    def __init__(self, pixels: NDArray[np.uint8], plan: MouthPlan) -> None:
        left, top, right, bottom = self.box = plan.box
        self._plan = plan
        self._source = np.ascontiguousarray(pixels)
        height, width = bottom - top, right - left
        ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
        self._ys, self._columns = ys, np.arange(width, dtype=np.float32)
        identity = np.stack([xs + left, ys + top], axis=-1)
        self._identity = identity
        self._upper = identity - plan.close[0]
        self._step = plan.close[0] - plan.close[1]
        self._moves = np.ascontiguousarray(plan.moves)
        corner_left, corner_right = plan.upper[0, 0], plan.upper[-1, 0]
        beyond = np.maximum(
            0, np.maximum(corner_left - self._columns, self._columns - corner_right)
        )
        self._softness = 0.7 + 0.9 * beyond
        rows = slice(max(0, int(plan.upper[:, 1].min() - 0.6 * (corner_right - corner_left))), None)
        self._rows = rows

    def draw(self, shape: NDArray[np.float32]) -> NDArray[np.uint8]:
        """The box with the mouth in ``shape`` (``visemes.PARTS``): uint8 ``(h, w, 3)``."""
        plan = self._plan
        strength = shape[: len(MOVES)]
        up = self._upper.copy()
        both = self._step.copy()
        for weight, (of_upper, of_lower) in zip(strength, self._moves, strict=True):
            if abs(weight) > 1e-3:
                cv2.scaleAdd(of_upper, -float(weight), up, up)
                both += (of_upper - of_lower) * float(weight)
        upper = plan.upper + np.tensordot(strength, plan.upper_moves, 1)
        lower = plan.lower + np.tensordot(strength, plan.lower_moves, 1)
        for _ in range(TIMES):
            upper = plan.upper + _at(self._upper, upper) - _at(up, upper)
            shared = _at(self._upper, lower) - _at(up, lower)
            lower = plan.lower + shared + _at(self._step, lower) - _at(both, lower)
        top_line, low_line = self._lines(upper, lower)
        middle = (top_line + low_line) / 2
        side = np.clip((self._ys - middle) / self._softness + 0.5, 0, 1)
        up += both * side[..., None]
        drawn = cv2.remap(self._source, up, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        return self._with_inside(drawn, top_line, low_line, shape)

    def _lines(
        self, upper: NDArray[np.float32], lower: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The height of the upper and the lower inner lip in each column."""
        for corner in (0, -1):
            upper[corner] = lower[corner] = (upper[corner] + lower[corner]) / 2
        lower[:, 1] = np.maximum(lower[:, 1], upper[:, 1])
        self._inside = (self._columns >= upper[0, 0]) & (self._columns <= upper[-1, 0])
        lines = [np.interp(self._columns, line[:, 0], line[:, 1]) for line in (upper, lower)]
        top, low = (
            cv2.GaussianBlur(line.astype(np.float32)[None], (7, 1), 1.5)[0] for line in lines
        )
        return top, np.maximum(top, low)

    def _with_inside(
        self,
        drawn: NDArray[np.uint8],
        top_line: NDArray[np.float32],
        low_line: NDArray[np.float32],
        shape: NDArray[np.float32],
    ) -> NDArray[np.uint8]:
        gap = np.where(self._inside, low_line - top_line, 0)
        open_columns = np.flatnonzero(gap > 0.6)
        if len(open_columns) == 0:
            return drawn
        x0, x1 = int(open_columns[0]), int(open_columns[-1]) + 1
        y0 = max(0, int(top_line[x0:x1].min()) - 2)
        y1 = min(drawn.shape[0], int(low_line[x0:x1].max()) + 3)
        ys = self._ys[y0:y1, x0:x1]
        mask = np.clip(ys - top_line[x0:x1] + 0.5, 0, 1) * np.clip(low_line[x0:x1] - ys + 0.5, 0, 1)
        mask *= np.clip(gap[x0:x1] / 2.0, 0, 1)
        inside = np.empty((*mask.shape, 3), np.float32)
        inside[:] = self._plan.hollow
        drop = round(float(shape[0]) * float(self._plan.lower_moves[0, 5, 1]))
        lift = round(float(shape[5]) * 0.5 * max(drop, 2))
        _lay(inside, self._plan.tongue, x0, y0 - drop + lift)
        cover = TEETH_COVER * float(shape[2]) * (self._plan.upper[-1, 0] - self._plan.upper[0, 0])
        _lay(inside, self._plan.teeth, x0, y0 + round(cover))
        depth = np.clip((ys - top_line[x0:x1]) / 4.0, 0, 1) * 0.25 + 0.75
        near = np.clip((low_line[x0:x1] - ys) / 3.0, 0, 1) * 0.15 + 0.85
        columns = np.arange(x1 - x0, dtype=np.float32)
        corner = np.minimum(columns, columns[::-1]) / max(1.0, CORNER * (x1 - x0))
        inside *= (depth * near * (0.3 + 0.7 * np.clip(corner, 0, 1)))[..., None]
        part = drawn[y0:y1, x0:x1]
        blended = part * (1 - mask[..., None]) + inside * mask[..., None]
        drawn[y0:y1, x0:x1] = np.clip(blended, 0, 255).astype(np.uint8)
        return drawn


def _at(field: NDArray[np.float32], points: NDArray[np.float32]) -> NDArray[np.float32]:
    """A field ``(h, w, 2)`` at points ``(n, 2)``."""
    found = cv2.remap(
        field, points.astype(np.float32)[None], None, cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return np.asarray(found[0], np.float32)


def _lay(into: NDArray[np.float32], layer: NDArray[np.float32], x: int, y: int) -> None:
    """Lay the part of ``layer`` that begins at ``x``, ``y`` over ``into``."""
    height, width = into.shape[:2]
    first = max(0, y)
    part = layer[first : y + height, x : x + width]
    if len(part) == 0:
        return
    target = into[first - y : first - y + len(part)]
    alpha = part[..., 3:]
    target[:] = target * (1 - alpha) + part[..., :3] * alpha
