"""When the bot answers, and when it leaves people alone."""

from __future__ import annotations

import pytest

from meetbot.config import ConversationSettings
from meetbot.core.types import Participant

from .fakes import ANNA, BORIS, DIANE, Meeting, WritingModel

pytestmark = pytest.mark.virtual_time


async def test_a_question_with_its_name_is_answered() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, "Meetbot, how are you?")
        await meeting.settle()
        assert meeting.talker.said == ["I am here."]


async def test_what_another_part_of_the_bot_does_is_not_answered_as_well() -> None:
    asked: list[str] = []

    def claimed(text: str, by_name: bool) -> bool:
        asked.append(text)
        return "draw" in text.lower()

    async with Meeting(claimed=claimed) as meeting:
        await meeting.say(ANNA, "Meetbot, draw a castle.")
        await meeting.settle()
        assert not meeting.talker.answers
        await meeting.say(ANNA, "Meetbot, how are you?")
        await meeting.settle()
        assert meeting.talker.said == ["I am here."]
    assert all("Meetbot" not in text for text in asked)


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


async def test_alone_with_one_person_everything_is_for_the_bot() -> None:
    async with Meeting(ANNA) as meeting:
        await meeting.say(ANNA, "How are you?")
        await meeting.settle()
        assert len(meeting.talker.said) == 1


async def test_alone_with_one_person_may_be_switched_off() -> None:
    settings = ConversationSettings(one_to_one=False)
    async with Meeting(ANNA, settings=settings) as meeting:
        await meeting.say(ANNA, "How are you?")
        await meeting.settle()
        assert not meeting.talker.answers


async def test_a_shared_microphone_is_never_a_one_to_one() -> None:
    room = Participant("r", "Room", shared_microphone=True)
    async with Meeting(room) as meeting:
        await meeting.say(room, "How are you?")
        await meeting.settle()
        assert not meeting.talker.answers


@pytest.mark.parametrize(
    "text",
    [
        "Okay.",
        "Thank you very much.",
        "Thank you, that is enough for me.",
        "Mm-hm.",
        "Угу.",
        "Да, понятно.",
    ],
)
async def test_an_acknowledgement_is_no_question(text: str) -> None:
    async with Meeting(ANNA) as meeting:
        await meeting.say(ANNA, text)
        await meeting.settle()
        assert not meeting.talker.answers


async def test_the_one_who_asked_may_go_on_without_its_name() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, "Meetbot, how are you?")
        await meeting.settle()
        meeting.spoken()
        await meeting.settle(5)
        await meeting.say(ANNA, "And how is the weather?")
        await meeting.settle()
        assert len(meeting.talker.said) == 2


async def test_a_follow_up_comes_in_time_or_needs_the_name_again() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, "Meetbot, how are you?")
        await meeting.settle()
        meeting.spoken()
        await meeting.settle(10)
        await meeting.say(ANNA, "And how is the weather?")
        await meeting.settle()
        assert len(meeting.talker.said) == 1


async def test_a_follow_up_is_for_the_one_who_asked_only() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, "Meetbot, how are you?")
        await meeting.settle()
        meeting.spoken()
        await meeting.say(DIANE, "And how is the weather?")
        await meeting.settle()
        assert len(meeting.talker.said) == 1


@pytest.mark.parametrize(
    "text", ["Diane, what do you think?", "And what do you think, Diane?", "Диана, что ты думаешь?"]
)
async def test_a_question_to_someone_else_is_left_alone(text: str) -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, "Meetbot, how are you?")
        await meeting.settle()
        meeting.spoken()
        await meeting.say(ANNA, text)
        await meeting.settle()
        assert len(meeting.talker.said) == 1


@pytest.mark.parametrize(
    ("text", "language", "reply"),
    [
        ("Meetbot?", "en", "Yes?"),
        ("Hey, Meetbot.", "en", "Yes?"),
        ("Митбот?", "ru", "Да?"),
        ("Thanks, Meetbot.", "en", "You're welcome."),
        ("Спасибо, Митбот.", "ru", "Пожалуйста."),
    ],
)
async def test_its_bare_name_needs_no_model(text: str, language: str, reply: str) -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, text, language)
        await meeting.settle(1.5)
        assert meeting.talker.said == [reply]
        assert not meeting.model.prompts


async def test_what_follows_its_bare_name_is_the_question() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, "Meetbot.")
        await meeting.settle(0.3)
        await meeting.say(ANNA, "How is the weather?")
        await meeting.settle()
        assert meeting.talker.said == ["I am here."]
        assert "How is the weather?" in meeting.model.prompts[-1][-1].text


async def test_a_question_cut_in_two_by_a_pause_is_joined() -> None:
    model = WritingModel()
    model.seconds_a_piece = 1.0
    async with Meeting(model=model) as meeting:
        await meeting.speak(ANNA, 1)
        turn = meeting.guess(ANNA, "Meetbot, how long will")
        meeting.take(ANNA, turn, "Meetbot, how long will")
        meeting.begin(ANNA)
        await meeting.say(ANNA, "it rain today?")
        await meeting.settle(5)
        assert "Question: How long will it rain today?" in meeting.model.prompts[-1][-1].text
        first, *_, last = meeting.talker.answers
        assert first in meeting.talker.dropped
        assert meeting.talker.texts[last] == "I am here."


async def test_an_answer_in_the_form_of_a_line_is_said_without_the_name() -> None:
    async with Meeting(model=WritingModel("Anna: The budget is ready.")) as meeting:
        await meeting.say(ANNA, "The budget is ready, I think.")
        meeting.write(DIANE, "Is the budget ready?")
        await meeting.settle(2)
        assert meeting.talker.said == ["The budget is ready."]


async def test_a_name_that_was_asked_for_is_said() -> None:
    async with Meeting(model=WritingModel("Anna: The budget is ready.")) as meeting:
        await meeting.say(ANNA, "The budget is ready, I think.")
        meeting.write(DIANE, "Who said that the budget is ready?")
        await meeting.settle(2)
        assert "Anna" in meeting.talker.said[0]


async def test_a_written_question_is_not_a_line_of_the_talk_that_it_asks_about() -> None:
    async with Meeting() as meeting:
        await meeting.say(ANNA, "The budget is ready.")
        meeting.write(ANNA, "Is the budget ready?")
        await meeting.settle(2)
        asked = meeting.model.prompts[-1][-1].text
        assert "Anna: The budget is ready." in asked
        assert asked.count("Is the budget ready?") == 1


async def test_chat_with_a_question_or_its_name_is_answered() -> None:
    async with Meeting() as meeting:
        meeting.write(ANNA, "How is the weather?")
        await meeting.settle()
        meeting.spoken()
        meeting.write(DIANE, "@Meetbot hello there")
        await meeting.settle()
        meeting.write(DIANE, "brb")
        meeting.write(ANNA, "Diane, are you back?")
        await meeting.settle()
        assert len(meeting.talker.said) == 2
