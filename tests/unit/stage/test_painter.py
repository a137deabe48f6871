from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meetbot.core.errors import ConfigError
from meetbot.core.types import BotState, Caption, Notice, Participant, Speaker
from meetbot.stage.fonts import STAND_IN, Fonts
from meetbot.stage.layout import Box, load_layout
from meetbot.stage.painter import Painter
from meetbot.stage.scene import (
    Scene,
    opening,
    with_caption,
    with_level,
    with_notice,
    with_participants,
)
from meetbot.stage.typeset import fit, wrap
from meetbot.stage.widgets import WIDGETS

if TYPE_CHECKING:
    from numpy.typing import NDArray

S = 1_000_000_000
FRAME = S // 15
ANNA, BEN = Participant("a", "Anna"), Participant("b", "Ben")
COLOURS = {"a": (122, 162, 255), "b": (255, 158, 122)}


def box(widget: str) -> Box:
    return next(p.box for p in load_layout("captions").places if p.widget == widget)


def part(pixels: NDArray[np.uint8], where: Box) -> NDArray[np.uint8]:
    return pixels[where.top : where.top + where.height, where.left : where.left + where.width]


def ink(pixels: NDArray[np.uint8]) -> int:
    """How many pixels are not the ground's."""
    ground = np.array(load_layout("captions").theme.background)
    return int((np.abs(pixels.astype(int) - ground).max(axis=2) > 24).sum())


def has_colour(pixels: NDArray[np.uint8], colour: tuple[int, int, int]) -> bool:
    return bool((np.abs(pixels.astype(int) - np.array(colour)).max(axis=2) <= 2).sum() > 200)


def listening(*people: Participant) -> Scene:
    scene = with_participants(opening("Meetbot (AI)"), people or (ANNA, BEN))
    return with_notice(scene, Notice(BotState.LISTENING, ""), 0)


def said(
    scene: Scene, who: Participant, text: str, *, start: int = 0, final: bool = True, now: int = 0
) -> Scene:
    red, green, blue = COLOURS[who.id]
    speaker = Speaker(who.id, who.name, f"#{red:02x}{green:02x}{blue:02x}")
    caption = Caption(f"{who.id}{start}", who, speaker, text, "en", start * S, start * S, final)
    return with_caption(scene, caption, now)


def settled(scene: Scene, painter: Painter[Scene] | None = None, now: int = 0) -> NDArray[np.uint8]:
    painter = painter or Painter(load_layout("captions"), WIDGETS)
    for frame in range(12):
        pixels = painter.paint(scene, now + frame * FRAME)
    return pixels


def test_the_picture_is_rgb_contiguous_and_sealed() -> None:
    pixels = Painter(load_layout("captions"), WIDGETS).paint(listening(), 0)
    assert pixels.shape == (720, 1280, 3)
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous
    assert not pixels.flags.writeable


def test_another_size_is_painted_whole() -> None:
    layout = load_layout("captions").sized(640, 360)
    painter = Painter(layout, WIDGETS)
    pixels = settled(said(listening(), ANNA, "Good morning"), painter)
    assert pixels.shape == (360, 640, 3)
    assert ink(pixels) > 1000


def test_a_caption_shows_its_words_and_its_speakers_colour() -> None:
    before = settled(listening())
    after = settled(said(listening(), ANNA, "Good morning everybody"))
    assert has_colour(part(after, box("captions")), COLOURS["a"])
    assert not has_colour(part(before, box("captions")), COLOURS["b"])
    both = settled(said(said(listening(), ANNA, "Yes?", final=False), BEN, "No", start=1))
    assert has_colour(part(both, box("captions")), COLOURS["a"])
    assert has_colour(part(both, box("captions")), COLOURS["b"])


def test_russian_is_drawn_in_the_stages_own_typeface() -> None:
    fonts = Fonts()
    text = "Съешь ещё этих мягких французских булок, да выпей чаю: №1 — «ё» 100 ₽"
    runs = fonts.runs(text, 30)
    assert [run.text for run in runs] == [text]
    assert "Manrope" in str(runs[0].font.getname())


def drawn(text: str) -> str:
    return "".join(run.text for run in Fonts().runs(text, 20))


def test_letters_that_no_font_has_become_one_box() -> None:
    unheard_of = "\U0001e4d0\U0001e4d1\U0001e4d2"  # Nag Mundari, Unicode 15
    assert drawn(f"a{unheard_of}b") in (f"a{STAND_IN}b", f"a{unheard_of}b")


def test_signs_that_no_font_has_are_left_out() -> None:
    assert STAND_IN not in drawn("Anna \U0001fae0\ufe0f\U0001f469\u200d\U0001f467 \U0001f600!")


