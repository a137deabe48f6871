"""Where a backdrop is painted: polygons onto RGB pixels, smooth at their edges, in layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np

from meetbot.engines.painter.storyboard.rendering.colour import Lab, rgb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Canvas", "LayerFinish"]

SHIFT = 4
"""Bits of a coordinate behind the point."""


class LayerFinish(Protocol):
    """What a style does to a layer: throws its shadow on what is under it."""

    def __call__(
        self, under: NDArray[np.uint8], over: NDArray[np.uint8], mask: NDArray[np.uint8]
    ) -> NDArray[np.uint8]:
        """The picture with the layer in it; ``mask``: 255 where the layer was painted."""


class Canvas:
    """uint8 RGB ``pixels``. Coordinates are picture heights: x 0…``aspect``, y 0…1."""

    def __init__(self, width: int, height: int, finish: LayerFinish | None = None) -> None:
        self.pixels = np.zeros((height, width, 3), np.uint8)
        self.width, self.height = width, height
        self.aspect = width / height
        self._finish = finish
        self._mask: NDArray[np.uint8] | None = None
        self._under: NDArray[np.uint8] | None = None

    def layer(self) -> None:
        """What is painted from now on lies over what was painted before, as a sheet of its own."""
        if self._finish is None:
            return
        self.settle()
        self._under = self.pixels.copy()
        self._mask = np.zeros((self.height, self.width), np.uint8)

    def settle(self) -> None:
        """End the last layer."""
        if self._finish is not None and self._mask is not None and self._under is not None:
            if self._mask.any():
                self.pixels = self._finish(self._under, self.pixels, self._mask)
            self._mask = self._under = None

    def fill(self, colour: Lab, *shapes: NDArray[np.float64], alpha: float = 1.0) -> None:
        """Fill the union of the shapes."""
        if alpha >= 1 and self._mask is None:
            for shape in shapes:
                _poly(self.pixels, self._fixed(shape), rgb(colour))
            return
        self._blend(colour, shapes, alpha)

    def fill_many(self, colour: Lab, shapes: Sequence[NDArray[np.float64]]) -> None:
        """Fill many small shapes that do not overlap, at once."""
        if shapes:
            points = [self._fixed(shape) for shape in shapes]
            cv2.fillPoly(self.pixels, points, rgb(colour), cv2.LINE_AA, SHIFT)
            if self._mask is not None:
                cv2.fillPoly(self._mask, points, 255, cv2.LINE_AA, SHIFT)

    def line(
        self,
        colour: Lab,
        points: NDArray[np.float64],
        width: float,
        *,
        closed: bool = False,
        alpha: float = 1.0,
    ) -> None:
        """A line; ``width`` in picture heights, one pixel at least."""
        thick = max(1, round(width * self.height))
        fixed = [self._fixed(points)]
        if alpha >= 1:
            cv2.polylines(self.pixels, fixed, closed, rgb(colour), thick, cv2.LINE_AA, SHIFT)
            if self._mask is not None:
                cv2.polylines(self._mask, fixed, closed, 255, thick, cv2.LINE_AA, SHIFT)
            return
        mask = np.zeros((self.height, self.width), np.uint8)
        cv2.polylines(mask, fixed, closed, 255, thick, cv2.LINE_AA, SHIFT)
        box = self._box(points, thick + 2)
        _mix(self.pixels[box], mask[box], rgb(colour), alpha)

    def gradient(self, top: float, bottom: float, colours: Sequence[Lab]) -> None:
        """Rows from ``top`` to ``bottom`` through the colours, evenly spaced, dithered."""
        first, last = self._row(top), self._row(bottom)
        if last > first:
            rows = _ramp(colours, last - first)
            grain = np.array([[0.2, 0.7], [0.95, 0.45]], np.float32)
            tile = np.tile(grain, (rows.shape[0] // 2 + 1, 1))[: rows.shape[0], :, None]
            pair = np.floor(rows[:, None, :] + tile).clip(0, 255).astype(np.uint8)
            times = self.width // 2 + 1
            self.pixels[first:last] = np.tile(pair, (1, times, 1))[:, : self.width]

    def shaded(self, shape: NDArray[np.float64], colours: Sequence[Lab]) -> None:
        """Fill a shape with a gradient from its top to its bottom."""
        box = self._box(shape, 1)
        rows, columns = box
        if rows.stop <= rows.start or columns.stop <= columns.start:
            return
        mask = self._stencil((shape,), box)
        if self._mask is not None:
            np.maximum(self._mask[box], mask, out=self._mask[box])
        ramp = _ramp(colours, rows.stop - rows.start)[:, None, :]
        part = mask.astype(np.float32)[:, :, None] * np.float32(1 / 255)
        below = self.pixels[box].astype(np.float32)
        self.pixels[box] = (below + (ramp - below) * part + 0.5).astype(np.uint8)

    def glow(self, colour: Lab, x: float, y: float, radius: float, alpha: float) -> None:
        """Light around a point, fading to nothing at ``radius``."""
        box = self._box(np.array([(x - radius, y - radius), (x + radius, y + radius)]), 0)
        rows, columns = box
        if rows.stop <= rows.start or columns.stop <= columns.start:
            return
        far_y = (np.arange(rows.start, rows.stop, dtype=np.float32) / self.height - y) / radius
        far_x = (
            np.arange(columns.start, columns.stop, dtype=np.float32) / self.height - x
        ) / radius
        near = np.maximum(0, 1 - np.hypot(far_y[:, None], far_x[None, :]))
        mask = (255 * near * near * (3 - 2 * near)).astype(np.uint8)
        _mix(self.pixels[box], mask, rgb(colour), alpha)

    def _blend(self, colour: Lab, shapes: Sequence[NDArray[np.float64]], alpha: float) -> None:
        box = self._box(np.concatenate(shapes), 1)
        rows, columns = box
        if rows.stop <= rows.start or columns.stop <= columns.start:
            return
        mask = self._stencil(shapes, box)
        if self._mask is not None and alpha > 0.6:
            np.maximum(self._mask[box], mask, out=self._mask[box])
        _mix(self.pixels[box], mask, rgb(colour), alpha)

    def _stencil(
        self, shapes: Sequence[NDArray[np.float64]], box: tuple[slice, slice]
    ) -> NDArray[np.uint8]:
        rows, columns = box
        mask = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
        corner = np.array([columns.start, rows.start], np.int32) << SHIFT
        for shape in shapes:
            _poly(mask, self._fixed(shape) - corner, 255)
        return mask

    def _fixed(self, points: NDArray[np.float64]) -> NDArray[np.int32]:
        pixels = points * self.height - 0.5
        return np.round(np.clip(pixels, -8192, 32000) * (1 << SHIFT)).astype(np.int32)

    def _row(self, y: float) -> int:
        return round(min(max(y, 0.0), 1.0) * self.height)

    def _box(self, points: NDArray[np.float64], margin: int) -> tuple[slice, slice]:
        low = np.floor(points.min(0) * self.height).astype(int) - margin
        high = np.ceil(points.max(0) * self.height).astype(int) + margin
        columns = slice(min(max(int(low[0]), 0), self.width), min(max(int(high[0]), 0), self.width))
        rows = slice(min(max(int(low[1]), 0), self.height), min(max(int(high[1]), 0), self.height))
        return rows, columns


def _poly(image: NDArray[np.uint8], points: NDArray[np.int32], value: object) -> None:
    cv2.fillPoly(image, [points], value, cv2.LINE_AA, SHIFT)


def _mix(
    below: NDArray[np.uint8], mask: NDArray[np.uint8], colour: tuple[int, int, int], alpha: float
) -> None:
    """Lay ``colour`` over ``below`` (a view, changed) where ``mask`` says."""
    part = (mask.astype(np.uint16) * round(alpha * 256) >> 8)[:, :, None]
    over = np.array(colour, np.uint16)
    mixed = below * (255 - part) + over * part + 127
    below[:] = (mixed * np.uint32(257) >> 16).astype(np.uint8)


def _ramp(colours: Sequence[Lab], count: int) -> NDArray[np.float32]:
    stops = np.array(colours, np.float64)
    at = np.linspace(0, len(colours) - 1, count)
    parts = [np.interp(at, np.arange(len(colours)), stops[:, i]) for i in range(3)]
    few = 48
    keys = np.linspace(0, count - 1, min(few, count)).astype(int)
    table = np.array(
        [rgb(Lab(*(round(float(part[k]), 4) for part in parts))) for k in keys], np.float32
    )
    rows = [np.interp(np.arange(count), keys, table[:, i]) for i in range(3)]
    return np.stack(rows, 1).astype(np.float32)
