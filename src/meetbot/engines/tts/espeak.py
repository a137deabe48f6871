"""A hundred languages by espeak-ng (GPL-3.0-or-later, the extra ``espeak``): robotic, and quick.

It tells each phoneme in IPA with its time.
"""

from __future__ import annotations

import bisect
import itertools
import threading
import unicodedata
from typing import TYPE_CHECKING, Self

from meetbot.core.worker import ModelThread
from meetbot.engines.tts.espeak_library import EspeakLibrary, Uttered, shared_library
from meetbot.engines.tts.pieces import stretches
from meetbot.engines.tts.timing import PAUSE, Sounded, finish

if TYPE_CHECKING:
    import threading
    from collections.abc import AsyncGenerator

    from meetbot.core.voice import Speech, Voice
    from meetbot.models import ModelStore

__all__ = ["EspeakSynthesizer"]

NAMES = {"zh": "cmn", "no": "nb"}
"""ISO 639-1 codes that espeak-ng calls otherwise."""
VARIANTS = ("", "+f2", "+m3")
"""Its usual voice of a language, a woman's and a man's."""
WORD_SLACK = 0.005


class EspeakSynthesizer:
    """The library on a thread of its own; 5 ms of it make the sound of a short clause."""

    def __init__(self, library: EspeakLibrary) -> None:
        self._library = library
        self._thread = ModelThread("espeak")
        ours = {theirs: code for code, theirs in NAMES.items()}
        self._codes: dict[str, list[str]] = {}
        self._identifiers = library.languages()
        for code in self._identifiers:
            main = code.split("-")[0]
            self._codes.setdefault(ours.get(main, main), []).append(code)
        for main, codes in self._codes.items():
            codes.sort(key=lambda code: code != NAMES.get(main, main))

    @classmethod
    def load(cls, models: ModelStore, settings: object) -> Self:
        """Open the library of ``espeakng-loader``; it has no settings and no model."""
        del models, settings
        return cls(shared_library())

    @property
    def name(self) -> str:
        """``espeak-`` and the version of the library."""
        return f"espeak-{self._library.version}"

    @property
    def languages(self) -> frozenset[str]:
        """All that the library has rules for."""
        return frozenset(self._codes)

    def voices(self, language: str) -> tuple[str, ...]:
        """The usual voice of ``language``, a woman's, a man's; then those of its countries."""
        codes = self._codes.get(language, ())
        return tuple(code + variant for code in codes for variant in VARIANTS)

    def speak(self, text: str, *, language: str, voice: Voice) -> AsyncGenerator[Speech]:
        """``text`` a sentence at a time. Raises ``EngineError``; ``aclose`` stops within one."""
        known = self.voices(language) or self.voices("en")
        name = voice.name if voice.name in known else known[0]
        return stretches(
            text, self._thread, lambda piece, stop: self._say(piece, name, voice.pitch, stop)
        )

    def _say(self, text: str, name: str, pitch: float, stop: threading.Event) -> Speech | None:
        if stop.is_set() or not any(c.isalnum() for c in text):
            return None
        code, plus, variant = name.partition("+")
        voice = self._identifiers[code] + plus + variant
        said = self._library.say(text, voice=voice, pitch=pitch, wanted=lambda: not stop.is_set())
        samples = said.samples()
        words = [text[at : at + length] for at, length, _ in said.words]
        sounded = _sounded(said, len(samples) / self._library.rate)
        return finish(samples, self._library.rate, text, sounded, words)


def _sounded(said: Uttered, length: float) -> list[Sounded]:
    """The phonemes up to where the next begins; of a diphthong, each vowel has its part."""
    begins = [second for _, _, second in said.words]
    ends = [second for _, second in said.phonemes[1:]] + [length]
    sounded: list[Sounded] = []
    for (ipa, start), end in zip(said.phonemes, ends, strict=True):
        letters = [c for c in unicodedata.normalize("NFD", ipa) if unicodedata.category(c) == "Ll"]
        if not letters:
            sounded.append(Sounded(PAUSE, start, end))
            continue
        word = bisect.bisect_right(begins, start + WORD_SLACK) - 1
        edges = [start + (end - start) * i / len(letters) for i in range(len(letters) + 1)]
        sounded += [
            Sounded(letter, a, b, max(0, word))
            for letter, (a, b) in zip(letters, itertools.pairwise(edges), strict=True)
        ]
    return sounded
