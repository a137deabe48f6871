"""Finds faces and their 468 landmarks by MediaPipe's models (Apache-2.0), run by LiteRT on the CPU.

Sources: Bazarevsky et al. 2019, "BlazeFace" (detector, 256×256, up to about 5 m); Kartynnik et al.
2019, "Real-time facial surface geometry from monocular video on mobile GPUs" (mesh, 192×192).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import cv2
import numpy as np

from meetbot.core.errors import EngineError, InputError
from meetbot.core.voice import FoundFace
from meetbot.core.worker import ModelThread

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from meetbot.models import ModelStore

__all__ = ["MediapipeFaceFinder"]

DETECTOR_SIDE = 256
MESH_SIDE = 192
LEAST_SCORE = 0.5
OVERLAP_OF_ONE_FACE = 0.3
CROP_FACTOR = 1.5
EYE_CORNERS = (33, 263)
TILE_LEAST = 320
DEEPEST_TILING = 3


class _Network:
    """A tflite model with one input, ``(1, side, side, 3)``."""

    def __init__(self, path: Path) -> None:
        from ai_edge_litert.interpreter import Interpreter

        try:
            self._interpreter: Any = Interpreter(model_path=str(path), num_threads=1)
            self._interpreter.allocate_tensors()
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"{path.name} cannot be opened as a tflite model: {error}") from error
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._outputs = [detail["index"] for detail in self._interpreter.get_output_details()]

    def run(self, picture: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        self._interpreter.set_tensor(self._input, picture[None])
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index) for index in self._outputs]


@dataclass(frozen=True, slots=True)
class _Detection:
    """``box``: left, top, right, bottom; ``eyes``: right eye, left eye; all in pixels."""

    box: NDArray[np.float32]
    eyes: NDArray[np.float32]
    score: float


class MediapipeFaceFinder:
    """Several faces of any size in a picture, largest first; one call at a time.

    ``FoundFace.score`` is the smaller of the detector's and the mesh's confidence: over 0.9 for a
    face seen from the front, 0.5…0.8 for one turned away or partly hidden; under 0.5 is no face.
    """

    def __init__(self, detector: Path, mesh: Path) -> None:
        self._detector = _Network(detector)
        self._mesh = _Network(mesh)
        self._anchors = _anchors()
        self._thread = ModelThread("face-finder", niceness=5)

    @classmethod
    def load(cls, models: ModelStore, settings: object) -> Self:
        """Open the catalogue's ``mediapipe-face``; it has no settings of its own."""
        del settings
        folder = models.path("mediapipe-face")
        return cls(folder / "face_detection_back.tflite", folder / "face_landmark.tflite")

    async def find(self, pixels: NDArray[np.uint8]) -> tuple[FoundFace, ...]:
        """All faces of a uint8 RGB picture ``(height, width, 3)``, the largest first."""
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
            raise InputError(f"a picture of shape {pixels.shape} is not RGB")
        return await self._thread.run(self._find, pixels)

    def close(self) -> None:
        """End the thread."""
        self._thread.close()

    def _find(self, pixels: NDArray[np.uint8]) -> tuple[FoundFace, ...]:
        faces = [self._measure(pixels, found) for found in self._detect(pixels)]
        known = [face for face in faces if face is not None]
        known.sort(key=lambda face: _area(np.array(face.box)), reverse=True)
        return tuple(known)

    def _detect(self, pixels: NDArray[np.uint8]) -> list[_Detection]:
        """Over the whole picture, then over ever smaller tiles as long as nothing was found.

        A picture in which faces are seen is looked at in quarters too, for those further away.
        """
        found: list[_Detection] = []
        for depth in range(DEEPEST_TILING + 1):
            if depth > 1 and found:
                break
            tiles = list(_tiles(pixels.shape[:2], depth))
            for left, top, side in tiles:
                found += self._detect_in(pixels, left, top, side)
            if not tiles:
                break
        return _distinct(found)

    def _detect_in(
        self, pixels: NDArray[np.uint8], left: int, top: int, side: int
    ) -> list[_Detection]:
        scale = DETECTOR_SIDE / side
        matrix = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]], np.float32)
        tile = _shrunk(pixels, matrix, DETECTOR_SIDE)
        raw, logits = self._detector.run(tile.astype(np.float32) / 127.5 - 1.0)
        scores = 1.0 / (1.0 + np.exp(-np.clip(logits[0, :, 0], -80, 80)))
        chosen = np.flatnonzero(scores >= LEAST_SCORE)
        values = raw[0, chosen].reshape(-1, 8, 2) / DETECTOR_SIDE
        centres = self._anchors[chosen]
        points = (values[:, 2:4] + centres[:, None]) * side + (left, top)
        middle = (values[:, 0] + centres) * side + (left, top)
        half = values[:, 1] * side / 2
        boxes = np.concatenate([middle - half, middle + half], axis=1)
        return [
            _Detection(box.astype(np.float32), eyes.astype(np.float32), float(score))
            for box, eyes, score in zip(boxes, points, scores[chosen], strict=True)
        ]

    def _measure(self, pixels: NDArray[np.uint8], found: _Detection) -> FoundFace | None:
        """The mesh twice: in the crop that the detector gives, then in the one the mesh gives."""
        box, eyes, flag = found.box, found.eyes, 0.0
        landmarks = np.zeros((468, 3), np.float32)
        for _ in range(2):
            landmarks, flag = self._mesh_in(pixels, box, eyes)
            if flag < LEAST_SCORE:
                return None
            low, high = landmarks[:, :2].min(0), landmarks[:, :2].max(0)
            box, eyes = np.concatenate([low, high]), landmarks[list(EYE_CORNERS), :2]
        left, top, right, bottom = (float(value) for value in box)
        return FoundFace((left, top, right, bottom), min(found.score, flag), landmarks)

    def _mesh_in(
        self, pixels: NDArray[np.uint8], box: NDArray[np.float32], eyes: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], float]:
        """Landmarks and confidence in the square around ``box``, turned so that eyes are level."""
        right, left = eyes
        angle = math.atan2(float(left[1] - right[1]), float(left[0] - right[0]))
        side = CROP_FACTOR * float(max(box[2] - box[0], box[3] - box[1], 1.0))
        scale = MESH_SIDE / side
        cos, sin = math.cos(angle) * scale, math.sin(angle) * scale
        centre = (box[:2] + box[2:]) / 2
        turn = np.array([[cos, sin], [-sin, cos]], np.float32)
        shift = MESH_SIDE / 2 - turn @ centre
        crop = _shrunk(pixels, np.column_stack([turn, shift]).astype(np.float32), MESH_SIDE)
        raw, flag = self._mesh.run(crop.astype(np.float32) / 255.0)
        points = raw.reshape(468, 3)
        plane = (points[:, :2] - shift) @ np.linalg.inv(turn).T
        landmarks = np.column_stack([plane, points[:, 2] / scale]).astype(np.float32)
        return landmarks, float(1.0 / (1.0 + np.exp(-flag.ravel()[-1])))


