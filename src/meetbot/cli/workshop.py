"""The engines that making a persona takes, loaded by a configuration."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from meetbot.core.errors import ConfigError, EngineError, ModelError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from meetbot.config import Settings
    from meetbot.core.ports import Synthesizer
    from meetbot.models import ModelStore
    from meetbot.personas.preparing import Workshop

__all__ = ["open_workshop"]

UPSCALER = "realesrgan"
ANY_LANGUAGE = "en"


@asynccontextmanager
async def open_workshop(
    chosen: Settings, *, voices: bool
) -> AsyncIterator[tuple[Workshop, tuple[str, ...]]]:
    """The workshop, and notes about what is not on this machine and is done without.

    ``voices``: synthesizers are wanted, to match. Raises ``ModelError``, ``EngineError``.
    """
    from meetbot.cache import open_cache
    from meetbot.engines.face.mediapipe import MediapipeFaceFinder
    from meetbot.engines.registry import load_engine
    from meetbot.models import ModelStore
    from meetbot.personas.preparing import Workshop

    models = ModelStore.configured(chosen.models)
    notes: list[str] = []
    face = chosen.talking.face
    cache = open_cache(chosen.cache)

    async def load(kind: str, name: str, section: object) -> Any:
        return await asyncio.to_thread(load_engine, kind, name, models, section)

    try:
        upscaler = await _optional(load("upscaler", UPSCALER, face), notes)
        yield (
            Workshop(
                finder=await asyncio.to_thread(MediapipeFaceFinder.load, models, face),
                face=await load("face", face.engine, face),
                size=face.size,
                upscaler=upscaler,
                encoder=await load("speaker", chosen.people.encoder, chosen.people),
                voice_activity=await load("vad", chosen.hearing.vad.engine, chosen.hearing.vad),
                synthesizers=await _synthesizers(chosen, models, notes) if voices else {},
                cache=cache,
            ),
            tuple(notes),
        )
    finally:
        await cache.close()


async def _optional(loading: Any, notes: list[str]) -> Any:
    try:
        return await loading
    except (EngineError, ModelError, ConfigError) as error:
        notes.append(f"done without: {error}")
        return None


async def _synthesizers(
    chosen: Settings, models: ModelStore, notes: list[str]
) -> dict[str, tuple[Synthesizer, str]]:
    from meetbot.engines.registry import load_engine

    voice = chosen.talking.voice
    found: dict[str, tuple[Synthesizer, str]] = {}
    for name, language in (
        (voice.english, "en"),
        (voice.russian, "ru"),
        (voice.other, ANY_LANGUAGE),
    ):
        if name not in found:
            loading = asyncio.to_thread(load_engine, "tts", name, models, voice)
            engine = await _optional(loading, notes)
            if engine is not None:
                found[name] = (engine, language)
    return found
