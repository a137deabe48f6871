"""When the bot answers."""

from __future__ import annotations

import pytest

from .fakes import ANNA, BORIS, DIANE, Meeting

pytestmark = pytest.mark.virtual_time


async def test_a_question_with_its_name_is_answered() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, "Meetbot, how are you?")
        await meeting.settle()
        assert meeting.talker.said == ["I am here."]


async def test_talk_among_people_is_left_alone() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, "How was your weekend?")
        await meeting.say(DIANE, "Fine, and yours?")
        await meeting.settle()
        assert not meeting.talker.answers


async def test_russian_is_answered_to_its_russian_name() -> None:
    async with Meeting(ANNA, BORIS) as meeting:
        await meeting.say(BORIS, "Митбот, как дела?", "ru")
        await meeting.settle()
        (answer,) = meeting.talker.answers.values()
        assert answer.language == "ru"
        assert answer.to is BORIS
