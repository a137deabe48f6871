"""What the loudspeakers play is taken out of one's own microphone, with WebRTC's canceller."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

import numpy as np
from livekit import rtc

from meetbot.core.clock import NS_PER_S
from meetbot_virtualcam.sound_ports import BLOCK, RATE

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["EchoCanceller"]

BLOCK_NS = BLOCK * NS_PER_S // RATE
MOST_WAIT = 4
MOST_KEPT = 20


class EchoCanceller:
    """Pairs both sounds by their times of capture, so that no thread's delay matters.

    ``clean`` is called with each 10 ms of the microphone, without the echo, and their time. The
    microphone waits for what was played at its time, 40 ms at most.
    """

    def __init__(self, clean: Callable[[NDArray[np.int16], int], None]) -> None:
        self._clean = clean
        self._lock = threading.Lock()
        self._module = rtc.AudioProcessingModule(echo_cancellation=True)
        self._module.set_stream_delay_ms(0)
        self._near: deque[tuple[NDArray[np.int16], int]] = deque()
        self._far: deque[tuple[NDArray[np.int16], int]] = deque(maxlen=MOST_KEPT)

    def played(self, samples: NDArray[np.int16], at_ns: int) -> None:
        """10 ms that the loudspeakers played from ``at_ns`` (monotonic) on."""
        with self._lock:
            self._far.append((samples, at_ns))
            self._work()

    def heard(self, samples: NDArray[np.int16], at_ns: int) -> None:
        """10 ms of the microphone from ``at_ns`` (monotonic) on."""
        with self._lock:
            self._near.append((samples, at_ns))
            self._work()

    def _work(self) -> None:
        while self._near:
            samples, at_ns = self._near[0]
            complete = bool(self._far) and self._far[-1][1] >= at_ns
            if not complete and len(self._near) <= MOST_WAIT:
                return
            self._near.popleft()
            while self._far and self._far[0][1] < at_ns + BLOCK_NS // 2:
                self._module.process_reverse_stream(_frame(self._far.popleft()[0]))
            frame = _frame(samples)
            self._module.process_stream(frame)
            self._clean(np.frombuffer(frame.data, dtype=np.int16), at_ns)


def _frame(samples: NDArray[np.int16]) -> rtc.AudioFrame:
    return rtc.AudioFrame(bytearray(samples.tobytes()), RATE, 1, BLOCK)
