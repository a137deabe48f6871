"""Takes one microphone's frames, of any rate and shape, to 32 ms windows at 16 kHz."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import soxr

from meetbot.core.types import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from meetbot.core.types import AudioFrame

__all__ = ["WINDOW", "WINDOW_NS", "Intake", "Window", "to_mono"]

WINDOW = 512
WINDOW_NS = WINDOW * 1_000_000_000 // SAMPLE_RATE
NS_PER_S = 1_000_000_000
GAP_NS = 60_000_000
LONGEST_FILLED_GAP_NS = 2 * NS_PER_S


@dataclass(frozen=True, slots=True)
class Window:
    """512 samples (32 ms), float32 mono at 16 kHz; ``pts_ns`` is the first one's meeting time."""

    samples: NDArray[np.float32]
    pts_ns: int


class Intake:
    """One microphone. A gap in the time stamps becomes silence, so that time stays true.

    Samples that are not numbers become silence, and those beyond full scale are clipped.
    """

    def __init__(self) -> None:
        self._resampler: soxr.ResampleStream | None = None
        self._rate = SAMPLE_RATE
        self._pending = np.zeros(0, dtype=np.float32)
        self._pending_pts = 0
        self._held_samples = 0.0
        self._started = False

    def push(self, frame: AudioFrame) -> Iterator[Window]:
        """The windows that ``frame`` completes."""
        samples = to_mono(frame.samples)
        if frame.sample_rate != self._rate or not self._started:
            self._restart(frame)
        behind_ns = frame.pts_ns - self._position_ns
        if behind_ns > GAP_NS:
            yield from self._fill(behind_ns, frame)
        elif behind_ns < -GAP_NS:
            self._pending_pts += behind_ns
        yield from self._add(self._resample(samples))

    def flush(self) -> Iterator[Window]:
        """What is left, padded with silence to one window."""
        if self._resampler is not None:
            yield from self._add(self._resampler.resample_chunk(self._EMPTY, last=True))
        self._started = False
        if len(self._pending):
            yield from self._add(np.zeros(WINDOW - len(self._pending), dtype=np.float32))

    _EMPTY = np.zeros(0, dtype=np.float32)

    @property
    def _position_ns(self) -> int:
        """Time of the next sample; small gaps add up here until they are worth filling."""
        samples = len(self._pending) + self._held_samples
        return self._pending_pts + round(samples * NS_PER_S / SAMPLE_RATE)

    def _restart(self, frame: AudioFrame) -> None:
        self._rate = frame.sample_rate
        self._resampler = None
        self._held_samples = 0.0
        if frame.sample_rate != SAMPLE_RATE:
            self._resampler = soxr.ResampleStream(
                frame.sample_rate, SAMPLE_RATE, 1, dtype="float32", quality="MQ"
            )
        if not self._started:
            self._pending_pts = frame.pts_ns
            self._started = True

    def _fill(self, gap_ns: int, frame: AudioFrame) -> Iterator[Window]:
        """Silence for a short gap; a long one closes with some silence and jumps."""
        filled = min(gap_ns, LONGEST_FILLED_GAP_NS)
        yield from self._add(np.zeros(filled * SAMPLE_RATE // NS_PER_S, dtype=np.float32))
        if gap_ns > filled:
            self._pending = self._EMPTY
            self._pending_pts = frame.pts_ns

    def _resample(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        if self._resampler is None:
            return samples
        resampled: NDArray[np.float32] = self._resampler.resample_chunk(samples)
        self._held_samples += len(samples) * SAMPLE_RATE / self._rate - len(resampled)
        return resampled

    def _add(self, samples: NDArray[np.float32]) -> Iterator[Window]:
        held = np.concatenate((self._pending, samples))
        whole = len(held) - len(held) % WINDOW
        for start in range(0, whole, WINDOW):
            yield Window(held[start : start + WINDOW], self._pending_pts)
            self._pending_pts += WINDOW_NS
        self._pending = held[whole:]


def to_mono(samples: NDArray[np.int16] | NDArray[np.float32]) -> NDArray[np.float32]:
    """Samples of shape ``(n,)`` or ``(n, channels)`` as float32 mono within ±1, without NaN."""
    if samples.dtype == np.int16:
        scaled = samples.astype(np.float32) / 32768
    else:
        scaled = np.nan_to_num(samples.astype(np.float32), nan=0.0, posinf=1.0, neginf=-1.0)
    mono = scaled if scaled.ndim == 1 else scaled.mean(axis=1)
    return np.clip(mono, -1.0, 1.0).astype(np.float32, copy=False)
