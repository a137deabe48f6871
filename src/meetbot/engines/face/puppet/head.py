"""The head over a still background: turns, nods, breath and brows as one smooth displacement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from meetbot.engines.face.puppet.fields import Spline
from meetbot.engines.face.puppet.mesh import BROWS, EYES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.engines.face.puppet.alive import Pose

__all__ = ["FIELDS", "HeadPlan", "HeadRenderer", "LidPlan", "coarse", "plan_head", "plan_lids"]

GRID = 8
FIELDS = 5
LASHES = 0.4
"""The share of an upper lid's height that its lashes take."""


@dataclass(frozen=True, slots=True)
class HeadPlan:
    """How each place of the picture moves, in pixels, at every eighth of them.

    ``fields``: float32 ``(5, coarse(height), coarse(width), 2)``: yaw, pitch, roll, rise and
    brows, each at 1.
    """

    fields: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LidPlan:
    """One eye: its ``box``, and for each column in it the heights of brow, lid and lower lid."""

    box: tuple[int, int, int, int]
    brow: NDArray[np.float32]
    upper: NDArray[np.float32]
    lower: NDArray[np.float32]


def coarse(pixels: int) -> int:
    """How many places of a field there are along so many pixels."""
    return -(-pixels // GRID)


def plan_head(
    pixels: NDArray[np.uint8], landmarks: NDArray[np.float32], mask: NDArray[np.float32]
) -> HeadPlan:
    """Fields for a face of these landmarks; ``mask`` 0…1 says where the person is."""
    height, width = pixels.shape[:2]
    points = landmarks[:, :2].astype(np.float64)
    face = float(np.linalg.norm(points[152] - points[10]))
    neck = points[152] + np.array([0, 0.25 * face])
    xs = np.arange(0, width, GRID, dtype=np.float64) + GRID / 2
    ys = np.arange(0, height, GRID, dtype=np.float64) + GRID / 2
    grid_x, grid_y = np.meshgrid(xs, ys)
    person = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.03 * width)
    person = cv2.resize(person, (len(xs), len(ys)), interpolation=cv2.INTER_AREA)
    edge = np.minimum.reduce([grid_x, width - grid_x, np.full_like(grid_x, 0.1 * width)]) / (
        0.1 * width
    )
    person = person * np.clip(edge, 0, 1)
    # The head turns on the neck: full above the chin, nothing below the shoulders.
    above = np.clip((neck[1] + 0.25 * face - grid_y) / (0.55 * face), 0, 1)
    turn = person * (above * above * (3 - 2 * above))
    depth = _depth(landmarks, xs, ys, face)
    zero = np.zeros_like(turn)
    yaw = np.stack([turn * (0.012 + 0.022 * depth) * face, zero], -1)
    pitch = np.stack([zero, turn * (0.010 + 0.020 * depth) * face], -1)
    angle = np.deg2rad(1.3)
    roll = np.stack([-(grid_y - neck[1]) * angle * turn, (grid_x - neck[0]) * angle * turn], -1)
    rise = np.stack([zero, -person * 0.008 * face], -1)
    brows = _brow_field(points, xs, ys, face)
    fields = np.stack([yaw, pitch, roll, rise, brows * person[..., None]])
    return HeadPlan(fields.astype(np.float32))


def _depth(
    landmarks: NDArray[np.float32], xs: NDArray[np.float64], ys: NDArray[np.float64], face: float
) -> NDArray[np.float64]:
    """How far in front of the ears each place of the face is, 0…1, smooth, 0 outside of it."""
    chosen = landmarks[::4].astype(np.float64)
    grid = np.stack(np.meshgrid(xs, ys), -1)
    away = np.square(grid[:, :, None] - chosen[None, None, :, :2]).sum(-1)
    weight = np.exp(-away / (2 * (0.06 * face) ** 2))
    near = np.clip((landmarks[234, 2] - chosen[:, 2]) / (0.55 * face), 0, 1)
    depth: NDArray[np.float64] = (weight * near).sum(-1) / (weight.sum(-1) + 0.02)
    return depth


