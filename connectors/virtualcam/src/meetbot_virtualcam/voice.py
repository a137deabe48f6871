"""The bot's voice into the virtual microphone, each sample at its own time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.clock import NS_PER_S, monotonic_ns
from meetbot_virtualcam.following import DeviceThread
from meetbot_virtualcam.sound_ports import BLOCK, RATE, Player
from meetbot_virtualcam.voice_buffer import VoiceBuffer

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["CUSHION_NS", "Voice"]

CUSHION_NS = 20_000_000
"""How much later than its time a sample is played, so that it may also come a little late."""

PASSING_NS = 45_000_000
WAITING = 4 * BLOCK
LEAST_NS = 15_000_000
SPARE_NS = 15_000_000
LOW_NS = 8_000_000
MOST_NS = 50_000_000
BLOCK_NS = BLOCK * NS_PER_S // RATE
ASLEEP_NS = 100_000_000
LOOK_AGAIN = 5 * BLOCK
SILENCE = np.zeros(BLOCK, dtype=np.int16)


class Voice(DeviceThread[Player]):
    """Plays into the device that it is told to, on a thread of its own; silence while none is due.

    ``open_player`` is given the device and how many samples are to wait in it.
    """

    def __init__(self, open_player: Callable[[str, int], Player]) -> None:
        super().__init__("voice", lambda device: open_player(device, WAITING))
        self._delay_ns = 0
        self._passed = VoiceBuffer()
        self.buffer = VoiceBuffer()

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

    def _work(self, player: Player, device: str) -> None:
        """10 ms at each absolute deadline; the device's own clock is met in the silences."""
        level = _Level()
        head = monotonic_ns() * RATE // NS_PER_S
        while self._goes_on(device):
            ahead_ns = head * NS_PER_S // RATE - monotonic_ns()
            if ahead_ns > 0:
                self._sleep(ahead_ns / NS_PER_S)
            elif -ahead_ns > ASLEEP_NS:
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
