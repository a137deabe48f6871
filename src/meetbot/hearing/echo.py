"""Tells the bot's own voice, as it comes back from someone's loudspeaker, from that person's.

In media time and in energies only: how the energy of a microphone's sound lies over twelve bands
and a second of time is compared with what the bot played, at every delay up to 0.6 s. That works
on what a browser's echo canceller leaves over, which is no longer a filtered copy.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from meetbot.core.types import SAMPLE_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.hearing.intake import Window

__all__ = ["EchoGuard", "EchoReference"]

NS_PER_S = 1_000_000_000
HOP = 256
"""16 ms."""
BANDS = 12
LOWEST_HZ, HIGHEST_HZ = 200, 4_000
RING = 256
LAGS = 40
HISTORY = 64
DECAY = 0.6
"""Of a room's reverberation, from hop to hop: RT60 of 0.43 s."""
EPS = 1e-12
FLOOR = 1e-6
"""Energy of a band under which nothing sounds."""
FLOOR_DB = 10 * math.log10(FLOOR)
STEADINESS = 0.6
"""Of what was heard before, each 64 ms."""
LEARNING = 0.3
RELATED = 0.65
"""Correlation from which on sound may be the bot's."""
ALIKE = 0.42
"""Correlation of the spectra's shapes from which on it is the bot's. Measured over 1 s: echoes have
0.44 and more, also in noise and after an echo canceller; other voices 0.37 at most."""
SHAPE_DB = 25
"""Below the loudest: what is not compared."""
LEAST_SHAPES = 12
LEAST_HOPS = 24
"""Of a voice, before its relation to what the bot says can be told."""
EXCESS = 8.0
"""Times the energy expected, from which on it takes another voice."""
JUDGED = 4
VOICE_SHARE = 0.6
STILL_SHARE = 0.4
"""Of the energy is another voice's: where it begins, and while it lasts."""
FAINT_DB = -45.0
"""Of what was played: above that it is a voice, or the echo of one."""
CLEAR_HOPS = 30
"""So long nothing of it came back: there is no loudspeaker near this microphone."""
FORGET_HOPS = 320
"""So long nothing came back where once something did: a headset was put on."""


