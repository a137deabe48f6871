"""Times of phonemes that an engine does not tell, from how long each usually is."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from meetbot.engines.tts.letters import phonemes
from meetbot.engines.tts.timing import PAUSE, Hush, Sounded

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["estimate", "lengths", "spread"]

LENGTHS = {
    **dict.fromkeys("aeiouyæɐɑɒɔəɚɛɜɞɤɪɨʉʊʌøœ", 1.0),
    **dict.fromkeys("fsʃʂɕzʒʐvθðxhɣçχ", 0.9),
    **dict.fromkeys("ptkbdɡcqʔ", 0.7),
    **dict.fromkeys("mnŋɲ", 0.7),
    **dict.fromkeys("lrɹɾʁwjɥʎɫ", 0.55),
}
OTHER_LENGTH = 0.8
PAUSE_LENGTH = 2.5
LEAST_PAUSE_SECONDS = 0.1
STOPS = frozenset(",.;:!?…—–")


def lengths(symbols: str) -> list[float]:
    """How long each phoneme usually is, in vowels."""
    return [LENGTHS.get(symbol, OTHER_LENGTH) for symbol in symbols]


def spread(symbols: str, start: float, end: float, word: int) -> list[Sounded]:
    """The phonemes of a word over its time."""
    edges = list(itertools.accumulate(lengths(symbols), initial=0.0))
    scale = (end - start) / edges[-1] if edges[-1] else 0.0
    return [
        Sounded(symbol, start + a * scale, start + b * scale, word)
        for symbol, (a, b) in zip(symbols, itertools.pairwise(edges), strict=True)
    ]


def estimate(
    words: Sequence[str], samples: NDArray[np.float32], rate: int, said: Sequence[str] | None = None
) -> list[Sounded]:
    """The phonemes of ``words`` over a sound; pauses of the text are laid on those of the sound.

    ``said``: the phonemes of each word where they are known; else its letters tell.
    """
    hush = Hush(samples, rate)
    bounds = hush.bounds()
    if bounds is None:
        return []
    said = said or [phonemes(word) for word in words]
    phrases = _phrases(words, said)
    rests = hush.runs(LEAST_PAUSE_SECONDS)
    sounded: list[Sounded] = []
    for phrase, (start, end) in zip(phrases, _places(phrases, said, rests, bounds), strict=True):
        if sounded:
            sounded.append(Sounded(PAUSE, sounded[-1].end, start))
        weights = [sum(lengths(said[word])) for word in phrase]
        edges = itertools.accumulate(weights, initial=0.0)
        times = [start + (end - start) * edge / sum(weights) for edge in edges]
        for word, (begin, stop) in zip(phrase, itertools.pairwise(times), strict=True):
            sounded += spread(said[word], begin, stop, word)
    return sounded


def _phrases(words: Sequence[str], said: Sequence[str]) -> list[list[int]]:
    """The indices of the words between the pauses that the text has."""
    phrases: list[list[int]] = [[]]
    for index, word in enumerate(words):
        if said[index]:
            phrases[-1].append(index)
        if phrases[-1] and word[-1:] in STOPS:
            phrases.append([])
    return [phrase for phrase in phrases if phrase]


def _places(
    phrases: Sequence[Sequence[int]],
    said: Sequence[str],
    rests: Sequence[tuple[float, float]],
    bounds: tuple[float, float],
) -> list[tuple[float, float]]:
    """Start and end of each phrase; the silence nearest to where it should end ends it."""
    weights = [sum(sum(lengths(said[word])) for word in phrase) for phrase in phrases]
    left = list(rests)
    places: list[tuple[float, float]] = []
    start = bounds[0]
    for index, weight in enumerate(weights[:-1]):
        later = sum(weights[index:]) + PAUSE_LENGTH * (len(weights) - 1 - index)
        silent = sum(b - a for a, b in left)
        pace = max(0.0, bounds[1] - start - silent) / max(1e-6, sum(weights[index:]))
        expected = start + weight * (pace if left else (bounds[1] - start) / later)
        follow = [rest for rest in left if rest[0] > start]
        nearest = min(follow, key=lambda rest: abs(rest[0] - expected), default=None)
        enough = len(weights) - 1 - index
        if nearest is None or (
            len(follow) < enough and abs(nearest[0] - expected) > 0.5 * weight * pace
        ):
            nearest = (expected, expected)
        places.append((start, nearest[0]))
        left = [rest for rest in left if rest[0] > nearest[0]]
        start = nearest[1]
    return [*places, (start, max(start, bounds[1]))]
