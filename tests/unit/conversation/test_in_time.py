"""Answers begin in the first pause, wait for their turn, and are dropped when they are void."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from meetbot.core.errors import EngineError

from .fakes import ANNA, DIANE, Meeting, WritingModel

pytestmark = pytest.mark.virtual_time


async def test_the_answer_is_begun_on_the_guess_and_released_when_the_turn_is_taken() -> None:
    async with Meeting() as meeting:
        turn = meeting.guess(ANNA, "Meetbot, how are you")
        await meeting.settle(0.1)
        assert len(meeting.model.prompts) == 1
        assert not meeting.talker.released
        meeting.take(ANNA, turn, "Meetbot, how are you?")
        await asyncio.sleep(0.001)
        assert len(meeting.talker.released) == 1
        await meeting.settle()
        assert len(meeting.model.prompts) == 1


async def test_other_words_than_guessed_begin_the_answer_anew() -> None:
    async with Meeting() as meeting:
        turn = meeting.guess(ANNA, "Meetbot, how are you?")
        await meeting.settle(0.05)
        meeting.take(ANNA, turn, "Meetbot, how old are you?")
        await meeting.settle()
        first, second = meeting.talker.answers
        assert meeting.talker.dropped == [first]
        assert meeting.talker.released == [second]
        assert meeting.model.stopped == 1
        assert "how old are you" in meeting.model.prompts[-1][-1].text.lower()


async def test_a_guess_that_was_void_is_dropped_and_its_writing_stopped() -> None:
    async with Meeting() as meeting:
        turn = meeting.guess(ANNA, "Meetbot, how")
        await meeting.settle(0.05)
        meeting.drop(ANNA, turn)
        await meeting.settle()
        assert meeting.talker.dropped == list(meeting.talker.answers)
        assert not meeting.talker.released
        assert meeting.model.stopped == 1


async def test_a_guess_that_turns_out_to_be_for_someone_else_is_dropped() -> None:
    async with Meeting() as meeting:
        turn = meeting.guess(ANNA, "Meetbot, how are you?")
        await meeting.settle(0.05)
        meeting.take(ANNA, turn, "Let's meet both of them, how are you?")
        await meeting.settle()
        assert not meeting.talker.released


async def test_nobody_is_talked_over() -> None:
    async with Meeting() as meeting:
        talking = asyncio.create_task(meeting.speak(DIANE, 3))
        await meeting.say(ANNA, "Meetbot, how are you?", seconds=1)
        await meeting.settle(0.5)
        assert not meeting.talker.released
        await talking
        await meeting.settle(1)
        assert len(meeting.talker.released) == 1
        assert meeting.talker.released_at[0] > 3.5


async def test_an_answer_that_finds_no_gap_is_given_up() -> None:
    async with Meeting() as meeting:
        talking = asyncio.create_task(meeting.speak(DIANE, 15))
        await meeting.say(ANNA, "Meetbot, how are you?")
        await talking
        await meeting.settle(2)
        assert not meeting.talker.released
        assert meeting.talker.dropped == list(meeting.talker.answers)


async def test_a_second_question_waits_until_the_first_answer_is_said() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, "Meetbot, how are you?")
        await meeting.settle(0.5)
        await meeting.say(DIANE, "Meetbot, what is your name?")
        await meeting.settle(1)
        assert len(meeting.talker.released) == 1
        meeting.spoken()
        await meeting.settle(0.2)
        assert len(meeting.talker.released) == 2


async def test_a_second_question_outlasts_a_long_answer_and_one_that_never_ends() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, "Meetbot, how are you?")
        await meeting.settle(0.5)
        await meeting.say(DIANE, "Meetbot, what is your name?")
        await meeting.settle(40)
        assert len(meeting.talker.released) == 1
        await meeting.settle(30)
        assert len(meeting.talker.released) == 2


async def test_a_new_question_of_the_same_person_replaces_the_one_still_waiting() -> None:
    async with Meeting() as meeting:
        talking = asyncio.create_task(meeting.speak(DIANE, 5))
        await meeting.say(ANNA, "Meetbot, how are you?")
        await meeting.say(ANNA, "Meetbot, what is your name?")
        await talking
        await meeting.settle(2)
        assert len(meeting.talker.released) == 1
        assert "what is your name" in meeting.model.prompts[-1][-1].text.lower()


async def test_an_answer_that_was_interrupted_by_the_rest_of_the_question_is_begun_anew() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, "Meetbot, how are")
        await meeting.settle(0.2)
        await meeting.speak(ANNA, 0.5)
        meeting.spoken(interrupted=True)
        await meeting.say(ANNA, "you today?", seconds=0.1)
        await meeting.settle(1)
        assert "Question: How are you today?" in meeting.model.prompts[-1][-1].text
        assert len(meeting.talker.said) == 2


async def test_an_answer_that_the_talker_stops_reading_is_written_no_further() -> None:
    async with Meeting(model=WritingModel("word " * 100)) as meeting:
        await meeting.say(ANNA, "Meetbot, how are you?")
        await meeting.talker.close()
        await meeting.settle()
        assert meeting.model.written < 100


async def test_a_model_that_breaks_is_reported_and_apologised_for() -> None:
    model = WritingModel("")
    model.error = EngineError("out of memory")
    async with Meeting(model=model) as meeting:
        await meeting.say(ANNA, "Meetbot, how are you?")
        await meeting.settle()
        assert meeting.talker.said == ["Sorry, I can't answer at the moment."]
        assert "out of memory" in meeting.troubles[0]
        meeting.spoken()
        model.error, model.text = None, "Fine."
        await meeting.say(ANNA, "Meetbot, how are you?")
        await meeting.settle()
        assert meeting.talker.said[-1] == "Fine."


async def test_an_empty_answer_is_said_to_be_one() -> None:
    async with Meeting(model=WritingModel("")) as meeting:
        await meeting.say(ANNA, "Митбот, как дела?", "ru")
        await meeting.settle()
        assert meeting.talker.said == ["Простите, на это мне нечего ответить."]


async def test_the_talk_is_read_ahead_in_the_order_of_the_prompt() -> None:
    async with Meeting() as meeting:
        meeting.hear(DIANE, "We ship on Friday.")
        await meeting.settle(3)
        read = meeting.model.read[-1]
        await meeting.say(ANNA, "Meetbot, how are you?")
        await meeting.settle()
        (prompt,) = meeting.model.prompts
        assert prompt[0] == read[0]
        assert prompt[1].text.startswith(read[1].text)
        assert "Diane: We ship on Friday." in read[1].text


async def test_much_talk_is_read_in_small_steps() -> None:
    async with Meeting() as meeting:
        for number in range(40):
            meeting.hear(DIANE, f"This is sentence number {number} of a long talk about nothing.")
        await meeting.settle(20)
        lengths = [len(turns[1].text) for turns in meeting.model.read]
        steps = [after - before for before, after in pairwise(lengths)]
        assert max(steps) < 300
        assert "number 39" in meeting.model.read[-1][1].text


async def test_reading_ahead_gives_way_to_an_answer() -> None:
    model = WritingModel()
    model.prefill_seconds = 30.0
    async with Meeting(model=model) as meeting:
        meeting.hear(DIANE, "We ship on Friday.")
        await meeting.settle(3)
        before = asyncio.get_running_loop().time()
        turn = meeting.guess(ANNA, "Meetbot, how are you?")
        meeting.take(ANNA, turn, "Meetbot, how are you?")
        await meeting.settle(0.2)
        assert meeting.talker.said == ["I am here."]
        assert meeting.talker.released_at[0] - before < 0.05


async def test_nothing_is_read_ahead_while_several_talk() -> None:
    async with Meeting() as meeting:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(meeting.speak(ANNA, 5))
            tasks.create_task(meeting.speak(DIANE, 5))
            await meeting.settle(1)
            before = len(meeting.model.read)
            meeting.hear(DIANE, "We ship on Friday.")
            await meeting.settle(3)
            assert len(meeting.model.read) == before
        await meeting.settle(4)
        assert len(meeting.model.read) > before
