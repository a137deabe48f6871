from __future__ import annotations

import numpy as np
import pytest

from meetbot.core.errors import ConfigError
from meetbot.stage import Composed
from meetbot.stage.layout import Box, load_layout

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


def test_a_layout_of_other_parts_is_one_clear_error() -> None:
    with pytest.raises(ConfigError, match="captions is no layout of face and picture"):
        Composed("captions", SIZE)
    with pytest.raises(ConfigError, match="no layout is named 'both'"):
        Composed("both", SIZE)
