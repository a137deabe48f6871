from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, replace

import numpy as np
import pytest
from blockbuster import blockbuster_ctx

from meetbot.core.clock import MeetingClock
from meetbot.core.errors import ConfigError
from meetbot.core.pictures import Painting, PaintRequest, Picture
from meetbot.core.types import Caption, Participant, Speaker
from meetbot.stage import PictureStage
from meetbot.stage.drawing import pill
from meetbot.stage.layout import Box, load_layout
from meetbot.stage.move import MOVE_NS, move_of
from meetbot.stage.painter import Painter
from meetbot.stage.picture_scene import (
    KEPT,
    PictureScene,
    picture_at_time,
    with_begun,
    with_people,
    with_picture,
    with_subtitle,
)
from meetbot.stage.widgets.pictures import OVERLAYS, WIDGETS

S = 1_000_000_000
FRAME = S // 15
ANNA = Participant("a", "Anna")
ANNAS_VOICE = Speaker("1", "Anna Petrova", "#7aa2ff")


@dataclass(frozen=True)
class Small:
    width: int = 640
    height: int = 360
    fps: int = 15


def picture(
    name: str = "m-1",
    colour: tuple[int, int, int] = (200, 40, 40),
    size: tuple[int, int] = (160, 90),
) -> Picture:
    pixels = np.empty((size[1], size[0], 3), np.uint8)
    pixels[:] = colour
    request = PaintRequest("a red house", "a red house", "en", 1, *size)
    return Picture(name, request, Painting(pixels, "test"), "timer", ANNA, (ANNAS_VOICE,), 0, 0)


def textured(name: str, size: tuple[int, int] = (1024, 576)) -> Picture:
    rng = np.random.default_rng(len(name) + ord(name[-1]))
    coarse = rng.integers(0, 255, (18, 32, 3), np.uint8)
    pixels = np.kron(coarse, np.ones((32, 32, 1), np.uint8))[: size[1], : size[0]]
    base = picture(name)
    return replace(base, painting=Painting(pixels, "test"))


def painter(layout: str = "picture") -> Painter[PictureScene]:
    return Painter(load_layout(layout).sized(640, 360), WIDGETS, OVERLAYS)


def box(widget: str, layout: str = "picture") -> Box:
    places = load_layout(layout).sized(640, 360).places
    return next(place.box for place in places if place.widget == widget)


def part(pixels: np.ndarray, area: Box, inset: int = 12) -> np.ndarray:
    rows = slice(area.top + inset, area.top + area.height - inset)
    return pixels[rows, area.left + inset : area.left + area.width - inset].astype(int)


class SteppedClock:
    """Time that goes exactly as far as somebody sleeps."""

    def __init__(self) -> None:
        self.now = 7 * S

    def now_ns(self) -> int:
        return self.now

    async def sleep_until(self, deadline_ns: int) -> None:
        self.now = max(self.now, deadline_ns)
        await asyncio.sleep(0)


def test_the_first_frame_after_show_already_shows_the_new_picture() -> None:
    artist, area = painter(), box("picture")
    scene = with_picture(PictureScene(), picture("m-1", (20, 20, 20)), 0)
    for frame in range(20):
        artist.paint(scene, frame * FRAME)
    scene = with_picture(scene, picture("m-2", (220, 220, 220)), 20 * FRAME)
    first = part(artist.paint(scene, 20 * FRAME), area).mean()
    half = part(artist.paint(scene, 22 * FRAME), area).mean()
    over = part(artist.paint(scene, 32 * FRAME), area).mean()
    assert 60 < first < half < over
    assert over == pytest.approx(220, abs=1)


