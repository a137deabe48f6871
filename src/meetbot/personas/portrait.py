"""From a photo to a portrait: its one face, head and shoulders, parted from what is behind.

The crop is square and upright with room above the hair; its measures are in heights of the face
(hairline to chin), after common practice for portraits in video calls.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from meetbot.core.errors import InputError
from meetbot.core.voice import Portrait
from meetbot.personas.matte import matte

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from meetbot.core.ports import FaceFinder, Upscaler
    from meetbot.core.voice import FoundFace

__all__ = ["LEAST_FACE", "make_portrait", "the_face"]

LEAST_FACE = 64
"""Pixels from hairline to chin below which no enlargement makes a face of it."""
MOST_YAW = 28.0
"""Degrees that a face may be turned to the side."""
MOST_ROLL = 40.0
OTHER_FACE = 0.35
"""Another face counts from this part of the first one's height on."""
CROP = 2.15
ABOVE = 0.60
SHARPENED = 0.75
"""How much of an enlarged photo is the upscaler's; the rest keeps the skin from looking painted."""
CHEEKS = (234, 454)
EYES = (33, 263)


@dataclass(frozen=True, slots=True)
class _Crop:
    """A turned square of the photo: ``side`` pixels around ``centre``, by ``angle`` radians."""

    centre: tuple[float, float]
    side: float
    angle: float

    def matrix(self, size: int) -> NDArray[np.float64]:
        """The affine map from the photo to a square of ``size``, shape ``(2, 3)``."""
        scale = size / self.side
        cos, sin = math.cos(self.angle) * scale, math.sin(self.angle) * scale
        turn = np.array([[cos, sin], [-sin, cos]])
        shift = size / 2 - turn @ np.array(self.centre)
        return np.column_stack([turn, shift])


def the_face(faces: Sequence[FoundFace], label: str) -> FoundFace:
    """The face of a photo. Raises ``InputError``: none, several, too small, turned away."""
    if not faces:
        raise InputError(
            f"no face was found in {label}; give a photo of one person who looks into the camera, "
            "well lit, with nothing before the face"
        )
    face = faces[0]
    others = [other for other in faces[1:] if _height(other) > OTHER_FACE * _height(face)]
    if others:
        raise InputError(
            f"{label} shows {len(others) + 1} faces; give a photo of one person, or cut out theirs"
        )
    if _height(face) < LEAST_FACE:
        raise InputError(
            f"the face in {label} is only {_height(face):.0f} pixels high; "
            f"{LEAST_FACE} or more are needed: give a larger photo"
        )
    yaw, roll = _turned(face)
    if abs(yaw) > MOST_YAW:
        raise InputError(
            f"the face in {label} is turned {abs(yaw):.0f}° to the side; "
            f"at most {MOST_YAW:.0f}° will do: give a photo from the front"
        )
    if abs(roll) > MOST_ROLL:
        raise InputError(
            f"the head in {label} is tilted by {abs(roll):.0f}°; turn the photo upright"
        )
    return face


async def make_portrait(
    pixels: NDArray[np.uint8],
    label: str,
    finder: FaceFinder,
    upscaler: Upscaler | None,
    size: int,
) -> tuple[Portrait, tuple[str, ...]]:
    """The portrait in a photo's pixels, and notes about what was done with it.

    Raises ``InputError`` as ``the_face`` does.
    """
    if min(pixels.shape[:2]) < LEAST_FACE:
        raise InputError(
            f"{label} has only {pixels.shape[1]}×{pixels.shape[0]} pixels; a face of "
            f"{LEAST_FACE} pixels or more is needed: give a larger photo"
        )
    face = the_face(await finder.find(pixels), label)
    crop = _around(face)
    notes: list[str] = []
    if crop.side < 0.8 * size:
        picture = _cut(pixels, crop, round(crop.side))
        if upscaler is None:
            notes.append(
                f"the photo is enlarged {size / crop.side:.1f} times without a network, so it is "
                "soft: pip install 'meetbot[upscale]', or give a larger photo"
            )
        else:
            sharp = _resized(await upscaler.upscale(picture), size)
            soft = _resized(picture, size)
            picture = cv2.addWeighted(sharp, SHARPENED, soft, 1 - SHARPENED, 0).astype(np.uint8)
        picture = _resized(picture, size)
    else:
        picture = _cut(pixels, crop, size)
    landmarks = await _landmarks(finder, picture, face, crop, size)
    return Portrait(picture, landmarks, matte(picture, landmarks)), tuple(notes)


async def _landmarks(
    finder: FaceFinder, picture: NDArray[np.uint8], face: FoundFace, crop: _Crop, size: int
) -> NDArray[np.float32]:
    """Found anew in the crop, where they are surer; else those of the photo."""
    found = await finder.find(picture)
    if found and _height(found[0]) > 0.25 * size:
        return found[0].landmarks.astype(np.float32)
    matrix = crop.matrix(size)
    plane = face.landmarks[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    depth = face.landmarks[:, 2] * size / crop.side
    return np.column_stack([plane, depth]).astype(np.float32)


def _height(face: FoundFace) -> float:
    return float(face.box[3] - face.box[1])


def _turned(face: FoundFace) -> tuple[float, float]:
    """Degrees to the side and of tilt, from the places of the cheeks and the eyes."""
    right, left = (face.landmarks[i].astype(float) for i in CHEEKS)
    yaw = math.degrees(math.atan2(left[2] - right[2], math.hypot(*(left - right)[:2])))
    eye, other = (face.landmarks[i].astype(float) for i in EYES)
    roll = math.degrees(math.atan2(other[1] - eye[1], other[0] - eye[0]))
    return yaw, roll


def _around(face: FoundFace) -> _Crop:
    """Head and shoulders: measured along the face's own axis."""
    angle = math.radians(_turned(face)[1])
    points = face.landmarks[:, :2].astype(float)
    down = np.array([-math.sin(angle), math.cos(angle)])
    along = points @ down
    height = float(along.max() - along.min())
    middle = (points.max(0) + points.min(0)) / 2
    centre = middle + down * height * (CROP / 2 - ABOVE - 0.5)
    return _Crop((float(centre[0]), float(centre[1])), CROP * height, angle)


def _cut(pixels: NDArray[np.uint8], crop: _Crop, size: int) -> NDArray[np.uint8]:
    """The crop in ``size`` pixels; beyond the photo's edge its rim goes on, softly."""
    scale = size / crop.side
    source, matrix = pixels, crop.matrix(size)
    if scale < 0.5:  # averaged first, since a warp looks at four pixels only
        source = _resized_by(pixels, scale * 1.5)
        matrix = np.column_stack([matrix[:, :2] / (scale * 1.5), matrix[:, 2]])
    cut = cv2.warpAffine(
        source, matrix, (size, size), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    inside = cv2.warpAffine(np.ones(source.shape[:2], np.float32), matrix, (size, size))
    if inside.min() >= 1:
        return np.asarray(cut, np.uint8)
    soft = cv2.GaussianBlur(cut, (0, 0), size / 24)
    weight = cv2.GaussianBlur(cv2.erode(inside, np.ones((5, 5))), (0, 0), size / 200)[..., None]
    mixed = cut * weight + soft * (1 - weight)
    return np.asarray(np.clip(np.round(mixed), 0, 255), np.uint8)


def _resized_by(pixels: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    size = (round(pixels.shape[1] * factor), round(pixels.shape[0] * factor))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _resized(pixels: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    method = cv2.INTER_AREA if pixels.shape[0] > size else cv2.INTER_LANCZOS4
    return np.asarray(cv2.resize(pixels, (size, size), interpolation=method), np.uint8)
