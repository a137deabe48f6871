"""What holds for every voice, checked on what it really says."""

from __future__ import annotations

import itertools
from contextlib import aclosing
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.voice import Voice

if TYPE_CHECKING:
    from meetbot.core.ports import Synthesizer
    from meetbot.core.voice import Speech

__all__ = ["check_times", "pitch_of", "say", "silence_before", "sound_of"]

MOST_SYLLABLES_PER_S = 9
LEAST_SYLLABLES_PER_S = 1.5


async def say(
    synthesizer: Synthesizer, text: str, language: str = "en", voice: Voice | None = None
) -> list[Speech]:
    """All stretches of ``text``."""
    stream = synthesizer.speak(text, language=language, voice=voice or Voice())
    async with aclosing(stream) as stretches:
        return [speech async for speech in stretches]


def sound_of(stretches: list[Speech]) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """One sound of all stretches."""
    return np.concatenate([speech.samples for speech in stretches])


def silence_before(speech: Speech) -> float:
    """Seconds in front of the first sample over -40 dB of the peak."""
    level = np.abs(speech.samples)
    return float(np.flatnonzero(level > level.max() / 100)[0] / speech.sample_rate)


def check_times(speech: Speech) -> None:
    """Phonemes and words in order and within the sound; phonemes leave no gap; no clipping."""
    length_ns = len(speech.samples) * 1_000_000_000 // speech.sample_rate
    assert speech.samples.dtype == np.float32
    assert float(np.abs(speech.samples).max()) < 1.0
    assert speech.phones
    assert speech.words
    assert speech.phones[0].start_ns == 0
    assert speech.phones[-1].end_ns == length_ns
    for phone, following in itertools.pairwise(speech.phones):
        assert phone.end_ns == following.start_ns
    assert all(phone.start_ns < phone.end_ns for phone in speech.phones)
    assert all(len(phone.symbol) <= 1 for phone in speech.phones)
    for word in speech.words:
        assert 0 <= word.start_ns <= word.end_ns <= length_ns
    for word, after in itertools.pairwise(speech.words):
        assert word.end_ns <= after.start_ns


def pitch_of(speech: Speech) -> float:
    """The median fundamental frequency in Hz, by autocorrelation of the loud voiced parts."""
    rate, samples = speech.sample_rate, speech.samples
    size = rate // 20
    found: list[float] = []
    for at in range(0, len(samples) - size, size // 2):
        frame = samples[at : at + size]
        if np.sqrt(np.mean(frame**2)) < 0.3 * np.sqrt(np.mean(samples**2)):
            continue
        correlation = np.correlate(frame, frame, "full")[size - 1 :]
        correlation /= correlation[0]
        low, high = rate // 500, rate // 60
        lag = low + int(np.argmax(correlation[low:high]))
        if correlation[lag] > 0.6:
            found.append(rate / lag)
    return float(np.median(found))
