"""A thread for each device that is heard, and when what it hears was captured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.core.clock import NS_PER_S, monotonic_ns
from meetbot_virtualcam.following import DeviceThread
from meetbot_virtualcam.sound_ports import BLOCK, RATE, Recorder

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Ear", "Stamper"]

MOST_DRIFT_NS = 60_000_000
OLDEST_NS = 500_000_000


class Stamper:
    """Times of capture: counted on by samples, begun anew when they are more than 60 ms off."""

    def __init__(self) -> None:
        self._origin_ns: int | None = None
        self._samples = 0

    def stamp(self, captured_ns: int, count: int) -> int:
        """When the first of ``count`` samples sounded; ``captured_ns`` is when it seems to have."""
        if self._origin_ns is None or abs(captured_ns - self._next_ns()) > MOST_DRIFT_NS:
            self._origin_ns, self._samples = captured_ns, 0
        stamp = self._next_ns()
        self._samples += count
        return stamp

    def _next_ns(self) -> int:
        return (self._origin_ns or 0) + self._samples * NS_PER_S // RATE


class Ear(DeviceThread[Recorder]):
    """Hears the device that it is told to, and waits while there is none.

    ``record`` is given the device and ``name``, its purpose. ``heard`` is called on the ear's
    thread with 10 ms of sound and the monotonic time (ns) of their first sample.
    """

    def __init__(
        self,
        name: str,
        record: Callable[[str, str], Recorder],
        heard: Callable[[NDArray[np.int16], int], None],
    ) -> None:
        super().__init__(f"ear-{name}", lambda device: record(device, name))
        self._heard = heard

    def _work(self, recorder: Recorder, device: str) -> None:
        stamper = Stamper()
        while True:
            samples, age_ns = recorder.read()
            if not self._goes_on(device):
                return
            if age_ns < OLDEST_NS:
                self._heard(samples, stamper.stamp(monotonic_ns() - age_ns, BLOCK))
