"""A thread for each device that is heard, which follows when another takes the device's place."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from typing import TYPE_CHECKING

from meetbot.core.clock import monotonic_ns
from meetbot_virtualcam.microphones import BLOCK, RATE
from meetbot_virtualcam.pulse_streams import SoundGone

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from meetbot_virtualcam.microphones import Recorder

__all__ = ["Ear", "Stamper", "hurry"]

log = logging.getLogger(__name__)

NS_PER_S = 1_000_000_000
MOST_DRIFT_NS = 60_000_000
OLDEST_NS = 500_000_000
RETRY_SECONDS = 0.2
NICENESS = -10


def hurry() -> None:
    """Let this thread go before others, where the system allows it (Linux, with the right to)."""
    if hasattr(os, "setpriority"):
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


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


class Ear:
    """Hears the device that it is told to, and waits while there is none.

    ``heard`` is called on the ear's thread with 10 ms of sound and the monotonic time (ns) of
    their first sample.
    """

    def __init__(
        self,
        name: str,
        record: Callable[[str, str], Recorder],
        heard: Callable[[NDArray[np.int16], int], None],
    ) -> None:
        self._name = name
        self._record = record
        self._heard = heard
        self._turn = threading.Condition()
        self._device: str | None = None
        self._recorder: Recorder | None = None
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=f"ear-{name}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def listen_to(self, device: str | None) -> None:
        """From now on hear ``device``; None: nothing."""
        with self._turn:
            if device != self._device:
                self._device = device
                self._wake()

    def close(self) -> None:
        """End; waits until the device is let go."""
        with self._turn:
            self._stopping = True
            self._wake()
        if self._thread.ident is not None:
            self._thread.join(timeout=2.0)

    def _wake(self) -> None:
        if self._recorder is not None:
            self._recorder.stop()
        self._turn.notify_all()

    def _run(self) -> None:
        hurry()
        while True:
            with self._turn:
                self._turn.wait_for(lambda: self._stopping or self._device is not None)
                if self._stopping:
                    return
                device = self._device or ""
            try:
                self._hear(device)
            except SoundGone as error:
                log.debug("%s: %s", self._name, error)
                with self._turn:
                    if self._device == device and not self._stopping:
                        self._turn.wait(RETRY_SECONDS)

    def _hear(self, device: str) -> None:
        recorder = self._record(device, self._name)
        try:
            with self._turn:
                if self._stopping or self._device != device:
                    return
                self._recorder = recorder
            stamper = Stamper()
            while True:
                samples, age_ns = recorder.read()
                if self._device != device:
                    return
                if age_ns < OLDEST_NS:
                    self._heard(samples, stamper.stamp(monotonic_ns() - age_ns, BLOCK))
        finally:
            with self._turn:
                self._recorder = None
            recorder.close()
