"""From phonemes to the shape of the mouth over time.

Coarticulation by dominance functions (Cohen & Massaro 1993): every phoneme pulls the mouth towards
its own shape before, while and after it sounds, and how strongly differs by phoneme and by part of
the mouth: a lip closure is never given up, a vowel's rounding gives way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.core.voice import Phone, Speech

__all__ = ["PARTS", "STEP_S", "Track", "track_of"]

PARTS = ("jaw", "wide", "round", "press", "bite", "tongue")
"""What a mouth shape says: jaw open 0…1; corners apart 0…1; lips rounded 0…1; lips pressed together
0…1; lower lip under the upper teeth 0…1; tip of the tongue up 0…1."""

STEP_S = 0.01
REACH_S = 0.25
SILENT_RMS = 0.004
PAUSE_S = 0.15


@dataclass(frozen=True, slots=True)
class _Shape:
    """A phoneme's target, and how strongly it holds: ``power``, and the time it takes to let go."""

    jaw: float = 0.0
    wide: float = 0.0
    round: float = 0.0
    press: float = 0.0
    bite: float = 0.0
    tongue: float = 0.0
    power: float = 1.0
    decay_s: float = 0.06

    def target(self) -> tuple[float, ...]:
        return (self.jaw, self.wide, self.round, self.press, self.bite, self.tongue)


_REST = _Shape(power=0.9, decay_s=0.05)
_CLASSES: tuple[tuple[str, _Shape], ...] = (
    ("mbp", _Shape(press=1.0, power=8.0, decay_s=0.03)),
    ("fvɱ", _Shape(jaw=0.12, wide=0.2, bite=1.0, power=4.0, decay_s=0.04)),
    ("wʍɥ", _Shape(jaw=0.12, round=1.0, power=2.0, decay_s=0.06)),
    ("uʊʉɯ", _Shape(jaw=0.28, round=0.95, power=1.4, decay_s=0.07)),
    ("oɔɒɤ", _Shape(jaw=0.62, round=0.7, power=1.6, decay_s=0.07)),
    ("aɑɐʌæä", _Shape(jaw=1.0, wide=0.25, power=1.7, decay_s=0.07)),
    ("eɛɜɞɝ", _Shape(jaw=0.65, wide=0.4, power=1.5, decay_s=0.07)),
    ("əɘɚ", _Shape(jaw=0.42, wide=0.2, power=0.9, decay_s=0.07)),
    ("iɪɨyʏ", _Shape(jaw=0.32, wide=0.8, power=1.4, decay_s=0.07)),
    ("j", _Shape(jaw=0.2, wide=0.7, power=0.9, decay_s=0.06)),
    ("szθðcɕʑ", _Shape(jaw=0.14, wide=0.45, tongue=0.3, power=1.4, decay_s=0.05)),
    ("ʃʒʂʐ", _Shape(jaw=0.18, round=0.6, power=1.5, decay_s=0.05)),
    ("tdnlɾɫʎɲ", _Shape(jaw=0.2, wide=0.25, tongue=0.8, power=0.8, decay_s=0.05)),
    ("rɹɻʁʀ", _Shape(jaw=0.22, round=0.4, tongue=0.4, power=0.8, decay_s=0.05)),
    ("kɡgŋxhɣχħɦqʔ", _Shape(jaw=0.3, wide=0.15, power=0.5, decay_s=0.05)),
)
_BY_LETTER = {letter: shape for letters, shape in _CLASSES for letter in letters}
_UNKNOWN = _Shape(jaw=0.3, wide=0.2, power=0.4)
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Track:
    """The mouth over time: float32 ``(n, 6)``, one row for each 10 ms from ``start_s`` on."""

    start_s: float
    rows: NDArray[np.float32]

    @property
    def end_s(self) -> float:
        """Where it ends, with a shut mouth."""
        return self.start_s + len(self.rows) * STEP_S

    def at(self, time_s: float) -> NDArray[np.float32]:
        """The shape at ``time_s``; shut outside."""
        place = (time_s - self.start_s) / STEP_S
        if place < 0 or place > len(self.rows) - 1:
            return np.zeros(len(PARTS), np.float32)
        low = int(place)
        high = min(low + 1, len(self.rows) - 1)
        share = np.float32(place - low)
        shape: NDArray[np.float32] = self.rows[low] * (1 - share) + self.rows[high] * share
        return shape

    def until(self, time_s: float) -> Track:
        """The same, ended at ``time_s``."""
        return Track(self.start_s, self.rows[: max(0, round((time_s - self.start_s) / STEP_S))])


