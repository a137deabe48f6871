"""How far a bot's pictures and its sound are apart where no clock of the sender's tells.

The sender tells with each picture how loud its sound is; that is looked for in the sound received.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.voice import MOMENT_NS
from meetbot_webrtc.sync import summed_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from meetbot.core.guests import ReceivedPicture, ReceivedSound
    from meetbot_webrtc.sync import Skew

__all__ = ["Heard", "loudness_skew"]

PIECE_NS = 5_000_000
SAMPLES = 240
PIECES = MOMENT_NS // PIECE_NS
SHIFT = 7
"""Of int16 peaks, to 0…255 as they are told."""
WINDOW = 25
"""Pictures, a second of them, that are looked for together."""
TOLD = 0.6
"""The share of a window's pictures that must have come."""
SPOKEN = 4
"""Less is silence: −36 dB of full scale."""
REACH = 100
"""Pieces by which sound may be earlier or later than its pictures: half a second."""
ALIKE = 0.8
"""Correlation of loudness told and heard below which nothing was found."""


class Heard:
    """How loud the sound received was, by time; only that is kept of it."""

    def __init__(self) -> None:
        self._pieces: dict[int, int] = {}

    def take(self, sound: ReceivedSound) -> None:
        """Sound came; a sample is heard when it has arrived, as smoothly as samples follow."""
        whole = len(sound.samples) // SAMPLES
        peaks = np.abs(sound.samples[: whole * SAMPLES].astype(np.int32))
        due_ns = sound.pts_ns + len(sound.samples) * PIECE_NS // SAMPLES
        first = round(due_ns / PIECE_NS)
        for number, peak in enumerate(peaks.reshape(-1, SAMPLES).max(axis=1) >> SHIFT):
            if peak:
                self._pieces[first + number] = min(255, int(peak))

    def between(self, first: int, count: int) -> NDArray[np.float64]:
        """The loudness of ``count`` pieces from ``first`` on."""
        return np.array([self._pieces.get(first + number, 0) for number in range(count)], float)


def loudness_skew(pictures: Sequence[ReceivedPicture], heard: Heard) -> Skew | None:
    """Arrival of each picture of speech less that of its sound; None: nothing to compare.

    Each second's pictures are looked for in the sound that came half a second before and after
    them, and count where their loudness is found there for sure.
    """
    skews: list[int] = []
    for window in _windows(_told(pictures)):
        delay_ns = _delay(window, heard)
        if delay_ns is not None:
            skews.extend(
                one.arrival_ns - captured_ns - delay_ns
                for captured_ns, one in window
                if max(one.loudness or b"\0") >= SPOKEN
            )
    return summed_up(skews)


def _told(pictures: Sequence[ReceivedPicture]) -> list[tuple[int, ReceivedPicture]]:
    """Those that came with their time and their loudness, in order, by that time."""
    known = {
        one.captured_ns: one
        for one in pictures
        if one.captured_ns is not None and one.loudness is not None
    }
    return sorted(known.items())


def _windows(
    told: Sequence[tuple[int, ReceivedPicture]],
) -> list[list[tuple[int, ReceivedPicture]]]:
    """Pictures of the same second, where enough of them came and somebody speaks."""
    seconds: dict[int, list[tuple[int, ReceivedPicture]]] = {}
    for captured_ns, one in told:
        seconds.setdefault(captured_ns // (WINDOW * MOMENT_NS), []).append((captured_ns, one))
    return [
        window
        for window in seconds.values()
        if len(window) >= TOLD * WINDOW
        and any(max(one.loudness or b"\0") >= SPOKEN for _, one in window)
    ]


def _delay(window: Sequence[tuple[int, ReceivedPicture]], heard: Heard) -> int | None:
    """Arrival of the window's sound on this machine less its time on the sender's clock."""
    begin_ns = window[0][0]
    places = np.array([round((at - begin_ns) / PIECE_NS) for at, _ in window])
    where = (places[:, np.newaxis] + np.arange(PIECES)).ravel()
    loudness = np.array([list(one.loudness or bytes(PIECES)) for _, one in window], float).ravel()
    about_ns = int(np.median([one.arrival_ns - at for at, one in window]))
    first = round((begin_ns + about_ns) / PIECE_NS) - REACH
    sound = heard.between(first, int(where.max()) + 2 * REACH + 1)
    found = [_alike(loudness, sound[where + lag]) for lag in range(2 * REACH + 1)]
    best = int(np.argmax(found))
    if found[best] < ALIKE:
        return None
    return (first + best) * PIECE_NS - begin_ns


def _alike(told: NDArray[np.float64], heard: NDArray[np.float64]) -> float:
    spread = float(np.std(told) * np.std(heard))
    if spread == 0:
        return 0.0
    return float(np.mean((told - told.mean()) * (heard - heard.mean())) / spread)