def _brow_field(
    points: NDArray[np.float64], xs: NDArray[np.float64], ys: NDArray[np.float64], face: float
) -> NDArray[np.float32]:
    brows = [index for side in BROWS for index in side]
    lids = [index for eye in EYES for lid in eye for index in lid]
    still = points[[*lids, 10, 151, 168, 6, 234, 454, 127, 356, 50, 280, 152]]
    height, width = ys[-1], xs[-1]
    frame = np.array([(x, y) for x in (0, width / 2, width) for y in (0, height / 2, height)])
    spline = Spline(np.vstack([points[brows], still, frame]))
    vectors = np.zeros((len(brows) + len(still) + len(frame), 2))
    vectors[: len(brows), 1] = -0.022 * face
    field = spline.field(vectors, xs, ys)
    middle = points[brows].mean(axis=0)
    grid_x, grid_y = np.meshgrid(xs, ys)
    reach = np.exp(
        -np.square((grid_x - middle[0]) / (0.5 * face))
        - np.square((grid_y - middle[1]) / (0.22 * face))
    )
    brows_only: NDArray[np.float32] = field * reach[..., None].astype(np.float32)
    return brows_only


def plan_lids(landmarks: NDArray[np.float32], size: tuple[int, int]) -> tuple[LidPlan, ...]:
    """Both eyes; one that is hardly open in the picture is left as it is."""
    plans = []
    points = landmarks[:, :2].astype(np.float64)
    for (upper, lower), brow in zip(EYES, BROWS, strict=True):
        up, low, over = points[list(upper)], points[list(lower)], points[list(brow)]
        if (low[:, 1] - up[:, 1]).max() < 0.1 * np.ptp(up[:, 0]):
            continue
        left, right = max(0, int(up[0, 0])), min(size[0], int(up[-1, 0]) + 2)
        top = max(0, int(over[:, 1].min()))
        bottom = min(size[1], int(low[:, 1].max()) + 3)
        if right - left < 2 or bottom - top < 2:
            continue
        columns = np.arange(left, right)
        lines = [np.interp(columns, line[:, 0], line[:, 1]) - top for line in (up, low)]
        roof = np.minimum(lines[0] - 2, np.full(len(columns), 0.55 * lines[0].min()))
        plans.append(
            LidPlan(
                (left, top, right, bottom),
                roof.astype(np.float32),
                lines[0].astype(np.float32),
                np.maximum(lines[0], lines[1]).astype(np.float32),
            )
        )
    return tuple(plans)


class HeadRenderer:
    """Moves a whole picture; ``blink`` shuts the eyes of one before."""

    def __init__(self, size: tuple[int, int], head: HeadPlan, lids: tuple[LidPlan, ...]) -> None:
        self._size = size
        self._fields = head.fields
        self._lids = lids
        width, height = size
        ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
        self._identity = np.stack([xs, ys], -1)

    def move(self, picture: NDArray[np.uint8], pose: Pose) -> NDArray[np.uint8]:
        """``picture`` with the head in ``pose``: a new array."""
        strength = np.array(
            [pose.yaw, pose.pitch, pose.roll, pose.rise, pose.brows], dtype=np.float32
        )
        small = np.tensordot(strength, self._fields, 1)
        field = cv2.resize(small, self._size, interpolation=cv2.INTER_LINEAR)
        places = cv2.subtract(self._identity, field)
        moved = cv2.remap(picture, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(moved, np.uint8)

    def blink(self, picture: NDArray[np.uint8], source: NDArray[np.uint8], shut: float) -> None:
        """Draw the lids into ``picture``, from the open eyes of ``source``."""
        for lid in self._lids:
            left, top, right, bottom = lid.box
            eye = source[top:bottom, left:right]
            height, width = eye.shape[:2]
            line = lid.upper + shut * (lid.lower - lid.upper)
            ys = np.arange(height, dtype=np.float32)[:, None]
            places = _lid_places(lid, line, ys)
            columns = np.broadcast_to(np.arange(width, dtype=np.float32), (height, width))
            drawn = cv2.remap(
                eye, np.ascontiguousarray(columns), places, cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            )  # fmt: skip
            cover = np.clip(line - ys + 0.5, 0, 1) * np.clip(ys - lid.brow, 0, 1)
            shown = eye + (drawn.astype(np.float32) - eye) * cover[..., None]
            picture[top:bottom, left:right] = shown.astype(np.uint8)


def _lid_places(
    lid: LidPlan, line: NDArray[np.float32], ys: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Where each pixel of a lid that reaches down to ``line`` comes from; its lashes keep size."""
    lashes = LASHES * (lid.upper - lid.brow)
    edge = line - lashes
    stretch = (lid.upper - lashes - lid.brow) / np.maximum(edge - lid.brow, 1e-3)
    skin = lid.brow + (ys - lid.brow) * stretch
    places: NDArray[np.float32] = np.where(ys > edge, lid.upper - (line - ys), skin)
    return places.astype(np.float32)
