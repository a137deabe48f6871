"""When sound that arrives in pieces was made: told once, by the clock of the meeting."""

from __future__ import annotations

from meetbot.core.clock import NS_PER_S

__all__ = ["Arrival"]

EARLY_NS = 5_000_000
LATE_NS = 60_000_000
PATIENCE_NS = 300_000_000


class Arrival:
    """Meeting time of each frame of one stream that its sender makes in real time.

    The samples count the time on; where that runs away from the clock, it is set anew: forward
    when all of the last 0.3 s came over 60 ms late (samples are missing), back when a frame came
    before it could have been made (the first ones had been late).
    """

    __slots__ = ("_late_ns", "_late_since_ns", "_next_ns")

    def __init__(self) -> None:
        self._next_ns: int | None = None
        self._late_ns = 0
        self._late_since_ns: int | None = None

    def stamp(self, now_ns: int, samples: int, rate: int) -> int:
        """Meeting time of the first sample of a frame that has arrived at ``now_ns``."""
        length_ns = samples * NS_PER_S // rate
        arrived_ns = now_ns - length_ns
        expected_ns = arrived_ns if self._next_ns is None else self._next_ns
        late_ns = arrived_ns - expected_ns
        if late_ns < -EARLY_NS:
            expected_ns = arrived_ns
            self._late_since_ns = None
        elif late_ns <= LATE_NS:
            self._late_since_ns = None
        elif self._late_since_ns is None:
            self._late_since_ns, self._late_ns = expected_ns, late_ns
        else:
            self._late_ns = min(self._late_ns, late_ns)
            if expected_ns - self._late_since_ns >= PATIENCE_NS:
                expected_ns += self._late_ns
                self._late_since_ns = None
        self._next_ns = expected_ns + length_ns
        return expected_ns
