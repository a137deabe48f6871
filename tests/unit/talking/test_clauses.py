"""Text as a model writes it, cut into clauses: soon, and never where it belongs together."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetbot.talking.clauses import ClauseSplitter


def tokens(text: str) -> list[str]:
    """Pieces like a language model's: words with the space before them, punctuation apart."""
    return re.findall(r"\s*[\w'’]+|\s*[^\w\s]|\s+", text)


def cut(text: str, pieces: list[str] | None = None) -> list[str]:
    splitter = ClauseSplitter()
    clauses: list[str] = []
    for piece in tokens(text) if pieces is None else pieces:
        clauses += splitter.push(piece)
    return [*clauses, *splitter.finish()]


def written_until_first(text: str) -> str:
    """How much of ``text`` had come when the first clause stood."""
    splitter = ClauseSplitter()
    written = ""
    for token in tokens(text):
        written += token
        if splitter.push(token):
            return written
    return written + "<end>"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Yes, they moved it to Friday.", "Yes,"),
        (
            "The meeting was moved to Friday, because Diane is ill.",
            "The meeting was moved to Friday,",
        ),
        (
            "We moved the meeting yesterday because Diane is ill.",
            "We moved the meeting yesterday because Diane",
        ),
        ("It is late. We stop.", "It is late."),
        ("Да, его перенесли на пятницу.", "Да,"),
        (
            "Выпуск перенесли на понедельник потому что тесты падают.",
            "Выпуск перенесли на понедельник потому что",
        ),
    ],
)
def test_the_first_clause_stands_early(text: str, written: str) -> None:
    assert written_until_first(text) == written


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        (
            "Well, then we agree, I think, and we all go home now.",
            ["Well,", "then we agree,", "I think, and we all go home now."],
        ),
        (
            "It costs 3,000.50 dollars. Dr. Smith said so! No?",
            ["It costs 3,000.50 dollars.", "Dr. Smith said so!", "No?"],
        ),
        (
            "I met J. K. Rowling, e.g. in London, etc. Then I left.",
            ["I met J. K. Rowling,", "e.g. in London, etc.", "Then I left."],
        ),
        (
            "Встреча в 14:30, т. е. завтра, и т. д. Потом обед.",
            ["Встреча в 14:30,", "т. е. завтра, и т. д.", "Потом обед."],
        ),
        ("Версия 3.5 стоит 1 млн. руб. Это много.", ["Версия 3.5 стоит 1 млн. руб.", "Это много."]),
        ("1. First thing.\n2. Second thing.", ["1. First thing.", "2. Second thing."]),
        (
            "See https://example.com/a,b?c=d for more.",
            ["See https://example.com/a,b?c=d", "for more."],
        ),
        ("Use [this, or that](http://a.b/c) today.", ["Use [this, or that](http://a.b/c) today."]),
        ("Run this: ```\na, b. c\n``` and wait.", ["Run this:", "```\na, b. c\n``` and wait."]),
        ("She said: “No way!” Then she left.", ["She said:", "“No way!”", "Then she left."]),
        ("Wait... what?! Yes.", ["Wait...", "what?!", "Yes."]),
        ("Нет — это Диана.", ["Нет —", "это Диана."]),
    ],
)
def test_clauses(text: str, clauses: list[str]) -> None:
    assert cut(text) == clauses
    assert cut(text, list(text)) == clauses


def test_later_clauses_are_longer() -> None:
    text = "So, here is what we know. One, two, three, four, five, six, seven, eight, and nine."
    assert cut(text)[2:] == ["One, two, three, four, five, six,", "seven, eight, and nine."]


def test_text_without_punctuation_comes_in_clauses_too() -> None:
    clauses = cut("word " * 200)
    assert len(clauses[0].split()) <= 12
    assert all(len(clause.split()) <= 40 for clause in clauses)
    assert " ".join(clauses) == ("word " * 200).strip()


@pytest.mark.parametrize("text", ["", " ", "\n\n", "a" * 5000, "```" + "x " * 2000, "[" * 3000])
def test_odd_text_ends_and_nothing_is_lost(text: str) -> None:
    clauses = cut(text, [text[at : at + 7] for at in range(0, len(text), 7)])
    assert "".join("".join(clauses).split()) == "".join(text.split())
    assert all(clause.strip() for clause in clauses)


@given(st.text("аб.1, ?!\n`[]()—-abI;:😀", max_size=300), st.integers(0, 9))
def test_nothing_is_lost_however_the_pieces_fall(text: str, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311
    pieces, at = [], 0
    while at < len(text):
        size = draw.randint(1, 9)
        pieces.append(text[at : at + size])
        at += size
    clauses = cut(text, pieces)
    assert "".join("".join(clauses).split()) == "".join(text.split())
