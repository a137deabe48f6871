"""What triggers a picture, and what does not."""

from __future__ import annotations

import asyncio

import pytest

from meetbot.core.errors import EngineError, InputError
from meetbot.core.types import Participant

from .fakes import ANNA, ANNAS, BORIS, BOT, DIANE, Meeting, quick

pytestmark = pytest.mark.virtual_time

TRIP = "We drove from Chicago to Texas in an old truck."
ROAD = "The old truck broke down in Texas, far from Chicago."
BEES = "My grandmother keeps bees behind her garden."


async def test_time_passed_since_the_last_picture() -> None:
    async with Meeting(settings=quick(topic_distance=1.0)) as meeting:
        await meeting.say(ANNA, TRIP)
        await asyncio.sleep(5)
        await meeting.say(DIANE, BEES)
        assert meeting.sink.subjects == [TRIP]
        await asyncio.sleep(8)
        await meeting.say(ANNA, ROAD)
        assert meeting.sink.subjects == [TRIP, ROAD]
        assert [picture.trigger for picture in meeting.sink.pictures] == ["timer", "timer"]


async def test_the_talk_turned() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, TRIP)
        await asyncio.sleep(5)
        await meeting.say(ANNA, "Our old truck drove from Texas to Chicago.")
        assert meeting.sink.subjects == [TRIP]
        await meeting.say(DIANE, BEES)
        assert meeting.sink.subjects == [TRIP, BEES]
        assert meeting.sink.pictures[-1].trigger == "topic"


async def test_the_talk_may_not_turn_every_second() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, TRIP)
        await meeting.say(DIANE, BEES)
        assert meeting.sink.subjects == [TRIP]


@pytest.mark.parametrize(
    "text",
    ["Yes, exactly.", "Mm-hm, okay.", "I think so too.", "Да, точно.", "Ну, в общем, да.", "Um."],
)
async def test_nothing_is_shown_of_what_says_nothing(text: str) -> None:
    async with Meeting() as meeting:
        await asyncio.sleep(60)
        await meeting.say(ANNA, text)
        assert not meeting.noting.asked
        assert meeting.metrics.counter("painting.skipped.empty") > 0


async def test_in_silence_nothing_is_painted() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, TRIP)
        await asyncio.sleep(600)
        assert len(meeting.noting.asked) == 1


async def test_the_same_words_again_are_not_painted_again() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, TRIP)
        await asyncio.sleep(20)
        await meeting.say(ANNA, TRIP)
        assert len(meeting.noting.asked) == 1
        assert meeting.metrics.counter("painting.skipped.same") >= 1
        await meeting.say(DIANE, TRIP)
        assert meeting.sink.speakers == ["Anna", "Diane"]


async def test_what_the_bot_says_triggers_nothing() -> None:
    async with Meeting() as meeting:
        meeting.hear(BOT, "answer", TRIP)
        await asyncio.sleep(1)
        assert not meeting.noting.asked


async def test_few_words_are_painted_with_the_talk_before_them() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, TRIP)
        await asyncio.sleep(12)
        await meeting.say(DIANE, "The wheels fell off!")
        assert meeting.sink.subjects[-1] == f"The wheels fell off! {TRIP}"


async def test_what_was_said_too_long_ago_is_forgotten() -> None:
    async with Meeting(settings=quick(max_history_seconds=30)) as meeting:
        await meeting.say(ANNA, TRIP)
        await asyncio.sleep(40)
        await meeting.say(DIANE, "The wheels fell off!")
        assert meeting.sink.subjects[-1] == "The wheels fell off!"


async def test_pictures_come_by_the_clock_while_nobody_can_tell_the_topic() -> None:
    async with Meeting() as meeting:
        meeting.encoder.error = EngineError("it broke")
        await meeting.say(ANNA, TRIP)
        await asyncio.sleep(5)
        await meeting.say(DIANE, BEES)
        assert meeting.sink.subjects == [TRIP]
        await asyncio.sleep(10)
        await meeting.say(DIANE, BEES)
        assert meeting.sink.subjects == [TRIP, BEES]


@pytest.mark.parametrize(
    ("text", "language", "subject"),
    [
        ("Meetbot, draw a cat on a roof.", "en", "A cat on a roof"),
        ("Hey Meetbot, can you paint a cat on a roof?", "en", "a cat on a roof"),
        ("Митбот, нарисуй кота на крыше.", "ru", "кота на крыше"),
    ],
)
async def test_someone_asks_for_it(text: str, language: str, subject: str) -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, TRIP)
        await meeting.say(ANNA, text, language)
        assert meeting.sink.subjects[1].lower() == subject.lower()
        assert meeting.sink.pictures[1].trigger == "request"


async def test_a_request_is_begun_in_the_pause_as_well() -> None:
    async with Meeting() as meeting:
        turn = meeting.guess(ANNA, "Meetbot, draw a cat.")
        await asyncio.sleep(0.25)
        assert meeting.noting.subjects == ["a cat"]
        assert not meeting.sink.pictures
        meeting.take(ANNA, turn, "Meetbot, draw a cat.")
        await asyncio.sleep(0.05)
        assert meeting.sink.subjects == ["a cat"]


