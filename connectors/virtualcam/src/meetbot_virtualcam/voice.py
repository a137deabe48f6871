"""The bot's voice into the virtual microphone, each sample at its own time."""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.clock import monotonic_ns
from meetbot_virtualcam.ears import hurry
from meetbot_virtualcam.microphones import BLOCK, RATE
from meetbot_virtualcam.pulse_streams import SoundGone

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from meetbot_virtualcam.microphones import Player

__all__ = ["CUSHION_NS", "MOST_AHEAD_NS", "Voice", "VoiceBuffer"]

log = logging.getLogger(__name__)

NS_PER_S = 1_000_000_000
MS = RATE // 1_000
CUSHION_NS = 20_000_000
"""How much later than its time a sample is played, so that it may also come a little late."""

MOST_AHEAD_NS = 70_000_000
"""Of what is to come, no more than this is kept: what is said after an interruption is less."""

PASSING_NS = 45_000_000
MOST_SHIFT = 40 * MS
JOIN = 2 * MS
WAITING = 4 * BLOCK
LEAST_NS = 15_000_000
SPARE_NS = 15_000_000
LOW_NS = 8_000_000
MOST_NS = 50_000_000
BLOCK_NS = BLOCK * NS_PER_S // RATE
ASLEEP_NS = 100_000_000
LOOK_AGAIN = 50 * MS
SILENCE = np.zeros(BLOCK, dtype=np.int16)
RETRY_SECONDS = 0.2


