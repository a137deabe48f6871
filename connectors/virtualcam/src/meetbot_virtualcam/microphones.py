"""Which devices are heard: one's own microphone, and what the loudspeakers play.

What Meetbot made itself (its own devices, those of another Meetbot, and what is made of them) is
never heard, whoever chose it: the bot would hear itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from meetbot.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from concurrent.futures import Future

    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "BLOCK",
    "RATE",
    "Device",
    "Heard",
    "Player",
    "Recorder",
    "SoundSystem",
    "choose_monitor",
    "choose_own",
    "not_ours",
]

RATE = 48_000
"""Sample rate in Hz of all that is recorded and played; int16 mono."""

BLOCK = 480
"""Samples that are read or written at once: 10 ms."""


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


def not_ours(devices: Iterable[Device]) -> list[Device]:
    """Those of ``devices`` (all of the system) in which the bot's voice cannot be."""
    all_of_them = list(devices)
    tainted = {device.name for device in all_of_them if device.ours}
    before = -1
    while len(tainted) != before:
        before = len(tainted)
        tainted |= {device.name for device in all_of_them if device.of in tainted}
    return [device for device in all_of_them if device.name not in tainted]


def choose_own(devices: Sequence[Device], default: str | None, wanted: str | None) -> Device | None:
    """One's own microphone: ``wanted``, else the system's default, else any; never a monitor.

    Raises ``ConfigError`` when ``wanted`` is one in which the bot's voice is.
    """
    free = not_ours(devices)
    if wanted is not None:
        return _named(free, devices, wanted, "microphone")
    real = [device for device in free if not device.monitor]
    return _preferred(real, default)


def choose_monitor(
    speakers: Sequence[Device], default: str | None, wanted: str | None
) -> Device | None:
    """The loudspeakers whose sound is the others': ``wanted``, else the default, else any."""
    free = not_ours(speakers)
    if wanted is not None:
        return _named(free, speakers, wanted, "speakers")
    return _preferred(free, default)


def _preferred(devices: Sequence[Device], default: str | None) -> Device | None:
    first = devices[0] if devices else None
    return next((device for device in devices if device.name == default), first)


def _named(
    free: Sequence[Device], devices: Sequence[Device], wanted: str, setting: str
) -> Device | None:
    """By its name, else by what its name or label has in it."""
    chosen = _find(free, wanted)
    if chosen is None and _find(devices, wanted) is not None:
        raise ConfigError(
            f"room.camera.{setting}: {wanted!r} carries the bot's own voice, so that it would "
            "hear itself; choose a real device, or leave the setting out"
        )
    return chosen


def _find(devices: Sequence[Device], wanted: str) -> Device | None:
    exact = next((device for device in devices if wanted in {device.name, device.label}), None)
    if exact is not None:
        return exact
    part = wanted.casefold()
    found = [d for d in devices if part in d.label.casefold() or part in d.name.casefold()]
    return next(iter(sorted(found, key=lambda device: device.monitor)), None)
