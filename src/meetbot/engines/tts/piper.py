"""English by piper (GPL-3.0-or-later, the extra ``piper``) with the catalogue's voice of Joe (CC0).

https://github.com/OHF-voice/piper1-gpl: a VITS network on phonemes of espeak-ng. The durations
inside its graph are made an output of it, so each phoneme's time is the engine's own.
"""

from __future__ import annotations

import json
import unicodedata
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import onnx
import soxr
from piper import PiperConfig, PiperVoice, SynthesisConfig
from piper.patch_voice_with_alignment import add_alignment_output

from meetbot.core.errors import EngineError
from meetbot.core.worker import ModelThread
from meetbot.engines.onnx import open_session
from meetbot.engines.tts.estimate import estimate
from meetbot.engines.tts.pieces import pieces
from meetbot.engines.tts.timing import PAUSE, Sounded, finish

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence
    from pathlib import Path

    from meetbot.core.voice import Speech, Voice
    from meetbot.models import ModelStore

__all__ = ["PiperSynthesizer"]

MODEL = "piper-joe"
VOICE = "joe"
LANGUAGE = "en"
VOLUME = 0.95


class PiperSynthesizer:
    """The voice on a thread of its own."""

    languages = frozenset({LANGUAGE})

    def __init__(self, voice: PiperVoice) -> None:
        self._voice = voice
        self._thread = ModelThread("piper")
        self._name = f"piper-{version('piper-tts')}-{VOICE}"

    @classmethod
    def load(cls, models: ModelStore, settings: object) -> Self:
        """Open the catalogue's ``piper-joe``; of the voice section it takes ``threads``."""
        folder = models.path(MODEL)
        try:
            voice = _open(folder, int(getattr(settings, "threads", 1)))
        except (OSError, ValueError, KeyError) as error:
            raise EngineError(
                f"the piper voice in {folder} cannot be opened: {error}; "
                f"check its files with: meetbot models verify {MODEL}"
            ) from error
        return cls(voice)

    @property
    def name(self) -> str:
        """``piper-``, the version of its package and the voice."""
        return self._name

    def voices(self, language: str) -> tuple[str, ...]:
        """The one voice of the catalogue, for English."""
        return (VOICE,) if language == LANGUAGE else ()

    async def speak(self, text: str, *, language: str, voice: Voice) -> AsyncGenerator[Speech]:
        """``text`` a sentence at a time. Raises ``EngineError``."""
        del language
        try:
            for piece in pieces(text):
                speech = await self._thread.run(self._say, piece, voice.pitch)
                if speech is not None:
                    yield speech
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"piper broke: {error}") from error

    def _say(self, text: str, pitch: float) -> Speech | None:
        """Slower by ``pitch``, then played faster: the pitch rises and the pace stays."""
        if not any(c.isalnum() for c in text):
            return None
        settings = SynthesisConfig(
            length_scale=self._voice.config.length_scale * pitch, volume=VOLUME
        )
        plain = text.replace("[[", " ").replace("]]", " ")  # piper's mark of raw phonemes
        chunks = list(self._voice.synthesize(plain, settings, include_alignments=True))
        if not chunks:
            return None
        rate = chunks[0].sample_rate
        samples = np.concatenate([chunk.audio_float_array for chunk in chunks])
        words = text.split()
        aligned = [_aligned(chunk) for chunk in chunks]
        if pitch != 1.0:
            samples = soxr.resample(samples, rate * pitch, rate)
        if not all(aligned):
            sounded = estimate(words, samples, rate)
            return finish(samples, rate, text, sounded, words, estimated=True)
        spoken = [each for chunk in aligned for each in chunk]
        return finish(samples, rate, text, _sounded(spoken, rate * pitch, len(words)), words)


def _open(folder: Path, threads: int) -> PiperVoice:
    model = onnx.load(folder / "voice.onnx")
    add_alignment_output(model)
    config = json.loads((folder / "voice.onnx.json").read_text(encoding="utf-8"))
    session = open_session(bytes(model.SerializeToString()), threads=threads)
    return PiperVoice(session=session, config=PiperConfig.from_dict(config))


def _aligned(chunk: Any) -> list[tuple[str, int]]:
    """Each phoneme of a sentence with its samples."""
    return [(each.phoneme, int(each.num_samples)) for each in chunk.phoneme_alignments or ()]


def _sounded(spoken: Sequence[tuple[str, int]], rate: float, words: int) -> list[Sounded]:
    """Letters with their times; a mark's time is that of the letter before it."""
    sounded: list[Sounded] = []
    word, at = 0, 0.0
    for symbol, samples in spoken:
        end = at + samples / rate
        if unicodedata.category(symbol[0]) == "Ll":
            sounded.append(Sounded(symbol, at, end, min(word, words - 1)))
        elif symbol in "ˈˌːʲʰ" or unicodedata.combining(symbol[0]):
            if sounded and symbol not in "ˈˌ":
                last = sounded[-1]
                sounded[-1] = Sounded(last.symbol, last.start, end, last.word)
            else:
                continue  # a stress mark's time is that of the vowel after it
        else:
            word += symbol == " "
            sounded.append(Sounded(PAUSE, at, end))
        at = end
    return sounded
