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
REACH_FRAMES = 15
"""How far a recognizer's word times may be off."""
LEAST_SECONDS = 0.4
NS_PER_SAMPLE = 1_000_000_000 / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Pause:
    """A place where the speaker may change: sample ``at``, after ``seconds`` without speech."""

    at: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Windows:
    """Sound to make prints of: pieces of equal length begun at ``starts`` (samples of speech).

    ``seconds``: the speech they cover together.
    """

    pieces: tuple[NDArray[np.float32], ...]
    starts: NDArray[np.int64]
    seconds: float

    @property
    def size(self) -> int:
        """Samples of a window."""
        return len(self.pieces[0])


class SpeechMap:
    """The frames of a turn that hold speech, by their energy."""

    def __init__(self, audio: NDArray[np.float32]) -> None:
        self.audio = audio
        count = -(-max(len(audio), 1) // FRAME)
        padded = np.zeros(count * FRAME, dtype=np.float32)
        padded[: len(audio)] = audio
        self._power = np.square(padded).reshape(count, FRAME).mean(axis=1)
        level = np.sqrt(self._power)
        self._speech = _bridge((level > QUIET * np.percentile(level, 90)) & (level > 0))
        kernel = np.ones(2 * MARGIN_FRAMES + 1)
        self._kept = np.convolve(self._speech, kernel)[MARGIN_FRAMES:-MARGIN_FRAMES] > 0

    def seconds(self, start: int, end: int) -> float:
        """Seconds of speech between two samples."""
        return float(self._speech[start // FRAME : -(-end // FRAME)].sum() * FRAME / SAMPLE_RATE)

    def places(self, start: int, end: int) -> NDArray[np.int64]:
        """The samples between two that hold speech or its margins, in order."""
        kept = np.repeat(self._kept, FRAME)[start : min(end, len(self.audio))]
        return start + np.flatnonzero(kept)

    def pauses(self, words: tuple[Word, ...]) -> list[Pause]:
        """Where one may give way to another: between words, else wherever it is still."""
        if words:
            return [self._stillest(left, right) for left, right in itertools.pairwise(words)]
        return [
            Pause((begin + end) * FRAME // 2, (end - begin) * FRAME / SAMPLE_RATE)
            for begin, end in self._gaps()
        ]

    def _stillest(self, left: Word, right: Word) -> Pause:
        """The best place for a cut near the gap between two words."""
        first = int(min(left.end_ns, right.start_ns) / NS_PER_SAMPLE) // FRAME - REACH_FRAMES
        last = int(max(left.end_ns, right.start_ns) / NS_PER_SAMPLE) // FRAME + REACH_FRAMES + 1
        first = min(max(first, 0), len(self._power) - 1)
        last = min(max(last, first + 1), len(self._power))
        smooth = np.convolve(self._power, np.ones(5) / 5, "same")[first:last]
        begin = end = at = first + int(np.argmin(smooth))
        while begin > 0 and not self._speech[begin - 1]:
            begin -= 1
        while end < len(self._speech) and not self._speech[end]:
            end += 1
        middle = (begin + end) // 2 if end > begin else at
        return Pause(middle * FRAME, (end - begin) * FRAME / SAMPLE_RATE)

    def _gaps(self) -> list[tuple[int, int]]:
        """Runs of frames without speech that lie between speech."""
        edges = np.flatnonzero(np.diff(self._speech.astype(np.int8))) + 1
        inner = edges if len(edges) and self._speech[0] else edges[1:]
        return [(int(a), int(b)) for a, b in zip(inner[::2], inner[1::2], strict=False)]


def cut_windows(sound: NDArray[np.float32], step: float) -> Windows | None:
    """Windows of 1.6 s every ``step`` s and at the end; a shorter one for 0.4…1.6 s of sound."""
    size, hop = int(WINDOW_SECONDS * SAMPLE_RATE), int(step * SAMPLE_RATE)
    seconds = len(sound) / SAMPLE_RATE
    if seconds < LEAST_SECONDS:
        return None
    if len(sound) <= size:
        return Windows((sound,), np.zeros(1, dtype=np.int64), seconds)
    starts = list(range(0, len(sound) - size + 1, hop))
    if len(sound) - size - starts[-1] > hop // 2:
        starts.append(len(sound) - size)
    pieces = tuple(sound[start : start + size] for start in starts)
    return Windows(pieces, np.array(starts, dtype=np.int64), seconds)


def _bridge(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Fill short gaps between set frames."""
    filled = flags.copy()
    for left, right in itertools.pairwise(np.flatnonzero(flags)):
        if 1 < right - left <= BRIDGED_FRAMES + 1:
            filled[left:right] = True
    return filled
