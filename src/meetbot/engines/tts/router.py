"""The voices of a configuration as one synthesizer: each language by its engine."""

from __future__ import annotations

import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from meetbot.core.errors import ConfigError, EngineError, ModelError
from meetbot.engines.registry import load_engine

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from meetbot.config.talking import VoiceSettings
    from meetbot.core.ports import Synthesizer
    from meetbot.core.voice import Speech, Voice
    from meetbot.models import ModelStore

__all__ = ["VoiceRouter", "load_voices"]

log = logging.getLogger(__name__)

OTHER = ""
"""Stands for every language that has no engine of its own."""
MOST_FAILURES = 3
"""An engine that broke so often, one time after the other, is not asked again."""


class VoiceRouter:
    """Speaks each language by its engine, and by the engine for the others where that fails.

    ``engines``: by ISO 639-1 code, ``""`` for every other language; each with the name of its
    entry point. ``notes``: why a configured engine is not among them.
    """

    def __init__(
        self, engines: Mapping[str, tuple[str, Synthesizer]], notes: tuple[str, ...] = ()
    ) -> None:
        self.notes = notes
        self._engines = dict(engines)
        self._failures: dict[str, int] = {}

    @property
    def name(self) -> str:
        """The names of all engines."""
        return "+".join(dict.fromkeys(engine.name for _, engine in self._engines.values()))

    @property
    def languages(self) -> frozenset[str]:
        """What all engines speak together; empty: whatever it is given."""
        spoken = [engine.languages for _, engine in self._engines.values()]
        return frozenset().union(*spoken) if all(spoken) else frozenset()

    def engine_for(self, language: str) -> str | None:
        """The entry point of the engine that speaks ``language`` now; None: nothing does."""
        able = self._able(language)
        return able[0][0] if able else None

    def voices(self, language: str) -> tuple[str, ...]:
        """The voices of the engine that speaks ``language`` now; empty: none does."""
        able = self._able(language)
        return able[0][1].voices(language) if able else ()

    async def speak(self, text: str, *, language: str, voice: Voice) -> AsyncGenerator[Speech]:
        """``text`` in stretches. ``voice`` is one of the engine that ``engine_for`` names.

        An engine that breaks before its first sound is followed by the next; one that breaks later
        raises ``EngineError``, and so does a language that nothing speaks.
        """
        reason = f"no installed voice speaks {language!r}"
        for name, engine in self._able(language):
            begun = False
            try:
                async with aclosing(
                    engine.speak(text, language=language, voice=voice)
                ) as stretches:
                    async for speech in stretches:
                        begun = True
                        yield speech
            except EngineError as error:
                reason = str(error)
                self._failed(name, reason)
                if begun:
                    raise
            else:
                self._failures.pop(name, None)
                return
        raise EngineError(f"nothing is said aloud: {reason}")

    def _able(self, language: str) -> list[tuple[str, Synthesizer]]:
        """Who can speak ``language``, the first choice first."""
        chosen = [self._engines[code] for code in (language, OTHER) if code in self._engines]
        return [
            (name, engine)
            for name, engine in dict(chosen).items()
            if self._failures.get(name, 0) < MOST_FAILURES and engine.voices(language)
        ]

    def _failed(self, name: str, reason: str) -> None:
        failures = self._failures[name] = self._failures.get(name, 0) + 1
        if failures in (1, MOST_FAILURES):
            what = "is not asked again" if failures == MOST_FAILURES else "the next voice speaks"
            log.warning("the voice engine %s: %s; %s", name, reason, what)


def load_voices(settings: VoiceSettings, models: ModelStore) -> VoiceRouter:
    """The configured engines. One that is not installed is a note and a warning, no failure.

    Takes a second or two; call it off the event loop. Raises ``ConfigError`` for a name that no
    entry point has, or an engine that does not speak what it is configured for.
    """
    loaded: dict[str, Any] = {}
    notes: dict[str, str] = {}
    engines: dict[str, tuple[str, Synthesizer]] = {}
    wanted = {"en": settings.english, "ru": settings.russian, OTHER: settings.other}
    for language, name in wanted.items():
        if name not in loaded and name not in notes:
            try:
                loaded[name] = load_engine("tts", name, models, settings)
            except (EngineError, ModelError) as error:
                notes[name] = f"the voice {name} is left out: {error}"
                log.warning("%s", notes[name])
        if name not in loaded:
            continue
        if language and not loaded[name].voices(language):
            raise ConfigError(
                f"talking.voice: {name!r} has no voice for {language!r}; name another engine"
            )
        engines[language] = (name, loaded[name])
    return VoiceRouter(engines, tuple(notes.values()))
