"""What somebody is asking is read by the model before it is asked to its end."""

from __future__ import annotations

import asyncio

import pytest

from meetbot.core.types import Participant

from .fakes import ANNA, BORIS, DIANE, Meeting

pytestmark = pytest.mark.virtual_time

ALONE = Participant("1", "Anna")


def read_ahead(meeting: Meeting) -> str:
    return meeting.model.read[-1][-1].text


async def test_a_growing_question_is_read_but_for_its_last_word() -> None:
    async with Meeting(ANNA) as meeting:
        meeting.grow(ALONE, "What is the capital of Fran")
        await asyncio.sleep(0.2)
        assert read_ahead(meeting).endswith("Question: What is the capital of")
        meeting.guess(ANNA, "What is the capital of France?")
        await asyncio.sleep(0.1)
        (prompt,) = meeting.model.prompts
        assert prompt[-1].text.startswith(read_ahead(meeting))


async def test_what_is_called_to_the_bot_is_read_without_its_name() -> None:
    async with Meeting(ANNA, DIANE) as meeting:
        meeting.grow(DIANE, "Meetbot, how large is the bud", "en")
        await asyncio.sleep(0.2)
        assert read_ahead(meeting).endswith("Question: How large is the")


async def test_what_people_say_to_each_other_is_not_read_as_a_question() -> None:
    async with Meeting(ANNA, DIANE) as meeting:
        before = len(meeting.model.read)
        meeting.grow(ANNA, "We should move the meeting to Friday or")
        meeting.grow(BORIS, "Diane, what is the capital of France")
        await asyncio.sleep(0.5)
        assert len(meeting.model.read) == before


async def test_what_another_part_does_is_not_read() -> None:
    async with Meeting(ANNA, claimed=lambda text, _: text.startswith("Draw")) as meeting:
        before = len(meeting.model.read)
        meeting.grow(ANNA, "Draw a small house in the")
        await asyncio.sleep(0.5)
        assert len(meeting.model.read) == before


async def test_an_answer_that_is_asked_for_stops_the_reading() -> None:
    async with Meeting(ANNA) as meeting:
        meeting.model.prefill_seconds = 5
        before = len(meeting.model.read)
        meeting.grow(ANNA, "What is the capital of Fran")
        await asyncio.sleep(0.1)
        meeting.guess(ANNA, "What is the capital of France?")
        await asyncio.sleep(0.3)
        assert len(meeting.model.prompts) == 1
        await asyncio.sleep(10)
        assert all(
            not turns[-1].text.endswith("capital of") for turns in meeting.model.read[before:]
        )
