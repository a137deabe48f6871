"""Smooth displacement fields through given vectors at given points (thin-plate splines).

Source: Bookstein 1989, "Principal warps: thin-plate splines and the decomposition of deformations".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Spline"]

STIFFNESS = 1e-3


class Spline:
    """Thin-plate splines over ``points``, float ``(n, 2)``; solved once for any vectors there."""

    def __init__(self, points: NDArray[np.float64]) -> None:
        self._points = points
        self._scale = float(np.ptp(points, axis=0).max()) or 1.0
        count = len(points)
        kernel = self._kernel(points) + STIFFNESS * np.eye(count)
        plane = np.column_stack([np.ones(count), points / self._scale])
        system = np.block([[kernel, plane], [plane.T, np.zeros((3, 3))]])
        self._inverse = np.linalg.inv(system)

    def field(
        self, vectors: NDArray[np.float64], xs: NDArray[np.float64], ys: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        """``vectors`` ``(n, k)`` spread over the grid: float32, shape ``(len(ys), len(xs), k)``."""
        weights = self._inverse @ np.vstack([vectors, np.zeros((3, vectors.shape[1]))])
        grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
        plane = np.column_stack([np.ones(len(grid)), grid / self._scale])
        values: NDArray[np.float64] = self._kernel(grid) @ weights[:-3] + plane @ weights[-3:]
        return values.reshape(len(ys), len(xs), -1).astype(np.float32)

    def _kernel(self, at: NDArray[np.float64]) -> NDArray[np.float64]:
        square = np.square((at[:, None] - self._points[None]) / self._scale).sum(axis=-1)
        return np.where(square > 0, square * np.log(np.maximum(square, 1e-12)), 0.0)
