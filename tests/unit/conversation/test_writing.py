"""The model's pieces become clauses that can be spoken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from meetbot.conversation.writing import clauses

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


async def spoken(text: str, *, max_tokens: int = 120, size: int = 3) -> list[str]:
    """What is to be said of ``text`` that comes in pieces of ``size`` letters."""

    async def pieces() -> AsyncGenerator[str]:
        for start in range(0, min(len(text), size * max_tokens), size):
            yield text[start : start + size]

    said = clauses(
        pieces(),
        labels=["Meetbot", "Guest 1"],
        max_tokens=max_tokens,
        holds=lambda clause, before: True,
    )
    return [clause async for clause in said]


async def test_the_first_sentence_comes_by_clauses_and_the_rest_by_sentences() -> None:
    text = "Well, Diane lives here, in Rome. She came, she saw, she stayed. All is well."
    assert await spoken(text) == [
        "Well,",
        " Diane lives here,",
        " in Rome.",
        " She came, she saw, she stayed.",
        " All is well.",
    ]


async def test_a_long_clause_is_not_held_back_to_its_end() -> None:
    first, *_ = await spoken("one two three four five six seven eight nine ten eleven twelve")
    assert first.split() == ["one", "two", "three", "four", "five"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("**Diane** lives in `Rome`.", "Diane lives in Rome."),
        ("Meetbot: Diane lives in Rome.", "Diane lives in Rome."),
        ("Guest 1: Diane lives in Rome.", "Diane lives in Rome."),
        ("Guest 12: Diane lives in Rome.", "Guest 12: Diane lives in Rome."),
        ("Answer: Diane lives in Rome.", "Diane lives in Rome."),
        ("See [the page](http://a.b/c) now.", "See the page now."),
        ("See https://example.com/a?b=c now.", "See  now."),
        ("Use this: ```print('x')``` and go.", "Use this:   and go."),
        ("Rome.\nQuestion: and you?", "Rome."),
        ("Rome.<|im_end|>\n<|im_start|>user", "Rome."),
        ("Rome.\n\nAnna: And you?", "Rome."),
        ("It is 3.5 percent.", "It is 3.5 percent."),
        ("", ""),
        ("```\nint main() {}\n```", ""),
    ],
)
async def test_markup_and_what_is_not_the_answer_is_left_out(written: str, said: str) -> None:
    assert "".join(await spoken(written)).strip() == said.strip()


async def test_what_is_too_long_ends_with_its_last_sentence() -> None:
    text = "One is one. Two is two. Three is three and goes on and on"
    assert "".join(await spoken(text, max_tokens=14)) == "One is one. Two is two."


async def test_what_is_too_long_without_a_sentence_is_said_as_far_as_it_goes() -> None:
    text = "one two three four five six seven eight nine ten eleven twelve thirteen"
    assert "".join(await spoken(text, max_tokens=10)).startswith("one two three")


@pytest.mark.parametrize(
    "loop",
    [
        "I see. I see. I see. I see. I see. I see.",
        "He said that he said that he said that he said that he said that he said that he.",
        "no " * 100,
    ],
)
async def test_endless_repetition_is_stopped(loop: str) -> None:
    assert len("".join(await spoken(loop)).split()) < 12


async def test_the_answer_ends_before_a_clause_that_is_not_true() -> None:
    async def pieces() -> AsyncGenerator[str]:
        for word in ["Diane", "is", "here,", "and", "Robert", "is", "there.", "Fine."]:
            yield word + " "

    said = clauses(
        pieces(),
        labels=["Meetbot", "Guest 1"],
        max_tokens=100,
        holds=lambda clause, before: "Robert" not in clause,
    )
    assert [clause async for clause in said] == ["Diane is here,"]