def test_the_notice_that_an_ai_listens_is_always_there() -> None:
    for scene in (listening(), said(listening(), ANNA, "word " * 120, final=False)):
        assert ink(part(settled(scene), box("notice"))) > 2000


def test_the_newest_words_of_endless_speech_are_visible() -> None:
    area = box("captions")
    words = "and so on and so forth " * 25
    one = part(settled(said(listening(), ANNA, words + "aaaa", final=False)), area)
    other = part(settled(said(listening(), ANNA, words + "MMMM", final=False)), area)
    differs = np.nonzero((one != other).any(axis=(1, 2)))[0]
    assert differs.size > 0
    assert differs.max() > area.height * 0.85


def test_two_who_speak_at_length_at_once_are_both_seen() -> None:
    scene = said(listening(), ANNA, "first " * 80, final=False)
    scene = said(scene, BEN, "second " * 80, start=1, final=False)
    area = part(settled(scene), box("captions"))
    assert has_colour(area, COLOURS["a"])
    assert has_colour(area, COLOURS["b"])


def test_who_speaks_has_a_ring_that_goes_when_they_stop() -> None:
    painter, area = Painter(load_layout("captions"), WIDGETS), box("roster")
    silent = ink(part(settled(listening(), painter), area))
    speaking = with_level(listening(), "a", 0.8, S)
    assert ink(part(painter.paint(speaking, S), area)) > silent + 500
    assert ink(part(painter.paint(speaking, 3 * S), area)) == silent


def test_a_toast_comes_and_goes() -> None:
    painter, area = Painter(load_layout("captions"), WIDGETS), box("toast")
    scene = listening()
    assert ink(part(settled(scene, painter), area)) == 0
    warned = with_notice(scene, Notice(BotState.DEGRADED, "Recognition was restarted"), S)
    assert ink(part(settled(warned, painter, S), area)) > 2000
    gone = replace(warned, toast=None)
    assert ink(part(settled(gone, painter, 2 * S), area)) == 0


def test_time_goes_on_in_the_header() -> None:
    painter = Painter(load_layout("captions"), WIDGETS)
    one = part(painter.paint(listening(), 59 * S), box("notice")).copy()
    other = part(painter.paint(listening(), 61 * S), box("notice"))
    assert (one != other).any()


def test_a_frame_without_change_is_the_same_array() -> None:
    painter = Painter(load_layout("captions"), WIDGETS)
    scene = said(listening(), ANNA, "Good morning")
    settled(scene, painter)
    frames = [painter.paint(scene, 2 * S + i * FRAME) for i in range(30)]
    assert sum(one is other for one, other in itertools.pairwise(frames)) >= 15


def test_new_lines_scroll_in_over_several_frames() -> None:
    painter, area = Painter(load_layout("captions"), WIDGETS), box("captions")
    scene = said(listening(), ANNA, "Good morning", final=False)
    settled(scene, painter)
    grown = said(scene, ANNA, "Good morning " * 8, final=False, now=S)
    frames = [part(painter.paint(grown, S + i * FRAME), area) for i in range(7)]
    changes = [(a != b).any() for a, b in itertools.pairwise(frames)]
    assert all(changes[:3])


def test_words_wider_than_the_picture_are_cut() -> None:
    fonts = Fonts()
    lines = wrap("W" * 200, 300, fonts, 40, "Medium")
    assert "".join(lines) == "W" * 200
    assert all(fonts.width(line, 40, "Medium") <= 300 for line in lines)
    assert fit("W" * 200, 300, fonts, 40, "Medium").endswith("…")


def test_a_layout_with_an_unknown_widget_is_refused() -> None:
    layout = load_layout("captions")
    wrong = replace(layout, places=(replace(layout.places[0], widget="clown"),))
    with pytest.raises(ConfigError, match="clown"):
        Painter(wrong, WIDGETS)


@pytest.fixture(scope="module")
def shared_painter() -> Painter[Scene]:
    return Painter(load_layout("captions").sized(320, 180), WIDGETS)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=st.text(max_size=80), text=st.text(max_size=300), final=st.booleans())
def test_any_text_can_be_painted(
    shared_painter: Painter[Scene], name: str, text: str, final: bool
) -> None:
    person = Participant("a", name)
    scene = with_participants(opening(name or "Bot"), (person,))
    scene = with_caption(scene, Caption("1", person, None, text, "en", 0, 0, final), 0)
    scene = with_notice(scene, Notice(BotState.DEGRADED, text), 0)
    for frame in range(3):
        assert shared_painter.paint(scene, frame * 4 * FRAME).shape == (180, 320, 3)