def _matrix() -> NDArray[np.float32]:
    """Sums the bins of a 256-point spectrum into bands, shape ``(129, BANDS)``."""
    edges = np.geomspace(LOWEST_HZ, HIGHEST_HZ, BANDS + 1) * HOP / SAMPLE_RATE
    bins = np.arange(HOP // 2 + 1)[:, None]
    inside = (bins >= np.floor(edges[:-1])) & (bins < np.maximum(np.floor(edges[1:]), edges[:-1]))
    return inside.astype(np.float32)


SUMS = _matrix()
HANN = np.hanning(HOP).astype(np.float32)


def _energies(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of whole hops at 16 kHz: shape ``(hops, BANDS)``."""
    spectrum = np.fft.rfft(samples.reshape(-1, HOP) * HANN, axis=1)
    power: NDArray[np.float32] = (np.square(np.abs(spectrum)) @ SUMS / HOP**2).astype(np.float32)
    return power


class EchoReference:
    """What the bot played lately, for all microphones of a meeting."""

    def __init__(self) -> None:
        self._ring = np.zeros((RING, BANDS), np.float32)
        self._next = 0
        self._last_loud = -RING
        self._pending = np.zeros(0, np.float32)
        self._tail = np.zeros(BANDS, np.float32)

    def played(self, samples: NDArray[np.int16], rate: int, pts_ns: int) -> None:
        """The bot's next sound, mono at 16 or 48 kHz, heard from meeting time ``pts_ns`` on."""
        step = rate // SAMPLE_RATE
        whole = samples[: len(samples) // step * step].astype(np.float32) / 32768
        sound = whole.reshape(-1, step).mean(axis=1)
        behind = pts_ns * SAMPLE_RATE // NS_PER_S - (self._next * HOP + len(self._pending))
        if abs(behind) > HOP:
            self._jump(pts_ns * SAMPLE_RATE // NS_PER_S)
        held = np.concatenate((self._pending, sound))
        hops = len(held) // HOP
        if hops:
            self._keep(_energies(held[: hops * HOP]))
        self._pending = held[hops * HOP :]

    def sounded(self, since: int) -> bool:
        """Whether anything was to be heard from hop ``since`` on."""
        return self._last_loud >= since

    def levels(self, first: int, count: int) -> NDArray[np.float32]:
        """Hops ``first`` … in dB, shape ``(count, BANDS)``; reverberation included."""
        hops = np.arange(first, first + count)
        known = (hops < self._next) & (hops >= self._next - RING)
        power = np.where(known[:, None], self._ring[hops % RING], 0.0)
        level: NDArray[np.float32] = (10 * np.log10(power + EPS)).astype(np.float32)
        return level

    def _jump(self, sample: int) -> None:
        """Silence up to ``sample``; what lay ahead of it is void."""
        hop = sample // HOP
        for missing in range(max(self._next, hop - RING), hop):
            self._tail = self._tail * DECAY
            self._ring[missing % RING] = self._tail
        self._next = hop
        self._pending = np.zeros(sample % HOP, np.float32)

    def _keep(self, energies: NDArray[np.float32]) -> None:
        for energy in energies:
            self._tail = np.maximum(energy, self._tail * DECAY)
            self._ring[self._next % RING] = self._tail
            if float(energy.max()) > FLOOR:
                self._last_loud = self._next
            self._next += 1


class EchoGuard:
    """One microphone's. While the bot is silent it does nothing."""

    def __init__(self, reference: EchoReference) -> None:
        self._reference = reference
        self._heard = np.zeros((HISTORY, BANDS), np.float32)
        self._scores = np.zeros(LAGS + 1, np.float32)
        self._gain = np.zeros(BANDS, np.float32)
        self._known = False
        self._voiced = 0
        self._clear = 0
        self._idle = True
        self._talking = False
        self._windows = 0
        self._lag = 0

    def is_echo(self, window: Window) -> bool:
        """Whether ``window`` holds the bot's own voice and nobody else's."""
        last = window.pts_ns * SAMPLE_RATE // NS_PER_S // HOP + 1
        if not self._reference.sounded(last - LAGS - 1):
            self._rest()
            return False
        now = 10 * np.log10(_energies(window.samples) + EPS)
        if self._idle:
            self._idle = False
            self._heard[:] = now[0]
        self._heard = np.concatenate((self._heard[len(now) :], now.astype(np.float32)))
        played = self._reference.levels(last - LAGS - HISTORY + 1, LAGS + HISTORY)
        if float(now.max()) - float(played.max()) > FAINT_DB:
            self._voiced += len(now)
        if _came_back(self._heard, played):
            self._clear = min(self._clear, CLEAR_HOPS)
        else:
            self._clear += len(now)
            self._known = self._known and self._clear < FORGET_HOPS
        self._windows += 1
        if self._windows % 2 == 0:
            self._lag = self._relate(played)
        lag = self._lag
        at_lag = played[LAGS - lag : LAGS - lag + HISTORY]
        if self._scores[lag] >= RELATED and _alike(self._heard, at_lag) >= ALIKE:
            self._learn(at_lag)
        if not self._known:
            return self._voiced < LEAST_HOPS and self._clear < CLEAR_HOPS
        begin = LAGS - lag + HISTORY - JUDGED
        near = [played[begin + off : begin + off + JUDGED] for off in (-1, 0, min(1, lag))]
        return self._explained(np.maximum.reduce(near))

    def _rest(self) -> None:
        if not self._idle:
            self._idle = True
            self._voiced = 0
            self._talking = False

    def _relate(self, played: NDArray[np.float32]) -> int:
        """The delay at which the microphone is most like what was played."""
        heard = self._heard - self._heard.mean(axis=0)
        shifted = sliding_window_view(played.ravel(), HISTORY * BANDS)[::BANDS]
        sums, squares = (_running(values) for values in (played, np.square(played)))
        power = (squares - np.square(sums) / HISTORY).sum(axis=1) * np.sum(np.square(heard))
        score = (shifted @ heard.ravel() / np.sqrt(np.maximum(power, EPS)))[::-1]
        self._scores = STEADINESS * self._scores + (1 - STEADINESS) * score
        return int(np.argmax(self._scores))

    def _learn(self, played: NDArray[np.float32]) -> None:
        """How much of each band comes back."""
        loud = played > played.max(axis=0) - 20
        ratio = np.where(loud, self._heard - played, np.nan)
        gain = np.nanmedian(ratio, axis=0).astype(np.float32)
        if self._known:
            gain = self._gain + np.float32(LEARNING) * (gain - self._gain)
        self._gain = gain
        self._known = True

    def _explained(self, played: NDArray[np.float32]) -> bool:
        """Whether what was played, and noise, account for most of what is heard now."""
        noise = np.sort(self._heard, axis=0)[HISTORY // 20]
        power = 10 ** (self._heard[-JUDGED:] / 10)
        expected = 10 ** ((played + self._gain) / 10) + 10 ** (noise / 10)
        share = power[power > EXCESS * expected].sum() / power.sum()
        self._talking = bool(share > (STILL_SHARE if self._talking else VOICE_SHARE))
        return not self._talking


def _alike(heard: NDArray[np.float32], played: NDArray[np.float32]) -> float:
    """Correlation of the spectra's shapes, hop by hop, where both sound: what only an echo has.

    How loud a hop is and what the room does to each band are left out of it.
    """
    peaks = heard.max(axis=1), played.max(axis=1)
    both = (peaks[0] > peaks[0].max() - SHAPE_DB) & (peaks[1] > peaks[1].max() - SHAPE_DB)
    if np.count_nonzero(both) < LEAST_SHAPES:
        return 0.0
    one, other = _shape(heard[both]), _shape(played[both])
    return float((one * other).sum() / np.sqrt((one**2).sum() * (other**2).sum() + EPS))


def _shape(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    near = np.maximum(levels, levels.max(axis=1, keepdims=True) - SHAPE_DB)
    flat = near - near.mean(axis=1, keepdims=True)
    shape: NDArray[np.float32] = flat - flat.mean(axis=0)
    return shape


def _came_back(heard: NDArray[np.float32], played: NDArray[np.float32]) -> bool:
    """Whether what was played so long ago that it must have come back can have come back.

    True also where nothing had been played by then.
    """
    due = float(played[LAGS:HISTORY].max())
    return due < FLOOR_DB or float(heard.max()) - due > FAINT_DB


def _running(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sums over ``HISTORY`` rows from each row on."""
    totals = np.cumsum(np.concatenate((np.zeros((1, BANDS)), values)), axis=0)
    return totals[HISTORY:] - totals[:-HISTORY]
