"""One picture made of all that the bot shows. Blocking: runs on the recorder's thread."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias, cast

import av
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.demo.timeline import Tile

    Picture: TypeAlias = av.VideoFrame | NDArray[np.uint8]

__all__ = ["Canvas"]

GROUND = (14, 17, 22)
MARGIN = 20
GAP = 16
CORNER = 28
FULL = 256
PICTURES_WIDE = 0.6
"""Of the width, where there are three."""
STAGE_TALL = 0.34
"""Height by width of the middle of the stage: its captions, without header and roster."""


@dataclass(frozen=True, slots=True)
class Box:
    """A place on the canvas, all even numbers of pixels."""

    left: int
    top: int
    width: int
    height: int


class Canvas:
    """One tile fills it; more stand side by side.

    Stage and face: equally high, scaled to fit, with ground around them where the shape differs.
    With pictures: these stand over the stage, of which the middle is shown, and beside both the
    middle of the face. ``size``: width and height, even. Corners of faces and pictures are round.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        self._planes = _ground(size)
        self._shown: dict[Tile, Picture] = {}
        self._boxes: dict[Tile, Box] = {}
        self._frame: av.VideoFrame | None = None

    def show(self, tile: Tile, picture: Picture) -> None:
        """Show ``picture``: any ``av.VideoFrame``, or uint8 RGB of shape (height, width, 3)."""
        if picture is self._shown.get(tile):
            return
        new = tile not in self._shown
        self._shown[tile] = picture
        if not new:
            self._put(tile, picture)
            return
        self._boxes = _arranged(frozenset(self._shown), self._size)
        self._planes = _ground(self._size)
        for each, shown in self._shown.items():
            self._put(each, shown)

    def frame(self) -> av.VideoFrame:
        """What is shown now, yuv420p; the same frame as before where nothing was put."""
        if self._frame is None:
            self._frame = av.VideoFrame.from_ndarray(self._planes, format="yuv420p")
        return self._frame

    def _put(self, tile: Tile, picture: Picture) -> None:
        self._frame = None
        box = self._boxes[tile]
        parts = _split(_scaled(picture, box, fill="pictures" in self._shown), _size_of(box))
        masks = _rounded(box) if tile != "stage" and len(self._shown) > 1 else None
        for number, (whole, part) in enumerate(
            zip(_split(self._planes, self._size), parts, strict=True)
        ):
            by = 1 if number == 0 else 2
            rows = slice(box.top // by, (box.top + box.height) // by)
            columns = slice(box.left // by, (box.left + box.width) // by)
            if masks is not None:
                _round_off(part, masks[by - 1], _GROUND_YUV[number])
            whole[rows, columns] = part


def _arranged(tiles: frozenset[Tile], size: tuple[int, int]) -> dict[Tile, Box]:
    """Where each tile stands."""
    width, height = size
    if len(tiles) == 1:
        return dict.fromkeys(tiles, Box(0, 0, width, height))
    if "pictures" not in tiles:
        tall = _even((width - 2 * MARGIN - GAP) / (16 / 9 + 1))
        tall = min(tall, _even(height - 2 * MARGIN))
        wide, top = width - 2 * MARGIN - GAP - tall, (height - tall) // 4 * 2
        face = Box(width - MARGIN - tall, top, tall, tall)
        return {"stage": Box(MARGIN, top, wide, tall), "face": face}
    room = height - 2 * MARGIN
    wide = _even((width - 2 * MARGIN - GAP) * PICTURES_WIDE)
    wide = min(wide, _even((room - GAP) / (9 / 16 + STAGE_TALL)))
    tall = min(_even(wide * 9 / 16), room)
    under = _even(wide * STAGE_TALL) if "stage" in tiles else -GAP
    top = _even((height - tall - GAP - under) / 2)
    left = MARGIN if "face" in tiles else _even((width - wide) / 2)
    boxes: dict[Tile, Box] = {"pictures": Box(left, top, wide, tall)}
    if "stage" in tiles:
        boxes["stage"] = Box(left, top + tall + GAP, wide, under)
    if "face" in tiles:
        beside = left + wide + GAP
        boxes["face"] = Box(beside, top, _even(width - MARGIN - beside), tall + GAP + under)
    return boxes


def _even(length: float) -> int:
    return round(length / 2) * 2


def _size_of(box: Box) -> tuple[int, int]:
    return box.width, box.height


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


def _scaled(picture: Picture, box: Box, *, fill: bool) -> NDArray[np.uint8]:
    """``picture`` as packed yuv420p of the box's size.

    Where the shape differs: ``fill``: its middle; else all of it, with ground around it.
    """
    if isinstance(picture, np.ndarray):
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    across, down = box.width / picture.width, box.height / picture.height
    scale = max(across, down) if fill else min(across, down)
    size = (max(2, _even(picture.width * scale)), max(2, _even(picture.height * scale)))
    small = _packed(picture.reformat(*size, "yuv420p"))
    if size == _size_of(box):
        return small
    whole = _ground(_size_of(box))
    pairs = zip(_split(whole, _size_of(box)), _split(small, size), strict=True)
    for onto, part in pairs:
        rows, source_rows = _middle(len(onto), len(part))
        columns, source_columns = _middle(onto.shape[1], part.shape[1])
        onto[rows, columns] = part[source_rows, source_columns]
    return whole


def _middle(onto: int, part: int) -> tuple[slice, slice]:
    """Where the shorter of two lengths lies in the middle of the longer, for both."""
    count = min(onto, part)
    begin, source = (onto - count) // 2, (part - count) // 2
    return slice(begin, begin + count), slice(source, source + count)


def _packed(frame: av.VideoFrame) -> NDArray[np.uint8]:
    return cast("NDArray[np.uint8]", frame.to_ndarray())


def _ground(size: tuple[int, int]) -> NDArray[np.uint8]:
    planes = np.empty((size[1] * 3 // 2, size[0]), np.uint8)
    for plane, value in zip(_split(planes, size), _GROUND_YUV, strict=True):
        plane[:] = value
    return planes


@lru_cache(maxsize=8)
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
