"""silero with its real model, against the labels of a recorded phone call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from meetbot.config import VadSettings
from meetbot.core.types import SAMPLE_RATE
from meetbot.engines.registry import load_engine
from meetbot.models import ModelStore
from meetbot.transcribe.media import read_sound

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.core.ports import VoiceActivity, VoiceActivityStream

pytestmark = pytest.mark.model

WINDOW = 512


@pytest.fixture(scope="module")
def detector() -> VoiceActivity:
    engine: VoiceActivity = load_engine("vad", "silero", ModelStore(), VadSettings())
    return engine


@pytest.fixture(scope="module")
def call() -> NDArray[np.float32]:
    return read_sound(ModelStore().path("phone-talk") / "sample.wav")


def probabilities(stream: VoiceActivityStream, sound: NDArray[np.float32]) -> NDArray[np.float64]:
    starts = range(0, len(sound) - WINDOW + 1, WINDOW)
    return np.array([stream.probability(sound[start : start + WINDOW]) for start in starts])


def labelled(count: int) -> NDArray[np.bool_]:
    """Whether someone speaks, by the recording's labels, for each of ``count`` windows."""
    speech = np.zeros(count, dtype=bool)
    labels = (ModelStore().path("phone-talk") / "sample.rttm").read_text(encoding="utf-8")
    for line in labels.splitlines():
        begin, seconds = (float(field) for field in line.split()[3:5])
        first, last = (round(at * SAMPLE_RATE / WINDOW) for at in (begin, begin + seconds))
        speech[first:last] = True
    return speech


def test_speech_and_none_are_told_apart_as_the_labels_have_it(
    detector: VoiceActivity, call: NDArray[np.float32]
) -> None:
    found = probabilities(detector.open(), call)
    speech = labelled(len(found))
    assert found.min() >= 0
    assert found.max() <= 1
    assert (found[speech] > 0.5).mean() > 0.9
    assert (found[~speech] > 0.5).mean() < 0.1
    assert speech.mean() > 0.6


@pytest.mark.parametrize("level", [0.0, 0.001, 0.1])
def test_noise_is_no_speech(detector: VoiceActivity, level: float) -> None:
    noise = level * np.random.default_rng(1).standard_normal(3 * SAMPLE_RATE)
    assert probabilities(detector.open(), noise.astype(np.float32)).max() < 0.5


def test_two_microphones_do_not_disturb_each_other(
    detector: VoiceActivity, call: NDArray[np.float32]
) -> None:
    talking, silent = call[10 * SAMPLE_RATE : 13 * SAMPLE_RATE], np.zeros(WINDOW, np.float32)
    alone = probabilities(detector.open(), talking)
    first, second = detector.open(), detector.open()
    together = []
    for start in range(0, len(talking) - WINDOW + 1, WINDOW):
        together.append(first.probability(talking[start : start + WINDOW]))
        assert second.probability(silent) < 0.5
    np.testing.assert_array_equal(together, alone)


def test_a_stream_that_was_reset_has_forgotten_what_it_heard(
    detector: VoiceActivity, call: NDArray[np.float32]
) -> None:
    talking = call[10 * SAMPLE_RATE : 12 * SAMPLE_RATE]
    stream = detector.open()
    fresh = probabilities(stream, talking)
    assert np.abs(probabilities(stream, talking) - fresh).max() > 0
    stream.reset()
    np.testing.assert_array_equal(probabilities(stream, talking), fresh)
