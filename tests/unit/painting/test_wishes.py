"""How people wish to be painted: told once, kept, and seen from then on."""

from __future__ import annotations

import asyncio

import pytest

from meetbot.core.pictures import PaintPreset
from meetbot.core.types import Participant
from meetbot.engines.painter.storyboard.styles import STYLES
from meetbot.painting.commands import Wish
from meetbot.painting.palettes import MOODS
from meetbot.painting.wishes import MOST_SUBJECTS, granted

from .fakes import ANNA, ANNAS, BORIS, BORISES, DIANE, DIANES, Meeting

pytestmark = pytest.mark.virtual_time

TRIP = "We drove from Chicago to Texas in an old truck."


async def test_a_style_is_kept_told_and_seen_at_once() -> None:
    async with Meeting() as meeting:
        await meeting.say(DIANE, TRIP)
        await meeting.say(ANNA, "Meetbot, paint me in watercolour.")
        assert meeting.presets.presets[ANNAS.person_id].style == "watercolour"
        assert meeting.sink.lines == ["Anna is painted in watercolour from now on."]
        assert [picture.request.style for picture in meeting.sink.pictures] == [
            "flat",
            "watercolour",
        ]
        assert meeting.sink.pictures[1].speakers == (ANNAS, DIANES)


async def test_what_one_said_oneself_is_shown_in_the_new_style() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, TRIP)
        await meeting.say(DIANE, "My grandmother keeps bees behind her garden.")
        await meeting.say(ANNA, "Meetbot, paint me in watercolour.")
        assert meeting.sink.subjects[-1] == TRIP
        assert meeting.sink.pictures[-1].request.style == "watercolour"


async def test_whose_words_are_shown_in_somebodys_new_style_is_named_as_well() -> None:
    async with Meeting() as meeting:
        await meeting.say(DIANE, TRIP)
        await meeting.say(ANNA, "Meetbot, paint me in watercolour.")
        shown = meeting.sink.pictures[-1]
        assert shown.request.subject == TRIP
        assert [voice.name for voice in shown.speakers] == ["Anna", "Diane"]


async def test_colours_are_kept() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, "Meetbot, use warm colours.")
        assert meeting.presets.presets[ANNAS.person_id].palette == MOODS["warm"].colours
        assert meeting.sink.lines == ["Anna's pictures are in warm colours from now on."]


async def test_russian_wishes() -> None:
    async with Meeting(BORIS, ANNA) as meeting:
        await meeting.say(BORIS, "Митбот, рисуй меня акварелью. Хочу тёплые цвета.", "ru")
        await meeting.say(BORIS, "Митбот, больше не рисуй пауков!", "ru")
        preset = meeting.presets.presets[BORISES.person_id]
        assert preset.style == "watercolour"
        assert preset.palette == MOODS["warm"].colours
        assert preset.dislikes == ("пауков",)
        assert meeting.sink.lines == [
            "Стиль картинок (Борис): акварель.",
            "Цвета картинок (Борис): тёплые.",
            "Больше не будет в картинках (Борис): пауков.",
        ]


async def test_a_wish_is_kept_for_whose_voice_it_was() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, "Meetbot, paint me in watercolour.", speaker=DIANES)
        assert list(meeting.presets.presets) == [DIANES.person_id]


async def test_a_wish_in_a_pause_is_not_granted_before_the_turn_ends() -> None:
    async with Meeting() as meeting:
        turn = meeting.guess(ANNA, "Meetbot, paint me in watercolour.")
        await asyncio.sleep(0.3)
        meeting.drop(ANNA, turn)
        await asyncio.sleep(2)
        assert not meeting.presets.presets
        assert not meeting.sink.lines


async def test_a_wish_of_someone_unknown_holds_for_the_meeting() -> None:
    guest = Participant("9", "Guest")
    async with Meeting(guest, ANNA) as meeting:
        await meeting.say(guest, "Meetbot, paint me in ink.")
        assert not meeting.presets.presets
        assert meeting.sink.lines == ["Guest is painted in ink from now on."]
        await meeting.say(guest, TRIP)
        assert meeting.sink.pictures[-1].request.style == "ink"


async def test_a_wish_in_writing() -> None:
    async with Meeting() as meeting:
        meeting.write(ANNA, "Meetbot, don't draw spiders")
        await asyncio.sleep(1)
        assert meeting.presets.presets[ANNAS.person_id].dislikes == ("spiders",)


async def test_a_style_that_nobody_knows_is_told() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, "Meetbot, paint me in the style of cubism.")
        assert not meeting.presets.presets
        known = ", ".join(STYLES)
        assert meeting.sink.lines == [f"I don't know the style “cubism”. I know: {known}."]


async def test_everything_is_forgotten() -> None:
    async with Meeting() as meeting:
        meeting.presets.presets[ANNAS.person_id] = PaintPreset(style="ink", likes=("cats",))
        await meeting.say(ANNA, "Meetbot, forget my style.")
        assert meeting.presets.presets[ANNAS.person_id] == PaintPreset()
        assert meeting.sink.lines == ["What Anna wished for pictures is forgotten."]


async def test_a_wish_is_no_talk_to_paint() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, "Meetbot, don't draw spiders or snakes or scorpions.")
        await meeting.say(DIANE, "Meetbot, draw something.")
        assert not meeting.sink.pictures


def test_wishes_add_up() -> None:
    preset = granted(PaintPreset(style="ink", seed=3), Wish(likes=("cats", "dogs")))
    preset = granted(preset, Wish(dislikes=("dogs",), palette=("#000000", "#ffffff")))
    assert preset == PaintPreset(
        style="ink", seed=3, palette=("#000000", "#ffffff"), likes=("cats",), dislikes=("dogs",)
    )
    assert granted(preset, Wish(likes=("dogs",))).dislikes == ()


def test_wishes_have_an_end() -> None:
    preset = PaintPreset()
    for number in range(50):
        preset = granted(preset, Wish(likes=(f"thing {number}",)))
    assert len(preset.likes) == MOST_SUBJECTS
    assert preset.likes[0] == "thing 49"
