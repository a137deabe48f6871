"""Parts the person from what is behind them, by colour from a rough shape on.

GrabCut (Rother, Kolmogorov, Blake 2004, OpenCV's) on a small picture, begun with a head and
shoulders drawn around the landmarks; its edge is then softened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from meetbot.core.voice import Portrait

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["matte", "scaled"]

WORKING = 256
ROUNDS = 4
LEAST_SHARE, MOST_SHARE = 0.15, 0.85
"""Of the picture; a matte outside of it has failed, and the drawn shape is taken."""


def matte(pixels: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """1 where the person is and 0 behind, float32 ``(size, size)``, for a square portrait."""
    size = pixels.shape[0]
    working = (WORKING, WORKING)
    small = np.asarray(cv2.resize(pixels, working, interpolation=cv2.INTER_AREA), np.uint8)
    points = landmarks[:, :2] * (WORKING / size)
    face = _drawn(cv2.convexHull(points.astype(np.float32)).reshape(-1, 2))
    likely = _likely(points)
    found = _grabcut(small, face, likely)
    if not LEAST_SHARE < found.mean() < MOST_SHARE:
        found = likely
    soft = cv2.GaussianBlur(_in_one_piece(found).astype(np.float32), (0, 0), 1.6)
    large = cv2.resize(soft, (size, size), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(large * 1.3 - 0.15, 0, 1), np.float32)


def scaled(portrait: Portrait, size: int) -> Portrait:
    """The same portrait in ``size`` pixels."""
    factor = size / portrait.pixels.shape[0]
    if factor == 1:
        return portrait
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_LANCZOS4
    pixels = np.asarray(cv2.resize(portrait.pixels, (size, size), interpolation=method), np.uint8)
    mask = cv2.resize(portrait.mask, (size, size), interpolation=cv2.INTER_LINEAR)
    landmarks = (portrait.landmarks * factor).astype(np.float32)
    return Portrait(pixels, landmarks, np.clip(mask, 0, 1).astype(np.float32))


def _drawn(outline: NDArray[np.floating]) -> NDArray[np.bool_]:
    mask = np.zeros((WORKING, WORKING), np.uint8)
    cv2.fillPoly(mask, [np.round(outline).astype(np.int32)], 1)
    return mask.astype(bool)


def _likely(points: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Where a head with hair, a neck and shoulders are, if they are anywhere."""
    low, high = points.min(0), points.max(0)
    (x, y), (width, height) = (low + high) / 2, high - low
    mask = np.zeros((WORKING, WORKING), np.uint8)
    head = (round(0.72 * width), round(0.82 * height))
    cv2.ellipse(mask, (round(x), round(y - 0.12 * height)), head, 0, 0, 360, 1, -1)
    top = round(high[1] + 0.22 * height)
    reach = 1.25 * width
    shoulders = [
        (x - 0.36 * width, y), (x + 0.36 * width, y), (x + 0.42 * width, top),
        (x + reach, top + 0.30 * height), (x + 1.1 * reach, WORKING), (x - 1.1 * reach, WORKING),
        (x - reach, top + 0.30 * height), (x - 0.42 * width, top),
    ]  # fmt: skip
    return mask.astype(bool) | _drawn(np.array(shoulders))


def _grabcut(
    small: NDArray[np.uint8], face: NDArray[np.bool_], likely: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    reach = np.ones((2 * (WORKING // 9) + 1,) * 2, np.uint8)
    near = cv2.dilate(likely.astype(np.uint8), reach).astype(bool)
    sure = cv2.erode(likely.astype(np.uint8), np.ones((31, 31), np.uint8)).astype(bool)
    labels = np.where(likely, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[~near] = cv2.GC_BGD
    labels[face | sure] = cv2.GC_FGD
    cv2.setRNGSeed(1)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(small, labels, (0, 0, 1, 1), *models, ROUNDS, cv2.GC_INIT_WITH_MASK)
    return np.asarray((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD))


def _in_one_piece(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest piece, without holes."""
    closed = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    outlines, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    whole = np.zeros(mask.shape, np.uint8)
    if outlines:
        cv2.drawContours(whole, [max(outlines, key=cv2.contourArea)], -1, 1, -1)
    return whole.astype(bool)
