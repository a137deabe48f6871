"""Which of an engine's voices is most like a person's, and how its pitch must be changed.

Each voice says one sentence once; its print and pitch are kept in the cache. A voice is chosen by
the cosine of the prints, less what its pitch is away: engines change pitch, but not much of it
sounds natural.
"""

from __future__ import annotations

import asyncio
import math
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
import soxr

from meetbot.core.errors import EngineError
from meetbot.core.types import SAMPLE_RATE
from meetbot.core.voice import Voice
from meetbot.personas.pitch import median_pitch
from meetbot.personas.values import EngineVoice

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from meetbot.core.ports import Cache, SpeakerEncoder, Synthesizer
    from meetbot.personas.samples import VoicePrint

__all__ = ["Cloner", "nearest_voice"]

SENTENCES = {
    "en": "We can begin now, and I will tell you what was said in the last meeting.",
    "ru": "Мы можем начинать, и я расскажу, о чём говорили на прошлой встрече.",
}
PITCH_WEIGHT = 0.3
"""What an octave between two voices takes off their likeness."""
LOWEST_PITCH, HIGHEST_PITCH = 0.7, 1.4
MOST_VOICES = 5
"""Voices of an engine that are tried: it names first those that anybody may use for anything."""


@runtime_checkable
class Cloner(Protocol):
    """A synthesizer that can take on a voice from samples of it."""

    async def clone(
        self, samples: Sequence[NDArray[np.float32]], sample_rate: int, folder: Path
    ) -> None:
        """Compute once, into the empty ``folder``, what ``Voice.reference`` needs.

        ``samples``: float32 mono, full scale ±1. Raises ``EngineError``.
        """


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A voice of an engine: its print and its pitch (None: none was found)."""

    name: str
    vector: NDArray[np.float32]
    hz: float | None


async def nearest_voice(
    print_: VoicePrint,
    engine: str,
    synthesizer: Synthesizer,
    language: str,
    encoder: SpeakerEncoder,
    cache: Cache,
) -> EngineVoice | None:
    """The engine's voice for ``language`` that is most like the print; None: it has none.

    Raises ``EngineError`` when no voice of the engine can be made to speak.
    """
    candidates: list[_Candidate] = []
    broken: EngineError | None = None
    for name in synthesizer.voices(language)[:MOST_VOICES]:
        try:
            candidates.append(await _candidate(synthesizer, name, language, encoder, cache))
        except EngineError as error:
            broken = error
    if not candidates:
        if broken is not None:
            raise broken
        return None
    best = max(candidates, key=lambda candidate: _score(print_, candidate))
    likeness = float(best.vector @ print_.vector)
    return EngineVoice(engine, best.name, _factor(print_.hz, best.hz), likeness)


def _score(print_: VoicePrint, candidate: _Candidate) -> float:
    away = abs(math.log2(print_.hz / candidate.hz)) if print_.hz and candidate.hz else 0.0
    return float(candidate.vector @ print_.vector) - PITCH_WEIGHT * away


def _factor(wanted: float | None, own: float | None) -> float:
    if not wanted or not own:
        return 1.0
    return round(min(max(wanted / own, LOWEST_PITCH), HIGHEST_PITCH), 3)


async def _candidate(
    synthesizer: Synthesizer, name: str, language: str, encoder: SpeakerEncoder, cache: Cache
) -> _Candidate:
    key = f"voice-of-engine:{encoder.model_id}:{synthesizer.name}:{language}:{name}"
    kept = await cache.get(key)
    if kept:
        numbers = np.frombuffer(kept, "<f4").astype(np.float32)
        return _Candidate(name, numbers[1:], float(numbers[0]) or None)
    text = SENTENCES.get(language, SENTENCES["en"])
    sound = await _said(synthesizer, text, language, Voice(name))
    vector = await encoder.embed(sound)
    hz = await asyncio.to_thread(median_pitch, sound, SAMPLE_RATE)
    await cache.put(key, np.concatenate([[hz or 0.0], vector]).astype("<f4").tobytes())
    return _Candidate(name, vector, hz)


async def _said(
    synthesizer: Synthesizer, text: str, language: str, voice: Voice
) -> NDArray[np.float32]:
    """The sound of ``text``, float32 mono at 16 kHz. Raises ``EngineError`` where there is none."""
    parts: list[NDArray[np.float32]] = []
    async with aclosing(synthesizer.speak(text, language=language, voice=voice)) as stretches:
        async for speech in stretches:
            part = await asyncio.to_thread(
                soxr.resample, speech.samples, speech.sample_rate, SAMPLE_RATE
            )
            parts.append(np.asarray(part, np.float32))
    if not parts or sum(map(len, parts)) < SAMPLE_RATE // 2:
        raise EngineError(f"{synthesizer.name} says nothing with its voice {voice.name!r}")
    return np.concatenate(parts)
