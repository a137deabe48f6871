"""Who is called by name, as recognition spells it; talk that only mentions a name is left alone."""

from __future__ import annotations

from pydoc_data import topics

import pytest

from meetbot.wording.names import NameFinder

BOT = NameFinder(["Meetbot", "Митбот", "Meetbot (AI)"])


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Meetbot, what did Diane say?", "What did Diane say?"),
        ("What did Diane say, Meetbot?", "What did Diane say?"),
        ("Hey meet bot what did Diane say?", "What did Diane say?"),
        ("Meat bot, who was that?", "Who was that?"),
        ("Meetbot's, what did Sheila say?", "What did Sheila say?"),
        ("Mitbot who called?", "Who called?"),
        ("Mid-bot, what is it?", "What is it?"),
        ("Okay. Meetbot, what have we decided?", "What have we decided?"),
        ("We ship on Friday. Meetbot, is that right?", "We ship on Friday. Is that right?"),
        ("Митбот, где живёт Диана?", "Где живёт Диана?"),
        ("мит бот что решили", "Что решили"),
        ("Мидбот, кто это?", "Кто это?"),
        ("Медвод, что мы решили?", "Что мы решили?"),
        ("Медвот как дела?", "Как дела?"),
        ("Метбод кто живет в Техасе", "Кто живет в Техасе"),
        ("Где живёт Диана, Митбот?", "Где живёт Диана?"),
        ("Скажи, Митбот, кто это был?", "Кто это был?"),
        ("Meetbot.", ""),
        ("Hey, Meetbot!", ""),
        ("Спасибо, Митбот.", ""),
    ],
)
def test_the_bot_is_called(text: str, question: str) -> None:
    addressed = BOT.addressed(text)
    assert addressed is not None
    assert addressed.text == question


@pytest.mark.parametrize(
    "text",
    [
        "Meetbot is a nice program.",
        "I was talking to Meetbot.",
        "Did you try Meetbot?",
        "Meetbot and I went home.",
        "Let's meet both of them.",
        "Met, but what?",
        "It might be both.",
        "We bought meat, but no bread.",
        "The robot, what does it do?",
        "Мы говорили про Митбот.",
        "Мой робот, где он?",
        "Мит, бот и ещё что-то.",
        "",
        "?!",
    ],
)
def test_the_bot_is_not_called(text: str) -> None:
    assert BOT.addressed(text) is None


def test_a_long_english_text_never_calls_the_bot() -> None:
    sentences = [
        " ".join(sentence.split())
        for topic in topics.topics.values()
        for sentence in topic.split(".")
    ]
    assert len(sentences) > 3_000
    assert [sentence for sentence in sentences if BOT.addressed(f"{sentence}?")] == []


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("Diane, what do you think?", True),
        ("Diane what do you think?", True),
        ("So, Sheila, how are you?", True),
        ("What do you think, Diane?", True),
        ("Диана, что ты думаешь?", True),
        ("What did Diane say?", False),
        ("Where is Diane?", False),
        ("Diane says it is fine.", False),
        ("What did you tell Diane?", False),
        ("Диана живёт в Нью-Джерси?", False),
    ],
)
def test_people_are_talked_about_more_than_they_are_called(text: str, *, called: bool) -> None:
    assert (NameFinder(["Diane", "Sheila"], strict=True).addressed(text) is not None) == called
