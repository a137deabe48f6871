"""What a language model writes, as it is said."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetbot.talking.speakable import speakable


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("**Hello** 😀 _there_!", "Hello there!"),
        ("😀🎉", "grinning face, party popper"),
        ("Call `foo` and `x = f(y)`.", "Call foo and some code."),
        ("Here:\n```python\nprint(1)\n```\nDone.", "Here: some code. Done."),
        (
            "See [the docs](https://a.b/c?d=e), or https://www.example.com/x?y=1.",
            "See the docs, or a link to example dot com.",
        ),
        ("Write to bob@example.com.", "Write to bob at example dot com."),
        ("# Plan\n- one\n- two\n> three", "Plan. one. two. three"),
        ("<b>bold</b> &amp; \x1b[31mred\x1b[0m \x00\u202ebell\x07", "bold and red bell"),
        (
            "We met e.g. Dr. Smith, i.e. him, etc. Then I left.",
            "We met for example Doctor Smith, that is him, et cetera. Then I left.",
        ),
        (
            "3 of 1,250 at 3.5%",
            "three of one thousand two hundred fifty at three point five percent",
        ),
        (
            "$5.50, $1, €20 and $3.2 million",
            "five dollars fifty cents, one dollar, twenty euro and three point two million dollars",
        ),
        (
            "On 2026-11-22, 14:30 or 10:00",
            "On November twenty-second, twenty twenty-six, fourteen thirty or ten o'clock",
        ),
        (
            "in 1999, the 21st of v1.2.3",
            "in nineteen ninety-nine, the twenty-first of one point two point three",
        ),
        ("-5°C, 2-3 or 5–10", "minus five degrees, two to three or five to ten"),
        ("GPT-4o on 16GB", "GPT-four o on sixteen gigabytes"),
        ("007", "zero zero seven"),
        ("Really?!?! Wait.....", "Really? Wait…"),
        ("", ""),
        ("...", ""),
        ("***", ""),
        ("\x00\x1b", ""),
    ],
)
def test_english(written: str, said: str) -> None:
    assert speakable(written, "en") == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("**Привет** 😀!", "Привет!"),
        ("😀", "широко улыбается"),
        ("Вот:\n```\nx=1\n```\nи `f(x)`", "Вот: фрагмент кода. и фрагмент кода"),
        ("Смотри https://example.com/x", "Смотри ссылка на example точка com"),
        (
            "Т. е. так, т. к. он и т. д. Потом напр. № 5",
            "То есть так, так как он и так далее. Потом например номер пять",
        ),
        (
            "1 задача, 2 недели, 21 день, 1 250 строк",
            "одна задача, две недели, двадцать один день, одна тысяча двести пятьдесят строк",
        ),
        (
            "3,5 %, 1%, 2%, 5%",
            "три целых пять десятых процента, один процент, два процента, пять процентов",
        ),
        (
            "5 ₽, 1 руб., 2 руб, 3,2 млн руб.",
            "пять рублей, один рубль, два рубля, три целых две десятых миллиона рублей",
        ),
        (
            "22.11.2026 в 14:30",
            "двадцать второго ноября две тысячи двадцать шестого года в четырнадцать тридцать",
        ),
        (
            "5 мая 2024 г., в 2023 году",
            "пятого мая две тысячи двадцать четвёртого года, в две тысячи двадцать третьем году",
        ),
        ("1-й, 3-го, 20°C, -5", "первый, третьего, двадцать градусов, минус пять"),
    ],
)
def test_russian(written: str, said: str) -> None:
    assert speakable(written, "ru") == said


def test_other_languages_get_their_numbers_where_they_are_known() -> None:
    assert speakable("Es sind **3** Leute.", "de") == "Es sind drei Leute."
    assert speakable("3 *things*", "xx") == "3 things"


HARD = [
    "*" * 10_000,
    "_a_" * 3000,
    "[" * 10_000,
    "<a" * 5000,
    "`" * 10_001,
    "1," * 5000,
    "1" * 10_000,
    "http://" * 1500,
    "a@" * 5000,
    "<https://a" * 1000,
    "- " * 5000,
    "|" * 10_000,
    " " * 9_999 + "x",
    "\n" * 10_000,
    "😀" * 10_000,
    "1 " * 5000,
    "12:" * 3000,
    "$1" * 5000,
    "~~~" * 3000,
    "&" * 10_000,
]


@pytest.mark.parametrize("text", HARD)
def test_ten_thousand_hostile_characters_take_no_time(text: str) -> None:
    for language in ("en", "ru"):
        speakable("1 😀", language)  # its tables are read once
    began = time.thread_time()
    assert "*" not in speakable(text, "en")
    speakable(text, "ru")
    assert time.thread_time() - began < 1.0


@given(st.text(max_size=200), st.sampled_from(["en", "ru", "de", "ja", "xx"]))
def test_whatever_is_written_what_is_said_is_one_plain_line(text: str, language: str) -> None:
    said = speakable(text, language)
    assert said == " ".join(said.split())
    assert said.isprintable()
    assert not set(said) & set("`*#<>[]{}|\\~^$€_")
    assert not said or any(c.isalnum() for c in said)
