from __future__ import annotations

import numpy as np

from meetbot.core.types import Recognition, Word
from meetbot.hearing.trail import PartialTrail, joined

S = 1_000_000_000


def said(*words: tuple[str, float, float], language: str = "en") -> Recognition:
    timed = tuple(Word(text, round(a * S), round(b * S)) for text, a, b in words)
    return Recognition(" ".join(w.text for w in timed), language, words=timed)


def sound(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * 16_000), np.float32)


def test_a_short_turn_is_recognised_whole_each_time() -> None:
    trail = PartialTrail()
    trail.add(said(("one", 0, 1), ("two", 1, 2)), trail.pending(sound(2)))
    assert len(trail.pending(sound(3)).audio) == 3 * 16_000


def test_words_of_a_long_turn_that_ended_a_while_ago_are_settled() -> None:
    trail = PartialTrail()
    first = said(("one", 0, 1), ("two", 1, 3), ("three", 3, 5.5))
    assert trail.add(first, trail.pending(sound(6))) == "one two three"
    pending = trail.pending(sound(7))
    assert len(pending.audio) == 4 * 16_000
    again = said(("three", 0, 2.5), ("four", 2.5, 4))
    assert trail.add(again, pending) == "one two three four"


def test_what_was_asked_before_words_were_settled_repeats_none_of_them() -> None:
    trail = PartialTrail()
    early = trail.pending(sound(6))
    late = trail.pending(sound(7))
    trail.add(said(("one", 0, 1), ("two", 1, 3), ("three", 3, 5.5)), early)
    again = said(("one", 0, 1), ("two", 1, 3), ("three", 3, 5.5), ("four", 6, 7))
    assert trail.add(again, late) == "one two three four"
    assert len(trail.pending(sound(8)).audio) == 5 * 16_000


def test_what_is_recognised_again_stays_bounded_in_a_monologue() -> None:
    trail = PartialTrail()
    longest = 0
    for second in range(1, 60):
        pending = trail.pending(sound(second))
        longest = max(longest, len(pending.audio))
        count = len(pending.audio) // 16_000
        trail.add(said(*((f"w{i}", i, i + 1) for i in range(count))), pending)
    assert longest <= 7 * 16_000


def test_languages_without_spaces_are_joined_without() -> None:
    assert joined(["今日", "は"], "ja") == "今日は"
    assert joined(["привет", "всем"], "ru") == "привет всем"
