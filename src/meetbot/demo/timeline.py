"""What one participant received, put in order by when it arrived. Pure: numpy, no encoder.

Sound and pictures come with arrival times on one clock. Pictures go into slots of constant
length. Sound of each source runs on without seams while its chunks come about when they should,
and is set anew where they do not.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["RATE", "Segment", "Source", "Tile", "Timeline"]

Tile = Literal["stage", "face", "pictures"]
"""What is shown where: the captions, the bot's face, what it paints."""

RATE = 48_000
"""Samples a second of all sound in a recording."""

S = 1_000_000_000
DELAY = RATE // 2
"""How long sound is waited for, in samples: what comes later than that is left out."""
GAP = RATE // 5
"""A chunk later than that begins anew after silence."""
DRIFT = RATE * 15 // 1000
WINDOW = 25
SEGMENT_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Segment:
    """A finished stretch: slots ``start`` … ``end``, its new pictures by slot, its mixed sound.

    ``sound``: int16, of exactly the samples from slot ``start`` to slot ``end``. ``pictures``:
    slot, tile and picture, in order.
    """

    start: int
    end: int
    pictures: tuple[tuple[int, Tile, Any], ...]
    sound: NDArray[np.int16]

    def latest(self) -> Segment:
        """The same with each tile's last picture only."""
        last = {tile: (slot, tile, picture) for slot, tile, picture in self.pictures}
        return replace(self, pictures=tuple(sorted(last.values(), key=lambda one: one[0])))


class Source:
    """Where the chunks of one microphone go, in samples from the recording's beginning.

    A chunk can only be late, never early, so the least lateness of the last half second tells how
    far the sound stands from where it belongs; over 15 ms of it is made good at once.
    """

    def __init__(self) -> None:
        self._next: int | None = None
        self._owed = 0
        self._late: deque[int] = deque(maxlen=WINDOW)

    def place(self, count: int, end: int) -> tuple[int, int]:
        """Where to put ``count`` samples that were all there at ``end``; how many to skip first."""
        wanted = end - count
        if self._next is None or wanted - self._next > GAP:
            self._late.clear()
            self._next, self._owed = wanted, 0
        self._late.append(wanted - (self._next - self._owed))
        if len(self._late) == WINDOW and abs(min(self._late)) > DRIFT:
            self._next += max(0, min(self._late))
            self._owed += max(0, -min(self._late))
            self._late.clear()
        skip = min(count, self._owed)
        self._owed -= skip
        start, self._next = self._next, self._next + count - skip
        return start, skip


class Timeline:
    """Takes pictures and sound as they come, gives finished segments in order.

    ``origin_ns``: arrival time of the recording's beginning; None: of the first thing to come.
    Holds ``DELAY`` and one segment of sound and pictures at most.
    """

    def __init__(self, fps: int, origin_ns: int | None = None) -> None:
        self._fps = fps
        self._origin_ns = origin_ns
        self._sources: dict[str, Source] = {}
        self._sum = np.zeros(RATE, np.int32)
        self._pictures: dict[tuple[int, Tile], Any] = {}
        self._done = 0
        self._latest = 0

    @property
    def slots(self) -> int:
        """How many slots were given out."""
        return self._done

    def picture(self, picture: object, arrival_ns: int, *, tile: Tile = "stage") -> None:
        """A picture came; it is shown from the nearest slot on, in the place of its tile."""
        position = self._position(arrival_ns)
        slot = max(self._done, (2 * position * self._fps + RATE) // (2 * RATE))
        self._pictures[slot, tile] = picture
        self._latest = max(self._latest, position)

    def sound(self, source: str, samples: NDArray[np.int16], arrival_ns: int) -> None:
        """The next chunk of ``source``, whose last sample was at hand at ``arrival_ns``."""
        end = self._position(arrival_ns)
        self._latest = max(self._latest, end)
        known = self._sources.setdefault(source, Source())
        start, skip = known.place(len(samples), end)
        at = start - self._sample(self._done)
        self._add(samples[skip + max(0, -at) :], max(0, at))

    def finished(self) -> list[Segment]:
        """Segments that nothing can change any more."""
        ready = max(0, self._latest - DELAY) * self._fps // RATE
        return self._cut(ready) if ready - self._done >= SEGMENT_SECONDS * self._fps else []

    def rest(self, until_ns: int | None = None) -> list[Segment]:
        """All that is left, up to ``until_ns`` or the last thing that came."""
        last = self._latest if until_ns is None else self._position(until_ns)
        return self._cut(-(-last * self._fps // RATE))

    def _cut(self, until: int) -> list[Segment]:
        """Up to slot ``until``, in segments of a second at most."""
        segments = []
        while self._done < until:
            end = min(until, self._done + self._fps)
            count = self._sample(end) - self._sample(self._done)
            self._grow(count)
            sound = np.clip(self._sum[:count], -32768, 32767).astype(np.int16)
            self._sum = self._sum[count:].copy()
            segments.append(Segment(self._done, end, _taken(self._pictures, end), sound))
            self._done = end
        return segments

    def _position(self, arrival_ns: int) -> int:
        if self._origin_ns is None:
            self._origin_ns = arrival_ns
        return max(0, (arrival_ns - self._origin_ns) * RATE // S)

    def _sample(self, slot: int) -> int:
        return slot * RATE // self._fps

    def _add(self, samples: NDArray[np.int16], at: int) -> None:
        self._grow(at + len(samples))
        self._sum[at : at + len(samples)] += samples

    def _grow(self, count: int) -> None:
        missing = count - len(self._sum)
        if missing > 0:
            self._sum = np.concatenate([self._sum, np.zeros(missing + RATE // 4, np.int32)])


def _taken(pictures: dict[tuple[int, Tile], Any], end: int) -> tuple[tuple[int, Tile, Any], ...]:
    """Those before slot ``end``, in order, taken out."""
    places = sorted(place for place in pictures if place[0] < end)
    return tuple((*place, pictures.pop(place)) for place in places)
