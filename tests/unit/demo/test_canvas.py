from __future__ import annotations

import numpy as np
import pytest

from meetbot.demo.canvas import GROUND, Canvas

RED, WHITE = (220, 30, 30), (240, 240, 240)


def plain(colour: tuple[int, int, int], width: int, height: int) -> np.ndarray:
    return np.full((height, width, 3), colour, np.uint8)


def near(pixel: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool(np.abs(pixel.astype(int) - colour).max() <= 6)


def seen(canvas: Canvas) -> np.ndarray:
    return canvas.frame().to_ndarray(format="rgb24")


def test_the_stage_fills_the_picture_while_there_is_no_face() -> None:
    canvas = Canvas((1280, 720))
    assert near(seen(canvas)[360, 640], GROUND)
    canvas.show("stage", plain(WHITE, 640, 360))
    picture = seen(canvas)
    assert picture.shape == (720, 1280, 3)
    for place in ((2, 2), (717, 1277), (360, 640)):
        assert near(picture[place], WHITE)


@pytest.mark.parametrize("size", [(1280, 720), (640, 360), (320, 180), (512, 512)])
def test_with_a_face_they_stand_side_by_side_equally_high_with_round_corners(
    size: tuple[int, int],
) -> None:
    canvas = Canvas(size)
    canvas.show("stage", plain(WHITE, 1280, 720))
    canvas.show("face", plain(RED, 512, 512))
    picture = seen(canvas)
    middle = picture[size[1] // 2]
    white = np.flatnonzero([near(pixel, WHITE) for pixel in middle])
    red = np.flatnonzero([near(pixel, RED) for pixel in middle])
    assert white[-1] < red[0]
    face = picture[:, red[0] + len(red) // 2]
    height = sum(near(pixel, RED) for pixel in face)
    assert height == pytest.approx(len(red), abs=4)
    top = int(np.flatnonzero([near(pixel, RED) for pixel in face])[0])
    assert near(picture[top + 1, red[0] + 1], GROUND)
    assert near(picture[0, 0], GROUND)


def test_the_stage_goes_on_beside_the_face_and_nothing_new_is_the_same_frame() -> None:
    canvas = Canvas((640, 360))
    canvas.show("face", plain(RED, 512, 512))
    canvas.show("stage", plain(WHITE, 640, 360))
    first = canvas.frame()
    assert canvas.frame() is first
    canvas.show("stage", plain((20, 20, 240), 640, 360))
    picture = seen(canvas)
    assert canvas.frame() is not first
    assert near(picture[180, 100], (20, 20, 240))
    assert near(picture[180, 520], RED)


def test_a_face_of_another_shape_is_not_stretched() -> None:
    canvas = Canvas((1280, 720))
    canvas.show("stage", plain(WHITE, 1280, 720))
    canvas.show("face", plain(RED, 512, 256))
    column = seen(canvas)[:, 1040]
    reds = sum(near(pixel, RED) for pixel in column)
    assert reds == pytest.approx(220, abs=4)


BLUE = (30, 30, 220)


def places(picture: np.ndarray, colour: tuple[int, int, int]) -> tuple[int, int, int, int]:
    """Left, top, width and height of what has this colour."""
    same = np.abs(picture.astype(int) - colour).max(axis=2) <= 6
    rows, columns = np.flatnonzero(same.any(axis=1)), np.flatnonzero(same.any(axis=0))
    return columns[0], rows[0], columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1


@pytest.mark.parametrize("size", [(1280, 720), (640, 360), (320, 180)])
def test_pictures_stand_over_the_stage_and_the_face_beside_both(size: tuple[int, int]) -> None:
    canvas = Canvas(size)
    canvas.show("stage", plain(WHITE, 1280, 720))
    canvas.show("pictures", plain(BLUE, 1280, 720))
    canvas.show("face", plain(RED, 512, 512))
    picture = seen(canvas)
    pictures, stage, face = (places(picture, colour) for colour in (BLUE, WHITE, RED))
    assert pictures[2] / pictures[3] == pytest.approx(16 / 9, rel=0.04)
    assert pictures[0] == pytest.approx(stage[0], abs=2)
    assert pictures[1] + pictures[3] <= stage[1]
    assert face[0] >= pictures[0] + pictures[2]
    assert face[1] == pytest.approx(pictures[1], abs=2)
    assert face[1] + face[3] == pytest.approx(stage[1] + stage[3], abs=2)
    assert max(face[0] + face[2], stage[0] + stage[2]) <= size[0]
    assert face[1] + face[3] <= size[1]


def test_under_pictures_the_middle_of_the_stage_is_shown_unstretched() -> None:
    stage = plain(WHITE, 1280, 720)
    stage[:120] = stage[-120:] = (30, 200, 30)
    canvas = Canvas((1280, 720))
    canvas.show("stage", stage)
    canvas.show("pictures", plain(BLUE, 1280, 720))
    picture = seen(canvas)
    assert not (np.abs(picture.astype(int) - (30, 200, 30)).max(axis=2) <= 12).any()
    _, _, wide, tall = places(picture, WHITE)
    assert wide / tall == pytest.approx(1 / 0.34, rel=0.03)
