"""Where in a turn there is speech, and the windows that prints are made of."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.types import SAMPLE_RATE
from meetbot.people.voices import WINDOW_SECONDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.core.types import Word

__all__ = ["Pause", "SpeechMap", "Windows", "cut_windows"]

FRAME = 160
"""Samples per energy frame: 10 ms."""
QUIET = 0.1
"""Frames under this part of the loud frames' RMS (-20 dB) are no speech."""
BRIDGED_FRAMES = 12
"""Gaps in speech up to 120 ms are within words."""
MARGIN_FRAMES = 5
REACH_S = 0.15
"""How far a recognizer's word times may be off."""
NS_PER_SAMPLE = 1_000_000_000 / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Pause:
    """A place where the speaker may change: sample ``at``, after ``seconds`` without speech."""

    at: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Windows:
    """Sound to make prints of: equal ``length`` s, begun at ``starts`` s of the speech.

    ``seconds``: the speech they cover.
    """

    pieces: tuple[NDArray[np.float32], ...]
    starts: NDArray[np.float64]
    length: float
    seconds: float


class SpeechMap:
    """The frames of a turn that hold speech, by their energy."""

    def __init__(self, audio: NDArray[np.float32]) -> None:
        self.audio = audio
        count = max(len(audio) // FRAME, 1)
        frames = np.resize(audio, count * FRAME) if len(audio) < FRAME else audio[: count * FRAME]
        self._power = np.square(frames, dtype=np.float32).reshape(count, FRAME).mean(axis=1)
        level = np.sqrt(self._power)
        loud = level > QUIET * float(np.percentile(level, 90)) if level.any() else level > 0
        self._speech = _bridge(loud, BRIDGED_FRAMES)
        kernel = np.ones(2 * MARGIN_FRAMES + 1)
        self._kept = np.convolve(self._speech, kernel, "full")[MARGIN_FRAMES:-MARGIN_FRAMES] > 0

    def seconds(self, start: int, end: int) -> float:
        """Seconds of speech between two samples."""
        return float(self._speech[start // FRAME : -(-end // FRAME)].sum() * FRAME / SAMPLE_RATE)

    def speech(self, start: int, end: int) -> NDArray[np.float32]:
        """The sound between two samples with its silences taken out."""
        chosen = np.repeat(self._kept, FRAME)[start:end]
        sound = self.audio[start:end][: len(chosen)]
        kept: NDArray[np.float32] = sound[chosen]
        return kept

    def pauses(self, words: tuple[Word, ...]) -> list[Pause]:
        """Where one speaker may give way to another: between words, else wherever it is still."""
        if not words:
            return [
                Pause((a + b) * FRAME // 2, (b - a) * FRAME / SAMPLE_RATE) for a, b in self._gaps()
            ]
        found = []
        for before, after in itertools.pairwise(words):
            left = int(min(before.end_ns, after.start_ns) / NS_PER_SAMPLE)
            right = int(max(before.end_ns, after.start_ns) / NS_PER_SAMPLE)
            found.append(self._stillest(left, right))
        return found

    def _stillest(self, left: int, right: int) -> Pause:
        """The best place for a cut near a gap between two words."""
        reach = int(REACH_S * SAMPLE_RATE / FRAME)
        first = max(left // FRAME - reach, 0)
        last = min(right // FRAME + reach + 1, len(self._power))
        if last <= first:
            return Pause(min(left, len(self.audio)), 0.0)
        smooth = np.convolve(self._power[first:last], np.ones(5) / 5, "same")
        at = first + int(np.argmin(smooth))
        begin = end = at
        while begin > 0 and not self._speech[begin - 1]:
            begin -= 1
        while end < len(self._speech) and not self._speech[end]:
            end += 1
        return Pause(
            (begin + end) * FRAME // 2 if end > begin else at * FRAME,
            (end - begin) * FRAME / SAMPLE_RATE,
        )

    def _gaps(self) -> list[tuple[int, int]]:
        """Runs of frames without speech that lie between speech."""
        edges = np.flatnonzero(np.diff(self._speech.astype(np.int8)))
        inner = edges[1:] if len(edges) and not self._speech[0] else edges
        pairs = zip(inner[::2] + 1, inner[1::2] + 1, strict=False)
        return [(int(a), int(b)) for a, b in pairs]


def cut_windows(sound: NDArray[np.float32], step: float) -> Windows | None:
    """Windows of 1.6 s every ``step`` s and at the end; one shorter one for 0.4…1.6 s of sound."""
    size, hop = int(WINDOW_SECONDS * SAMPLE_RATE), int(step * SAMPLE_RATE)
    seconds = len(sound) / SAMPLE_RATE
    if seconds < 0.4:
        return None
    if len(sound) <= size:
        return Windows((sound,), np.zeros(1), seconds, seconds)
    starts = list(range(0, len(sound) - size + 1, hop))
    if len(sound) - size - starts[-1] > hop // 2:
        starts.append(len(sound) - size)
    pieces = tuple(sound[start : start + size] for start in starts)
    return Windows(pieces, np.array(starts) / SAMPLE_RATE, WINDOW_SECONDS, seconds)


def _bridge(flags: NDArray[np.bool_], most: int) -> NDArray[np.bool_]:
    """Fill gaps of up to ``most`` frames between set frames."""
    where = np.flatnonzero(flags)
    filled = flags.copy()
    for left, right in itertools.pairwise(where):
        if 1 < right - left <= most + 1:
            filled[left:right] = True
    return filled
