"""What the sound side needs of the machine's sound system: devices, streams, and who keeps both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from meetbot.core.errors import RoomError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "BLOCK",
    "RATE",
    "Device",
    "Devices",
    "Heard",
    "Player",
    "Recorder",
    "SoundGone",
    "SoundSystem",
]

RATE = 48_000
"""Sample rate in Hz of all that is recorded and played; int16 mono."""

BLOCK = 480
"""Samples that are read or written at once: 10 ms."""


class SoundGone(RoomError):
    """A sound device, or the sound server, cannot be used just now."""


@dataclass(frozen=True, slots=True)
class Device:
    """A microphone or loudspeaker of the system.

    ``label`` is what programs show. ``of`` names the device that this one is made of: a monitor's
    loudspeaker, a remapped source's master. ``monitor``: it hears what a loudspeaker plays.
    """

    name: str
    label: str
    ours: bool = False
    of: str | None = None
    monitor: bool = False


@dataclass(frozen=True, slots=True)
class Devices:
    """All of the system's. ``speaker``, ``microphone``: its defaults' names; None: it has none."""

    speakers: Sequence[Device]
    microphones: Sequence[Device]
    speaker: str | None
    microphone: str | None


@dataclass(frozen=True, slots=True)
class Heard:
    """The devices as they are now: the sink to speak into, the sources to hear; None: not there."""

    voice: str | None = None
    me: str | None = None
    others: str | None = None


class Recorder(Protocol):
    """Sound from one device; for one thread, but for ``stop``."""

    def read(self) -> tuple[NDArray[np.int16], int]:
        """The next ``BLOCK`` samples, and how long ago (ns) the first sounded.

        Raises ``SoundGone``.
        """

    def stop(self) -> None:
        """Make a waiting ``read`` raise ``SoundGone``; from any thread."""

    def close(self) -> None:
        """Let the device go."""


class Player(Protocol):
    """Sound into one device; for one thread."""

    @property
    def latency_ns(self) -> int:
        """How much is in the device's buffers, which is to be kept in bounds."""

    @property
    def delay_ns(self) -> int:
        """How long until the next sample that is written can be recorded at the other end."""

    def write(self, samples: NDArray[np.int16]) -> None:
        """Give ``samples`` to the device. Raises ``SoundGone``."""

    def stop(self) -> None:
        """Make a waiting ``write`` raise ``SoundGone``; from any thread."""

    def close(self) -> None:
        """Let the device go; what was not played yet is not played."""


class SoundSystem(Protocol):
    """The machine's sound devices, with a virtual microphone among them."""

    @property
    def label(self) -> str:
        """What to choose as the microphone in Zoom and its kind."""

    @property
    def passes_microphone(self) -> bool:
        """Whether one's own microphone is led into the virtual one by the system."""

    def open(self) -> Future[Heard]:
        """Begin; the future has the devices, or ``RoomRefused`` or ``ConfigError``."""

    def close(self) -> None:
        """Remove what was made; waits until that is done."""

    def recorder(self, device: str, purpose: str) -> Recorder:
        """Hear ``device``. Raises ``SoundGone``."""

    def player(self, device: str, buffered: int) -> Player:
        """Speak into ``device``; ``buffered`` samples wait there. Raises ``SoundGone``."""
