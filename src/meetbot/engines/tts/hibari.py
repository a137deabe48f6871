"""English by hibari (Apache-2.0): 8 MB in its wheel, tens of times faster than real time.

https://github.com/MMWilliams/hibari: a small network tells durations, pitch and spectrum of
phonemes written as Kokoro's (misaki), and numpy makes sound of them. Its durations stay inside the
graph, so they are made an output of it here: each phoneme's time is the engine's own.
"""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import hibari
import numpy as np
import onnx
from hibari import dsp
from hibari.g2p import G2P
from hibari.g2p.normalize import normalize
from hibari.g2p.oov import OOV

from meetbot.core.errors import EngineError
from meetbot.core.worker import ModelThread
from meetbot.engines.onnx import open_session
from meetbot.engines.tts.timing import PAUSE, Sounded, finish

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Sequence

    from numpy.typing import NDArray

    from meetbot.core.voice import Speech, Voice
    from meetbot.models import ModelStore

__all__ = ["HibariSynthesizer"]

ASSETS = Path(hibari.__file__).parent / "assets"
VOICE = "heart"
MOST_PHONEMES = 180
"""Of one run of the network: some ten seconds of speech."""
LEAD_SECONDS = 0.05
"""The sound is ahead of the told durations by so much, measured on sibilants."""
GAIN = 1.7
"""As loud as the other voices."""
LONGEST_WORD = 60
LONG_NUMBER = re.compile(r"\d{13,}")
"""It knows no names for these: read digit by digit."""
MARKS = "ˈˌː"
IPA = {
    "A": "eɪ", "I": "aɪ", "O": "oʊ", "Q": "əʊ", "W": "aʊ", "Y": "ɔɪ",
    "ʤ": "dʒ", "ʧ": "tʃ", "T": "ɾ", "ᵊ": "ə", "ᵻ": "ɪ",
}  # fmt: skip
"""Misaki's own letters; the others are IPA."""
BREAKS = ",;:—.!?…"


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one run says: its words and, for each, its phonemes as misaki writes them."""

    text: str
    words: tuple[str, ...]
    phonemes: tuple[str, ...]


class HibariSynthesizer:
    """The voice on a thread of its own; 10 ms of it make the first sound of a short clause."""

    languages = frozenset({"en"})

    def __init__(self, session: Any, g2p: Any, vocabulary: dict[str, int]) -> None:
        self._session = session
        self._g2p = g2p
        self._vocabulary = vocabulary
        self._thread = ModelThread("hibari")
        self._name = f"hibari-{version('hibari-tts')}"

    @classmethod
    def load(cls, models: ModelStore, settings: object) -> Self:
        """Open the voice of the wheel; of the voice section it takes ``threads``."""
        del models
        threads = int(getattr(settings, "threads", 1))
        try:
            graph = _with_durations(ASSETS / "hibari.onnx")
            vocabulary = json.loads((ASSETS / "vocab.json").read_text(encoding="utf-8"))
            g2p = G2P(oov=OOV(session=open_session(ASSETS / "oov.onnx")))
        except (OSError, ValueError) as error:
            raise EngineError(f"hibari cannot be loaded: {error}; install it again") from error
        engine = cls(open_session(graph, threads=threads), g2p, vocabulary)
        engine._say(engine._pieces("Ready.")[0], 1.0)  # the first run allocates
        return engine

    @property
    def name(self) -> str:
        """``hibari-`` and the version of its package."""
        return self._name

    def voices(self, language: str) -> tuple[str, ...]:
        """The one voice of the wheel, for English."""
        return (VOICE,) if language == "en" else ()

    async def speak(self, text: str, *, language: str, voice: Voice) -> AsyncGenerator[Speech]:
        """``text`` a sentence at a time, long ones at their commas. Raises ``EngineError``."""
        del language
        try:
            for piece in await self._thread.run(self._pieces, text):
                speech = await self._thread.run(self._say, piece, voice.pitch)
                if speech is not None:
                    yield speech
        except (RuntimeError, ValueError, LookupError) as error:
            raise EngineError(f"hibari broke: {error}") from error

    def _pieces(self, text: str) -> list[_Piece]:
        return [
            piece
            for sentence in hibari.Hibari.split_sentences(text)
            for piece in _cut(self._read(sentence))
        ]

    def _read(self, sentence: str) -> list[tuple[str, str]]:
        """The words of ``sentence``, each with its phonemes."""
        legible = LONG_NUMBER.sub(lambda match: " ".join(match[0][:LONGEST_WORD]), sentence)
        short = " ".join(word[:LONGEST_WORD] for word in normalize(legible).split())
        read: list[tuple[str, str]] = []
        joined = False
        for token in self._g2p.phonemize_tokens(self._g2p.tokenize(short)):
            phonemes = "".join(c for c in token.phonemes or "" if c in self._vocabulary)
            if joined:
                read[-1] = (read[-1][0] + token.text, read[-1][1] + phonemes)
            else:
                read.append((token.text, phonemes))
            joined = not token.whitespace
        return read

    def _say(self, piece: _Piece, pitch: float) -> Speech | None:
        symbols, owners = _written(piece)
        if not any(c.isalpha() for c in symbols):
            return None
        ids = [0, *(self._vocabulary[c] for c in symbols), 0]
        spectrum = self._session.run(
            None, {"ids": np.array([ids], np.int64), "speed": np.ones(1, np.float32)}
        )
        *parts, f0 = (part[0] for part in spectrum[:6])
        samples = dsp.synth(*parts, f0 * pitch, np.random.default_rng(0)) * GAIN
        durations: NDArray[np.int64] = spectrum[6]
        unit = len(samples) / dsp.SR / int(durations.sum())
        edges = np.concatenate(([0], np.cumsum(durations))) * unit - LEAD_SECONDS
        sounded = _sounded(symbols, owners, edges[1:-1])
        return finish(samples, dsp.SR, piece.text, sounded, piece.words)


def _with_durations(path: Path) -> bytes:
    """The network with one more output: each phoneme's frames, which its one CumSum sums."""
    model = onnx.load(path)
    sums = [node for node in model.graph.node if node.op_type == "CumSum"]
    if len(sums) != 1 or len(model.graph.output) != 6:
        raise ValueError(f"{path.name} is not the network of hibari 0.2")
    model.graph.output.append(onnx.ValueInfoProto(name=sums[0].input[0]))
    return bytes(model.SerializeToString())


