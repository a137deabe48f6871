"""Fake engines: voice activity read off the loudness, words that tell how long the sound was."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.errors import EngineError
from meetbot.core.types import SAMPLE_RATE, AudioFrame, Recognition, Word

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from numpy.typing import NDArray

    from meetbot.core.types import Caption, SpeechEvent, Utterance

FRAME = 320
NS_PER_S = 1_000_000_000


def speech(seconds: float, loudness: float = 0.1) -> NDArray[np.float32]:
    return np.full(round(seconds * SAMPLE_RATE), loudness, dtype=np.float32)


def silence(seconds: float) -> NDArray[np.float32]:
    return np.zeros(round(seconds * SAMPLE_RATE), dtype=np.float32)


class LoudnessVoice:
    """Speech is what is louder than 0.05."""

    def __init__(self) -> None:
        self.calls = 0

    def probability(self, window: NDArray[np.float32]) -> float:
        self.calls += 1
        return 0.9 if float(np.abs(window).mean()) > 0.05 else 0.05

    def reset(self) -> None:
        pass


class LoudnessActivity:
    def __init__(self) -> None:
        self.opened: list[LoudnessVoice] = []

    def open(self) -> LoudnessVoice:
        self.opened.append(LoudnessVoice())
        return self.opened[-1]


class FixedTurn:
    """Always the same verdict."""

    def __init__(self, completion: float = 1.0) -> None:
        self._completion = completion

    async def completion(self, audio: NDArray[np.float32]) -> float:
        assert len(audio)
        return self._completion


class CountingRecognizer:
    """Says how many tenths of a second it was given; takes ``seconds`` for it."""

    def __init__(self, seconds: float = 0.2, *, breaks: int = 0) -> None:
        self._seconds = seconds
        self._breaks = breaks
        self.heard: list[float] = []

    async def recognize(
        self, audio: NDArray[np.float32], *, language: str | None = None, words: bool = False
    ) -> Recognition:
        await asyncio.sleep(self._seconds)
        if self._breaks:
            self._breaks -= 1
            raise EngineError("the fake broke")
        seconds = len(audio) / SAMPLE_RATE
        self.heard.append(seconds)
        text = f"heard {seconds:.1f} seconds"
        step = round(seconds * NS_PER_S / 3)
        timed = tuple(Word(word, i * step, (i + 1) * step) for i, word in enumerate(text.split()))
        return Recognition(text, language or "en", words=timed if words else ())

    async def time_words(self, audio: NDArray[np.float32], recognition: Recognition) -> Recognition:
        step = round(len(audio) / SAMPLE_RATE * NS_PER_S / 3)
        timed = tuple(
            Word(word, i * step, (i + 1) * step) for i, word in enumerate(recognition.text.split())
        )
        return replace(recognition, words=timed)


class Collected:
    """A hearing sink that remembers, with the loop's time."""

    def __init__(self) -> None:
        self.partials: list[tuple[float, Caption]] = []
        self.finals: list[tuple[float, Utterance]] = []
        self.troubles: list[str] = []
        self.levels: list[tuple[str, float]] = []
        self.events: list[tuple[float, SpeechEvent]] = []

    def noticed(self, event: SpeechEvent) -> None:
        self.events.append((asyncio.get_running_loop().time(), event))

    async def partial(self, caption: Caption) -> None:
        self.partials.append((asyncio.get_running_loop().time(), caption))

    async def final(self, utterance: Utterance) -> None:
        self.finals.append((asyncio.get_running_loop().time(), utterance))

    def level(self, participant_id: str, level: float) -> None:
        self.levels.append((participant_id, level))

    async def trouble(self, text: str) -> None:
        self.troubles.append(text)


async def played(
    *parts: NDArray[np.float32], start: float = 0.0, live: bool = True
) -> AsyncIterator[AudioFrame]:
    """The parts one after the other in 20 ms frames, in real (virtual) time if ``live``."""
    loop = asyncio.get_running_loop()
    samples = np.concatenate(parts)
    begin = loop.time() + start
    for position in range(0, len(samples) - FRAME + 1, FRAME):
        at = start + (position + FRAME) / SAMPLE_RATE
        if live:
            await asyncio.sleep(max(0.0, begin - start + at - loop.time()))
        pts = round((start + position / SAMPLE_RATE) * NS_PER_S)
        yield AudioFrame(samples[position : position + FRAME], SAMPLE_RATE, pts)
