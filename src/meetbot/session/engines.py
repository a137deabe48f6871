"""The engines that a configuration names, loaded and warmed up before a room is joined."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.types import SAMPLE_RATE
from meetbot.engines.registry import load_engine
from meetbot.people.calibration import load_scorer

if TYPE_CHECKING:
    from meetbot.config import Settings
    from meetbot.core.ports import Recognizer, SpeakerEncoder, TurnDetector, VoiceActivity
    from meetbot.models import ModelStore

__all__ = ["Engines", "load_engines", "load_recognizer"]


@dataclass(frozen=True, slots=True)
class Engines:
    """What hearing needs, for any number of sessions; no ``encoder``: voices are not told apart."""

    voice_activity: VoiceActivity
    turn_detector: TurnDetector
    recognizer: Recognizer
    encoder: SpeakerEncoder | None


async def load_recognizer(settings: Settings, models: ModelStore) -> Recognizer:
    """The configured recognizer, warm. Raises ``ModelError``, ``EngineError``, ``ConfigError``."""
    asr = settings.hearing.asr
    recognizer: Recognizer = await asyncio.to_thread(load_engine, "asr", asr.engine, models, asr)
    await recognizer.recognize(np.zeros(SAMPLE_RATE, dtype=np.float32), words=True)
    return recognizer


async def load_engines(settings: Settings, models: ModelStore) -> Engines:
    """All engines of the hearing and people sections, loaded off the loop, and warm."""
    hearing, people = settings.hearing, settings.people
    voice_activity: VoiceActivity = await asyncio.to_thread(
        load_engine, "vad", hearing.vad.engine, models, hearing.vad
    )
    turn_detector: TurnDetector = await asyncio.to_thread(
        load_engine, "turn", hearing.turn.engine, models, hearing.turn
    )
    encoder: SpeakerEncoder | None = None
    if people.enabled:
        loaded: SpeakerEncoder = await asyncio.to_thread(
            load_engine, "speaker", people.encoder, models, people
        )
        await asyncio.to_thread(load_scorer, loaded.model_id)
        encoder = loaded
        await loaded.embed(np.zeros(2 * SAMPLE_RATE, dtype=np.float32))
    await turn_detector.completion(np.zeros(SAMPLE_RATE, dtype=np.float32))
    recognizer = await load_recognizer(settings, models)
    return Engines(voice_activity, turn_detector, recognizer, encoder)
