"""One picture made of the bot's stage and its face. Blocking: runs on the recorder's thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

import av
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture: TypeAlias = av.VideoFrame | NDArray[np.uint8]

__all__ = ["Canvas"]

GROUND = (14, 17, 22)
MARGIN = 20
GAP = 16
CORNER = 28
FULL = 256


@dataclass(frozen=True, slots=True)
class Box:
    """A place on the canvas, all even numbers of pixels."""

    left: int
    top: int
    width: int
    height: int


class Canvas:
    """The stage fills it, until there is a face: then they stand side by side, equally high.

    Pictures are scaled to fit, with ground around them where the shape differs; the face's
    corners are round. ``size``: width and height, even.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        self._planes = _ground(size)
        self._stage: Picture | None = None
        self._face: Picture | None = None
        self._mask: tuple[NDArray[np.int16], ...] | None = None
        self._frame: av.VideoFrame | None = None

    def stage(self, picture: Picture) -> None:
        """Show ``picture``: any ``av.VideoFrame``, or uint8 RGB of shape (height, width, 3)."""
        if picture is not self._stage:
            self._stage = picture
            self._put(picture, self._boxes()[0])

    def face(self, picture: Picture) -> None:
        """Show ``picture`` beside the stage."""
        if self._mask is None:
            box = self._boxes(face=True)[1]
            self._mask = _rounded(box)
            self._planes = _ground(self._size)
            if self._stage is not None:
                self._put(self._stage, self._boxes()[0])
        if picture is not self._face:
            self._face = picture
            self._put(picture, self._boxes()[1], self._mask)

    def frame(self) -> av.VideoFrame:
        """What is shown now, yuv420p; the same frame as before where nothing was put."""
        if self._frame is None:
            self._frame = av.VideoFrame.from_ndarray(self._planes, format="yuv420p")
        return self._frame

    def _boxes(self, *, face: bool = False) -> tuple[Box, Box]:
        width, height = self._size
        if self._mask is None and not face:
            return Box(0, 0, width, height), Box(0, 0, 0, 0)
        tall = round((width - 2 * MARGIN - GAP) / (16 / 9 + 1)) // 2 * 2
        tall = min(tall, (height - 2 * MARGIN) // 2 * 2)
        wide, top = width - 2 * MARGIN - GAP - tall, (height - tall) // 4 * 2
        return Box(MARGIN, top, wide, tall), Box(width - MARGIN - tall, top, tall, tall)

    def _put(
        self, picture: Picture, box: Box, mask: tuple[NDArray[np.int16], ...] | None = None
    ) -> None:
        self._frame = None
        fitted = _fitted(picture, box)
        size = (box.width, box.height)
        for number, (whole, part) in enumerate(
            zip(_split(self._planes, self._size), _split(fitted, size), strict=True)
        ):
            by = 1 if number == 0 else 2
            rows = slice(box.top // by, (box.top + box.height) // by)
            columns = slice(box.left // by, (box.left + box.width) // by)
            if mask is not None:
                _round_off(part, mask[by - 1], _GROUND_YUV[number])
            whole[rows, columns] = part


def _split(planes: NDArray[np.uint8], size: tuple[int, int]) -> list[NDArray[np.uint8]]:
    """Views of Y, U and V of a packed yuv420p picture."""
    width, height = size
    quarter = height * width // 4
    flat = planes.reshape(-1)
    whole = height * width
    return [
        flat[:whole].reshape(height, width),
        flat[whole : whole + quarter].reshape(height // 2, width // 2),
        flat[whole + quarter :].reshape(height // 2, width // 2),
    ]


def _fitted(picture: Picture, box: Box) -> NDArray[np.uint8]:
    """``picture`` as packed yuv420p of the box's size, with ground where the shape differs."""
    if isinstance(picture, np.ndarray):
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    scale = min(box.width / picture.width, box.height / picture.height)
    width = min(box.width, max(2, round(picture.width * scale / 2) * 2))
    height = min(box.height, max(2, round(picture.height * scale / 2) * 2))
    small = _packed(picture.reformat(width, height, "yuv420p"))
    if (width, height) == (box.width, box.height):
        return small
    size = (box.width, box.height)
    whole = _ground(size)
    left, top = (box.width - width) // 4 * 2, (box.height - height) // 4 * 2
    pairs = zip(_split(whole, size), _split(small, (width, height)), (1, 2, 2), strict=True)
    for onto, part, by in pairs:
        rows = slice(top // by, (top + height) // by)
        onto[rows, left // by : (left + width) // by] = part
    return whole


def _packed(frame: av.VideoFrame) -> NDArray[np.uint8]:
    return cast("NDArray[np.uint8]", frame.to_ndarray())


def _ground(size: tuple[int, int]) -> NDArray[np.uint8]:
    planes = np.empty((size[1] * 3 // 2, size[0]), np.uint8)
    for plane, value in zip(_split(planes, size), _GROUND_YUV, strict=True):
        plane[:] = value
    return planes


def _rounded(box: Box) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """How much of a picture shows, 0…256, at full and at half size."""
    across = np.abs(np.arange(box.width) - (box.width - 1) / 2) - (box.width / 2 - CORNER)
    down = np.abs(np.arange(box.height) - (box.height - 1) / 2) - (box.height / 2 - CORNER)
    distance = np.hypot(np.maximum(across, 0)[np.newaxis], np.maximum(down, 0)[:, np.newaxis])
    mask = np.clip((CORNER - distance + 0.5) * FULL, 0, FULL).astype(np.int16)
    halves = mask.reshape(box.height // 2, 2, box.width // 2, 2).mean((1, 3))
    return mask, halves.astype(np.int16)


def _round_off(plane: NDArray[np.uint8], mask: NDArray[np.int16], ground: int) -> None:
    """Let the ground show at the corners, in place; only rows with corners are touched."""
    band = min(CORNER, len(plane) // 2)
    for rows in (slice(0, band), slice(len(plane) - band, len(plane))):
        lighter = plane[rows].astype(np.int32) - ground
        plane[rows] = ground + ((lighter * mask[rows]) >> 8)


def _as_yuv(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    patch = np.full((2, 2, 3), colour, np.uint8)
    packed = av.VideoFrame.from_ndarray(patch, format="rgb24").reformat(format="yuv420p")
    y, u, v = (int(plane.flat[0]) for plane in _split(_packed(packed), (2, 2)))
    return y, u, v


_GROUND_YUV = _as_yuv(GROUND)
