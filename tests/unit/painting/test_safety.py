"""What is not painted, and what is not shown."""

from __future__ import annotations

import asyncio
import logging

import pytest

from meetbot.core.pictures import PaintPreset
from meetbot.painting.safety import Blocklist

from .fakes import ANNA, ANNAS, Meeting, SettledFilter, quick

pytestmark = pytest.mark.virtual_time

TRIP = "We drove from Chicago to Texas in an old truck."


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a nude woman on a beach", "sexual"),
        ("NAKED people", "sexual"),
        ("p0rn star", "sexual"),
        ("pörn", "sexual"),
        ("two people having sex", "sexual"),
        ("a h3ntai picture", "sexual"),
        ("обнажённая женщина на пляже", "sexual"),
        ("голые люди", "sexual"),
        ("сцена с порнографией", "sexual"),
        ("a rapist", "violation"),
        ("педофил", "violation"),
        ("a beheaded man", "gore"),
        ("the decapitation of a king", "gore"),
        ("mutilated bodies", "gore"),
        ("t0rtured prisoners", "gore"),
        ("обезглавленный человек", "gore"),
        ("сцена пытки", "gore"),
        ("someone committing suicide", "self_harm"),
        ("картина самоубийства", "self_harm"),
        ("a nazi flag", "hate"),
        ("sw4stik4", "hate"),
        ("a portrait of Hitler", "hate"),
        ("нацисты на параде", "hate"),
        ("свастика на стене", "hate"),
        ("a sexy schoolgirl", "minors"),
        ("children in bikinis", "minors"),
        ("избитый ребёнок", "minors"),
        ("дети в нижнем белье", "minors"),
    ],
)
def test_blocked(text: str, part: str) -> None:
    assert Blocklist().objection(text) == part


@pytest.mark.parametrize(
    "text",
    [
        "two friends talk about moving from Chicago to Texas",
        "a train from Essex to Middlesex and Sussex",
        "a killer whale in the Scunthorpe aquarium",
        "you can see it with the naked eye",
        "a cocktail and grape juice with therapists",
        "an analysis of the annual budget",
        "a child kicks a ball at school",
        "a woman in a bikini on a beach",
        "mothers bathing a dog",
        "bloody oranges and a blood test",
        "shooting stars over the desert",
        "the execution of the plan went well",
        "he died in the war",
        "the history of racism in schools",
        "a torte with cherries",
        "100 people, 3 cats and 4 dogs in 2024",
        "breast cancer research at the hospital",
        "a chicken breast with rice",
        "голые деревья зимой",
        "дети играют в мяч",
        "бельё сушится на верёвке",
        "трубы и насосы на заводе",
        "сериал про врачей",
        "мандарины и хлеб в магазине",
        "подстраховать друга",
        "секстант и компас капитана",
        "оскорбление на работе",
        "застрахуйте машину",
        "",
        "🍕🍕🍕",
    ],
)
def test_not_blocked(text: str) -> None:
    assert Blocklist().objection(text) is None


def test_own_words_are_blocked_in_all_their_inflections() -> None:
    blocklist = Blocklist(["Project Falcon", "паук", "clown"])
    assert blocklist.objection("the budget of project falcon") == "settings"
    assert blocklist.objection("сотня пауков") == "settings"
    assert blocklist.objection("Clowns!") == "settings"
    assert blocklist.objection("a falcon and a project") is None


async def test_a_neutral_picture_stands_for_what_is_blocked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        async with Meeting() as meeting:
            await meeting.say(ANNA, "They found mutilated corpses in the forest.")
            (picture,) = meeting.sink.pictures
            assert not picture.safe
            assert picture.request.subject == ""
            assert "corpse" not in picture.request.prompt
            assert picture.speakers == (ANNAS,)
            assert not any("corpse" in subject for subject in meeting.noting.subjects)
            assert meeting.metrics.counter("painting.skipped.unsafe") == 1
    assert "its words are on the blocklist (gore)" in caplog.text
    assert "corpse" not in caplog.text


async def test_who_asks_for_what_is_blocked_is_told() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, "Митбот, нарисуй свастику.", "ru")
        assert meeting.sink.lines == ["Простите, такое я не рисую."]
        assert [picture.safe for picture in meeting.sink.pictures] == [False]


async def test_blocked_words_are_not_shown_while_it_paints() -> None:
    async with Meeting() as meeting:
        meeting.write(ANNA, "Meetbot, draw a swastika")
        await asyncio.sleep(1)
        assert meeting.sink.began == [("Anna", "")]


async def test_words_of_the_settings_are_not_painted() -> None:
    settings = quick(safety={"blocked": ("falcon",)})
    async with Meeting(settings=settings) as meeting:
        await meeting.say(ANNA, "The falcons are nesting on the tower.")
        assert [picture.safe for picture in meeting.sink.pictures] == [False]


async def test_every_picture_is_looked_at_before_it_is_shown() -> None:
    looker = SettledFilter()
    async with Meeting(safety=looker) as meeting:
        await meeting.say(ANNA, TRIP)
        assert looker.looked == len(meeting.sink.pictures) == 1


async def test_a_neutral_picture_stands_for_an_unsafe_one() -> None:
    looker = SettledFilter(0.9, 0.1)
    async with Meeting(safety=looker) as meeting:
        await meeting.say(ANNA, TRIP)
        (picture,) = meeting.sink.pictures
        assert not picture.safe
        assert picture.request.subject == ""
        assert looker.looked == 2


@pytest.mark.parametrize("probability", [0.6, 1.0, float("nan")])
async def test_nothing_is_shown_where_even_the_neutral_picture_is_unsafe(
    probability: float,
) -> None:
    async with Meeting(safety=SettledFilter(probability, probability)) as meeting:
        await meeting.say(ANNA, TRIP)
        assert not meeting.sink.pictures
        assert meeting.metrics.counter("painting.unsafe.dropped") == 1


async def test_a_filter_that_hangs_shows_nothing() -> None:
    class Hanging(SettledFilter):
        async def unsafe(self, pixels: object) -> float:
            await asyncio.sleep(1_000)
            return 0.0

    async with Meeting(settings=quick(deadline_seconds=2), safety=Hanging()) as meeting:
        await meeting.say(ANNA, TRIP, settle=5)
        assert not meeting.sink.pictures
        assert meeting.metrics.counter("painting.late.dropped") == 1


async def test_a_liking_for_what_is_blocked_is_not_kept() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, "Meetbot, I like swastikas.")
        assert meeting.sink.lines == ["Sorry, I don't paint that."]
        assert ANNAS.person_id not in meeting.presets.presets


async def test_a_kept_liking_for_what_is_blocked_is_not_painted() -> None:
    async with Meeting() as meeting:
        meeting.presets.presets[ANNAS.person_id] = PaintPreset(likes=("porn",))
        await meeting.say(ANNA, "Mm-hm.")
        await meeting.say(ANNA, TRIP)
        assert [picture.safe for picture in meeting.sink.pictures] == [False]
