from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from meetbot.stage.text import clean, head, initials, tail


def test_control_and_bidi_characters_are_taken_out() -> None:
    assert clean("a\u202eb\u2066c\u200bd\x07\x00e\ufeff") == "abcde"


def test_line_breaks_and_tabs_become_single_spaces() -> None:
    assert clean("  one\n\ttwo\u2028three\r\n") == "one two three"


def test_cyrillic_and_composed_letters_survive() -> None:
    assert clean("Ёлка и\u0306од") == "Ёлка йод"


def test_a_pile_of_marks_is_cut() -> None:
    shown = clean("H" + "\u0336\u0337\u0338\u0321" * 30 + "i")
    assert sum(unicodedata.category(char)[0] == "M" for char in shown) == 4
    assert shown.endswith("i")


def test_persian_joiner_stays_between_letters() -> None:
    assert clean("می\u200cخواهم") == "می\u200cخواهم"


@given(st.text(max_size=200))
def test_nothing_unprintable_is_left(text: str) -> None:
    shown = clean(text)
    assert all(c.isprintable() or c in "\u200c\u200d" for c in shown)
    assert clean(shown) == shown


def test_head_keeps_the_beginning_and_tail_the_end() -> None:
    assert head("abcdef", 4) == "abc…"
    assert head("abcd", 4) == "abcd"
    assert tail("one two three four", 12) == "… three four"[:14]
    assert tail("short", 12) == "short"


@given(st.text(max_size=80), st.integers(min_value=4, max_value=40))
def test_cut_texts_are_never_longer_than_asked(text: str, limit: int) -> None:
    assert len(head(text, limit)) <= limit
    assert len(tail(text, limit)) <= limit


def test_initials_come_from_the_first_and_last_word() -> None:
    assert initials("anna maria petrova") == "AP"
    assert initials("Мария") == "М"
    assert initials("«Иван» Ли") == "ИЛ"
    assert initials("!!! …") == "?"