class VoiceBuffer:
    """What is to be played, on the axis of time; both ends may be on threads of their own.

    Sound that comes late is played at once, and what follows it comes as much later, 40 ms at
    most, until the next pause.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pieces: deque[tuple[int, NDArray[np.int16]]] = deque()
        self._head = 0
        self._tail = 0
        self._shift = 0
        self.underruns = 0
        """How often sound came too late for its time."""
        self.dropped = 0
        """Samples that were never played: too late, or too far ahead."""

    def put(self, samples: NDArray[np.int16], at_ns: int) -> None:
        """Play ``samples`` (int16 mono, 48 kHz), the first at ``at_ns`` (monotonic)."""
        with self._lock:
            due = at_ns * RATE // NS_PER_S
            if due >= self._tail:
                self._shift = 0
            start = due + self._shift
            if abs(start - self._tail) <= JOIN or start < self._tail:
                start = self._tail
            if start < self._head:
                self.underruns += 1
                start, samples = self._late(due, samples)
            ahead = self._head + MOST_AHEAD_NS * MS // 1_000_000
            kept = samples[: max(0, ahead - start)]
            self.dropped += len(samples) - len(kept)
            if len(kept):
                self._pieces.append((start, kept))
                self._tail = start + len(kept)

    def _late(self, due: int, samples: NDArray[np.int16]) -> tuple[int, NDArray[np.int16]]:
        self._shift = self._head - due
        skipped = min(len(samples), max(0, self._shift - MOST_SHIFT))
        self._shift = min(self._shift, MOST_SHIFT)
        self.dropped += skipped
        return self._head, samples[skipped:]

    def take(self, start: int, count: int) -> NDArray[np.int16] | None:
        """The ``count`` samples from index ``start`` of the axis on; None: silence."""
        with self._lock:
            self._head = start + count
            taken = None
            while self._pieces and self._pieces[0][0] < self._head:
                at, piece = self._pieces.popleft()
                skip = max(0, start - at)
                part = piece[skip : self._head - at]
                if len(part):
                    taken = np.zeros(count, dtype=np.int16) if taken is None else taken
                    taken[at + skip - start :][: len(part)] = part
                if self._head - at < len(piece):
                    self._pieces.appendleft((self._head, piece[self._head - at :]))
            return taken

    def clear(self) -> None:
        """Nothing more of what was put is played."""
        with self._lock:
            self._pieces.clear()
            self._tail = self._head


class Voice:
    """Plays into the device that it is told to, on a thread of its own; silence while none is due.

    ``open_player`` is given the device and how many samples are to wait in it.
    """

    def __init__(self, open_player: Callable[[str, int], Player]) -> None:
        self._open = open_player
        self._turn = threading.Condition()
        self._device: str | None = None
        self._player: Player | None = None
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="voice", daemon=True)
        self._delay_ns = 0
        self.buffer = VoiceBuffer()
        self._passed = VoiceBuffer()
        self.stalls = 0
        """How often this thread was not woken for over 100 ms."""

    @property
    def delay_ns(self) -> int:
        """From a sample's time to its being in the virtual microphone."""
        return CUSHION_NS + self._delay_ns

    def play(self, samples: NDArray[np.int16], at_ns: int) -> None:
        """Play ``samples``, whose time is ``at_ns`` (monotonic). Never waits."""
        self.buffer.put(samples, at_ns + CUSHION_NS)

    def pass_on(self, samples: NDArray[np.int16], at_ns: int) -> None:
        """Mix in ``samples`` of one's own microphone, heard at ``at_ns`` (monotonic)."""
        self._passed.put(samples, at_ns + PASSING_NS)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def speak_into(self, device: str | None) -> None:
        """From now on play into ``device``; None: nowhere."""
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
        if self._player is not None:
            self._player.stop()
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
                self._speak(device)
            except SoundGone as error:
                log.debug("voice: %s", error)
                with self._turn:
                    if self._device == device and not self._stopping:
                        self._turn.wait(RETRY_SECONDS)

    def _speak(self, device: str) -> None:
        player = self._open(device, WAITING)
        try:
            with self._turn:
                if self._stopping or self._device != device:
                    return
                self._player = player
            self._pace(player, device)
        finally:
            with self._turn:
                self._player = None
            player.close()

    def _pace(self, player: Player, device: str) -> None:
        """10 ms at each absolute deadline; the device's own clock is met in the silences."""
        level = _Level()
        head = monotonic_ns() * RATE // NS_PER_S
        while self._device == device and not self._stopping:
            ahead_ns = head * NS_PER_S // RATE - monotonic_ns()
            if ahead_ns > 0:
                with self._turn:
                    self._turn.wait_for(lambda: self._stopping, timeout=ahead_ns / NS_PER_S)
            elif -ahead_ns > ASLEEP_NS:
                self.stalls += 1
                head -= ahead_ns * RATE // NS_PER_S
            block = _mixed(self.buffer.take(head, BLOCK), self._passed.take(head, BLOCK))
            head += BLOCK
            self._delay_ns = player.delay_ns
            silences = level.silences(player.latency_ns, head, speaking=block is not None)
            for _ in range(silences):
                player.write(SILENCE)
            if block is not None:
                player.write(block)


class _Level:
    """How much waits in the device: enough for what its server asks at once, and no more.

    Each time it ran low, 10 ms more are kept from then on, up to 50 ms.
    """

    def __init__(self) -> None:
        self._least_ns = LEAST_NS
        self._looked = 0

    def silences(self, waiting_ns: int, head: int, *, speaking: bool) -> int:
        """How many blocks of silence are to be written now."""
        usual = 0 if speaking else 1
        if waiting_ns > self._least_ns + SPARE_NS:
            return 0
        if waiting_ns >= LOW_NS or head - self._looked < LOOK_AGAIN:
            return usual
        if self._looked:
            self._least_ns = min(self._least_ns + BLOCK_NS, MOST_NS)
        self._looked = head
        return usual + (self._least_ns - waiting_ns) // BLOCK_NS


def _mixed(
    voice: NDArray[np.int16] | None, passed: NDArray[np.int16] | None
) -> NDArray[np.int16] | None:
    if voice is None or passed is None:
        return passed if voice is None else voice
    both: NDArray[np.int32] = voice.astype(np.int32) + passed
    clipped: NDArray[np.int16] = np.clip(both, -32_768, 32_767).astype(np.int16)
    return clipped
