"""From RTP time stamps and arrivals to meeting time."""

from __future__ import annotations

__all__ = ["RtpTimeline"]

NS_PER_S = 1_000_000_000
WRAP = 1 << 32
JUMP_NS = 2 * NS_PER_S
PAUSE_NS = 300_000_000
PAUSED_JUMP_NS = 250_000_000
DRIFT_WINDOW_NS = 10 * NS_PER_S
DRIFT_ALLOWED_NS = 20_000_000


class RtpTimeline:
    """Gives each packet of one stream its meeting time.

    The RTP time stamps carry the rhythm and the gaps; the arrivals anchor them: the packet that
    travelled fastest counts. Times never go back. A sender whose clock runs slow is followed
    every 10 s. Where time stamps jump by over 2 s (a new source), or by over 0.25 s in a pause (a
    sender whose time stands still while it is mute), the anchor is chosen anew.
    """

    def __init__(self, clock_rate: int = 48_000) -> None:
        self._rate = clock_rate
        self._last: int | None = None
        self._unwrapped = 0
        self._offset = 0
        self._end = 0
        self._arrival = 0
        self._least_gain: int | None = None
        self._window_began = 0

    def place(self, timestamp: int, arrival_ns: int, samples: int) -> int:
        """Meeting time in ns of a packet's first sample; ``samples`` is its length."""
        step = 0 if self._last is None else self._step(timestamp)
        self._unwrapped += step
        media_ns = self._unwrapped * NS_PER_S // self._rate
        length_ns = samples * NS_PER_S // self._rate
        gain = arrival_ns - length_ns - media_ns
        paused = arrival_ns - self._arrival > PAUSE_NS
        unlikely_ns = PAUSED_JUMP_NS if paused else JUMP_NS
        if self._last is None or abs(gain - self._offset) > unlikely_ns:
            self._anchor(gain, arrival_ns)
        self._last, self._arrival = timestamp, arrival_ns
        self._follow(gain, arrival_ns)
        pts_ns = max(media_ns + self._offset, self._end - length_ns // 2)
        self._end = pts_ns + length_ns
        return pts_ns

    def fill_to(self, now_ns: int) -> tuple[int, int]:
        """The stretch from the end of what was placed to ``now_ns``, and counts it as placed."""
        start = self._end
        self._end = max(start, now_ns)
        return start, self._end - start

    def _step(self, timestamp: int) -> int:
        step = (timestamp - (self._last or 0)) % WRAP
        return step - WRAP if step >= WRAP // 2 else step

    def _anchor(self, gain: int, arrival_ns: int) -> None:
        self._offset = gain
        self._least_gain = None
        self._window_began = arrival_ns

    def _follow(self, gain: int, arrival_ns: int) -> None:
        self._offset = min(self._offset, gain)
        least = gain if self._least_gain is None else min(self._least_gain, gain)
        self._least_gain = least
        if arrival_ns - self._window_began >= DRIFT_WINDOW_NS:
            if least - self._offset > DRIFT_ALLOWED_NS:
                self._offset = least
            self._least_gain, self._window_began = None, arrival_ns