def test_a_picture_that_comes_during_a_fade_makes_nothing_jump() -> None:
    artist, area = painter(), box("picture")
    scene = with_picture(PictureScene(), picture("m-1", (250, 250, 250)), 0)
    for frame in range(20):
        artist.paint(scene, frame * FRAME)
    scene = with_picture(scene, picture("m-2", (0, 0, 0)), 20 * FRAME)
    levels = [part(artist.paint(scene, frame * FRAME), area).mean() for frame in (20, 21)]
    scene = with_picture(scene, picture("m-3", (0, 0, 0)), 22 * FRAME)
    levels += [part(artist.paint(scene, frame * FRAME), area).mean() for frame in range(22, 34)]
    assert all(later <= earlier for earlier, later in itertools.pairwise(levels))
    assert levels[-1] == 0


def test_the_move_is_smooth_and_then_stands_still() -> None:
    artist, area = painter(), box("picture")
    scene = with_picture(PictureScene(), textured("m-1"), 0)
    frames = [artist.paint(scene, number * FRAME) for number in range(15 * 12)]
    moving = 15 * MOVE_NS // S
    steps = [np.abs(part(b, area) - part(a, area)).mean() for a, b in itertools.pairwise(frames)]
    assert max(steps) < 3
    assert all(step > 0 for step in steps[10 : moving - 10])
    assert all(frame is frames[moving + 2] for frame in frames[moving + 2 :])