async def test_a_request_right_after_a_picture_is_painted_though_it_is_the_same() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, "Meetbot, draw a cat.")
        await meeting.say(ANNA, "Meetbot, draw a cat.")
        assert len(meeting.sink.pictures) == 2


async def test_among_others_the_bot_has_to_be_called() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, TRIP)
        await meeting.say(ANNA, "Draw a cat on a roof.")
        assert meeting.sink.subjects == [TRIP]
        assert not meeting.lane.claims("Draw a cat on a roof.", called=False)


async def test_alone_with_one_person_its_name_is_not_needed() -> None:
    async with Meeting(ANNA) as meeting:
        await meeting.say(ANNA, "Draw a cat on a roof.")
        assert meeting.sink.pictures[0].trigger == "request"
        assert meeting.lane.claims("Draw a cat on a roof.", called=False)


async def test_what_follows_its_bare_name_is_for_the_painter() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, "Meetbot!")
        assert meeting.lane.claims("Draw a cat on a roof.", called=False)
        await meeting.say(ANNA, "Draw a cat on a roof.")
        assert meeting.sink.pictures[0].trigger == "request"
        await asyncio.sleep(6)
        assert not meeting.lane.claims("Draw a cat on a roof.", called=False)


async def test_what_is_asked_for_without_words_is_the_talk() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, "Meetbot, draw something.")
        assert not meeting.sink.pictures
        assert meeting.sink.lines == ["There is nothing to paint yet."]
        await meeting.say(DIANE, TRIP)
        await meeting.say(ANNA, "Meetbot, draw what we are talking about.")
        assert meeting.sink.subjects == [TRIP, TRIP]
        assert meeting.sink.speakers == ["Diane", "Anna"]


async def test_one_picture_in_another_style() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, "Meetbot, paint a cat in watercolour.")
        assert meeting.sink.pictures[0].request.style == "watercolour"
        assert meeting.sink.subjects == ["a cat"]
        await asyncio.sleep(20)
        await meeting.say(ANNA, TRIP)
        assert meeting.sink.pictures[1].request.style == "flat"


async def test_it_is_asked_for_in_writing() -> None:
    async with Meeting() as meeting:
        meeting.write(BORIS, "Митбот, нарисуй маяк")
        await asyncio.sleep(1)
        (picture,) = meeting.sink.pictures
        assert picture.request.subject == "маяк"
        assert picture.request.language == "ru"
        assert picture.trigger == "request"


async def test_written_talk_is_context_only() -> None:
    async with Meeting() as meeting:
        meeting.write(ANNA, TRIP)
        await asyncio.sleep(1)
        assert not meeting.noting.asked
        await meeting.say(DIANE, "The wheels fell off!")
        assert meeting.sink.subjects == [f"The wheels fell off! {TRIP}"]


async def test_what_a_bot_writes_is_nothing_to_it() -> None:
    async with Meeting() as meeting:
        meeting.write(Participant("4", "Notes", is_bot=True), "Meetbot, draw a cat")
        await asyncio.sleep(1)
        assert not meeting.noting.asked


async def test_a_program_asks_for_it() -> None:
    async with Meeting() as meeting:
        job = meeting.lane.request("two friends in Texas", participant=ANNA, speaker=ANNAS)
        await asyncio.sleep(1)
        (picture,) = meeting.sink.pictures
        assert picture.id == job
        assert picture.trigger == "api"
        assert picture.speakers == (ANNAS,)


async def test_a_program_asks_for_nothing() -> None:
    async with Meeting() as meeting:
        with pytest.raises(InputError, match="invisible"):
            meeting.lane.request("\x00\x07")
        with pytest.raises(InputError, match="nothing was said lately"):
            meeting.lane.request("")


async def test_a_program_asks_for_a_picture_of_the_talk() -> None:
    async with Meeting() as meeting:
        await meeting.say(DIANE, "We moved from Chicago to Texas with the dog.")
        shown = len(meeting.sink.pictures)
        job = meeting.lane.request("", speaker=ANNAS)
        await asyncio.sleep(2)
        (picture,) = meeting.sink.pictures[shown:]
        assert (picture.id, picture.trigger, picture.speakers[0]) == (job, "api", ANNAS)
        assert "Chicago" in picture.request.subject


async def test_a_question_is_left_to_the_conversation() -> None:
    async with Meeting() as meeting:
        assert not meeting.lane.claims("What did Anna say about the drawing?", called=True)
        assert meeting.lane.claims("Draw a cat.", called=True)
        assert meeting.lane.claims("Meetbot, I like cats.", called=False)
        assert not meeting.lane.claims("I like cats.", called=False)


async def test_every_picture_has_an_id_of_its_own() -> None:
    async with Meeting() as meeting:
        for subject in ("a cat", "a dog", "a horse"):
            await meeting.say(ANNA, f"Meetbot, draw {subject}.")
        assert len({picture.id for picture in meeting.sink.pictures}) == 3
