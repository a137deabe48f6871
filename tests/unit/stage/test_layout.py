from __future__ import annotations

import pytest

from meetbot.core.errors import ConfigError
from meetbot.stage.colour import legible, mix, parse_colour
from meetbot.stage.layout import load_layout


def test_no_two_places_overlap_and_all_are_inside_the_picture() -> None:
    layout = load_layout("captions")
    boxes = [place.box for place in layout.places]
    for i, one in enumerate(boxes):
        assert one.left >= 0
        assert one.top >= 0
        assert one.left + one.width <= layout.width
        assert one.top + one.height <= layout.height
        for other in boxes[i + 1 :]:
            apart_across = (
                one.left + one.width <= other.left or other.left + other.width <= one.left
            )
            apart_down = one.top + one.height <= other.top or other.top + other.height <= one.top
            assert apart_across or apart_down


def test_another_size_of_picture_keeps_the_proportions() -> None:
    layout = load_layout("captions")
    half = layout.sized(640, 360)
    assert half.scale == 0.5
    assert half.type.title == round(layout.type.title / 2)
    assert half.places[0].box.left == layout.places[0].box.left // 2


def test_an_unknown_layout_is_named_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match="captions"):
        load_layout("nonesuch")


@pytest.mark.parametrize("text", ["", "#", "#12345", "#1234567", "7aa2ff", "#gggggg", "#12 34 5"])
def test_what_is_no_colour_is_none(text: str) -> None:
    assert parse_colour(text) is None


def test_dark_colours_are_lifted_until_they_can_be_read() -> None:
    ground = (14, 17, 22)
    assert legible((0, 0, 60), ground) != (0, 0, 60)
    assert legible((255, 209, 102), ground) == (255, 209, 102)
    assert mix((0, 0, 0), (255, 255, 255), 0.5) == (128, 128, 128)
