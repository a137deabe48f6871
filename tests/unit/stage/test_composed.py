from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from meetbot.core.errors import ConfigError
from meetbot.core.types import VideoFrame
from meetbot.stage import Composed
from meetbot.stage.layout import Box, load_layout

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SIZE = (1280, 720)


def plain(colour: tuple[int, int, int], width: int, height: int) -> np.ndarray:
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[:] = colour
    return pixels


def middle(pixels: np.ndarray, box: Box) -> tuple[int, ...]:
    return tuple(int(v) for v in pixels[box.top + box.height // 2, box.left + box.width // 2])


def boxes(layout: str) -> dict[str, Box]:
    return {place.widget: place.box for place in load_layout(layout).places}


@pytest.mark.parametrize("layout", ["side-by-side", "face-in-corner"])
def test_both_are_in_their_places(layout: str) -> None:
    composed, places = Composed(layout, SIZE), boxes(layout)
    shown = composed.compose(plain((200, 0, 0), 512, 512), plain((0, 0, 200), 1280, 720))
    assert shown.shape == (720, 1280, 3)
    assert middle(shown, places["face"]) == (200, 0, 0)
    assert tuple(shown[places["picture"].top + 200, places["picture"].left + 200]) == (0, 0, 200)
    assert not shown.flags.writeable


@pytest.mark.parametrize("layout", ["side-by-side", "face-in-corner"])
def test_only_what_changed_is_done_anew_and_nothing_else_is_touched(layout: str) -> None:
    composed, places = Composed(layout, SIZE), boxes(layout)
    face, picture = plain((200, 0, 0), 512, 512), plain((0, 0, 200), 1280, 720)
    first = composed.compose(face, picture)
    assert composed.compose(face, picture) is first
    green = plain((0, 200, 0), 512, 512)
    second = composed.compose(green, picture)
    assert middle(second, places["face"]) == (0, 200, 0)
    assert middle(first, places["face"]) == (200, 0, 0)
    third = composed.compose(green, plain((9, 9, 9), 1280, 720))
    fresh = Composed(layout, SIZE).compose(green, plain((9, 9, 9), 1280, 720))
    assert np.array_equal(third, fresh)


def test_until_there_is_a_picture_its_place_is_ground() -> None:
    composed, places = Composed("side-by-side", SIZE), boxes("side-by-side")
    shown = composed.compose(plain((200, 0, 0), 512, 512), None)
    assert middle(shown, places["face"]) == (200, 0, 0)
    assert middle(shown, places["picture"]) == tuple(shown[0, 0])


def test_corners_are_round_over_what_is_beneath() -> None:
    composed, box = Composed("face-in-corner", SIZE), boxes("face-in-corner")["face"]
    shown = composed.compose(plain((200, 0, 0), 512, 512), plain((0, 0, 200), 1280, 720))
    assert tuple(shown[box.top, box.left]) == (0, 0, 200)


def test_layouts_scale_with_the_size() -> None:
    shown = Composed("side-by-side", (640, 360)).compose(plain((200, 0, 0), 512, 512), None)
    assert shown.shape == (360, 640, 3)
    assert tuple(shown[180, 540]) == (200, 0, 0)


async def test_captions_stand_beside_the_picture_at_their_own_pace() -> None:
    composed, places = Composed("captions-beside-picture", SIZE), boxes("captions-beside-picture")
    wide, tall = composed.beside
    blue = plain((0, 0, 200), 1280, 720)

    async def captions() -> AsyncIterator[VideoFrame]:
        for number in range(3):
            yield VideoFrame(plain((200, number, 0), wide, tall), number)

    frames = [frame async for frame in composed.frames(captions(), lambda: blue)]
    assert [frame.pts_ns for frame in frames] == [0, 1, 2]
    assert middle(frames[2].pixels, places["captions"]) == (200, 2, 0)
    assert middle(frames[2].pixels, places["picture"]) == (0, 0, 200)
    load_layout("captions-column").sized(wide, tall)


def test_a_layout_of_other_parts_is_one_clear_error() -> None:
    with pytest.raises(ConfigError, match="captions does not consist of a picture and a face"):
        Composed("captions", SIZE)
    with pytest.raises(ConfigError, match="no layout is named 'both'"):
        Composed("both", SIZE)
