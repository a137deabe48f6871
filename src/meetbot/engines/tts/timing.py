"""From an engine's sound and its timings to a ``Speech``: trimmed, pauses where it is silent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.types import Word
from meetbot.core.voice import Phone, Speech

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["PAUSE", "Hush", "Sounded", "finish"]

PAUSE = ""
"""The symbol of a pause."""
WINDOW_SECONDS = 0.0025
QUIET = 0.01
"""Windows under this part of the loudest one's RMS (-40 dB) are silence."""
LEAST_LOUD = 1e-4
LEAD_SECONDS = 0.005
"""Kept in front of the first sound."""
REACH_SECONDS = 0.1
"""How far a pause's told place may be off."""
LEAST_PAUSE_SECONDS = 0.06
LEAST_UNTOLD_PAUSE_SECONDS = 0.1
"""Where the engine tells no pause as long: a shorter silence is the closure of a plosive."""
REST_SECONDS = {".": 0.24, "!": 0.24, "?": 0.24, "…": 0.24, ",": 0.12, ";": 0.14, ":": 0.14}
"""Silence after the last sound, by how the text ends; speech goes on after it."""
LEAST_REST_SECONDS = 0.03
PEAK = 0.98


@dataclass(frozen=True, slots=True)
class Sounded:
    """A phoneme, or ``PAUSE``, from ``start`` to ``end`` seconds of the engine's sound.

    ``word``: the index of its word; -1 for a pause.
    """

    symbol: str
    start: float
    end: float
    word: int = -1