def _cut(read: Sequence[tuple[str, str]]) -> Iterator[_Piece]:
    """Runs of at most ``MOST_PHONEMES``; a longer sentence is cut after its punctuation."""
    left = list(read)
    while left:
        sizes = itertools.accumulate(len(phonemes) + 1 for _, phonemes in left)
        fits = max(1, sum(size <= MOST_PHONEMES for size in sizes))
        if fits < len(left):
            marked = [i for i in range(fits) if left[i][1][-1:] in BREAKS]
            fits = marked[-1] + 1 if marked else fits
        words, phonemes = zip(*left[:fits], strict=True)
        yield _Piece(" ".join(words), words, phonemes)
        left = left[fits:]


def _written(piece: _Piece) -> tuple[str, list[int]]:
    """The phonemes of all words, and for each character the index of its word; -1: between."""
    symbols, owners = "", list[int]()
    for index, phonemes in enumerate(piece.phonemes):
        if symbols and phonemes:
            symbols += " "
            owners.append(-1)
        symbols += phonemes
        owners += [index] * len(phonemes)
    return symbols, owners


def _sounded(symbols: str, owners: list[int], edges: NDArray[np.float64]) -> list[Sounded]:
    """Symbols with their times; a stress mark's time is its vowel's, a diphthong's is shared."""
    sounded: list[Sounded] = []
    begin = edges[0]
    for symbol, owner, end in zip(symbols, owners, edges[1:], strict=True):
        if symbol in MARKS and symbol != "ː":
            continue
        if symbol == "ː" and sounded:
            sounded[-1] = Sounded(sounded[-1].symbol, sounded[-1].start, end, owner)
        elif symbol.isalpha():
            sounds = IPA.get(symbol, symbol)
            times = np.linspace(begin, end, len(sounds) + 1)
            for sound, (start, stop) in zip(sounds, itertools.pairwise(times), strict=True):
                sounded.append(Sounded(sound, float(start), float(stop), owner))
        else:
            sounded.append(Sounded(PAUSE, float(begin), float(end)))
        begin = end
    return sounded
