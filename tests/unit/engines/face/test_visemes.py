"""The mouth over time, from phonemes of several languages and engines, or from loudness."""

from __future__ import annotations

import numpy as np
import pytest

from meetbot.core.voice import Phone, Speech
from meetbot.engines.face.puppet.visemes import PARTS, Track, track_of

RATE = 16_000
JAW, WIDE, ROUND, PRESS, BITE, _ = range(len(PARTS))
EACH_S = 0.1


def speech_of(symbols: list[str], each_s: float = EACH_S) -> Speech:
    """A tone, silent where a symbol is ``""``, with each symbol for ``each_s``."""
    count = round(each_s * RATE)
    tone = 0.3 * np.sin(2 * np.pi * 150 * np.arange(count) / RATE).astype(np.float32)
    parts = [tone if symbol else np.zeros(count, np.float32) for symbol in symbols]
    ns = round(each_s * 1e9)
    phones = tuple(Phone(s, i * ns, (i + 1) * ns) for i, s in enumerate(symbols))
    return Speech(np.concatenate(parts), RATE, "", phones)


def middle(symbols: list[str], number: int) -> np.ndarray:
    """The shape in the middle of one symbol."""
    return track_of(speech_of(symbols), 0.0).at((number + 0.5) * EACH_S)


@pytest.mark.parametrize("vowel", ["a", "ɑː", "ˈa", "æ", "ɐ", "ä", "aɪ"])
def test_open_vowels_open_the_jaw_most(vowel: str) -> None:
    assert middle(["t", vowel, "t"], 1)[JAW] > 0.5
    assert middle(["t", "i", "t"], 1)[JAW] < middle(["t", vowel, "t"], 1)[JAW]


@pytest.mark.parametrize("closure", ["m", "b", "p", "mʲ", "bʲ", "pʰ", "mː"])
def test_lips_meet_for_m_b_and_p_between_vowels(closure: str) -> None:
    shape = middle(["a", closure, "a"], 1)
    assert shape[PRESS] > 0.7
    assert shape[JAW] < 0.2


@pytest.mark.parametrize("rounded", ["u", "uː", "ʊ", "w", "o", "ʉ"])
def test_rounded_sounds_round_the_lips(rounded: str) -> None:
    assert middle(["t", rounded, "t"], 1)[ROUND] > 0.4
    assert middle(["t", "i", "t"], 1)[ROUND] < 0.1


@pytest.mark.parametrize("labial", ["f", "v", "fʲ", "vʲ"])
def test_the_lip_goes_under_the_teeth_for_f_and_v(labial: str) -> None:
    assert middle(["a", labial, "a"], 1)[BITE] > 0.5


@pytest.mark.parametrize(
    "symbol", ["tʲ", "t͡s", "tɕ", "dʒ", "ɨ", "ʐ", "ɫ", "ɡʲ", "ˌɛ", "eɪ", "x", "ɾ", "ð", "ɚ"]
)
def test_english_russian_and_espeak_symbols_move_the_mouth(symbol: str) -> None:
    shape = middle(["", symbol, ""], 1)
    assert np.isfinite(shape).all()
    assert 0.05 < shape[JAW] < 0.9


@pytest.mark.parametrize("symbol", ["ǂ", "?", "ʘ̃", "1", "—", "ж"])
def test_an_unknown_symbol_is_no_error_and_no_grimace(symbol: str) -> None:
    shape = middle(["", symbol, ""], 1)
    assert np.isfinite(shape).all()
    assert shape.max() < 0.6


def test_a_diphthong_goes_from_its_first_vowel_to_its_second() -> None:
    track = track_of(speech_of(["t", "aʊ", "t"], 0.2), 0.0)
    begin, end = track.at(0.25), track.at(0.36)
    assert begin[JAW] > end[JAW] + 0.1
    assert end[ROUND] > begin[ROUND] + 0.1


def test_the_mouth_is_shut_in_a_pause_of_a_sentence() -> None:
    track = track_of(speech_of(["a", "a", "", "", "", "", "a", "a"]), 0.0)
    assert track.at(0.4).max() < 0.05
    assert track.at(0.1)[JAW] > 0.4
    assert track.at(0.72)[JAW] > 0.4


def test_it_is_shut_before_and_after() -> None:
    track = track_of(speech_of(["a", "a", "a"]), 5.0)
    for time in (0.0, 4.8, 5.0 + 0.3 + 0.25, 60.0):
        assert track.at(time).max() < 0.05
    assert track.at(5.15)[JAW] > 0.4


def test_without_phonemes_the_jaw_follows_the_loudness() -> None:
    with_phones = speech_of(["a", "", "", "", "a", "a"])
    track = track_of(Speech(with_phones.samples, RATE, ""), 0.0)
    assert track.at(0.05)[JAW] > 0.3
    assert track.at(0.25)[JAW] < 0.05
    assert track.at(0.5)[JAW] > 0.3


def test_silence_and_no_samples_at_all_keep_it_shut() -> None:
    for count in (0, 1, RATE):
        track = track_of(Speech(np.zeros(count, np.float32), RATE, ""), 0.0)
        assert np.isfinite(track.rows).all()
        assert track.rows.max(initial=0.0) < 0.05


def test_no_shape_is_reached_by_a_jump() -> None:
    rows = track_of(speech_of(["h", "ə", "l", "oʊ", "", "b", "ɑ", "b", "v", "u"]), 0.0).rows
    assert np.abs(np.diff(rows, axis=0)).max() < 0.4


def test_a_track_can_be_ended_early() -> None:
    track = track_of(speech_of(["a"] * 10), 1.0)
    ended = track.until(1.5)
    assert ended.at(1.4)[JAW] == track.at(1.4)[JAW] > 0
    assert ended.at(1.52).max() == 0
    assert isinstance(track.until(0.0), Track)
    assert track.until(0.0).at(1.5).max() == 0
