"""Clauses to sound: from the cache or the synthesizer, resampled, onto a track."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import numpy as np

from meetbot.talking.sound import Resampler, without_lead

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from meetbot.core.ports import Synthesizer
    from meetbot.core.voice import Speech, Voice
    from meetbot.core.worker import ModelThread
    from meetbot.talking.sound_cache import SoundCache
    from meetbot.talking.track import Track

__all__ = ["Voicer"]

PATIENCE_S = 1.0
NOTHING = np.zeros(0, np.float32)


class Voicer:
    """Says clauses with one synthesizer; ``voice_for`` gives the voice for a language."""

    def __init__(
        self,
        synthesizer: Synthesizer,
        voice_for: Callable[[str], Voice],
        cache: SoundCache,
        thread: ModelThread,
    ) -> None:
        self._synthesizer = synthesizer
        self._voice_for = voice_for
        self._cache = cache
        self._thread = thread
        self._keeping: set[asyncio.Task[None]] = set()

    async def say(
        self, clause: str, spoken: str, language: str, track: Track, came: Callable[[], None]
    ) -> None:
        """Put the sound of ``spoken`` on the track under the text ``clause``.

        ``came`` is called after each piece of sound. Raises what the synthesizer raises.
        """
        resampler: Resampler | None = None
        async with contextlib.aclosing(self._stretches(spoken, language)) as stretches:
            async for made in stretches:
                speech = made if track.length or resampler else without_lead(made)
                if resampler is None:
                    track.begin(clause)
                elif resampler.rate != speech.sample_rate:
                    await self._end(resampler, track)
                    resampler = None
                resampler = resampler or Resampler(speech.sample_rate)
                track.mark(speech)
                track.add(await self._thread.run(resampler.push, speech.samples))
                came()
        if resampler is not None:
            await self._end(resampler, track)
            track.end_clause()
            came()

    async def _end(self, resampler: Resampler, track: Track) -> None:
        track.add(await self._thread.run(resampler.push, NOTHING, last=True))

    async def _stretches(self, text: str, language: str) -> AsyncGenerator[Speech]:
        voice = self._voice_for(language)
        kept = await self._cache.get(text, language, voice)
        if kept is not None:
            for speech in kept:
                yield speech
            return
        made: list[Speech] = []
        stream = self._synthesizer.speak(text, language=language, voice=voice)
        async with contextlib.aclosing(stream):
            async for speech in stream:
                made.append(speech)
                yield speech
        self._keep(text, language, voice, made)

    def _keep(self, text: str, language: str, voice: Voice, made: list[Speech]) -> None:
        """Nobody waits for the cache to write."""
        task = asyncio.create_task(self._cache.put(text, language, voice, made))
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)

    async def close(self) -> None:
        """What is to be kept is kept, if that takes no longer than a second."""
        for task in tuple(self._keeping):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(task, PATIENCE_S)
