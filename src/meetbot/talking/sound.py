"""Sound on its way out: resampled to 48 kHz, cut, faded. Pure functions and small states."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import soxr

from meetbot.core.voice import VOICE_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.core.types import Word
    from meetbot.core.voice import Phone, Speech

__all__ = [
    "FADE_SAMPLES",
    "FULL_SCALE",
    "Gain",
    "Resampler",
    "cut",
    "samples_of",
    "time_of",
    "to_int16",
    "without_lead",
]

Timed = TypeVar("Timed", "Phone", "Word")

NS_PER_S = 1_000_000_000
FULL_SCALE = 32_767
FADE_SAMPLES = VOICE_RATE // 50
"""A fade takes 20 ms: short, and it does not click."""
LEAD_LEVEL = 0.006
LEAD_KEPT_S = 0.01


def samples_of(ns: int, rate: int = VOICE_RATE) -> int:
    """How many samples ``ns`` last."""
    return round(ns * rate / NS_PER_S)


def time_of(samples: int, rate: int = VOICE_RATE) -> int:
    """How many nanoseconds ``samples`` last."""
    return round(samples * NS_PER_S / rate)


def to_int16(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """Full scale ±1 to int16; what is louder is clipped, what is no number is silence."""
    sane = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
    scaled: NDArray[np.float32] = np.rint(np.clip(sane, -1.0, 1.0) * FULL_SCALE)
    return scaled.astype(np.int16)


class Resampler:
    """One unbroken sound in stretches of float32 at ``rate``, to int16 at 48 kHz."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._stream = (
            None if rate == VOICE_RATE else soxr.ResampleStream(rate, VOICE_RATE, 1, "float32")
        )

    def push(self, samples: NDArray[np.float32], *, last: bool = False) -> NDArray[np.int16]:
        """What can be told so far; ``last``: all that is left (the filter looks 2 ms ahead)."""
        if self._stream is not None:
            samples = self._stream.resample_chunk(samples.astype(np.float32), last=last)
        return to_int16(samples)


class Gain:
    """How loud the voice is; it changes by a straight line over 20 ms."""

    def __init__(self, level: float = 1.0) -> None:
        self.level = level

    def apply(self, samples: NDArray[np.int16], target: float) -> NDArray[np.int16]:
        """``samples`` at the present level, which goes to ``target`` within the first 20 ms."""
        if self.level == target == 1.0:
            return samples
        gains = np.full(len(samples), target, np.float32)
        fade = min(FADE_SAMPLES, len(samples))
        gains[:fade] = np.linspace(self.level, target, fade, dtype=np.float32)
        self.level = target
        faded: NDArray[np.float32] = np.rint(samples * gains)
        return faded.astype(np.int16)


def cut(speech: Speech, start: int) -> Speech:
    """``speech`` without its first ``start`` samples; phones and words that are over are gone."""
    if start <= 0:
        return speech
    gone_ns = time_of(start, speech.sample_rate)
    return replace(
        speech,
        samples=speech.samples[start:],
        phones=_later(speech.phones, gone_ns),
        words=_later(speech.words, gone_ns),
    )


def _later(timed: tuple[Timed, ...], gone_ns: int) -> tuple[Timed, ...]:
    return tuple(
        replace(item, start_ns=max(0, item.start_ns - gone_ns), end_ns=item.end_ns - gone_ns)
        for item in timed
        if item.end_ns > gone_ns
    )


def without_lead(speech: Speech) -> Speech:
    """``speech`` from 10 ms before its first sound on: nobody waits for silence."""
    loud = np.flatnonzero(np.abs(speech.samples) > LEAD_LEVEL)
    first = int(loud[0]) if len(loud) else 0
    return cut(speech, first - round(LEAD_KEPT_S * speech.sample_rate))
