"""What of an answer was heard, and where it goes on: told by the words' places in the sound."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetbot.core.types import Word
from meetbot.core.voice import Speech
from meetbot.talking.sound import Resampler
from meetbot.talking.track import Track
from unit.talking.fakes import RATE, WORD_S, hum

PER_WORD = round(WORD_S * 48_000)
WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyzабвгдежз", min_size=1, max_size=6)
CLAUSES = st.lists(st.lists(WORDS, min_size=1, max_size=6).map(" ".join), min_size=1, max_size=5)


def _add(track: Track, clause: str, *stretches: Speech) -> None:
    track.begin(clause)
    resampler = Resampler(stretches[0].sample_rate)
    for speech in stretches:
        track.mark(speech)
        track.add(resampler.push(speech.samples))
    track.add(resampler.push(np.zeros(0, np.float32), last=True))
    track.end_clause()


def _track(*clauses: str) -> Track:
    track = Track()
    for clause in clauses:
        _add(track, clause, hum(clause))
    track.finish()
    return track


@given(clauses=CLAUSES, takes=st.lists(st.integers(0, 20_000), max_size=30))
def test_what_was_spoken_is_the_words_whose_sound_was_played(
    clauses: list[str], takes: list[int]
) -> None:
    track = _track(*clauses)
    played = sum(len(track.take(count)) for count in takes)
    words = " ".join(clauses).split()
    heard = track.heard_text().split()
    assert heard == words[: len(heard)]
    assert len(heard) == min(len(words), (played + 1) // PER_WORD)


@given(
    clauses=CLAUSES,
    steps=st.lists(st.tuples(st.integers(1, 30_000), st.booleans()), max_size=20),
)
def test_going_back_repeats_one_word_at_most_and_what_was_heard_stays_heard(
    clauses: list[str], steps: list[tuple[int, bool]]
) -> None:
    track = _track(*clauses)
    for count, back in steps:
        track.take(count)
        before, heard = track.cursor, track.heard_text()
        if back:
            track.go_back()
            assert before - PER_WORD - 960 <= track.cursor <= before
        assert track.heard_text() == heard
    rest = track.take(track.length)
    assert track.cursor == track.length
    assert len(rest) <= track.length
    assert track.heard_text() == " ".join(clauses)
    assert track.over


@given(
    words=st.lists(WORDS, min_size=1, max_size=6),
    times=st.lists(st.integers(-500, 4_000), min_size=12, max_size=12),
    played=st.integers(0, 100_000),
)
def test_whatever_times_an_engine_tells_what_was_spoken_is_a_beginning_of_the_text(
    words: list[str], times: list[int], played: int
) -> None:
    clause = " ".join(words)
    odd = [
        Word(word, times[2 * i] * 1_000_000, times[2 * i + 1] * 1_000_000)
        for i, word in enumerate(words)
    ]
    track = Track()
    _add(track, clause, replace(hum(clause), words=tuple(odd)))
    track.finish()
    track.take(played)
    heard = track.heard_text().split()
    assert heard == words[: len(heard)]
    track.take(track.length)
    assert track.heard_text() == clause


def test_a_clause_in_several_stretches_is_one_sound_with_its_words_in_place() -> None:
    whole, parts = Track(), Track()
    _add(whole, "one two three", hum("one two three"))
    speech = hum("one two three")
    cuts = [0, 6_001, 11_000, len(speech.samples)]
    _add(
        parts,
        "one two three",
        *(
            Speech(speech.samples[a:b], RATE, "", words=(Word("w", 0, 1_000_000),))
            for a, b in itertools.pairwise(cuts)
        ),
    )
    assert whole.length == parts.length == 3 * PER_WORD
    one, other = whole.take(whole.length).astype(int), parts.take(parts.length).astype(int)
    assert np.abs(one - other).max() <= 1
    assert [mark.start for mark in parts.marks] == [0, 12_002, 22_000]


def test_of_words_that_differ_from_the_text_the_words_are_kept() -> None:
    track = Track()
    _add(track, "It costs $25.", hum("It costs twenty five dollars"))
    track.finish()
    track.take(3 * PER_WORD + 10)
    assert track.heard_text() == "It costs twenty"
    track.take(track.length)
    assert track.heard_text() == "It costs $25."


def test_without_words_the_text_is_shared_out_over_the_time() -> None:
    track = Track()
    _add(track, "one two three four", replace(hum("one two three four"), words=()))
    track.finish()
    track.take(PER_WORD // 2)
    assert track.heard_text() == ""
    track.take(2 * PER_WORD)
    assert track.heard_text() == "one two"
    track.go_back()
    assert track.cursor == 0


def test_what_has_begun_to_sound_is_shown_and_the_rest_is_not() -> None:
    track = _track("one two.", "three.")
    assert track.begun_text() == ""
    track.take(1)
    assert track.begun_text() == "one two."
    track.take(2 * PER_WORD)
    assert track.begun_text() == "one two. three."


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 44_100, 48_000])
def test_a_sound_is_as_long_after_resampling_as_before(rate: int) -> None:
    track = Track()
    _add(track, "one two three", hum("one two three", rate=rate))
    assert abs(track.length - 3 * PER_WORD) <= 1
