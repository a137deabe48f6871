from __future__ import annotations

import numpy as np
import pytest

from meetbot.core.types import AudioFrame
from meetbot.demo.measure import picture_delays, speech_end, speech_ends
from meetbot.demo.meeting import Received

RATE = 48_000


class LoudVoice:
    def probability(self, window: np.ndarray) -> float:
        return float(np.abs(window).mean() > 0.05)

    def reset(self) -> None:
        pass


def sound(*parts: tuple[float, float]) -> np.ndarray:
    return np.concatenate(
        [np.full(round(seconds * RATE), level * 32_767, dtype=np.int16) for seconds, level in parts]
    )


def received(samples: np.ndarray, begin: float, without: range = range(0)) -> list[AudioFrame]:
    step = RATE // 50
    return [
        AudioFrame(samples[at : at + step], RATE, round((begin + at / RATE) * 1e9))
        for at in range(0, len(samples), step)
        if at // step not in without
    ]


def test_speech_ends_are_found_where_the_sound_falls_silent() -> None:
    frames = received(sound((1, 0), (2, 0.3), (1, 0), (1, 0.3), (1, 0)), 100.0)
    assert speech_ends(frames, LoudVoice()) == pytest.approx([103.0, 105.0], abs=0.04)


def test_silence_that_was_not_sent_moves_nothing() -> None:
    frames = received(sound((1, 0), (2, 0.3), (1, 0), (1, 0.3), (1, 0)), 100.0, range(160, 195))
    assert speech_ends(frames, LoudVoice()) == pytest.approx([103.0, 105.0], abs=0.04)


def test_no_sound_has_no_ends() -> None:
    assert len(speech_ends([], LoudVoice())) == 0


def test_an_utterance_ends_at_the_nearest_end_of_speech() -> None:
    assert speech_end(3.0, np.array([103.1, 105.0]), 100.0) == pytest.approx(103.1)


def test_an_utterance_cut_in_flowing_speech_ends_where_it_was_cut() -> None:
    assert speech_end(4.0, np.array([103.1, 105.0]), 100.0) == pytest.approx(104.0)


def painted(name: str, said_end: float, participant: str | None = "p-1") -> Received:
    message = {"type": "picture", "id": name, "said_end": said_end, "participant": participant}
    return Received(0, message)


def test_a_pictures_delay_is_from_the_end_of_its_words_to_its_first_frame() -> None:
    told = [painted("a", 3.0), painted("b", 5.0), painted("c", 7.0), painted("d", 9.0, None)]
    seen = {"a": 103_900_000_000, "b": 106_000_000_000, "c": None, "d": 110_000_000_000}
    delays = picture_delays(told, seen, {"p-1": [103.1, 105.0]}, 100.0)
    assert delays == pytest.approx({"a": 0.8, "b": 1.0})
