"""Russian by RHVoice (LGPL): HMM voices, clear and quick, from the distribution's packages.

The licence of a voice is its own: ``Anna``, the default here, is LGPL as the library is, and most
others forbid commercial use (see docs/voices.md). The library tells in which 100 ms a word begins;
phonemes inside it are estimated from its letters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from meetbot.core.worker import ModelThread
from meetbot.engines.tts.estimate import lengths, spread
from meetbot.engines.tts.letters import phonemes
from meetbot.engines.tts.pieces import stretches
from meetbot.engines.tts.rhvoice_library import RhvoiceLibrary, Utterance
from meetbot.engines.tts.timing import Sounded, finish

if TYPE_CHECKING:
    import threading
    from collections.abc import AsyncGenerator

    from meetbot.core.voice import Speech, Voice
    from meetbot.models import ModelStore

__all__ = ["RhvoiceSynthesizer"]

PREFERRED = ("Anna", "Aleksandr", "Elena", "Irina", "Aleksandr-hq")
"""Voices that may be used commercially too, the default first."""
TICK_SECONDS = 0.1
"""The library tells words by blocks of so much sound, each in the block that it begins in."""


class RhvoiceSynthesizer:
    """The library on a thread of its own; 20 ms of it make the sound of a short clause."""

    def __init__(self, library: RhvoiceLibrary) -> None:
        self._library = library
        self._thread = ModelThread("rhvoice")
        self._voices: dict[str, list[str]] = {}
        for name, (language, _gender) in library.voices().items():
            self._voices.setdefault(language[:2], []).append(name)
        for names in self._voices.values():
            names.sort(key=lambda name: (_rank(name), name))

    @classmethod
    def load(cls, models: ModelStore, settings: object) -> Self:
        """Open the library and warm its default voice; it has no settings and no model.

        Raises ``EngineError`` where the library or its voices are not installed.
        """
        del models, settings
        engine = cls(RhvoiceLibrary())
        for names in engine._voices.values():
            engine._library.say("а", voice=names[0], pitch=1.0, wanted=lambda: True)
        return engine

    @property
    def name(self) -> str:
        """``rhvoice-`` and the version of the library."""
        return f"rhvoice-{self._library.version}"

    @property
    def languages(self) -> frozenset[str]:
        """Those of the voices installed."""
        return frozenset(self._voices)

    def voices(self, language: str) -> tuple[str, ...]:
        """The voices installed for ``language``; those with a free licence first."""
        return tuple(self._voices.get(language, ()))

    def speak(self, text: str, *, language: str, voice: Voice) -> AsyncGenerator[Speech]:
        """``text`` a sentence at a time. Raises ``EngineError``; ``aclose`` stops within one."""
        known = self.voices(language) or self.voices("ru")
        name = voice.name if voice.name in known else known[0]
        return stretches(
            text, self._thread, lambda piece, stop: self._say(piece, name, voice.pitch, stop)
        )

    def _say(self, text: str, name: str, pitch: float, stop: threading.Event) -> Speech | None:
        if not any(c.isalnum() for c in text):
            return None
        said = self._library.say(text, voice=name, pitch=pitch, wanted=lambda: not stop.is_set())
        if stop.is_set() or not said.length:
            return None
        words, sounded = _sounded(text, said)
        return finish(said.samples(), said.rate, text, sounded, words, estimated=True)


def _rank(name: str) -> int:
    return PREFERRED.index(name) if name in PREFERRED else len(PREFERRED)


def _sounded(text: str, said: Utterance) -> tuple[list[str], list[Sounded]]:
    """The words of the text and their phonemes, each word where the library told it to be.

    A word begins up to a tick after it was told to: where within, its neighbours' lengths say.
    """
    encoded = text.encode()
    words = [encoded[at : at + size].decode(errors="ignore") for at, size, _, _ in said.words]
    symbols = [phonemes(word) or "ə" for word in words]
    starts = [start / said.rate for _, _, start, _ in said.words]
    ends = [end / said.rate for _, _, _, end in said.words]
    sounded: list[Sounded] = []
    for index, (start, end) in enumerate(zip(starts, ends, strict=True)):
        follows = index + 1 < len(words) and starts[index + 1] - end < TICK_SECONDS / 2
        stop = end + TICK_SECONDS
        if follows:
            stop = _shared(start, ends[index + 1], symbols[index], symbols[index + 1])
            stop = min(max(stop, end), end + TICK_SECONDS)
            starts[index + 1] = stop
        sounded += spread(symbols[index], start, max(stop, start), index)
    return words, sounded


def _shared(start: float, end: float, first: str, second: str) -> float:
    """Where the first of two words ends, if both are as long as usual."""
    one, other = sum(lengths(first)), sum(lengths(second))
    return start + (end + TICK_SECONDS / 2 - start) * one / (one + other)
