"""Sound to and from the devices of macOS and Windows, by the library ``soundcard``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.clock import NS_PER_S, monotonic_ns
from meetbot_virtualcam.sound_ports import BLOCK, RATE, SoundGone

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CablePlayer", "CableRecorder"]

FULL_SCALE = 32_767
AGE_NS = 25_000_000


class CableRecorder:
    """Hears ``device``. Raises ``SoundGone``."""

    def __init__(self, device: str) -> None:
        import soundcard

        try:
            microphone = soundcard.get_microphone(device, include_loopback=True)
            self._open = microphone.recorder(RATE, min(2, microphone.channels), blocksize=BLOCK)
            self._sound = self._open.__enter__()
        except (RuntimeError, IndexError, OSError, TypeError) as error:
            raise SoundGone(f"the sound device {device} cannot be used: {error}") from None
        self._stopped = False

    def read(self) -> tuple[NDArray[np.int16], int]:
        """The next ``BLOCK`` samples, and about how long ago the first sounded."""
        try:
            sound = self._sound.record(BLOCK)
        except (RuntimeError, OSError, TypeError) as error:
            raise SoundGone(f"a sound device was lost: {error}") from None
        if self._stopped:
            raise SoundGone("a sound device was let go")
        samples = np.clip(np.mean(sound, axis=1) * FULL_SCALE, -FULL_SCALE, FULL_SCALE)
        return samples.astype(np.int16), AGE_NS

    def stop(self) -> None:
        """The next ``read`` raises ``SoundGone``."""
        self._stopped = True

    def close(self) -> None:
        """Let the device go."""
        self._open.__exit__(None, None, None)


class CablePlayer:
    """Speaks into ``device``; ``buffered`` samples wait there. Raises ``SoundGone``."""

    def __init__(self, device: str, buffered: int) -> None:
        import soundcard

        try:
            self._open = soundcard.get_speaker(device).player(RATE, 1, blocksize=buffered // 2)
            self._sound = self._open.__enter__()
        except (RuntimeError, IndexError, OSError, TypeError) as error:
            raise SoundGone(f"the sound device {device} cannot be used: {error}") from None
        self._begun_ns = monotonic_ns()
        self._written_ns = 0
        self._stopped = False

    @property
    def latency_ns(self) -> int:
        """What was written and cannot have been played yet, by the time that went by."""
        waiting_ns = self._begun_ns + self._written_ns - monotonic_ns()
        if waiting_ns < 0:
            self._begun_ns -= waiting_ns
        return max(0, waiting_ns)

    delay_ns = latency_ns

    def write(self, samples: NDArray[np.int16]) -> None:
        """Give ``samples`` to the device; waits while its buffer is full."""
        if self._stopped:
            raise SoundGone("a sound device was let go")
        try:
            self._sound.play(samples.astype(np.float32) / FULL_SCALE)
        except (RuntimeError, OSError) as error:
            raise SoundGone(f"a sound device was lost: {error}") from None
        self._written_ns += len(samples) * NS_PER_S // RATE

    def stop(self) -> None:
        """The next ``write`` raises ``SoundGone``."""
        self._stopped = True

    def close(self) -> None:
        """Let the device go."""
        self._open.__exit__(None, None, None)
