"""A scene becomes a picture: in every style, at every place, whatever is written in it."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import numpy as np
import pytest
import resvg_py

from meetbot.engines.painter.storyboard.rendering import Renderer, palette_after, renderer
from meetbot.engines.painter.storyboard.rendering.styles import LOOKS, style_named
from meetbot.engines.painter.storyboard.styles import STYLES
from meetbot.engines.painter.storyboard.values import (
    Arrow,
    Band,
    Bubble,
    Daytime,
    Panel,
    Place,
    Scene,
    Season,
    Sign,
    Sprite,
    Weather,
)

from .few_icons import few_icons

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

WARM = ("#7a1f2b", "#c2553d", "#f2c14e", "#f25f5c")
COOL = ("#12355b", "#1d6fa5", "#4fb3bf", "#b8f2e6")
EVERYTHING = (
    Panel("board", 0.7, 0.3, 0.3, 0.3),
    Bubble("speech", 0.4, 0.25, 0.4, 0.3, 0.2, 0.5),
    Bubble("thought", 0.4, 0.25, 0.4, 0.3, 0.2, 0.5),
    Band("road", 0.7, 0.15),
    Sprite("man", 0.2, 0.85, 0.4),
    Sprite("dog", 0.5, 0.88, 0.2, flip=True, turn=12),
    Sprite("no-such-icon", 0.6, 0.88, 0.2),
    Sign("Texas", 0.8, 0.8, 0.3, kind="right"),
    Sign("Hello", 0.3, 0.3, 0.1, kind="bubble"),
    Arrow(0.2, 0.2, 0.8, 0.3, -0.4),
)
SCENE = Scene("park", "Two dogs in the park", "en", EVERYTHING, 0.55, seed=4)
TAGS = {"svg", "defs", "radialGradient", "stop", "g", "circle", "ellipse", "rect", "path", "text"}
HOSTILE = (
    "</text><image href='https://example.org/x.png'/><text>",
    "<script>alert(1)</script>",
    "&lt;&#0;&bomb; <!ENTITY bomb SYSTEM 'file:///etc/passwd'> ]]>",
    "\x00\x07\x1b[31m\ud800\u202e\u2066 \ufeff",
    "word " * 2000,
    "W" * 10_000,
    "שלום עולם مرحبا بالعالم",
    "👩‍👩‍👧‍👦🔥🏳️‍🌈",
    "',\";--{}%s%n${x}",
    "",
    "   ",
)


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> Renderer:
    return Renderer(few_icons(tmp_path_factory.mktemp("icons")))


def _apart(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """The mean difference of two pictures, 0…255."""
    return float(np.abs(one.astype(np.int16) - other).mean())


def _no_flat_field(pixels: NDArray[np.uint8]) -> bool:
    return float(pixels.std()) > 4


@pytest.mark.parametrize("style", LOOKS)
def test_the_same_scene_is_the_same_picture_byte_for_byte(
    tmp_path: Path, painted: Renderer, style: str
) -> None:
    first = painted.render(SCENE, style, WARM, 160, 96)
    painted.render(replace(SCENE, seed=9), style, COOL, 96, 160)
    assert np.array_equal(painted.render(SCENE, style, WARM, 160, 96), first)
    fresh = Renderer(few_icons(tmp_path)).render(SCENE, style, WARM, 160, 96)
    assert np.array_equal(fresh, first)
    assert first.dtype == np.uint8
    assert first.shape == (96, 160, 3)


@pytest.mark.parametrize("place", get_args(Place))
def test_every_place_has_its_hours_its_weathers_and_its_seasons(
    painted: Renderer, place: Place
) -> None:
    seasons = itertools.cycle(get_args(Season))
    every = list(itertools.product(get_args(Weather), get_args(Daytime)))
    for weather, daytime in every[get_args(Place).index(place) % 3 :: 3]:
        scene = replace(
            SCENE, place=place, daytime=daytime, weather=weather, season=next(seasons), items=()
        )
        assert _no_flat_field(painted.render(scene, "flat", (), 96, 54))


@pytest.mark.parametrize("style", LOOKS)
def test_every_style_paints_every_place_on_every_page(painted: Renderer, style: str) -> None:
    sizes = itertools.cycle([(54, 96), (126, 54), (72, 72), (64, 48)])
    hours = itertools.cycle(itertools.product(get_args(Daytime), get_args(Weather)))
    for place, (width, height), (daytime, weather) in zip(
        get_args(Place), sizes, hours, strict=False
    ):
        scene = replace(SCENE, place=place, daytime=daytime, weather=weather)
        pixels = painted.render(scene, style, (), width, height)
        assert pixels.shape == (height, width, 3)
        assert _no_flat_field(pixels), (style, place)


@pytest.mark.parametrize("style", ["flat", "blueprint", "papercut"])
@pytest.mark.parametrize("size", [(16, 16), (540, 20), (20, 540), (33, 17)])
def test_tiny_and_thin_pictures_can_be_painted(
    painted: Renderer, style: str, size: tuple[int, int]
) -> None:
    assert painted.render(SCENE, style, (), *size).shape == (size[1], size[0], 3)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_words_are_only_ever_letters(
    painted: Renderer, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    drawings: list[str] = []
    draw = resvg_py.svg_to_bytes

    def noted(**how: object) -> bytes:
        drawings.append(str(how["svg_string"]))
        return draw(**how)  # type: ignore[arg-type]

    monkeypatch.setattr(renderer.resvg_py, "svg_to_bytes", noted)
    signs = tuple(Sign(text, 0.5, 0.8, 0.3, kind=kind) for kind in ("left", "plate", "bubble"))
    scene = replace(SCENE, title=text, items=(*EVERYTHING, *signs))
    pixels = painted.render(scene, "flat", (), 160, 96)
    assert pixels.shape == (96, 160, 3)
    (drawing,) = drawings
    assert set(re.findall(r"<[^a-z/]?([A-Za-z]+)", drawing)) <= TAGS
    assert len(drawing) < 60_000


def test_a_title_stays_in_the_lowest_part_of_the_picture(painted: Renderer) -> None:
    plain = replace(SCENE, items=(), title="")
    titled = replace(plain, title="word " * 2000)
    without = painted.render(plain, "papercut", (), 320, 180)
    changed = without != painted.render(titled, "papercut", (), 320, 180)
    rows = np.flatnonzero(changed.any((1, 2)))
    assert rows.size
    assert rows.min() > 180 * 0.78


@pytest.mark.parametrize(
    ("said", "style"),
    [
        ("watercolor", "watercolour"), ("Акварелью", "watercolour"), ("aquarele", "watercolour"),
        ("in chalk, please", "chalk"), ("мелом", "chalk"), ("neon", "night"),
        ("чертёж", "blueprint"), ("", "flat"), ("zzzzqqq", "flat"), ("x" * 500, "flat"),
    ],
)  # fmt: skip
def test_a_style_is_known_by_the_nearest_word_for_it(said: str, style: str) -> None:
    assert style_named(said).name == style


def test_every_style_that_is_promised_is_there_and_looks_different(painted: Renderer) -> None:
    assert set(LOOKS) == set(STYLES)
    pictures = {name: painted.render(SCENE, name, (), 160, 96) for name in LOOKS}
    for one, other in itertools.combinations(pictures, 2):
        assert _apart(pictures[one], pictures[other]) > 6, (one, other)


@pytest.mark.parametrize("style", LOOKS)
@pytest.mark.parametrize("place", ["park", "office", "abstract", "city"])
def test_two_palettes_are_two_pictures(painted: Renderer, style: str, place: Place) -> None:
    scene = replace(SCENE, place=place)
    warm = painted.render(scene, style, WARM, 160, 96)
    cool = painted.render(scene, style, COOL, 160, 96)
    assert _apart(warm, cool) > 9
    redder = (warm[..., 0].astype(int) - warm[..., 2]).mean()
    assert redder > (cool[..., 0].astype(int) - cool[..., 2]).mean() + 4


def test_what_is_no_colour_is_left_out_of_a_palette(painted: Renderer) -> None:
    odd = ("#1d6fa5", "url(https://example.org)", "red", "", *WARM * 50)
    assert painted.render(SCENE, "flat", odd, 96, 54).shape == (54, 96, 3)
    none = painted.render(SCENE, "flat", ("javascript:1",), 96, 54)
    assert np.array_equal(none, painted.render(SCENE, "flat", (), 96, 54))


def test_a_reference_gives_its_colours() -> None:
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[:] = (20, 60, 160)
    picture[10:20, 10:30] = (240, 200, 40)
    own = palette_after(picture, (), 0.5)
    ground = [int(own[0][at : at + 2], 16) for at in (1, 3, 5)]
    assert np.abs(np.array(ground) - (20, 60, 160)).max() < 8
    assert any(int(colour[1:3], 16) > 200 for colour in own[1:])
    assert palette_after(picture, WARM, 0.0) == WARM
    drawn = palette_after(picture, WARM, 0.9)
    assert len(drawn) == len(WARM)
    assert int(drawn[0][5:], 16) > 110 > int(WARM[0][5:], 16)


def test_a_scene_with_a_sun_in_it_has_no_second_one(painted: Renderer) -> None:
    bare = replace(SCENE, items=(), title="", place="sea")
    sunny = replace(bare, items=(Sprite("sun", 0.9, 0.2, 0.15, grounded=False),))
    gone = painted.render(bare, "flat", (), 160, 90)
    shown = painted.render(sunny, "flat", (), 160, 90)
    left = np.abs(gone[:45, :120].astype(int) - shown[:45, :120])
    assert left.max() > 30


def test_things_throw_their_shadows_away_from_the_light(painted: Renderer) -> None:
    ground = replace(SCENE, place="desert", title="", items=())
    for x, side in ((0.05, 1), (0.95, -1)):
        sun = Sprite("sun", x, 0.2, 0.1, grounded=False)
        things = (sun, Sprite("house", 0.5, 0.85, 0.3))
        empty = painted.render(replace(ground, items=(sun,)), "flat", (), 320, 180)
        pixels = painted.render(replace(ground, items=things), "flat", (), 320, 180)
        strip = np.abs(pixels[151:158].astype(int) - empty[151:158]).sum((0, 2))
        middle = float((strip * np.arange(320)).sum() / strip.sum())
        assert (middle - 160) * side > 4
