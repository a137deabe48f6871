"""smart-turn with its real model, and its features against the definition written out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
import pytest

from meetbot.config import TurnSettings
from meetbot.core.types import SAMPLE_RATE
from meetbot.engines.registry import load_engine
from meetbot.engines.turn.smart_turn import SmartTurnDetector
from meetbot.models import ModelStore
from meetbot.transcribe.media import read_sound
from support.recordings import talk

if TYPE_CHECKING:
    from numpy.typing import NDArray

pytestmark = pytest.mark.model

BANDS, FFT, HOP = 80, 400, 160
CONTEXT = 8 * SAMPLE_RATE


@pytest.fixture(scope="module")
def detector() -> SmartTurnDetector:
    engine: SmartTurnDetector = load_engine("turn", "smart-turn", ModelStore(), TurnSettings())
    return engine


@pytest.fixture(scope="module")
def call() -> NDArray[np.float32]:
    """Six seconds of two people."""
    return talk()


@pytest.fixture(scope="module")
def long_call() -> NDArray[np.float32]:
    """Fifteen seconds of them, over what the detector looks at."""
    return read_sound(ModelStore().path("phone-talk") / "sample.wav")[7 * 16_000 : 22 * 16_000]


@pytest.fixture(scope="module")
def network() -> Any:
    """The network by itself."""
    return onnxruntime.InferenceSession(ModelStore().path("smart-turn-v3.2") / "smart-turn.onnx")


def mel_points(count: int) -> NDArray[np.float64]:
    """Frequencies equally far apart in Slaney's mel: linear to 1 kHz, a logarithm above."""

    def to_mel(hz: float) -> float:
        return 3 * hz / 200 if hz < 1000 else 15 + 27 * float(np.log(hz / 1000) / np.log(6.4))

    def to_hz(mel: float) -> float:
        return 200 * mel / 3 if mel < 15 else 1000 * float(np.exp((mel - 15) / 27 * np.log(6.4)))

    return np.array([to_hz(mel) for mel in np.linspace(0, to_mel(8000), count)])


def mel_bank() -> NDArray[np.float64]:
    """Triangles of area 1 over the bins of the transform, one by one."""
    points, bank = mel_points(BANDS + 2), np.zeros((BANDS, FFT // 2 + 1))
    for band, (low, peak, high) in enumerate(zip(points, points[1:], points[2:], strict=False)):
        for number in range(FFT // 2 + 1):
            hz = number * SAMPLE_RATE / FFT
            rise, fall = (hz - low) / (peak - low), (high - hz) / (high - peak)
            bank[band, number] = max(0.0, min(rise, fall)) * 2 / (high - low)
    return bank


def written_out(audio: NDArray[np.float32]) -> NDArray[np.float64]:
    """smart-turn's input by its definition, in float64: shape (1, 80, 800)."""
    turn = np.zeros(CONTEXT)
    recent = audio[-CONTEXT:].astype(np.float64)
    turn[CONTEXT - len(recent) :] = recent
    turn = (turn - turn.mean()) / np.sqrt(turn.var() + 1e-7)
    framed = np.pad(turn, FFT // 2, mode="reflect")
    hann = np.sin(np.pi * np.arange(FFT) / FFT) ** 2
    bins = np.arange(FFT // 2 + 1)
    transform = np.exp(-2j * np.pi * np.outer(np.arange(FFT), bins) / FFT)
    frames = [framed[at * HOP : at * HOP + FFT] * hann for at in range(CONTEXT // HOP)]
    power = np.abs(np.array(frames) @ transform) ** 2
    mel = np.log10(np.maximum(mel_bank() @ power.T, 1e-10))
    return ((np.maximum(mel, mel.max() - 8) + 4) / 4)[np.newaxis]


class Listening:
    """Stands for the network and keeps what it was fed."""

    fed: NDArray[np.float32]

    def run(self, _names: None, feed: dict[str, Any]) -> list[NDArray[np.float32]]:
        self.fed = feed["input_features"]
        return [np.array([[0.5]], np.float32)]


@pytest.mark.parametrize("seconds", [0.3, 3.0, 8.0, 11.0])
async def test_features_are_the_log_mel_that_the_model_card_defines(
    long_call: NDArray[np.float32], seconds: float
) -> None:
    turn, network = long_call[: round(seconds * SAMPLE_RATE)], Listening()
    await SmartTurnDetector(network).completion(turn)
    assert network.fed.shape == (1, 80, 800)
    assert network.fed.dtype == np.float32
    np.testing.assert_allclose(network.fed, written_out(turn), atol=1e-3)


async def test_the_probability_is_the_networks_for_the_features_written_out(
    detector: SmartTurnDetector, network: Any, call: NDArray[np.float32]
) -> None:
    features = written_out(call).astype(np.float32)
    (expected,) = network.run(None, {"input_features": features})
    assert await detector.completion(call) == pytest.approx(expected.item(), abs=0.01)


async def test_a_finished_sentence_is_more_complete_than_one_cut_in_the_middle(
    detector: SmartTurnDetector, call: NDArray[np.float32]
) -> None:
    pause = np.zeros(SAMPLE_RATE // 5, np.float32)

    async def after(seconds: float) -> float:
        heard = call[round(2.5 * SAMPLE_RATE) : round(seconds * SAMPLE_RATE)]
        return await detector.completion(np.concatenate([heard, pause]))

    finished = await after(5.92)
    cut = [await after(seconds) for seconds in (3.5, 4.0, 4.7)]
    assert finished > 0.5 > max(cut)


async def test_only_the_last_eight_seconds_count(
    detector: SmartTurnDetector, long_call: NDArray[np.float32]
) -> None:
    assert await detector.completion(long_call) == await detector.completion(long_call[-CONTEXT:])


@pytest.mark.parametrize("count", [0, 1, 1600, SAMPLE_RATE])
async def test_silence_and_next_to_nothing_have_a_probability(
    detector: SmartTurnDetector, count: int
) -> None:
    assert 0 <= await detector.completion(np.zeros(count, np.float32)) <= 1
