"""When a picture of a turn is there: begun in its pause, shown when the turn is sure."""

from __future__ import annotations

import asyncio

import pytest

from meetbot.core.pictures import PaintPreset
from meetbot.core.types import Participant, Speaker, Utterance

from .fakes import ANNA, ANNAS, DIANE, DIANES, Meeting

pytestmark = pytest.mark.virtual_time

TRIP = "We drove from Chicago to Texas in an old truck."
LAKE = "My grandmother keeps bees behind her house at the lake."


async def test_a_picture_is_there_when_the_turn_ends() -> None:
    async with Meeting() as meeting:
        turn = meeting.guess(ANNA, TRIP)
        await asyncio.sleep(0.25)
        assert meeting.noting.subjects == [TRIP]
        assert not meeting.sink.pictures
        assert not meeting.sink.began
        meeting.take(ANNA, turn, TRIP)
        await asyncio.sleep(0.03)
        (picture,) = meeting.sink.pictures
        assert picture.request.subject == TRIP
        assert picture.trigger == "timer"
        assert picture.participant is ANNA
        assert picture.speakers == (ANNAS,)
        assert picture.safe
        await asyncio.sleep(0.5)
        meeting.hear(ANNA, turn, TRIP)
        await asyncio.sleep(2)
        assert len(meeting.noting.asked) == 1


async def test_what_was_guessed_and_what_was_painted_is_measured() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, TRIP)
        painted = meeting.metrics.summary("painting.paint_s")
        said = meeting.metrics.summary("painting.said_to_painted_s")
        assert painted is not None
        assert painted.maximum == pytest.approx(0.15, abs=0.01)
        assert said is not None
        assert 0.4 < said.maximum < 0.6


async def test_a_picture_that_is_still_being_painted_is_shown_when_it_is_done() -> None:
    async with Meeting() as meeting:
        meeting.noting.seconds = 1.0
        turn = meeting.guess(ANNA, TRIP)
        await asyncio.sleep(0.25)
        meeting.take(ANNA, turn, TRIP)
        await asyncio.sleep(0.1)
        assert meeting.sink.began == [("Anna", TRIP)]
        await asyncio.sleep(1)
        assert meeting.sink.subjects == [TRIP]
        assert len(meeting.noting.asked) == 1


async def test_what_is_dropped_is_never_shown() -> None:
    async with Meeting() as meeting:
        turn = meeting.guess(ANNA, TRIP)
        await asyncio.sleep(0.05)
        meeting.drop(ANNA, turn)
        await asyncio.sleep(5)
        assert meeting.noting.cancelled == 1
        assert not meeting.sink.pictures
        assert meeting.metrics.counter("painting.guesses_void") == 1


async def test_what_is_dropped_after_it_was_painted_is_not_shown_either() -> None:
    async with Meeting() as meeting:
        turn = meeting.guess(ANNA, TRIP)
        await asyncio.sleep(1)
        assert len(meeting.noting.asked) == 1
        meeting.drop(ANNA, turn)
        await asyncio.sleep(5)
        assert not meeting.sink.pictures


async def test_a_dropped_guess_does_not_count_as_the_last_picture() -> None:
    async with Meeting() as meeting:
        meeting.drop(ANNA, meeting.guess(ANNA, TRIP))
        await meeting.say(ANNA, LAKE)
        assert meeting.sink.subjects == [LAKE]


async def test_what_the_clock_tells_is_begun_before_it_is_understood() -> None:
    async with Meeting() as meeting:
        meeting.encoder.seconds = 0.2
        turn = meeting.guess(ANNA, TRIP)
        await asyncio.sleep(0.25)
        meeting.take(ANNA, turn, TRIP)
        await asyncio.sleep(0.03)
        assert meeting.sink.subjects == [TRIP]
        await asyncio.sleep(20)
        turn = meeting.guess(ANNA, TRIP.upper())
        await asyncio.sleep(0.5)
        meeting.take(ANNA, turn, TRIP.upper())
        await asyncio.sleep(2)
        assert meeting.metrics.counter("painting.skipped.same") == 1
        assert len(meeting.sink.pictures) == 1


async def test_a_request_of_another_voice_is_counted_once() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, "Meetbot, draw a cat.", speaker=DIANES, settle=1)
        assert meeting.sink.speakers == ["Anna", "Diane"]
        assert meeting.metrics.counter("painting.triggered.request") == 1


async def test_a_turn_that_went_on_is_painted_by_its_last_words() -> None:
    async with Meeting() as meeting:
        turn = meeting.guess(ANNA, TRIP)
        await asyncio.sleep(0.1)
        meeting.take(ANNA, turn, LAKE)
        await asyncio.sleep(1)
        assert meeting.sink.subjects == [LAKE]


async def test_a_turn_without_a_guess_is_painted_when_it_is_taken() -> None:
    async with Meeting() as meeting:
        meeting.take(ANNA, "unguessed", TRIP)
        await asyncio.sleep(0.3)
        assert meeting.sink.subjects == [TRIP]


