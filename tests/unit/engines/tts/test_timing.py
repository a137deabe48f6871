"""Sounds and told times to a ``Speech``: trimmed, its pauses where the sound is silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from meetbot.core.voice import Phone
from meetbot.engines.tts.estimate import estimate
from meetbot.engines.tts.letters import phonemes
from meetbot.engines.tts.pieces import pieces
from meetbot.engines.tts.timing import Hush, Sounded, finish

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.core.types import Word

RATE = 16_000


def sound(*parts: tuple[float, float]) -> NDArray[np.float32]:
    """Tones of (seconds, loudness), one after the other."""
    return np.concatenate(
        [
            (level * np.sin(np.arange(round(seconds * RATE)) * 0.3)).astype(np.float32)
            for seconds, level in parts
        ]
    )


def milliseconds(items: tuple[Phone, ...] | tuple[Word, ...]) -> list[tuple[str, int, int]]:
    return [
        (
            item.symbol if isinstance(item, Phone) else item.text,
            round(item.start_ns / 1e6),
            round(item.end_ns / 1e6),
        )
        for item in items
    ]


def test_silence_in_front_goes_and_the_rest_is_that_of_the_punctuation() -> None:
    told = [Sounded("a", 0.5, 0.7, 0), Sounded("b", 0.7, 1.0, 1)]
    speech = finish(sound((0.5, 0), (0.5, 0.5), (2, 0)), RATE, "a b.", told, ["a", "b."])
    assert speech is not None
    assert milliseconds(speech.phones) == [("a", 0, 205), ("b", 205, 505), ("", 505, 745)]
    assert milliseconds(speech.words) == [("a", 5, 205), ("b.", 205, 505)]
    assert len(speech.samples) == round(0.745 * RATE)


@pytest.mark.parametrize(("text", "rest"), [("a?", 0.24), ("a,", 0.12), ("a", 0.03), ('a."', 0.24)])
def test_what_follows_decides_how_long_the_rest_is(text: str, rest: float) -> None:
    speech = finish(sound((0.4, 0.5)), RATE, text, [Sounded("a", 0, 0.4, 0)], [text])
    assert speech is not None
    assert len(speech.samples) / RATE == pytest.approx(0.4 + rest, abs=0.005)


def test_a_pause_is_moved_to_where_the_sound_is_silent() -> None:
    samples = sound((0.4, 0.5), (0.2, 0), (0.4, 0.5))
    told = [Sounded("a", 0, 0.45, 0), Sounded("", 0.45, 0.55), Sounded("b", 0.55, 1.0, 1)]
    speech = finish(samples, RATE, "a, b", told, ["a,", "b"])
    assert speech is not None
    assert milliseconds(speech.phones)[:3] == [("a", 0, 400), ("", 400, 600), ("b", 600, 1000)]


def test_a_pause_that_is_not_silent_is_shared_by_its_neighbours() -> None:
    told = [Sounded("a", 0, 0.4, 0), Sounded("", 0.4, 0.6), Sounded("b", 0.6, 1.0, 1)]
    speech = finish(sound((1, 0.5)), RATE, "a b", told, ["a", "b"])
    assert speech is not None
    assert milliseconds(speech.phones)[:2] == [("a", 0, 500), ("b", 500, 1000)]


def test_noise_after_the_last_phoneme_is_cut_off() -> None:
    told = [Sounded("a", 0, 0.4, 0)]
    speech = finish(sound((0.4, 0.5), (1.0, 0.02)), RATE, "a,", told, ["a,"])
    assert speech is not None
    assert len(speech.samples) / RATE == pytest.approx(0.62, abs=0.01)


def test_a_word_without_phonemes_is_written_to_its_neighbour() -> None:
    told = [Sounded("a", 0, 0.4, 1), Sounded("b", 0.4, 1.0, 3)]
    speech = finish(sound((1, 0.5)), RATE, "— a — b", told, ["—", "a", "—", "b"])
    assert speech is not None
    assert [word.text for word in speech.words] == ["— a —", "b"]


def test_silence_is_no_speech_and_what_is_too_loud_is_made_to_fit() -> None:
    assert finish(sound((1, 0)), RATE, "a", [Sounded("a", 0, 1, 0)], ["a"]) is None
    loud = finish(sound((1, 3.0)), RATE, "a", [Sounded("a", 0, 1, 0)], ["a"])
    assert loud is not None
    assert float(np.abs(loud.samples).max()) == pytest.approx(0.98, abs=0.001)


def test_hush_finds_silences_between_sounds_only() -> None:
    hush = Hush(sound((0.2, 0), (0.3, 0.5), (0.1, 0), (0.3, 0.5), (0.2, 0)), RATE)
    assert hush.bounds() == (pytest.approx(0.2, abs=0.003), pytest.approx(0.9, abs=0.003))
    assert hush.runs(0.05) == [(pytest.approx(0.5, abs=0.003), pytest.approx(0.6, abs=0.003))]
    assert hush.runs(0.2) == []


def test_estimated_phrases_end_where_the_sound_pauses() -> None:
    samples = sound((0.1, 0), (0.5, 0.5), (0.3, 0), (1.0, 0.5))
    sounded = estimate(["Mama,", "papa", "tata."], samples, RATE)
    by_word = {n: [each for each in sounded if each.word == n] for n in (0, 1, 2)}
    assert "".join(each.symbol for each in by_word[0]) == "mama"
    assert by_word[0][-1].end == pytest.approx(0.6, abs=0.01)
    assert by_word[1][0].start == pytest.approx(0.9, abs=0.01)
    assert by_word[1][-1].end == pytest.approx(1.4, abs=0.05)
    assert sounded[-1].end == pytest.approx(1.9, abs=0.01)


def test_an_estimate_of_more_pauses_than_the_sound_has_stays_in_order() -> None:
    samples = sound((0.5, 0.5), (0.2, 0), (1.5, 0.5))
    sounded = estimate(["Da,", "net,", "mozhet", "byt,", "zavtra."], samples, RATE)
    starts = [each.start for each in sounded]
    assert starts == sorted(starts)
    assert sounded[-1].end == pytest.approx(2.2, abs=0.01)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("хлеб", "xlep"), ("сделать", "zdelat"), ("что", "ʂto"), ("его", "jevo"),
        ("учится", "utɕitsa"), ("счёт", "ɕot"), ("подъезд", "podjest"), ("друг,", "druk"),
        ("солнце", "sontse"), ("ship", "ʃip"), ("façade", "fasade"), ("3", "ə"), ("—", ""),
    ],
)  # fmt: skip
def test_letters_to_phonemes(word: str, said: str) -> None:
    assert phonemes(word) == said


def test_pieces_are_sentences_and_nothing_is_lost() -> None:
    text = "Первое предложение. Второе, т. е. другое! Третье?"
    assert pieces(text) == ["Первое предложение.", "Второе, т. е. другое!", "Третье?"]
    long = "слово, " * 100
    assert all(len(piece) <= 200 for piece in pieces(long))
    assert "".join(pieces(long)).replace(" ", "") == long.replace(" ", "")
    assert pieces("a" * 450) == ["a" * 200, "a" * 200, "a" * 50]
    assert pieces("  \n ") == []
