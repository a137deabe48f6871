from __future__ import annotations

import numpy as np
import pytest

from meetbot.config import GateSettings
from meetbot.core.types import Recognition
from meetbot.hearing.gates import credible, worth_recognizing
from meetbot.hearing.turns import Turn

GATES = GateSettings()


def turn(*, voiced_ms: float = 1000, loudness: float = 0.1) -> Turn:
    audio = np.full(16_000, loudness, dtype=np.float32)
    return Turn(audio, 0, 0, 1_000_000_000, voiced_ms)


def test_a_second_of_ordinary_speech_is_worth_recognising() -> None:
    assert worth_recognizing(turn(), GATES)


def test_a_click_is_not() -> None:
    assert not worth_recognizing(turn(voiced_ms=90), GATES)


def test_a_whisper_of_the_noise_floor_is_not() -> None:
    assert not worth_recognizing(turn(loudness=0.001), GATES)


def test_a_plain_sentence_is_credible_in_english_and_russian() -> None:
    assert credible(Recognition("We meet on Monday.", "en", log_probability=-0.2), GATES)
    assert credible(Recognition("Встречаемся в понедельник.", "ru", log_probability=-0.4), GATES)


@pytest.mark.parametrize(
    "recognition",
    [
        Recognition("", "en"),
        Recognition(" … !", "en"),
        Recognition("Thank you.", "en", no_speech=0.9),
        Recognition("Subtitles", "en", log_probability=-1.4),
        Recognition("ha ha ha ha ha", "en", compression_ratio=3.0),
    ],
)
def test_what_a_model_makes_of_noise_is_not_credible(recognition: Recognition) -> None:
    assert not credible(recognition, GATES)
