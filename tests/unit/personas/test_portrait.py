"""Which face a photo shows, and how it is cropped, enlarged and parted from the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from meetbot.core.errors import InputError
from meetbot.personas.matte import scaled
from meetbot.personas.portrait import make_portrait, the_face
from meetbot.personas.standard import standard_portrait
from support.personas import KnowingFinder, face_at

if TYPE_CHECKING:
    from numpy.typing import NDArray


def photo(width: int, height: int) -> NDArray[np.uint8]:
    """Every pixel tells where it is: red across, green down."""
    across = np.linspace(0, 255, width)
    down = np.linspace(0, 255, height)
    planes = np.meshgrid(across, down)
    return np.stack([*planes, np.full((height, width), 90.0)], -1).astype(np.uint8)


class Doubling:
    """An upscaler that repeats pixels."""

    scale = 2

    def __init__(self) -> None:
        self.given: list[tuple[int, ...]] = []

    async def upscale(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        self.given.append(pixels.shape)
        return pixels.repeat(2, axis=0).repeat(2, axis=1)


@pytest.mark.parametrize(
    ("faces", "said"),
    [
        ((), "no face was found in me.jpg"),
        ((face_at(0, 0, 200), face_at(300, 0, 120)), "me.jpg shows 2 faces"),
        ((face_at(0, 0, 200, turned=50),), "to the side"),
        ((face_at(0, 0, 200, turned=-50),), "to the side"),
        ((face_at(0, 0, 40),), "only 40 pixels high"),
        ((face_at(0, 0, 200, tilted=70),), "tilted by 70°"),
    ],
    ids=["none", "two", "profile", "other profile", "small", "lying"],
)
def test_a_photo_without_one_clear_face_is_refused(faces: tuple[object, ...], said: str) -> None:
    with pytest.raises(InputError) as caught:
        the_face(faces, "me.jpg")  # type: ignore[arg-type]
    assert said in str(caught.value)
    assert any(word in str(caught.value) for word in ("give", "turn"))


def test_faces_far_in_the_background_do_not_count() -> None:
    near = face_at(100, 100, 300)
    assert the_face((near, face_at(600, 50, 60)), "me.jpg") is near


async def test_twenty_pixels_are_refused_before_a_face_is_looked_for() -> None:
    finder = KnowingFinder()
    with pytest.raises(InputError, match="only 20×20 pixels"):
        await make_portrait(photo(20, 20), "me.png", finder, None, 512)
    assert finder.asked == 0


async def test_the_crop_is_head_and_shoulders() -> None:
    face = face_at(900, 500, 400)
    portrait, notes = await make_portrait(photo(2000, 2000), "me", KnowingFinder(face), None, 256)
    assert notes == ()
    assert portrait.pixels.shape == (256, 256, 3)
    assert portrait.mask.shape == (256, 256)
    low, high = portrait.landmarks[:, :2].min(axis=0), portrait.landmarks[:, :2].max(axis=0)
    assert 0.42 < (high[1] - low[1]) / 256 < 0.52
    assert 0.22 < low[1] / 256 < 0.32
    assert abs((low[0] + high[0]) / 2 - 128) < 12


async def test_landmarks_stay_on_what_they_were_on() -> None:
    face = face_at(900, 500, 400, tilted=20)
    portrait, _ = await make_portrait(photo(2000, 2000), "me", KnowingFinder(face), None, 256)
    for index in (1, 33, 152, 263, 291):
        x, y = portrait.landmarks[index, :2].round().astype(int)
        there = face.landmarks[index, :2] * 255 / 1999
        assert np.abs(portrait.pixels[y, x, :2] - there).max() < 3


async def test_a_tilted_head_is_put_upright() -> None:
    face = face_at(900, 500, 400, tilted=25)
    portrait, _ = await make_portrait(photo(2000, 2000), "me", KnowingFinder(face), None, 256)
    right, left = portrait.landmarks[33], portrait.landmarks[263]
    assert abs(float(right[1] - left[1])) < 2


async def test_a_small_face_is_enlarged_by_the_upscaler() -> None:
    upscaler = Doubling()
    face = face_at(100, 80, 90)
    portrait, notes = await make_portrait(photo(300, 300), "me", KnowingFinder(face), upscaler, 512)
    assert len(upscaler.given) == 1
    assert notes == ()
    assert portrait.pixels.shape == (512, 512, 3)


async def test_without_an_upscaler_a_note_says_so() -> None:
    face = face_at(100, 80, 90)
    _, notes = await make_portrait(photo(300, 300), "me", KnowingFinder(face), None, 512)
    assert len(notes) == 1
    assert "meetbot[upscale]" in notes[0]


async def test_a_large_face_is_not_enlarged() -> None:
    upscaler = Doubling()
    face = face_at(900, 500, 400)
    await make_portrait(photo(2000, 2000), "me", KnowingFinder(face), upscaler, 512)
    assert upscaler.given == []


async def test_beyond_the_photos_edge_the_picture_goes_on() -> None:
    face = face_at(20, 5, 180)
    portrait, _ = await make_portrait(photo(220, 200), "me", KnowingFinder(face), None, 256)
    assert portrait.pixels.min(axis=(0, 1))[2] > 80


def test_the_default_face_is_parted_from_its_background() -> None:
    portrait = standard_portrait(512)
    face = portrait.landmarks[:, :2].round().astype(int)
    assert portrait.mask[face[:, 1], face[:, 0]].min() > 0.95
    assert portrait.mask[:120, :60].max() < 0.05
    assert portrait.mask[:120, -60:].max() < 0.05
    assert portrait.mask[500, 200:300].min() > 0.95
    assert 0.4 < portrait.mask.mean() < 0.65


@pytest.mark.parametrize("size", [256, 1024])
def test_a_portrait_is_scaled_with_its_landmarks(size: int) -> None:
    whole = standard_portrait(512)
    other = scaled(whole, size)
    assert other.pixels.shape == (size, size, 3)
    assert other.mask.shape == (size, size)
    assert other.landmarks.dtype == np.float32
    np.testing.assert_allclose(other.landmarks / size, whole.landmarks / 512, atol=1e-4)


def test_the_default_faces_mouth_is_closed_and_its_eyes_are_open() -> None:
    points = standard_portrait(512).landmarks
    assert abs(float(points[13, 1] - points[14, 1])) < 1.0
    for upper, lower in ((159, 145), (386, 374)):
        assert float(points[lower, 1] - points[upper, 1]) > 12
