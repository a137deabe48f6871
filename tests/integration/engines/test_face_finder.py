"""MediaPipe's face finder with its real weights, on the program's own drawn face."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from meetbot.core.errors import InputError
from meetbot.engines.face.mediapipe import MediapipeFaceFinder
from meetbot.models import ModelStore
from meetbot.personas.standard import standard_portrait

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.core.voice import Portrait

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def finder() -> MediapipeFaceFinder:
    models = ModelStore()
    models.pull(["mediapipe-face"])
    return MediapipeFaceFinder.load(models, None)


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    return standard_portrait(512)


def resized(portrait: Portrait, side: int) -> NDArray[np.uint8]:
    picture = cv2.resize(portrait.pixels, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(picture, np.uint8)


async def test_landmarks_lie_where_the_drawing_has_them(
    finder: MediapipeFaceFinder, portrait: Portrait
) -> None:
    (face,) = await finder.find(portrait.pixels)
    assert face.score > 0.7
    apart = np.linalg.norm((face.landmarks - portrait.landmarks)[:, :2], axis=1)
    assert np.median(apart) < 6


async def test_several_faces_in_a_large_picture_come_largest_first(
    finder: MediapipeFaceFinder, portrait: Portrait
) -> None:
    wall = np.full((1500, 2200, 3), (120, 140, 120), np.uint8)
    wall[900:1200, 1500:1800] = resized(portrait, 300)
    wall[100:700, 100:700] = resized(portrait, 600)
    faces = await finder.find(wall)
    assert [round(face.box[0] / 700) for face in faces] == [0, 2]
    assert faces[0].box[3] - faces[0].box[1] > faces[1].box[3] - faces[1].box[1]


async def test_a_small_face_in_a_very_large_picture_is_found(
    finder: MediapipeFaceFinder, portrait: Portrait
) -> None:
    wall = np.full((3000, 4000, 3), (120, 140, 120), np.uint8)
    wall[2000:2240, 2600:2840] = resized(portrait, 240)
    (face,) = await finder.find(wall)
    assert 2600 < face.box[0] < face.box[2] < 2840


@pytest.mark.parametrize("angle", [-40, 30])
async def test_a_tilted_head_is_measured_along_its_own_axis(
    finder: MediapipeFaceFinder, portrait: Portrait, angle: int
) -> None:
    turn = cv2.getRotationMatrix2D((256, 256), angle, 1.0)
    (face,) = await finder.find(
        np.asarray(cv2.warpAffine(portrait.pixels, turn, (512, 512)), np.uint8)
    )
    right, left = face.landmarks[33], face.landmarks[263]
    tilt = np.degrees(np.arctan2(left[1] - right[1], left[0] - right[0]))
    assert tilt == pytest.approx(-angle, abs=5)


@pytest.mark.parametrize("shape", [(1, 1, 3), (20, 20, 3), (3, 900, 3), (480, 640, 3)], ids=str)
async def test_where_there_is_no_face_none_is_found(
    finder: MediapipeFaceFinder, shape: tuple[int, int, int]
) -> None:
    noise = np.random.default_rng(3).integers(0, 255, shape, dtype=np.uint8)
    assert await finder.find(noise) == ()


async def test_what_is_no_rgb_picture_is_refused(finder: MediapipeFaceFinder) -> None:
    with pytest.raises(InputError, match="is not RGB"):
        await finder.find(np.zeros((20, 20), np.uint8))
