"""What the loudspeakers play is taken out of the microphone; who speaks there is not."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from meetbot_virtualcam.echo import EchoCanceller
from support.recordings import talk

pytestmark = pytest.mark.model

RATE = 48_000
BLOCK = 480
BLOCK_NS = 10_000_000
HISS = 0.001

Sound = NDArray[np.float64]


@cache
def _speech() -> Sound:
    return talk(RATE).astype(np.float64) / np.abs(talk(RATE)).max() * 0.5


def _in_a_room(sound: Sound, delay_ms: int, loss_db: float) -> Sound:
    """``sound`` as a microphone hears it: late, softer, with 200 ms of reverberation."""
    random = np.random.default_rng(7)
    tail = random.standard_normal(RATE // 5) * np.exp(-np.arange(RATE // 5) / (RATE / 30))
    tail[0] = 3.0
    tail *= 10 ** (-loss_db / 20) / np.sqrt(np.sum(tail**2))
    size = len(sound) + len(tail)
    wet = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(tail, size))[: len(sound)]
    late = delay_ms * RATE // 1_000
    return np.concatenate((np.zeros(late), wet))[: len(sound)]


def _cleaned(microphone: Sound, played: Sound, ahead_ns: int = 0) -> Sound:
    """``ahead_ns``: how much earlier what is played arrives than what is heard."""
    out: list[NDArray[np.int16]] = []
    canceller = EchoCanceller(lambda samples, _: out.append(samples.copy()))
    hiss = np.random.default_rng(8).standard_normal(len(microphone)) * HISS
    near, far = _int16(microphone + hiss), _int16(played)
    blocks = len(near) // BLOCK
    ahead = ahead_ns // BLOCK_NS
    for number in range(-max(0, ahead), blocks - min(0, ahead)):
        if 0 <= number + ahead < blocks:
            at = (number + ahead) * BLOCK
            canceller.played(far[at : at + BLOCK], (number + ahead) * BLOCK_NS)
        if 0 <= number < blocks:
            canceller.heard(near[number * BLOCK :][:BLOCK], number * BLOCK_NS)
    return np.concatenate(out) / 32_767


def _int16(sound: Sound) -> NDArray[np.int16]:
    return np.round(np.clip(sound, -1, 1) * 32_767).astype(np.int16)


def _db(sound: Sound) -> float:
    return float(10 * np.log10(np.mean(sound**2)))


@pytest.mark.parametrize("delay_ms", [10, 60, 150])
@pytest.mark.parametrize("ahead_ms", [-30, 0, 50])
def test_the_others_are_not_heard_again_through_the_loudspeakers(
    delay_ms: int, ahead_ms: int
) -> None:
    far = np.concatenate((_speech(), _speech()))
    echo = _in_a_room(far, delay_ms, loss_db=6)
    cleaned = _cleaned(echo, far, ahead_ms * 1_000_000)
    later = slice(len(_speech()), len(cleaned))
    assert _db(echo[later]) - _db(cleaned[later]) > 20


def test_ones_own_voice_comes_through_in_silence_and_over_the_others() -> None:
    far = np.concatenate((_speech(), np.zeros_like(_speech()), _speech()))
    turned = np.roll(_speech(), len(_speech()) // 2)
    mine = np.concatenate((np.zeros_like(_speech()), _speech(), turned))
    cleaned = _cleaned(mine + _in_a_room(far, 40, loss_db=15), far)
    for part in (
        slice(len(_speech()), 2 * len(_speech())),
        slice(2 * len(_speech()), len(cleaned)),
    ):
        assert abs(_db(mine[part]) - _db(cleaned[part])) < 3


def test_the_microphone_is_not_held_up_while_nothing_is_played() -> None:
    times: list[int] = []
    canceller = EchoCanceller(lambda _, at_ns: times.append(at_ns))
    for number in range(20):
        canceller.heard(np.zeros(BLOCK, dtype=np.int16), number * BLOCK_NS)
    assert times == [number * BLOCK_NS for number in range(16)]