class Hush:
    """Where a sound is silent, in windows of 2.5 ms."""

    def __init__(self, samples: NDArray[np.float32], rate: int) -> None:
        self._step = max(1, round(rate * WINDOW_SECONDS))
        self._rate = rate
        windows = samples[: len(samples) // self._step * self._step].reshape(-1, self._step)
        power = np.sqrt(np.mean(np.square(windows), axis=1)) if len(windows) else np.zeros(0)
        loudest = float(power.max(initial=0.0))
        self._loud = power > max(QUIET * loudest, LEAST_LOUD)

    def bounds(self) -> tuple[float, float] | None:
        """Seconds at which the first sound begins and the last one ends; None: only silence."""
        places = np.flatnonzero(self._loud)
        if not len(places):
            return None
        return self._seconds(places[0]), self._seconds(places[-1] + 1)

    def longest(self, start: float, end: float) -> tuple[float, float]:
        """The longest silence between ``start`` and ``end`` seconds; its length may be 0."""
        first, last = (max(0, round(edge * self._rate / self._step)) for edge in (start, end))
        loud = np.concatenate(([True], self._loud[first:last], [True]))
        places = np.flatnonzero(loud)
        gaps = np.diff(places)
        widest = int(np.argmax(gaps))
        begin = first + int(places[widest])
        return self._seconds(begin), self._seconds(begin + int(gaps[widest]) - 1)

    def runs(self, least: float) -> list[tuple[float, float]]:
        """All silences of ``least`` seconds or more between sounds."""
        places = np.flatnonzero(self._loud)
        gaps = np.flatnonzero(np.diff(places) > least * self._rate / self._step)
        return [(self._seconds(places[i] + 1), self._seconds(places[i + 1])) for i in gaps]

    def _seconds(self, window: int) -> float:
        return float(window * self._step / self._rate)


def finish(
    samples: NDArray[np.float32],
    rate: int,
    text: str,
    sounded: Sequence[Sounded],
    words: Sequence[str],
    *,
    estimated: bool = False,
    first: bool = True,
    last: bool = True,
) -> Speech | None:
    """The stretch that says ``text``; None where there is no sound.

    ``sounded``: in order, over the engine's sound. Pauses are moved to where the sound is silent;
    where it is not, their neighbours share the time. At most 5 ms come before the first sound;
    after the last there is as much rest as speech has there. A stretch that is not the ``first``
    or not the ``last`` of a flow of sound keeps that end as it is.
    """
    hush = Hush(samples, rate)
    bounds = hush.bounds()
    if bounds is None:
        return None
    if sounded and last:  # breath and noise after the last phoneme go
        end = max((each.end for each in sounded if each.symbol != PAUSE), default=bounds[1])
        bounds = bounds[0], max(bounds[0], min(bounds[1], end + REACH_SECONDS))
    start = max(0.0, bounds[0] - LEAD_SECONDS) if first else 0.0
    rest = REST_SECONDS.get(text.rstrip(" \"'”»)")[-1:], LEAST_REST_SECONDS)
    end = bounds[1] + rest if last else len(samples) / rate
    begin, length = round(start * rate), round((end - start) * rate)
    sound = np.zeros(length, dtype=np.float32)
    kept = samples[begin : begin + length]
    sound[: len(kept)] = kept
    sound *= min(1.0, PEAK / float(np.abs(sound).max()))
    settled = _settle(sounded, hush, bounds)
    phones = _phones(settled, begin / rate, length, rate)
    timed = _words(settled, words, begin / rate, length, rate)
    return Speech(sound, rate, text, phones, timed, estimated)


def _settle(sounded: Sequence[Sounded], hush: Hush, bounds: tuple[float, float]) -> list[Sounded]:
    """``sounded`` without gaps from the first sound to the last; pauses are true silences."""
    spoken = [each for each in sounded if each.symbol != PAUSE and each.end > each.start]
    if not spoken:
        return []
    settled = [replace(spoken[0], start=bounds[0])]
    for phone in spoken[1:]:
        before = settled[-1]
        gap = phone.start - before.end
        told = gap >= LEAST_UNTOLD_PAUSE_SECONDS
        least = LEAST_PAUSE_SECONDS if told else LEAST_UNTOLD_PAUSE_SECONDS
        reach = REACH_SECONDS if gap >= LEAST_PAUSE_SECONDS else 0.0
        quiet = hush.longest(
            max(before.start, before.end - reach), min(phone.end, phone.start + reach)
        )
        if gap > 0 and quiet[1] - quiet[0] >= least:
            settled[-1] = replace(before, end=quiet[0])
            settled += [Sounded(PAUSE, *quiet), replace(phone, start=quiet[1])]
        else:
            middle = (before.end + phone.start) / 2
            settled[-1] = replace(before, end=middle)
            settled.append(replace(phone, start=middle))
    settled[-1] = replace(settled[-1], end=max(bounds[1], settled[-1].start))
    return settled


def _phones(settled: Sequence[Sounded], start: float, length: int, rate: int) -> tuple[Phone, ...]:
    most = length * 1_000_000_000 // rate
    phones: list[Phone] = []
    at = 0
    for each in settled:
        end = min(most, max(at, round((each.end - start) * 1e9)))
        if end > at:
            phones.append(Phone(each.symbol, at, end))
            at = end
    if phones and at < most:
        phones.append(Phone(PAUSE, at, most))
    return tuple(phones)


def _words(
    settled: Sequence[Sounded], words: Sequence[str], start: float, length: int, rate: int
) -> tuple[Word, ...]:
    """Each word from its first phoneme to its last; one without any is written to its neighbour."""
    most = length * 1_000_000_000 // rate
    spans: dict[int, tuple[float, float]] = {}
    for each in settled:
        if each.word >= 0:
            spans[each.word] = (spans.get(each.word, (each.start, 0))[0], each.end)
    timed: list[Word] = []
    waiting = ""
    for index, text in enumerate(words):
        if index in spans:
            begin, end = (min(most, max(0, round((s - start) * 1e9))) for s in spans[index])
            timed.append(Word(f"{waiting} {text}".strip(), begin, max(begin, end)))
            waiting = ""
        elif timed:
            timed[-1] = replace(timed[-1], text=f"{timed[-1].text} {text}")
        else:
            waiting = f"{waiting} {text}".strip()
    return tuple(timed)
