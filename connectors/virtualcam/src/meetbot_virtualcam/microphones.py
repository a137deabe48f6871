"""Which devices are heard: one's own microphone, and what the loudspeakers play.

What Meetbot made itself (its own devices, those of another Meetbot, and what is made of them) is
never heard, whoever chose it: the bot would hear itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from meetbot_virtualcam.sound_ports import Device

__all__ = ["choose_monitor", "choose_own", "not_ours"]


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
