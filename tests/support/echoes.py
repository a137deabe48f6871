"""The bot's voice from a loudspeaker, and what the echo guard makes of a microphone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.clock import NS_PER_S
from meetbot.core.types import SAMPLE_RATE
from meetbot.hearing.echo import EchoGuard, EchoReference
from meetbot.hearing.intake import WINDOW, Window

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["in_room", "judged", "loudness"]

SLICE = 640
"""40 ms, as the bot plays them."""


def in_room(sound: NDArray[np.float32], delay_ms: float, decibels: float) -> NDArray[np.float32]:
    """As it comes back from a loudspeaker in a room with 0.3 s of reverberation."""
    dice = np.random.default_rng(5)
    count = round(0.3 * SAMPLE_RATE)
    response = dice.standard_normal(count) * 10 ** (-3 * np.arange(count) / count)
    response[0] = 8.0
    response /= np.sqrt(np.sum(np.square(response)))
    size = len(sound) + count
    wet = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(response, size), size)
    late = np.concatenate((np.zeros(round(delay_ms * SAMPLE_RATE / 1000)), wet))
    kept: NDArray[np.float32] = (late[: len(sound)] * 10 ** (decibels / 20)).astype(np.float32)
    return kept


def judged(microphone: NDArray[np.float32], bot: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Of each window, whether it is echo; the bot plays in real time."""
    reference = EchoReference()
    guard = EchoGuard(reference)
    verdicts = []
    told = 0
    samples = np.round(np.clip(bot, -1, 1) * 32_767).astype(np.int16)
    for start in range(0, len(microphone) - WINDOW + 1, WINDOW):
        while told < min(len(samples), start + WINDOW):
            pts_ns = told * NS_PER_S // SAMPLE_RATE
            reference.played(samples[told : told + SLICE], SAMPLE_RATE, pts_ns)
            told += SLICE
        pts_ns = start * NS_PER_S // SAMPLE_RATE
        verdicts.append(guard.is_echo(Window(microphone[start : start + WINDOW], pts_ns)))
    return np.array(verdicts)


def loudness(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Root mean square of each whole window."""
    windows = sound[: len(sound) // WINDOW * WINDOW].reshape(-1, WINDOW)
    level: NDArray[np.float32] = np.sqrt(np.mean(np.square(windows), axis=1))
    return level
