"""Recorded questions, made by the program's own English voice at other pitches than the bot's."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import av
import numpy as np

from meetbot.config import VoiceSettings
from meetbot.core.voice import Voice
from meetbot.engines.registry import load_engine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from meetbot.core.ports import Synthesizer
    from meetbot.models import ModelStore

__all__ = ["record"]


async def record(
    texts: Sequence[str], pitches: Sequence[float], folder: Path, models: ModelStore
) -> list[Path]:
    """A wav file for each of ``texts``, the pitches (factors, 0.5…2) taken in turn.

    Raises ``EngineError`` where the voice is not there or breaks.
    """
    settings = VoiceSettings()
    voice: Synthesizer = await asyncio.to_thread(
        load_engine, "tts", settings.english, models, settings
    )
    files = []
    for number, text in enumerate(texts):
        file = folder / f"question-{number:02d}.wav"
        pitch = pitches[number % len(pitches)]
        spoken = voice.speak(text, language="en", voice=Voice(pitch=pitch))
        speeches = [speech async for speech in spoken]
        sound = np.concatenate([speech.samples for speech in speeches])
        await asyncio.to_thread(_write, file, sound, speeches[0].sample_rate)
        files.append(file)
    return files


def _write(file: Path, sound: np.ndarray, rate: int) -> None:
    with av.open(str(file), "w", format="wav") as container:
        stream = container.add_stream("pcm_s16le", rate=rate, layout="mono")
        samples = (np.clip(sound, -1, 1) * 32767).astype(np.int16)[np.newaxis]
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