def test_moves_differ_and_cut_next_to_nothing_off() -> None:
    moves = {move_of(f"m-{number}") for number in range(60)}
    assert len(moves) > 40
    for move in moves:
        for age in range(0, 12 * S, S // 4):
            view = move.at(age)
            spare = 1 - 1 / view.zoom
            for place in (view.across, view.down):
                for cut in (spare * (1 + place) / 2, spare * (1 - place) / 2):
                    assert 0 <= cut < 0.0245
        assert move.at(MOVE_NS) == move.at(5 * MOVE_NS) == move.end


@pytest.mark.parametrize("size", [(300, 300), (90, 360), (640, 90)])
def test_a_picture_of_another_shape_is_shown_whole_on_a_backdrop(size: tuple[int, int]) -> None:
    artist, area = painter(), box("picture")
    tall = picture("m-1", (240, 20, 20), size)
    pixels = tall.painting.pixels
    pixels[:4] = pixels[-4:] = (20, 240, 20)
    pixels[:, :4] = pixels[:, -4:] = (20, 20, 240)
    scene = with_picture(PictureScene(), tall, 0)
    for frame in range(15):
        shown = artist.paint(scene, frame * FRAME)
    seen = part(shown, area, 0)
    assert ((seen[..., 1] > 150) & (seen[..., 0] < 120)).any(axis=1).any()
    assert ((seen[..., 2] > 150) & (seen[..., 0] < 120)).any(axis=0).any()
    filled = (seen.max(axis=2) > 200).mean()
    assert filled < 0.9


def test_earlier_pictures_stand_in_the_strip_the_newest_first() -> None:
    artist, area = painter(), box("strip")
    scene = PictureScene()
    colours = [(250, 0, 0), (0, 250, 0), (0, 0, 250)]
    for number, colour in enumerate(colours):
        scene = with_picture(scene, picture(f"m-{number}", colour), number)
    strip = part(artist.paint(scene, 0), area, 0)
    cell = strip.shape[0] // 5
    assert strip[cell // 3, area.width // 2].argmax() == 1
    assert strip[cell + cell // 2, area.width // 2].argmax() == 0
    for number in range(9):
        scene = with_picture(scene, picture(f"n-{number}"), number)
    assert len(scene.earlier) == KEPT


def test_what_is_being_painted_is_said_until_it_is_there_or_given_up() -> None:
    artist, area = painter(), box("strip")
    scene = with_picture(PictureScene(), picture(), 0)
    before = part(artist.paint(scene, 0), area, 0)
    begun = with_begun(scene, ANNA, "a boat\u202e under the moon", 0)
    assert begun.begun is not None
    assert begun.begun.words == "a boat under the moon"
    during = part(artist.paint(begun, FRAME), area, 0)
    later = part(artist.paint(begun, 6 * FRAME), area, 0)
    assert np.abs(during - before).sum() > 1000
    assert np.abs(later - during).sum() > 0
    assert picture_at_time(begun, 16 * S).begun is None
    assert with_picture(begun, picture("m-2"), FRAME).begun is None


def test_a_blocked_pictures_words_are_not_shown() -> None:
    scene = with_picture(PictureScene(), replace(picture(), safe=False), 0)
    assert scene.current is not None
    assert scene.current.words == ""
    assert scene.current.name == "Anna Petrova"


def test_subtitles_float_over_the_picture_and_go() -> None:
    artist, area = painter(), box("subtitles")
    scene = with_picture(PictureScene(), picture("m-1", (128, 128, 128)), 0)
    for frame in range(150):
        bare = artist.paint(scene, frame * FRAME)
    caption = Caption("u", ANNA, ANNAS_VOICE, "Доброе утро", "ru", 0, 0, True)
    said = with_subtitle(scene, caption, 150 * FRAME)
    shown = artist.paint(said, 150 * FRAME)
    assert np.abs(part(shown, area, 0) - part(bare, area, 0)).sum() > 10_000
    gone = picture_at_time(said, 150 * FRAME + 5 * S)
    assert gone.subtitle is None
    assert np.array_equal(artist.paint(gone, 151 * FRAME + 5 * S), bare)


def test_a_voices_colour_is_known_when_its_next_picture_is_begun() -> None:
    caption = Caption("u", ANNA, ANNAS_VOICE, "hello", "en", 0, 0, False)
    scene = with_subtitle(PictureScene(), caption, 0)
    begun = with_begun(scene, ANNA, "a house", 0).begun
    assert begun is not None
    assert begun.colour == (0x7A, 0xA2, 0xFF)
    assert not with_people(scene, ()).colours


@pytest.mark.parametrize("layout", ["picture", "picture-plain"])
def test_an_overlay_is_blended_once_however_often_the_picture_moves_beneath(layout: str) -> None:
    artist, area = painter(layout), box("subtitles", layout)
    scene = with_picture(PictureScene(), textured("m-1"), 0)
    caption = Caption("u", ANNA, ANNAS_VOICE, "hello", "en", 0, 0, False)
    said = with_subtitle(scene, caption, 0)
    for frame in range(40):
        moving = artist.paint(said, frame * FRAME)
    fresh = painter(layout)
    fresh.paint(said, 0)
    at_once = fresh.paint(said, 39 * FRAME)
    assert np.abs(part(moving, area, 0) - part(at_once, area, 0)).max() <= 1
    assert pill(8, 8, 4).getpixel((0, 0)) != 255


async def test_frames_are_paced_and_show_what_was_told() -> None:
    stage = PictureStage(Small(), SteppedClock(), subtitles=True)
    frames = []
    async for frame in stage.frames():
        frames.append(frame)
        if len(frames) == 4:
            stage.begun(ANNA, "a red house")
        if len(frames) == 8:
            stage.show(picture())
        if len(frames) == 30:
            stage.close()
    assert [frame.pts_ns for frame in frames[::15]] == [7 * S, 8 * S]
    assert stage.late_frames == 0
    assert stage.latest is frames[-1].pixels
    middle = frames[-1].pixels[120, 200].astype(int)
    assert np.abs(middle - (200, 40, 40)).max() <= 2
    assert not frames[-1].pixels.flags.writeable


async def test_the_event_loop_is_not_blocked() -> None:
    stage = PictureStage(Small(), MeetingClock())
    with blockbuster_ctx():
        async for frame in stage.frames():
            stage.show(picture(f"m-{frame.pts_ns}"))
            if frame.pts_ns > S // 3:
                stage.close()


def test_a_layout_that_is_not_there_is_one_clear_error() -> None:
    with pytest.raises(ConfigError, match="no layout is named 'pictures'; there are: captions,"):
        PictureStage(Small(), SteppedClock(), layout="pictures")


async def test_a_layout_of_other_widgets_is_one_clear_error() -> None:
    stage = PictureStage(Small(), SteppedClock(), layout="captions")
    with pytest.raises(ConfigError, match="no widget is named 'title'"):
        await anext(aiter(stage.frames()))