def _anchors() -> NDArray[np.float32]:
    """Centres of BlazeFace's 896 anchors: 16×16 places with two each, 8×8 with six."""
    parts = []
    for cells, each in ((16, 2), (8, 6)):
        y, x = np.mgrid[0:cells, 0:cells].astype(np.float32)
        places = (np.stack([x, y], -1).reshape(-1, 2) + 0.5) / cells
        parts.append(np.repeat(places, each, axis=0))
    return np.concatenate(parts)


def _tiles(shape: tuple[int, ...], depth: int) -> Iterator[tuple[int, int, int]]:
    """Left, top and side of squares that cover a picture, half overlapping from depth 1 on."""
    height, width = shape
    longest = max(height, width)
    if depth == 0:
        yield (width - longest) // 2, (height - longest) // 2, longest
        return
    side = longest >> depth
    if side < TILE_LEAST:
        return
    for top in range(0, max(height - side // 2, 1), side // 2):
        for left in range(0, max(width - side // 2, 1), side // 2):
            yield left, top, side


def _shrunk(pixels: NDArray[np.uint8], matrix: NDArray[np.float32], side: int) -> NDArray[np.uint8]:
    """``pixels`` through an affine ``matrix``; averaged first where it gets much smaller."""
    scale = math.hypot(float(matrix[0, 0]), float(matrix[1, 0]))
    source, factor = pixels, 1.0
    if scale < 0.5:
        corners = np.array([[0, 0], [side, 0], [0, side], [side, side]], np.float32)
        back = cv2.invertAffineTransform(matrix)
        places = corners @ back[:, :2].T + back[:, 2]
        low = np.clip(np.floor(places.min(0)), 0, pixels.shape[1::-1]).astype(int)
        high = np.clip(np.ceil(places.max(0)), 0, pixels.shape[1::-1]).astype(int)
        part = pixels[low[1] : high[1], low[0] : high[0]]
        if part.size:
            factor = 2 * scale
            size = (max(1, round(part.shape[1] * factor)), max(1, round(part.shape[0] * factor)))
            source = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
            matrix = np.column_stack(
                [matrix[:, :2] / factor, matrix[:, 2] + matrix[:, :2] @ low.astype(np.float32)]
            )
    return np.asarray(
        cv2.warpAffine(source, matrix, (side, side), flags=cv2.INTER_LINEAR), np.uint8
    )


def _area(box: NDArray[np.floating[Any]]) -> float:
    return float(max(box[2] - box[0], 0) * max(box[3] - box[1], 0))


def _distinct(found: list[_Detection]) -> list[_Detection]:
    """One detection for each face: the surest of those that overlap."""
    kept: list[_Detection] = []
    for detection in sorted(found, key=lambda d: d.score, reverse=True):
        if all(_shared(detection.box, other.box) < OVERLAP_OF_ONE_FACE for other in kept):
            kept.append(detection)
    return kept


def _shared(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """The common area as a share of the smaller box."""
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    common = _area(np.concatenate([low, high]))
    return common / max(min(_area(a), _area(b)), 1e-6)