async def test_a_newcomer_is_painted_when_it_is_known_who_it_is() -> None:
    async with Meeting(known=False) as meeting:
        meeting.presets.presets[ANNAS.person_id] = PaintPreset(style="ink")
        turn = meeting.guess(ANNA, TRIP)
        await asyncio.sleep(0.25)
        meeting.take(ANNA, turn, TRIP)
        await asyncio.sleep(1)
        assert not meeting.noting.asked
        meeting.hear(ANNA, turn, TRIP)
        await asyncio.sleep(0.3)
        (picture,) = meeting.sink.pictures
        assert picture.request.style == "ink"
        assert picture.speakers == (ANNAS,)


async def test_another_voice_than_assumed_is_painted_again_in_its_own_style() -> None:
    async with Meeting() as meeting:
        meeting.presets.presets[DIANES.person_id] = PaintPreset(style="watercolour")
        await meeting.say(ANNA, TRIP, speaker=DIANES, settle=1)
        assert meeting.sink.speakers == ["Anna", "Diane"]
        assert [picture.request.style for picture in meeting.sink.pictures] == [
            "flat",
            "watercolour",
        ]
        assert meeting.metrics.counter("painting.repainted") == 1
        assert meeting.metrics.counter("painting.triggered.timer") == 1


async def test_a_slow_picture_of_the_wrong_voice_is_given_up() -> None:
    async with Meeting() as meeting:
        meeting.noting.seconds = 2
        await meeting.say(ANNA, TRIP, speaker=DIANES, settle=3)
        assert meeting.noting.cancelled == 1
        assert meeting.sink.speakers == ["Diane"]


async def test_a_voice_that_could_not_be_told_changes_nothing() -> None:
    async with Meeting() as meeting:
        turn = meeting.guess(ANNA, TRIP)
        meeting.take(ANNA, turn, TRIP)
        meeting.lane.heard(Utterance(turn, ANNA, None, TRIP, "en", 0, meeting.now))
        await asyncio.sleep(1)
        assert meeting.sink.speakers == ["Anna"]


async def test_without_voices_everyone_is_painted_by_their_place() -> None:
    first, second = Participant("8", "First"), Participant("9", "Second")
    async with Meeting(first, second) as meeting:
        await meeting.say(first, TRIP)
        await asyncio.sleep(20)
        await meeting.say(second, TRIP)
        one, other = meeting.sink.pictures
        assert one.speakers == other.speakers == ()
        assert one.request.palette != other.request.palette


async def test_the_preset_of_a_known_voice_is_at_hand() -> None:
    async with Meeting() as meeting:
        meeting.presets.presets[ANNAS.person_id] = PaintPreset(style="night", seed=7)
        await meeting.say(ANNA, "Mm-hm.")
        turn = meeting.guess(ANNA, TRIP)
        await asyncio.sleep(0.2)
        (request,) = meeting.noting.asked
        assert (request.style, request.seed) == ("night", 7)
        meeting.drop(ANNA, turn)


async def test_each_speaker_keeps_a_palette_of_their_own() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, TRIP)
        await asyncio.sleep(15)
        await meeting.say(DIANE, LAKE)
        await asyncio.sleep(15)
        await meeting.say(ANNA, LAKE)
        first, second, third = (picture.request.palette for picture in meeting.sink.pictures)
        assert first == third != second


async def test_a_speaker_of_the_shared_microphone_is_found_out_each_time() -> None:
    table = Participant("t", "Table", shared_microphone=True)
    carl = Speaker("p-carl", "Carl", "#c79bff")
    async with Meeting(table) as meeting:
        await meeting.say(table, "Mm-hm.", speaker=ANNAS)
        await meeting.say(table, TRIP, speaker=carl, settle=1)
        assert meeting.sink.speakers == ["Anna", "Carl"]


async def test_a_picture_that_nobody_asked_for_makes_way_for_what_is_more_urgent() -> None:
    calm = asyncio.Event()
    async with Meeting(at_ease=calm.wait, known=False) as meeting:
        meeting.write(ANNA, TRIP)
        turn = meeting.guess(ANNA, TRIP)
        await asyncio.sleep(0.25)
        meeting.take(ANNA, turn, TRIP)
        meeting.hear(ANNA, turn, TRIP)
        await asyncio.sleep(0.5)
        assert not meeting.noting.asked
        calm.set()
        await asyncio.sleep(0.5)
        assert meeting.sink.subjects == [TRIP]


async def test_a_picture_that_is_void_by_then_is_not_begun() -> None:
    calm = asyncio.Event()
    async with Meeting(at_ease=calm.wait, known=False) as meeting:
        meeting.hear(ANNA, "before", "Mm-hm.")
        turn = meeting.guess(ANNA, TRIP)
        await asyncio.sleep(0.25)
        meeting.drop(ANNA, turn)
        calm.set()
        await asyncio.sleep(1)
        assert not meeting.noting.asked


async def test_a_picture_that_was_asked_for_waits_for_nothing() -> None:
    async with Meeting(at_ease=asyncio.Event().wait, known=False) as meeting:
        meeting.write(ANNA, "Meetbot, draw a lighthouse by the sea")
        await asyncio.sleep(1)
        assert len(meeting.sink.pictures) == 1
