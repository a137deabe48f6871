"""A canvas for soft shading: masks from curves, height fields, strokes that taper.

All places are in units of the finished picture; ``scale`` pixels are drawn for each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Points = NDArray[np.float64]
    Plane = NDArray[np.float32]
    Ramp = Sequence[tuple[float, tuple[int, int, int]]]

__all__ = ["UNITS", "Canvas", "between", "curve", "mirrored", "ramp", "shifted"]

UNITS = 512
CENTRE = 256
FRACTION_BITS = 4


def curve(points: object, count: int = 160, *, closed: bool = False) -> Points:
    """A Catmull-Rom spline through ``points``, as ``count`` places ``(count, 2)``."""
    p = np.asarray(points, float)
    ends = (p[-1], p[0], p[1]) if closed else (2 * p[0] - p[1], 2 * p[-1] - p[-2], None)
    p = np.vstack([ends[0], p, *(end for end in ends[1:] if end is not None)])
    last = len(p) - 3
    t = np.linspace(0, last, count, endpoint=not closed)
    i = np.minimum(t.astype(int), last - 1)
    f = (t - i)[:, None]
    a, b, c, d = p[i], p[i + 1], p[i + 2], p[i + 3]
    cubic = (2 * a - 5 * b + 4 * c - d) * f**2 + (3 * b - a - 3 * c + d) * f**3
    return np.asarray(0.5 * (2 * b + (c - a) * f + cubic))


def mirrored(points: object) -> Points:
    """The same on the other side of the face."""
    p = np.asarray(points, float)
    return np.stack([2 * CENTRE - p[:, 0], p[:, 1]], 1)


def shifted(points: Points, right: float, down: float) -> Points:
    """The same somewhere else."""
    return np.asarray(points + np.array([right, down]))


def between(*curves: object, wave: float = 0.0, turns: float = 1.2) -> Callable[[float], Points]:
    """Hairs: 0…1 gives a curve between the first and the last of ``curves``, waving at its end."""
    family = [curve(points, 90) for points in curves]
    t = np.linspace(0, 1, 90)

    def at(u: float) -> Points:
        place = u * (len(family) - 1)
        i = min(int(place), len(family) - 2)
        mixed = family[i] * (1 - place + i) + family[i + 1] * (place - i)
        swing = wave * t**1.5 * np.sin(turns * 2 * np.pi * t + 2.5 * u)
        return np.asarray(mixed + np.stack([swing, 0 * t], 1))

    return at


def ramp(values: object, stops: Ramp) -> Plane:
    """Values 0…1 as colours of a ramp, floats ``(…, 3)`` in 0…1."""
    colours = np.array([colour for _, colour in stops], float) / 255
    places = [place for place, _ in stops]
    planes = [np.interp(np.asarray(values), places, colours[:, k]) for k in range(3)]
    return np.stack(planes, -1).astype(np.float32)


class Canvas:
    """Float RGB in ``pixels``; masks are planes of it with 0…1."""

    def __init__(self, scale: int, seed: int) -> None:
        self.scale = scale
        side = UNITS * scale
        y, x = np.mgrid[0:side, 0:side].astype(np.float32)
        self.x, self.y = (x + 0.5) / scale, (y + 0.5) / scale
        self.pixels = np.zeros((side, side, 3), np.float32)
        self.random = np.random.default_rng(seed)

    def area(self, outline: object, soft: float = 0.0) -> Plane:
        """The inside of a closed line, blurred by ``soft``."""
        mask = np.zeros(self.x.shape, np.uint8)
        self._fill(mask, np.asarray(outline, float))
        return self.blurred(mask.astype(np.float32) / 255, soft)

    def blob(self, x: float, y: float, wide: float, high: float, angle: float = 0.0) -> Plane:
        """A Gaussian hill of height 1."""
        a = np.deg2rad(angle)
        dx, dy = self.x - x, self.y - y
        u, v = dx * np.cos(a) + dy * np.sin(a), dy * np.cos(a) - dx * np.sin(a)
        return np.asarray(np.exp(-0.5 * ((u / wide) ** 2 + (v / high) ** 2)), np.float32)

    def disc(self, x: float, y: float, radius: float, soft: float) -> Plane:
        """A round spot with a soft rim."""
        away = np.hypot(self.x - x, self.y - y)
        return np.asarray(1 / (1 + np.exp(np.clip((away - radius) / soft, -40, 40))), np.float32)

    def blurred(self, mask: Plane, sigma: float) -> Plane:
        """``mask`` through a Gaussian; large ones on a smaller picture."""
        wide = sigma * self.scale
        if wide <= 0:
            return mask
        factor = max(1, int(wide // 6))
        if factor == 1:
            return np.asarray(cv2.GaussianBlur(mask, (0, 0), wide), np.float32)
        side = mask.shape[0] // factor
        small = cv2.resize(mask, (side, side), interpolation=cv2.INTER_AREA)
        small = cv2.GaussianBlur(small, (0, 0), wide / factor)
        full = (mask.shape[1], mask.shape[0])
        return np.asarray(cv2.resize(small, full, interpolation=cv2.INTER_CUBIC), np.float32)

    def paint(
        self, mask: Plane, colour: object, alpha: float = 1.0, *, screen: bool = False
    ) -> None:
        """Lay a colour (0…255, or floats per pixel) over what is there; ``screen``: as light."""
        self._mix((slice(None), slice(None)), mask, colour, alpha, screen)

    def stroke(
        self,
        line: Points,
        width: float,
        colour: object,
        alpha: float = 1.0,
        *,
        ends: tuple[float, float] = (0.0, 0.0),
        soft: float = 0.0,
        within: Plane | None = None,
        screen: bool = False,
    ) -> None:
        """Paint a line that is ``ends`` of its ``width`` thick at its ends, inside ``within``."""
        t = np.linspace(0, 1, len(line))
        least = np.where(t < 0.5, *ends)
        half = width / 2 * (least + (1 - least) * np.sin(t * np.pi))
        along = np.gradient(line, axis=0)
        across = np.stack([-along[:, 1], along[:, 0]], 1)
        across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-6)
        outline = np.concatenate(
            [line + across * half[:, None], (line - across * half[:, None])[::-1]]
        )
        margin = 2 + 4 * soft
        low = np.clip(np.floor(outline.min(0) - margin), 0, UNITS - 1).astype(int)
        high = np.clip(np.ceil(outline.max(0) + margin), low + 1, UNITS).astype(int)
        rows, columns = (slice(low[i] * self.scale, high[i] * self.scale) for i in (1, 0))
        mask = np.zeros(self.x[rows, columns].shape, np.uint8)
        self._fill(mask, outline - low)
        plane = mask.astype(np.float32) / 255
        if soft:
            plane = np.asarray(cv2.GaussianBlur(plane, (0, 0), soft * self.scale), np.float32)
        if within is not None:
            plane = plane * within[rows, columns]
        self._mix((rows, columns), plane, colour, alpha, screen)

    def finished(self, left: float, top: float, side: float) -> NDArray[np.uint8]:
        """The square at ``left``, ``top`` as uint8 RGB ``(512, 512, 3)``."""
        x, y, width = (round(value * self.scale) for value in (left, top, side))
        part = np.clip(self.pixels[y : y + width, x : x + width], 0, 1)
        small = cv2.resize(part, (UNITS, UNITS), interpolation=cv2.INTER_AREA)
        return np.asarray(np.round(small * 255), np.uint8)

    def _fill(self, mask: NDArray[np.uint8], outline: Points) -> None:
        fixed = np.round(outline * self.scale * (1 << FRACTION_BITS)).astype(np.int32)
        cv2.fillPoly(mask, [fixed], 255, cv2.LINE_AA, FRACTION_BITS)

    def _mix(
        self, place: tuple[slice, slice], mask: Plane, colour: object, alpha: float, screen: bool
    ) -> None:
        new = np.asarray(colour, np.float32)
        if new.ndim == 1:
            new = new / 255 if new.max() > 1.5 else new
        below = self.pixels[place]
        if screen:
            new = 1 - (1 - below) * (1 - new)
        below += (new - below) * np.clip(mask * alpha, 0, 1)[..., None]
