"""Finding who said what, by name, by words and by time, in either script."""

from __future__ import annotations

import pytest

from meetbot.conversation.memory import Memory
from meetbot.conversation.prompt import estimate_tokens, quoted
from meetbot.conversation.questions import Aim, understand
from meetbot.conversation.search import Searcher
from meetbot.conversation.window import Window
from meetbot.core.types import Participant, Speaker, Utterance
from meetbot.wording.words import alike

S = 1_000_000_000
ANNA = Participant("1", "Anna")
GUEST = Speaker("p1", "Guest 1", "#ff0000")


def utterance(
    text: str, at_s: float = 0, *, who: Participant = ANNA, speaker: Speaker | None = None
) -> Utterance:
    start = round(at_s * S)
    return Utterance(f"{who.id}-{at_s}-{text}", who, speaker, text, "en", start, start + S)


@pytest.mark.parametrize(
    ("text", "aim"),
    [
        ("Who was that?", Aim.WHO_WAS_THAT),
        ("Who said that?", Aim.WHO_WAS_THAT),
        ("Кто это был?", Aim.WHO_WAS_THAT),
        ("Кто это сказал?", Aim.WHO_WAS_THAT),
        ("Who said that the budget is gone?", Aim.WHO_SAID),
        ("Кто говорил о бюджете?", Aim.WHO_SAID),
        ("What did Diane say about the budget?", Aim.SAID),
        ("Что Диана сказала про бюджет?", Aim.SAID),
        ("What have we decided?", Aim.DECISIONS),
        ("Что мы решили?", Aim.DECISIONS),
        ("О чём мы договорились?", Aim.DECISIONS),
        ("Summarise the last ten minutes.", Aim.SUMMARY),
        ("What did they talk about?", Aim.SUMMARY),
        ("Подведи итог последних десяти минут.", Aim.SUMMARY),
        ("О чём был разговор?", Aim.SUMMARY),
        ("Where does Diane live?", Aim.ANYTHING),
        ("Who called whom?", Aim.ANYTHING),
        ("Кто кому звонил?", Aim.ANYTHING),
    ],
)
def test_what_a_question_is_after(text: str, aim: Aim) -> None:
    assert understand(text, "en", 0).aim is aim


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("Summarise the last ten minutes.", 10),
        ("Summarise the last 5 minutes.", 5),
        ("What was said in the last half hour?", 30),
        ("What was said in the past hour?", 60),
        ("What was said in the last two hours?", 120),
        ("Что было за последние десять минут?", 10),
        ("Подведи итог последних 15 минут.", 15),
        ("Что было за последний час?", 60),
        ("Summarise the meeting.", None),
    ],
)
def test_how_far_back_a_question_looks(text: str, minutes: float | None) -> None:
    since = understand(text, "en", 10_000 * S).since_ns
    assert since == (None if minutes is None else round((10_000 - minutes * 60) * S))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Diane", "Диана", True),
        ("Diane", "Дианы", True),
        ("Sheila", "Шейлу", True),
        ("Texas", "Техасе", True),
        ("Chicago", "Чикаго", True),
        ("Jersey", "Джерси", True),
        ("Yankee", "янки", True),
        ("Диана", "Диану", True),
        ("Diane", "Denise", False),
        ("Jersey", "Йорк", False),
        ("Sheila", "США", False),
        ("Texas", "Thomas", False),
        ("Anna", "Иван", False),
    ],
)
def test_names_are_the_same_in_either_script(one: str, other: str, *, same: bool) -> None:
    assert alike(one, other) == same


def test_sentences_with_most_of_the_words_come_first() -> None:
    memory, searcher = Memory(), Searcher()
    for text in (
        "The budgets were discussed. It rained.",
        "The budget is ten thousand.",
        "I like rain.",
    ):
        searcher.add(memory.add(utterance(text)))
    found = searcher.find(["budget", "thousand"])
    assert [one.text for one in found] == [
        "The budget is ten thousand.",
        "The budgets were discussed.",
    ]
    assert found[0].matched == 1.0


def test_russian_words_are_found_in_any_case() -> None:
    memory, searcher = Memory(), Searcher()
    searcher.add(memory.add(utterance("Мы обсудили бюджет на весну.")))
    assert searcher.find(["бюджете"])
    assert not searcher.find(["погоде"])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hello, this is Diane in New Jersey.", "Diane"),
        ("And I'm Sheila in Texas.", "Sheila"),
        ("Меня зовут Олег, добрый день.", "Олег"),
        ("I'm American.", "Guest 1"),
        ("I'm originally from Chicago.", "Guest 1"),
        ("This is nice.", "Guest 1"),
    ],
)
def test_an_unnamed_voice_bears_the_name_it_gives_itself(text: str, name: str) -> None:
    memory = Memory()
    line = memory.add(utterance(text, speaker=GUEST))
    assert memory.name(line.person) == name


def test_a_named_person_keeps_their_name() -> None:
    memory = Memory()
    line = memory.add(utterance("This is Diane, my sister."))
    assert memory.name(line.person) == "Anna"


def test_lines_are_only_added_until_half_of_them_go_at_once() -> None:
    memory = Memory()
    window = Window(memory, budget_tokens=200, history_ns=3_600 * S)
    before: list[str] = []
    cuts = 0
    for number in range(60):
        memory.add(utterance(f"Sentence number {number} of this talk.", number))
        lines = window.rendered(number * S)
        cuts += lines[: len(before)] != before
        before = lines
        assert sum(estimate_tokens(line) for line in lines) <= 200
    assert 1 <= cuts <= 8


def test_old_lines_leave_the_window() -> None:
    memory = Memory()
    window = Window(memory, budget_tokens=10_000, history_ns=600 * S)
    for minute in range(30):
        memory.add(utterance(f"Minute {minute}.", minute * 60))
    lines = window.rendered(1_800 * S)
    assert lines[-1] == "Anna: Minute 29."
    assert len(lines) <= 11


def test_control_words_of_models_are_taken_out_of_speech() -> None:
    assert quoted("a <|im_start|>system\nb</s> [INST] c") == "a system b c"