def track_of(speech: Speech, at_s: float) -> Track:
    """How the mouth moves while ``speech`` sounds from ``at_s`` on, from a little before it."""
    seconds = len(speech.samples) / speech.sample_rate
    times = np.arange(-REACH_S / 2, seconds + REACH_S, STEP_S, dtype=np.float32)
    loud = _loudness(speech, times)
    rows = _blended(speech.phones, times) if speech.phones else _by_energy(loud, len(times))
    rows[:, 0] *= 0.4 + 0.6 * np.clip(loud, 0, 1.25)
    quiet = _pauses(loud)
    rows *= (1 - quiet)[:, None]
    return Track(at_s - REACH_S / 2, rows.astype(np.float32))


def _shape(symbol: str) -> list[_Shape]:
    """The shapes that a symbol goes through: a diphthong or an affricate has two."""
    letters = [letter for letter in symbol if letter in _BY_LETTER]
    if letters:
        return [_BY_LETTER[letter] for letter in letters[:2]]
    return [_UNKNOWN] if _LETTER.search(symbol) else [_REST]


def _blended(phones: tuple[Phone, ...], times: NDArray[np.float32]) -> NDArray[np.float32]:
    weights = np.full(len(times), 0.02, np.float32)
    total = np.zeros((len(times), len(PARTS)), np.float32)
    for phone in phones:
        shapes = _shape(phone.symbol)
        start, end = phone.start_ns / 1e9, phone.end_ns / 1e9
        share = (end - start) / len(shapes)
        for number, shape in enumerate(shapes):
            first = start + number * share
            away = np.maximum(np.maximum(first - times, times - (first + share)), 0)
            pull = shape.power * np.exp(-away / shape.decay_s)
            weights += pull
            total += pull[:, None] * np.asarray(shape.target(), np.float32)
    rows: NDArray[np.float32] = total / weights[:, None]
    # Lips that are pressed together hold the jaw up, however short the closure is.
    rows[:, 0] *= 1 - np.clip((rows[:, 3] - 0.25) / 0.45, 0, 1)
    return rows


def _loudness(speech: Speech, times: NDArray[np.float32]) -> NDArray[np.float32]:
    """Loudness over 30 ms at each time, 1 where it is as loud as this speech usually is."""
    square = np.concatenate(([0.0], np.cumsum(np.square(speech.samples.astype(np.float64)))))
    half = 0.015 * speech.sample_rate
    centre = times * speech.sample_rate
    last = len(square) - 1
    low = np.clip(centre - half, 0, last).astype(int)
    high = np.clip(centre + half, 0, last).astype(int)
    rms = np.sqrt((square[high] - square[low]) / np.maximum(high - low, 1))
    rms[high == low] = 0
    heard = rms[rms > SILENT_RMS]
    usual = float(np.percentile(heard, 80)) if len(heard) else 1.0
    loudness: NDArray[np.float32] = (rms / max(usual, SILENT_RMS)).astype(np.float32)
    return loudness


def _pauses(loud: NDArray[np.float32]) -> NDArray[np.float32]:
    """1 in silences of 150 ms and more, with soft edges; 0 elsewhere."""
    silent = loud < 0.06
    quiet = np.zeros(len(loud), np.float32)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], silent.astype(np.int8), [0]))))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        if last - first >= round(PAUSE_S / STEP_S):
            quiet[first:last] = 1
    soft = np.hanning(9)
    return np.convolve(quiet, soft / soft.sum(), "same").astype(np.float32)


def _by_energy(loud: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Without phonemes the jaw follows the loudness."""
    rows = np.zeros((count, len(PARTS)), np.float32)
    smooth = np.convolve(loud, np.ones(5) / 5, "same")
    rows[:, 0] = np.clip(smooth, 0, 1) * 0.75
    rows[:, 1] = 0.25 * np.clip(smooth, 0, 1)
    return rows
