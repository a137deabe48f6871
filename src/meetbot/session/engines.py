"""The engines that a configuration names, loaded and warmed up before a room is joined."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from meetbot.cache import open_cache
from meetbot.core.pictures import PaintRequest
from meetbot.core.types import SAMPLE_RATE
from meetbot.core.voice import Voice
from meetbot.engines.painter.storyboard.styles import STYLES
from meetbot.engines.registry import load_engine
from meetbot.engines.tts.router import load_voices
from meetbot.gallery import Gallery
from meetbot.people.calibration import load_scorer
from meetbot.personas import PersonaDirectory, load_persona
from meetbot.session.answering import Answers
from meetbot.session.easel import Paints

if TYPE_CHECKING:
    from meetbot.config import Settings
    from meetbot.core.ports import (
        Face,
        LanguageModel,
        Painter,
        Recognizer,
        SafetyFilter,
        SpeakerEncoder,
        TurnDetector,
        VoiceActivity,
    )
    from meetbot.models import ModelStore
    from meetbot.store import Store

__all__ = ["Engines", "load_answers", "load_engines", "load_paints", "load_recognizer"]

EMBEDDED = "embedded"
"""The language model that needs no server, and stands in for one that has gone."""
STORYBOARD = "storyboard"
"""The painter that needs no weights, and stands in for one that is broken."""
SENTENCES = "minilm"
OFF = "off"
FIRST_PICTURES = {"en": "A house by the sea on a clear day", "ru": "Дом у моря в ясный день"}


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


async def load_answers(settings: Settings, models: ModelStore, store: Store) -> Answers | None:
    """Language model, voices, face and persona, ready to answer at once; None: talking is off.

    Raises ``ModelError``, ``EngineError``, ``ConfigError``, ``InputError`` (no such persona).
    """
    talking = settings.talking
    if not talking.enabled:
        return None
    face: Face = await asyncio.to_thread(
        load_engine, "face", talking.face.engine, models, talking.face
    )
    directory = PersonaDirectory.configured(store, settings.store)
    persona = await load_persona(talking.persona, directory, face, talking.face.size)
    voices = await asyncio.to_thread(load_voices, talking.voice, models)
    async for _ in voices.speak("Hello.", language="en", voice=Voice()):
        pass
    llm = settings.conversation.llm
    model: LanguageModel = await asyncio.to_thread(load_engine, "llm", llm.engine, models, llm)

    async def load_spare() -> LanguageModel:
        spare = llm.model_copy(update={"engine": EMBEDDED, "model": "auto"})
        loaded: LanguageModel = await asyncio.to_thread(load_engine, "llm", EMBEDDED, models, spare)
        return loaded

    return Answers(
        model=model,
        load_spare=None if llm.engine == EMBEDDED else load_spare,
        voices=voices,
        face=face,
        persona=persona,
        cache=await asyncio.to_thread(open_cache, settings.cache),
    )


async def load_paints(settings: Settings, models: ModelStore, store: Store) -> Paints | None:
    """Painter, safety filter and sentence vectors, ready to paint at once; None: it is off.

    Raises ``ModelError``, ``EngineError``, ``ConfigError``.
    """
    painting = settings.painting
    if not painting.enabled:
        return None

    async def load(kind: str, name: str, section: object) -> Any:
        return await asyncio.to_thread(load_engine, kind, name, models, section)

    async def load_spare() -> Painter:
        spare = painting.painter.model_copy(update={"engine": STORYBOARD, "model": "auto"})
        loaded: Painter = await load("painter", STORYBOARD, spare)
        return loaded

    async def load_painter() -> Painter:
        loaded: Painter = await load("painter", painting.painter.engine, painting.painter)
        return loaded

    safety: SafetyFilter | None = None
    if painting.safety.engine != OFF:
        safety = await load("safety", painting.safety.engine, painting.safety)
    paints = Paints(
        painter=await load_painter(),
        load_painter=load_painter,
        load_spare=None if painting.painter.engine == STORYBOARD else load_spare,
        safety=safety,
        text=await load("text", SENTENCES, None),
        gallery=Gallery(store, painting.references),
        styles=STYLES,
    )
    await paints.gallery.sweep()
    await _warm_up(paints, settings)
    return paints


async def _warm_up(paints: Paints, settings: Settings) -> None:
    """The first picture takes no longer than those after it."""
    size = settings.painting.painter
    for language, words in FIRST_PICTURES.items():
        asked = PaintRequest(words, words, language, 0, size.width, size.height)
        painting = await paints.painter.paint(asked)
        if paints.safety is not None:
            await paints.safety.unsafe(painting.pixels)
        await paints.text.embed([words])
